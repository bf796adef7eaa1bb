// What one reads off the screen besides the rows of a table: where one is, what is hidden, what is old, what was said.
import t from 'tap';
import { openFed } from '../../test/support/fed-dashboard.js';
import { installation, run, task } from '../../test/support/fed-objects.js';

t.test('columns that have no place: arrows point to them, and keys lead there', async (t) => {
  const { terminal } = await openFed(t, { columns: 44, rows: 12, objects: installation(), namespace: 'default' });
  t.match(terminal.line('NAME'), /^→ NAME↑ .*NEXT-RUN/);
  await terminal.press('right', 'right', 'right');
  t.match(terminal.line('NAME'), /^←→NAME↑ .*NEXT-RUN {2}AGE|^← NAME↑ .*NEXT-RUN {2}AGE/);
  await terminal.resize(160, 40);
  await terminal.press('left', 'left', 'left');
  t.match(terminal.line('NAME'), /^ {2}NAME↑/);
});

t.test('a narrow header: figures before keys, and the way to the keys before the namespaces', async (t) => {
  const { terminal } = await openFed(t, { columns: 60, rows: 24, objects: installation(), namespace: 'default' });
  t.match(terminal.line('Agents'), '2/3 ready, 1 cordoned');
  t.match(terminal.text(), '<?> Help');
  t.notMatch(terminal.text(), '<1> default');
  await terminal.resize(44, 24);
  t.match(terminal.line('Agents'), '2/3 ready, 1 cordoned');
  await terminal.resize(80, 24);
  t.match(terminal.text(), '<1> default');
});

t.test('the namespaces open at the one in use', async (t) => {
  const { terminal } = await openFed(t, { objects: installation(), namespace: 'ops' });
  await terminal.type(':ns');
  await terminal.press('enter');
  t.match(terminal.line('▸'), /▸ +ops /);
  await terminal.press('1');
  t.match(terminal.text(), '! namespaces are in no namespace');
});

t.test('several at once are asked about; what ended already is counted', async (t) => {
  const states = ['Running', 'Succeeded', 'Running'];
  const objects = states.map((state, i) => run(`r${i}`, 'x', { state, age: 1000 + i }));
  const { terminal } = await openFed(t, { objects, namespace: 'default' });
  await terminal.type(':ru');
  await terminal.press('enter');
  await terminal.press('space', 'space', 'space', 'ctrl-k');
  t.match(
    terminal.text(),
    /End 2 runs: [\s\S]*1 of those marked ended already\.[\s\S]*\[ Let them run \] +Cancel 2 runs/,
  );
  await terminal.press('enter', 'r');
  t.match(terminal.text(), 'Retry 3 runs?');
  await terminal.press('esc');
  t.notMatch(terminal.text(), 'Retry 3 runs?');
});

t.test('what is old is shown as it was: nothing becomes overdue while nobody knows', async (t) => {
  const objects = [task('soon', { next: 30_000 })];
  const { terminal, source, clock } = await openFed(t, { objects, namespace: 'default' });
  source.stale = clock.now();
  await clock.advance(600_000);
  await terminal.settle();
  t.match(terminal.line('Tasks'), 'disconnected 10m, retrying');
  t.match(terminal.line('▸'), /soon .*Active .* 30s/);
  t.match(terminal.text(), 'Next run in 30s soon');
});

t.test('a long message is read whole, and its kind is no matter of colour', async (t) => {
  const { terminal, dashboard } = await openFed(t, { columns: 60, rows: 15, objects: installation() });
  const words = `the center refuses it: ${'a reason that takes its room '.repeat(4)}that was it`;
  dashboard.say(words, 'error');
  await terminal.settle();
  const last = terminal.text().trimEnd().split('\n').slice(-3);
  t.equal(last.map((line) => line.trim()).join(' '), `✗ ${words}`);
  dashboard.say('be careful', 'warn');
  await terminal.settle();
  t.match(terminal.text(), /<tasks> +! be careful/);
});

t.test('without a header the title says where one is, and how to find the keys', async (t) => {
  const { terminal } = await openFed(t, { rows: 15, objects: installation(), readOnly: true, protected: true });
  t.match(terminal.line('Tasks'), /── prod \[RO\] \[PROTECTED\] ──$/);
  t.match(terminal.line('<tasks>'), /<\?> Help *$/);
  await terminal.resize(80, 30);
  t.notMatch(terminal.line('Tasks'), 'prod');
  t.notMatch(terminal.line('<tasks>'), 'Help');
});
