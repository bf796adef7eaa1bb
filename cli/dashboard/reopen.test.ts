// A dashboard begins where the last one ended (T-57).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openAgain, openWorld } from '../../test/support/dashboard-world.js';

const FILE = '.local/state/ctask/ui/context-local.json';

t.test('view, namespace, order, columns and filters are as they were', async (t) => {
  const { user, terminal, shows, command, done } = await openWorld(t, ['nightly', 'other']);
  await shows('Tasks(default)[2]');
  await terminal.press('shift-a', 'shift-a', 'ctrl-w');
  await terminal.type('/night');
  await terminal.press('enter', 'esc');
  await command('agents');
  await shows('Agents[');
  await command('runs all');
  await shows('Runs(all)');
  await terminal.press('q');
  t.equal(await done, 0);

  const again = openAgain(t, user.home);
  await again.shows('Runs(all)');
  await again.command('tasks default');
  await again.shows('Tasks(default)[2]', 'AGE↓', 'TIMEZONE');
  await again.terminal.press('/', 'up');
  t.match(again.terminal.text(), '/night');
  await again.terminal.press('esc', ':', 'up', 'up');
  t.match(again.terminal.text(), ':runs all');
  await again.terminal.press('esc', 'ctrl-c');
  t.equal(await again.done, 0);

  const asked = openAgain(t, user.home, { command: 'agents', globals: { namespace: 'billing' } });
  await asked.shows('Agents[');
  await asked.command('tasks');
  await asked.shows('Tasks(billing)');
  await asked.terminal.press('ctrl-c');
  await asked.done;
  const all = openAgain(t, user.home, { allNamespaces: true });
  await all.shows('Tasks(all)[2]');
});

t.test('a file that says what is no view is of no use, and of no harm', async (t) => {
  const { user, terminal, shows, done } = await openWorld(t, ['nightly']);
  await shows('Tasks(default)[1]');
  await terminal.press('ctrl-c');
  await done;
  const file = join(user.home, FILE);
  mkdirSync(join(file, '..'), { recursive: true });
  for (const view of ['quit', 'runs @local']) {
    writeFileSync(file, JSON.stringify({ version: 1, view }));
    const again = openAgain(t, user.home);
    await again.shows('Tasks(default)[1]');
    await again.terminal.press('ctrl-c');
    t.equal(await again.done, 0);
  }
  writeFileSync(file, 'broken');
  const again = openAgain(t, user.home);
  await again.shows('Tasks(default)[1]');
  await again.terminal.press('ctrl-c');
  t.equal(await again.done, 0);
  t.match(JSON.parse(readFileSync(file, 'utf8')), { version: 1, view: 'tasks' });
});
