// Starts the built center and an agent as processes of their own, fires one task, and ends them: `node scripts/one-task.mjs`, after a
// build, on any system. Exit 0 when the run has succeeded and its output has arrived.
import { execFile, spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'ctask-one-'));
const [port, coordinationPort] = [27070, 27071];
const server = `http://127.0.0.1:${port}`;
const tokenFile = (name) => join(home, 'center', `${name}.token`);
const env = { ...process.env, CTASK_CONFIG: join(home, 'none'), CTASK_SERVER: server };
/** A slow machine compiles for a while at its first start. */
const DEADLINE_MS = 120_000;

const parts = [];
function start(name, ...args) {
  const log = join(home, `${name}.log`);
  const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const file = createWriteStream(log);
  child.stdout.pipe(file, { end: false });
  child.stderr.pipe(file, { end: false });
  parts.push({ name, child, log });
}

async function ctask(...args) {
  const { stdout } = await run(process.execPath, [program, ...args], {
    env: { ...env, CTASK_TOKEN_FILE: tokenFile('admin') },
  });
  return stdout;
}

async function eventually(what, look) {
  const deadline = Date.now() + DEADLINE_MS;
  for (let last; ; ) {
    try {
      const found = await look();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`${what} did not happen in time`, { cause: last });
    await sleep(500);
  }
}

async function main() {
  const where = ['--coordination-port', String(coordinationPort), '--port', String(port)];
  start('center', 'center', '--data-dir', join(home, 'center'), ...where);
  await eventually('the center is ready', async () => (await fetch(`${server}/readyz`)).ok);
  const zookeeper = ['--zookeeper', `127.0.0.1:${coordinationPort}`];
  const agent = ['agent', '--name', 'one', '--data-dir', join(home, 'agent'), '--center', server, '--end-runs'];
  start('agent', ...agent, '--token-file', tokenFile('agent'), ...zookeeper);
  const manifest = join(home, 'task.yaml');
  const command = JSON.stringify([process.execPath, '-e', 'console.log("fired " + process.env.CTASK_TASK)']);
  writeFileSync(
    manifest,
    `apiVersion: cloudtask.dev/v1\nkind: Task\nmetadata: {name: one}\nspec: {schedules: [{every: 2s}], run: {command: ${command}}}\n`,
  );
  console.log(await ctask('apply', '-f', manifest));
  const name = await eventually('a run succeeds', async () => {
    const { items } = JSON.parse(await ctask('get', 'runs', '-o', 'json'));
    return items.find(({ status, spec }) => status?.state === 'Succeeded' && spec.trigger === 'Schedule')?.metadata
      .name;
  });
  await eventually('its output arrives', async () => (await ctask('logs', name)).includes('fired one'));
  console.log(await ctask('get', 'agents', '-o', 'wide'));
  console.log(await ctask('doctor'));
}

try {
  await main();
  console.log('one task was fired, and its output has arrived');
} catch (error) {
  console.error(error);
  for (const { name, log } of parts) console.error(`--- ${name}\n${readFileSync(log, 'utf8')}`);
  process.exitCode = 1;
} finally {
  for (const { child } of parts.reverse()) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null && child.signalCode === null) {
      child.kill();
      await ended;
    }
  }
  rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
}
