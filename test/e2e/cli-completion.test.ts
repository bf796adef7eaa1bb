// C-84: what a shell gets from the built program when TAB is pressed.
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { FakeClock } from '../../base/index.js';
import { startCliWorld } from '../support/cli-world.js';
import { program } from '../support/ctask.js';

const SHELLS = { bash: ['-n'], zsh: ['-n'], fish: ['-n'] } as const;
/** Nothing here takes nearly as long, also where two shells share a slow processor with the rest of the tests. */
const STUCK_MS = 120_000;

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

/** Presses keys in a zsh that believes to be at a terminal. Arguments: a file for what the line has become, the line. */
const TYPE_IN_ZSH = String.raw`
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT= RPROMPT=; autoload -Uz compinit && compinit -u -D; source <(ctask completion zsh)"
zpty -w shell "press() { zle expand-or-complete; print -rn -- \"\$BUFFER\" > $1; BUFFER=; print com''pleted }; zle -N press; bindkey '^I' press"
zpty -n -w shell "$2"$'\t'
zpty -r shell answer '*completed*'
zpty -d shell
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
  const parameters = '[{name: region, values: [eu, us]}, {name: dry-run, type: Boolean}]';
  const hello = task('hello', 'default').replace('{run:', `{parameters: ${parameters}, run:`);
  const input = [billing, hello, task('help-me', 'default'), task('invoice', 'billing')];
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
      [['ctask', 'run', 'hello', '--param', ''], 'region=,dry-run=', 'compopt -o nospace'],
      [['ctask', 'run', 'hello', '--param', 'region', '=', 'e'], ''],
      [['ctask', 'run', '--param', 'r'], ''],
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

  await t.test('values of parameters, where the shell keeps the word together', async (t) => {
    const typed = async (...words: string[]) => (await user.run(['__complete', '--', 'run', ...words])).stdout;
    t.equal(await typed('hello', '--param', 'region=e'), 'region=eu\n:none\n');
    t.equal(await typed('task/hello', '--param=dry-run=t'), '--param=dry-run=true\n:none\n');
    t.equal(await typed('hello', '--param', 'nope='), ':none\n');
    t.equal(await typed('nope', '--param', ''), ':none\n');
  });

  await t.test('without a server: no words, no noise', async (t) => {
    await center.hangUp();
    const script = `${PRESS}press ctask get agents ''; press ctask get agents x; press ctask ge`;
    const away = { ...env, XDG_CACHE_HOME: join(user.home, 'empty') };
    const { stdout, stderr } = await run('bash', ['--norc', '-c', script], { env: away });
    t.same({ stdout, stderr }, { stdout: '\n\nget\n', stderr: '' });
    await center.listen();
  });

  await t.test('a center that does not answer: nothing after a second', async (t) => {
    const server = createServer(() => undefined);
    const asked = new Promise<void>((resolve) => server.once('request', () => resolve()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.teardown(() => server.closeAllConnections());
    t.teardown(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const clock = new FakeClock();
    const completing = user.start(['__complete', '-s', url, '--', 'get', 'agents', ''], { clock });
    await asked;
    t.equal(completing.stdout, '');
    await clock.advance(1_000);
    t.same(await completing.done, { code: 0, stdout: ':none\n', stderr: '' });
  });

  await t.test('names are kept for five seconds, privately and not without end', async (t) => {
    const clock = new FakeClock();
    const cache = join(user.home, 'kept');
    const names = async (namespace = 'default', as: readonly string[] = []) => {
      const line = ['__complete', '--cache-dir', cache, ...as, '--', 'get', '-n', namespace, 'tasks', ''];
      return (await user.run(line, { clock })).stdout;
    };
    t.equal(await names(), 'hello\nhelp-me\n:none\n');
    const directory = join(cache, 'completion');
    t.equal(statSync(directory).mode & 0o777, 0o700);
    for (const file of readdirSync(directory)) t.equal(statSync(join(directory, file)).mode & 0o777, 0o600, file);
    await center.hangUp();
    await clock.advance(4_999);
    t.equal(await names(), 'hello\nhelp-me\n:none\n', 'without the center');
    t.equal(await names('billing'), ':none\n', 'of another namespace nothing is known');
    t.equal(await names('default', ['--token', 'ct_other']), ':none\n', 'nor for somebody else');
    t.equal(await names('default', ['--as', 'viewer']), ':none\n');
    t.notMatch(readdirSync(directory).join(), 'ct_');
    await clock.advance(1);
    t.equal(await names(), ':none\n', 'what is older is not offered');
    await center.listen();
    for (let file = 0; file < 200; file++) writeFileSync(join(directory, `${file}.json`), '{}');
    t.equal(await names(), 'hello\nhelp-me\n:none\n');
    t.equal(readdirSync(directory).length, 1);
  });

  const skip = (shell: string) =>
    // Loud: a machine without that shell says so in the report of the tests.
    installed(shell) ? false : `${shell} is not installed here: its script is not checked`;

  await t.test('a real zsh at a terminal', { skip: skip('zsh') }, async (t) => {
    const told = join(user.home, 'told');
    const typed = async (line: string) => {
      await run('zsh', ['-fc', TYPE_IN_ZSH, 'zsh', told, line], { env: { ...env, TERM: 'vt100' }, timeout: STUCK_MS });
      return readFileSync(told, 'utf8');
    };
    for (const [line, becomes] of [
      ['ctask get tas', 'ctask get tasks '],
      ['ctask get tk -n billing inv', 'ctask get tk -n billing invoice '],
      ['ctask get tk --output=ya', 'ctask get tk --output=yaml '],
      ['ctask explain task.spec.sched', 'ctask explain task.spec.schedules'],
      ['ctask get nonsense x', 'ctask get nonsense x'],
    ] as const) {
      t.equal(await typed(line), becomes, line);
    }
  });

  await t.test('a real fish', { skip: skip('fish') }, async (t) => {
    writeFileSync(join(user.home, 'tasks.yaml'), '');
    const pressed = async (line: string) => {
      const script = `ctask completion fish | source; complete -C ${JSON.stringify(line)}`;
      const options = { env: { ...env, XDG_CONFIG_HOME: join(user.home, 'fish') }, cwd: user.home, timeout: STUCK_MS };
      const { stdout, stderr } = await run('fish', ['--no-config', '-c', script], options);
      t.equal(stderr, '', line);
      return stdout.replace(/\t.*$/gm, '');
    };
    for (const [line, offers] of [
      ['ctask get tas', 'tasks\n'],
      ['ctask get tk hel', 'hello\nhelp-me\n'],
      ['ctask get tk hello ', 'help-me\n'],
      ['ctask get -n billing tk ', 'invoice\n'],
      ['ctask get tk --output=ya', '--output=yaml\n'],
      ['ctask apply -f tas', 'tasks.yaml\n'],
      ['ctask get nonsense ', ''],
    ] as const) {
      t.equal(await pressed(line), offers, line);
    }
  });

  await t.test('a real PowerShell', { skip: skip('pwsh') }, async (t) => {
    const pressed = (line: string) =>
      `(TabExpansion2 -inputScript '${line}' -cursorColumn ${line.length}).CompletionMatches.CompletionText -join ','`;
    const script = [
      'ctask completion powershell | Out-String | Invoke-Expression',
      pressed('ctask get tas'),
      pressed('ctask get tk hel'),
      pressed('ctask get tk hello '),
    ].join('\n');
    const { stdout } = await run('pwsh', ['-NoProfile', '-Command', script], { env, timeout: STUCK_MS });
    t.same(stdout.trim().split(/\r?\n/), ['tasks', 'hello,help-me', 'help-me']);
  });

  for (const [shell, flags] of Object.entries(SHELLS)) {
    await t.test(`the script for ${shell} is one`, { skip: skip(shell) }, async (t) => {
      const { stdout: script } = await user.type(`completion ${shell}`);
      const file = join(user.home, `completion.${shell}`);
      writeFileSync(file, script);
      const { status, stderr } = spawnSync(shell, [...flags, file], { encoding: 'utf8' });
      t.same({ status, stderr }, { status: 0, stderr: '' });
    });
  }

  await t.test('the script for PowerShell, as far as one sees without it', async (t) => {
    const { code, stdout: script } = await user.type('completion powershell');
    t.equal(code, 0);
    t.match(script, /^Register-ArgumentCompleter -Native -CommandName 'ctask' -ScriptBlock \{$/m);
    t.match(
      script,
      / __complete '--' @words \$last 2>\$null\)$/m,
      'the last word goes to the program, also an empty one',
    );
    const bare = script.replace(/^\s*#.*$/gm, '').replace(/"(?:`.|[^"`])*"|'[^']*'/g, '""');
    const open: string[] = [];
    const pairs: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };
    for (const sign of bare.match(/[()[\]{}]/g) ?? []) {
      if (pairs[sign] === undefined) open.push(sign);
      else t.equal(open.pop(), pairs[sign], `${sign} closes what was opened`);
    }
    t.same(open, []);
    const used = new Set(bare.match(/\$\w+/g));
    const known = ['wordToComplete', 'commandAst', 'cursorPosition', 'words', 'last', 'lines', 'line', 'value'];
    const others = ['description', 'PSVersionTable', 'null', '_'];
    t.same(
      [...used].filter((name) => ![...known, ...others].includes(name.slice(1))),
      [],
      'every variable is one that is set',
    );
  });

  await t.test('what there is no script for', async (t) => {
    t.match(await user.type('completion csh'), { code: 2, stderr: /shells are bash, zsh, fish or powershell/ });
  });
});
