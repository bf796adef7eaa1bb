// `npm run demo`: sets everything up, then does the main job for real: starts CloudTask on this machine, applies the
// examples, shows them firing, follows a log, and cleans up. Exit 0 when all of that happened.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUILD_PACKAGES, ensureNodeModules, ensureSystemPackages, requireNode, root, run } from './setup.mjs';

requireNode();
ensureSystemPackages(BUILD_PACKAGES);
ensureNodeModules();
run(process.execPath, ['scripts/build.mjs']);

const program = join(root, 'dist', 'cli', 'main.js');
const home = mkdtempSync(join(tmpdir(), 'ctask-demo-'));
const env = { ...process.env, CTASK_CONFIG: join(home, 'config.yaml') };
const children = new Set();

function start(args, stdio) {
  const child = spawn(process.execPath, [program, ...args], { cwd: root, env, stdio });
  children.add(child);
  child.done = new Promise((resolve) =>
    child.once('close', (code, signal) => {
      children.delete(child);
      resolve(code ?? signal);
    }),
  );
  return child;
}

async function step(title, args, { expect = 0 } = {}) {
  console.log(`\n# ${title}\n$ ctask ${args.join(' ')}`);
  const code = await start(args, ['ignore', 'inherit', 'inherit']).done;
  if (code !== expect) throw new Error(`ctask ${args.join(' ')} ended with ${code}`);
}

/** Shows `get runs -w` until `count` runs have succeeded. */
async function watchRuns(count) {
  console.log('\n# They fire: watch the runs (Ctrl-C would end the watch)\n$ ctask get runs -w');
  const child = start(['get', 'runs', '-w'], ['ignore', 'pipe', 'inherit']);
  let seen = 0;
  const enough = new Promise((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      process.stdout.write(text);
      seen += (text.match(/Succeeded/g) ?? []).length;
      if (seen >= count) resolve('enough');
    });
  });
  const end = await Promise.race([enough, child.done, timeout(60_000)]);
  if (end !== 'enough') throw new Error(`the watch ended with ${end} before ${count} runs had succeeded`);
  child.kill('SIGINT');
  await child.done;
}

function timeout(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms, 'time-out').unref());
}

async function untilUp(up) {
  let text = '';
  const ready = new Promise((resolve) => {
    up.stdout.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      if (text.includes('Ctrl-C ends everything')) resolve('ready');
    });
  });
  const end = await Promise.race([ready, up.done, timeout(90_000)]);
  process.stdout.write(text);
  if (end !== 'ready') throw new Error(`ctask up ended with ${end}`);
}

async function main() {
  console.log(`\n# Start everything on this machine: coordination, a center, an agent\n$ ctask up`);
  const up = start(['up', '--data-dir', join(home, 'data'), '--port', '0'], ['ignore', 'pipe', 'inherit']);
  await untilUp(up);
  await step('Declare tasks', ['apply', '-f', 'examples', '-R']);
  await step('What is there', ['get', 'tasks']);
  await watchRuns(2);
  await step('Follow a log until its run ends', ['logs', '-f', 'task/hello']);
  await step('Run a task now: it fails twice, then succeeds', ['run', 'retries', '-f']);
  await step('When is a task due next? Also in the night when the clocks change', ['next', 'nightly-report']);
  await step('Look closer', ['describe', 'task', 'hello']);
  await step('Clean up', ['delete', '-f', 'examples', '-R']);
  console.log('\n# Stop everything\n^C');
  up.kill('SIGINT');
  const code = await up.done;
  if (code !== 0) throw new Error(`ctask up ended with ${code}`);
}

let failure;
try {
  await main();
} catch (error) {
  failure = error;
} finally {
  for (const child of children) child.kill('SIGINT');
  await Promise.all([...children].map((child) => child.done));
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
if (failure !== undefined) {
  console.error(`\ndemo failed: ${failure.message}`);
  process.exitCode = 1;
} else {
  console.log(`
The demo worked. Try next:
  npx ctask up                                     start it for yourself; Ctrl-C ends it
  npx ctask apply -f examples/hello                in another terminal
  npx ctask get runs -w
  npx ctask next --expr '30 2 * * *' --timezone Europe/Berlin
  README.md has a five-minute tour.`);
}
