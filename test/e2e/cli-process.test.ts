// What only a real process shows: broken pipes, signals, exit codes, no stack traces.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { CliCenter } from '../support/cli-center.js';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const TASKS = 1500;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function finished(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

t.test('the process', { timeout: 120_000 }, async (t) => {
  const home = t.testdir();
  const center = new CliCenter(home);
  await center.start();
  t.teardown(() => center.stop());
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const env = {
    ...inherited,
    HOME: home,
    CTASK_SERVER: center.url,
    CTASK_TOKEN_FILE: center.tokenFile,
    CTASK_CONFIG: `${home}/none`,
  };
  const options = { cwd: repository, env };
  const ctask = (...args: string[]) => spawn(process.execPath, ['--import=tsx', 'cli/main.ts', ...args], options);

  await t.test('applies from standard input', async (t) => {
    const child = ctask('apply', '-f', '-');
    const manifests = Array.from(
      { length: TASKS },
      (_unused, index) =>
        `apiVersion: cloudtask.dev/v1\nkind: Task\nmetadata: {name: task-${index}}\nspec: {run: {command: [x]}}\n`,
    );
    child.stdin.end(manifests.join('---\n'));
    const { code, stdout, stderr } = await finished(child);
    t.match({ code, stderr }, { code: 0, stderr: '' });
    t.equal(stdout.split('\n').length, TASKS + 1);
  });

  await t.test('the help that the build has written is what the program says', async (t) => {
    const built = join(repository, 'dist/cli/main.js');
    const said = await finished(ctask('help'));
    for (const args of [[], ['--help'], ['-h'], ['help']]) {
      t.match(await finished(spawn(process.execPath, [built, ...args], options)), { code: 0, stdout: said.stdout });
    }
  });

  await t.test('a short command does not carry the schemas', async (t) => {
    const short = readFileSync(join(repository, 'dist/cli/chunks/cli-start.js'), 'utf8');
    t.notOk(short.includes('TypeBox.Kind'), 'they cost ten milliseconds at each start');
    t.ok(readFileSync(join(repository, 'dist/cli/chunks/cli-heavy-manifests.js'), 'utf8').includes('TypeBox.Kind'));
  });

  await t.test('of all commands only ctask ui loads the dashboard, and that is made for work (I-24)', async (t) => {
    const files = readdirSync(join(repository, 'dist'), { recursive: true, encoding: 'utf8' });
    // What the browser loads is no part of a command.
    const code = files.filter((file) => file.endsWith('.js') && !file.startsWith('console/')).sort();
    const containing = (words: RegExp) =>
      code.filter((file) => words.test(readFileSync(join(repository, 'dist', file), 'utf8')));
    const ui = ['cli/chunks/cli-commands-all.js', 'cli/chunks/cli-commands-ui.js'];
    t.same(containing(/import\("[^"]*dashboard/), ui, 'the command itself, and the help of all commands');
    const libraries = containing(/react\.element|ink-root/);
    t.ok(libraries.length > 0);
    t.same(
      libraries.filter((file) => !file.startsWith('dashboard/')),
      [],
      'its libraries are nowhere else',
    );
    t.same(containing(/connectToDevTools|react(?:-reconciler)?\.development/), []);
    const licences = readFileSync(join(repository, 'dist/licences.txt'), 'utf8');
    for (const name of ['ink', 'react', 'yoga-layout', 'commander']) {
      const part = licences.split(/\n-+\n\n/).find((each) => each.startsWith(`${name} `)) ?? '';
      t.match(part, /^\S+ [\d.]+ \(MIT\)\n\n(?:.*\n)*.*Copyright \(c\) /, name);
    }
  });

  await t.test('reading objects loads neither a server nor a screen (C-93)', async (t) => {
    // Each module that the process resolves is written down by a hook in the loader's own thread.
    const list = join(home, 'modules.txt');
    const hook = `import {appendFileSync} from 'node:fs';
export async function resolve(name, context, next) {
  const found = await next(name, context);
  appendFileSync(${JSON.stringify(list)}, found.url + '\\n');
  return found;
}`;
    const data = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
    const register = data(`import {register} from 'node:module'; register(${JSON.stringify(data(hook))});`);
    const args = ['--import=tsx', `--import=${register}`, 'cli/main.ts', 'get', 'tasks', '-o', 'name'];
    t.match(await finished(spawn(process.execPath, args, options)), { code: 0, stderr: '' });
    const modules = readFileSync(list, 'utf8')
      .split('\n')
      .filter((url) => url !== '');
    t.ok(
      modules.some((url) => url.includes('/cli/commands/get.ts')),
      'the command itself is among them',
    );
    const packages = modules.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []);
    // The sources load manifests as a whole; what of it a short command leaves out is the build's doing.
    const ours = ['commander', 'fastest-levenshtein', '@sinclair/typebox', 'yaml', 'ajv'];
    t.same(
      [...new Set(packages)].filter((name) => !ours.includes(name)),
      [],
      'no library of a server or a screen',
    );
    const folders = modules.flatMap((url) => /\/(center|agent|coordination|cli\/serve)\//.exec(url)?.[1] ?? []);
    t.same(folders, [], 'nothing of what serves');

    const spy = join(home, 'spy.cjs');
    const files = join(home, 'files.txt');
    writeFileSync(
      spy,
      `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(files)}, Object.keys(require.cache).join('\\n')));`,
    );
    const built = ['--require', spy, join(repository, 'dist/cli/main.js'), 'get', 'tasks', '-o', 'name'];
    t.match(await finished(spawn(process.execPath, built, options)), { code: 0, stderr: '' });
    const loaded = readFileSync(files, 'utf8').split('\n');
    t.ok(loaded.some((file) => file.endsWith('dist/cli/main.js')));
    t.same(
      loaded.filter((file) => /node_modules|heavy|dist\/serve/.test(file)),
      [],
      'and of the build nothing heavy',
    );
  });

  await t.test('a reader that has had enough is no error (C-92)', async (t) => {
    const line = `"${process.execPath}" --import=tsx cli/main.ts get tasks -A | head -1; echo "exit \${PIPESTATUS[0]}"`;
    const { stdout, stderr } = await finished(spawn('bash', ['-c', line], options));
    t.match(stdout, /^NAMESPACE +NAME .*\nexit 0\n$/);
    t.equal(stderr, '');
  });

  await t.test('everything reaches a slow reader', async (t) => {
    const child = ctask('get', 'tasks', '-o', 'name');
    child.stdout.pause();
    const ended = finished(child);
    t.equal((await ended).stdout.split('\n').length, TASKS + 1);
  });

  await t.test('signals end it with their code (C-92)', async (t) => {
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      const child = ctask('get', 'tasks', '-w', '-l', 'a=b', '-v', '6');
      const ended = finished(child);
      // The watch is open once its answer has been traced.
      await new Promise<void>((resolve) => {
        child.stderr.on('data', (chunk: Buffer) => {
          if (chunk.includes('watch=1')) resolve();
        });
      });
      child.kill(signal);
      const { code: actual, stderr } = await ended;
      t.equal(actual, code, signal);
      t.notMatch(stderr, /error|^ {4}at /m);
    }
  });

  await t.test('errors are words, not traces, unless one debugs (C-91)', async (t) => {
    const nobody = { ...options, env: { ...env, CTASK_SERVER: '127.0.0.1:1' } };
    const refused = await finished(spawn(process.execPath, ['--import=tsx', 'cli/main.ts', 'get', 'tk'], nobody));
    t.match(refused, { code: 9, stdout: '', stderr: /^The connection to the server 127\.0\.0\.1:1 was refused/ });
    t.notMatch(refused.stderr, / {4}at /);
  });

  await t.test('C-85: a program on PATH adds a command, and is told where the center is', async (t) => {
    const bin = join(home, 'bin');
    mkdirSync(bin);
    const script = '#!/bin/sh\necho "$CTASK_NAMESPACE $CTASK_SERVER [$1] [$2]"; cat; exit 7\n';
    for (const name of ['ctask-shout', 'ctask-get']) writeFileSync(join(bin, name), script, { mode: 0o755 });
    const path = { ...options, env: { ...env, PATH: `${bin}:${process.env.PATH}`, CTASK_NAMESPACE: 'billing' } };
    const start = (...args: string[]) => spawn(process.execPath, ['--import=tsx', 'cli/main.ts', ...args], path);
    const plugin = start('shout', '-o=json', 'a b');
    plugin.stdin.end('and its input\n');
    t.match(await finished(plugin), {
      code: 7,
      stdout: `billing ${center.url} [-o=json] [a b]\nand its input\n`,
      stderr: '',
    });
    t.match(await finished(start('get', 'namespaces', '-o', 'name')), { code: 0, stdout: /^namespace\./ }, 'ours wins');
    t.match(await finished(start('plugin', 'list')), {
      code: 2,
      stdout: `The following compatible plugins are available:\n\n${bin}/ctask-get\n${bin}/ctask-shout\n`,
      stderr: /warning: ctask-get overwrites existing command: "ctask get"; it is never run\nerror: 1 plugin warning/,
    });
    t.match(await finished(start('shoot')), { code: 2, stderr: /unknown command "shoot"/ });
  });
});
