// C-84: what a shell gets from the built program when TAB is pressed.
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { startCliWorld } from '../support/cli-world.js';
import { program } from '../support/ctask.js';

const SHELLS = { bash: ['-n'], zsh: ['-n'], fish: ['-n'] } as const;

function installed(shell: string): boolean {
  return spawnSync(shell, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** Waits without standing still: the center lives in this process. */
const run = promisify(execFile);

/** Does to bash what readline does: sets the words, calls the function, looks at what it offers. */
const PRESS = `
source <(ctask completion bash)
press() {
  COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
  _ctask
  echo "$(IFS=,; echo "\${COMPREPLY[*]}")"
}
exec 9>&2
compopt() { echo "compopt $*" >&9; }
`;

t.test('completion', { timeout: 180_000 }, async (t) => {
  const { center, user } = await startCliWorld(t);
  const bin = join(user.home, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'ctask'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  chmodSync(join(bin, 'ctask'), 0o755);
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const env = {
    ...inherited,
    PATH: `${bin}:${process.env.PATH}`,
    HOME: user.home,
    CTASK_CONFIG: join(user.home, 'config.yaml'),
    XDG_CACHE_HOME: join(user.home, 'cache'),
  };
  const task = (name: string, namespace: string) =>
    `apiVersion: cloudtask.dev/v1\nkind: Task\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {run: {command: [x]}}\n`;
  const billing = 'apiVersion: cloudtask.dev/v1\nkind: Namespace\nmetadata: {name: billing}\n';
  const input = [billing, task('hello', 'default'), task('help-me', 'default'), task('invoice', 'billing')];
  t.match(await user.type('apply -f -', { input: input.join('---\n') }), { code: 0 });

  await t.test('bash', async (t) => {
    const table: [string[], string, string?][] = [
      [['ctask', 'ge'], 'get'],
      [['ctask', 'get', 'tas'], 'tasks'],
      [['ctask', 'get', 'tk', 'hel'], 'hello,help-me'],
      [['ctask', 'get', 'tk', 'hello', 'hel'], 'help-me'],
      [['ctask', 'get', '-n', 'billing', 'task', ''], 'invoice'],
      [['ctask', 'describe', 'task/hello'], 'task/hello'],
      [['ctask', 'get', 'tk', '-n', 'b'], 'billing'],
      [['ctask', '--context', 'lo'], 'local'],
      [['ctask', 'config', 'use-context', ''], 'local'],
      [['ctask', 'get', 'tk', '-o', 'y'], 'yaml'],
      [['ctask', 'get', 'tk', '--output', '=', 'y'], 'yaml'],
      [['ctask', 'get', 'tk', '-o', 'custom-columns-f'], 'custom-columns-file=', 'compopt -o nospace'],
      [['ctask', 'get', '--show-l'], '--show-labels'],
      [['ctask', 'run', 'hell'], 'hello'],
      [['ctask', 'run', 'task/hell'], 'task/hello'],
      [['ctask', 'top', 'a'], 'agents'],
      [['ctask', 'run', 'hello', '--', 'x'], ''],
      [['ctask', 'apply', '-f', ''], '', 'compopt -o default'],
      [['ctask', 'explain', 'task.spec.sched'], 'task.spec.schedules', 'compopt -o nospace'],
      [['ctask', 'help', 'exit'], 'exit-codes'],
      [['ctask', 'completion', 'z'], 'zsh'],
      [['ctask', 'get', 'nonsense', ''], ''],
    ];
    const quoted = (word: string) => `'${word}'`;
    const script = PRESS + table.map(([words]) => `press ${words.map(quoted).join(' ')}; echo @ >&2`).join('\n');
    const { stdout, stderr } = await run('bash', ['--norc', '-c', script], { env });
    const replies = stdout.split('\n');
    const options = stderr.split('@\n');
    table.forEach(([words, reply, option = ''], index) => {
      t.equal(replies[index], reply, words.join(' '));
      t.equal(options[index]?.trim(), option, `${words.join(' ')}: nothing else on stderr`);
    });
  });

  await t.test('without a server: no words, no noise', async (t) => {
    await center.hangUp();
    const script = `${PRESS}press ctask get agents ''; press ctask get agents x; press ctask ge`;
    const away = { ...env, XDG_CACHE_HOME: join(user.home, 'empty') };
    const { stdout, stderr } = await run('bash', ['--norc', '-c', script], { env: away });
    t.same({ stdout, stderr }, { stdout: '\n\nget\n', stderr: '' });
    await center.listen();
  });

  for (const [shell, flags] of Object.entries(SHELLS)) {
    // Loud: a machine without that shell says so in the report of the tests.
    const skip = installed(shell) ? false : `${shell} is not installed here: its script is not checked`;
    await t.test(`the script for ${shell} is one`, { skip }, async (t) => {
      const { stdout: script } = await user.type(`completion ${shell}`);
      const file = join(user.home, `completion.${shell}`);
      writeFileSync(file, script);
      const { status, stderr } = spawnSync(shell, [...flags, file], { encoding: 'utf8' });
      t.same({ status, stderr }, { status: 0, stderr: '' });
    });
  }

  await t.test('scripts for the others, and what there is none for', async (t) => {
    t.match(await user.type('completion powershell'), { code: 0, stdout: /^Register-ArgumentCompleter -Native/m });
    t.match(await user.type('completion csh'), { code: 2, stderr: /shells are bash, zsh, fish or powershell/ });
  });
});
