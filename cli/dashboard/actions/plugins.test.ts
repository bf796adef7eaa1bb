// Programs on keys, against a center: what they are given, and what becomes of what they write.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openWorld } from '../../../test/support/dashboard-world.js';
import { NO_SETTINGS, type Plugin } from '../settings/settings.js';

const script = (shortcut: string, text: string, more: Partial<Plugin> = {}): Plugin => ({
  ...{ shortcut, scopes: ['tasks'], description: `Plugin ${shortcut}`, command: 'sh' },
  ...{ args: ['-c', text, 'sh', '$NAME', '$KIND', 'not-$NAME'] },
  ...{ confirm: false, dangerous: false, background: true, ...more },
});

t.test('in the background: variables, arguments, output, failure', async (t) => {
  const out = join(t.testdir(), 'said');
  const plugins = [
    script(
      'b',
      'echo "$NAME/$NAMESPACE/$CONTEXT/$KIND/$SERVER"; echo "$@"; echo "$CTASK_NAMESPACE" >&2; printf "\\033[2J"',
    ),
    script('v', 'exit 3'),
    script('shift-z', `echo "$NAME" > ${out}`, { confirm: true }),
    script('shift-y', 'true', { command: 'there-is-no-such-program' }),
    script('shift-v', 'yes | head -c 1100000'),
  ];
  const { center, terminal, shows } = await openWorld(t, ['nightly'], { settings: { ...NO_SETTINGS, plugins } });
  await shows('Tasks(default)[1]', 'nightly');
  await terminal.press('b');
  await shows('Plugin b: done', `nightly/default/local/Task/${center.url}`, 'nightly Task not-$NAME', '^[[2J');
  t.match(terminal.line('default'), /./, 'what went to standard error is there too');
  await terminal.press('esc', 'v');
  await shows('Plugin v: ended with 3');
  t.match(terminal.text(), 'Tasks(default)[1]', 'where nothing was written nothing is shown');
  await terminal.press('shift-y');
  await shows('cannot run there-is-no-such-program: there is no such program');
  await terminal.press('shift-z');
  await shows('Run sh -c', 'for task default/nightly?');
  await terminal.press('esc');
  t.notOk(existsSync(out));
  await terminal.press('shift-z', 'enter');
  await shows('Plugin shift-z: done');
  t.equal(readFileSync(out, 'utf8'), 'nightly\n');
  await terminal.press('shift-v');
  await shows('Plugin shift-v: done');
  await terminal.press('shift-g');
  await shows('… and 51424 more bytes');
});

t.test('what is dangerous is asked for, and ends with the dashboard', async (t) => {
  const file = join(t.testdir(), 'pid');
  const plugins = [script('b', `echo $$ > ${file}; exec sleep 600`, { dangerous: true })];
  const { terminal, shows, done, close } = await openWorld(t, ['nightly'], { settings: { ...NO_SETTINGS, plugins } });
  await shows('nightly');
  await terminal.press('b', 'enter');
  t.notMatch(terminal.text(), 'Plugin b: running', 'Enter alone does nothing');
  await terminal.press('b', 'tab', 'enter');
  await shows('Plugin b: running');
  while (!existsSync(file) || readFileSync(file, 'utf8') === '') await terminal.settle();
  await terminal.press('q');
  t.equal(await done, 0);
  const pid = Number(readFileSync(file, 'utf8'));
  t.ok(isAlive(pid));
  close();
  while (isAlive(pid)) await terminal.settle();
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
