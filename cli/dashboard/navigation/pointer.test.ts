// The mouse (T-55): what a click on the screen does, and the wheel.
import t from 'tap';
import { openFed } from '../../../test/support/fed-dashboard.js';
import { installation, run, task } from '../../../test/support/fed-objects.js';

/** Later than the second half of a double click could come. */
const LATER_MS = 600;

t.test('a click selects a row, one on the selected row opens it', async (t) => {
  const { terminal } = await openFed(t, { columns: 120, rows: 30, objects: installation(), namespace: 'default' });
  await terminal.click('vacuum');
  t.match(terminal.line('▸'), 'vacuum');
  t.match(terminal.text(), 'Tasks(default)[6]');
  await terminal.click('30 3 * * SUN');
  t.match(terminal.text(), 'Runs(default/vacuum)[1]', 'anywhere in the row');
});

t.test('the second half of a double click opens nothing more', async (t) => {
  const { terminal, clock } = await openFed(t, { rows: 30, objects: installation(), namespace: 'default' });
  await terminal.press('g');
  const first = terminal.line('▸')?.slice(3, 12) ?? '';
  const again = await terminal.click(first);
  t.match(terminal.text(), /^<tasks> <runs> *$/m);
  const shown = terminal.text();
  await again();
  t.equal(terminal.text(), shown, 'a row that is under the cursor is under the pointer too');
  await terminal.click('<tasks>');
  t.match(terminal.text(), 'Tasks(default)', 'elsewhere it is a click of its own');
  await again();
  t.match(terminal.text(), 'Tasks(default)');
  await clock.advance(LATER_MS);
  await again();
  t.match(terminal.text(), 'Runs(default/', 'and later, too');
});

t.test('a click on the header of a column sorts by it, again the other way round', async (t) => {
  const { terminal } = await openFed(t, { columns: 120, rows: 30, objects: installation(), namespace: 'default' });
  await terminal.click('SCHEDULE');
  t.match(terminal.line('NAME'), 'SCHEDULE↑');
  await terminal.click('SCHEDULE');
  t.match(terminal.line('NAME'), 'SCHEDULE↓');
  await terminal.click('NAME');
  t.match(terminal.line('NAME'), 'NAME↑');
});

t.test('a click on a breadcrumb goes there', async (t) => {
  const { terminal } = await openFed(t, { columns: 120, rows: 30, objects: installation(), namespace: 'default' });
  await terminal.press('j', 'enter', '?');
  t.match(terminal.text(), '<tasks> <runs> <help>');
  await terminal.click('<tasks>');
  t.match(terminal.text(), 'Tasks(default)[6]');
  t.match(terminal.text(), /^<tasks> *$/m);
  await terminal.click('<tasks>');
  t.match(terminal.text(), 'Tasks(default)[6]', 'one is there already');
});

t.test('the wheel scrolls, and takes the cursor along only where it must', async (t) => {
  const objects = Array.from({ length: 100 }, (_, i) => task(`task-${String(i).padStart(3, '0')}`));
  const { terminal } = await openFed(t, { objects, namespace: 'default' });
  await terminal.press('j', 'j', 'j', 'j', 'j');
  await terminal.wheel(1);
  t.notMatch(terminal.text(), 'task-002');
  t.match(terminal.line('▸'), 'task-005', 'it is still seen');
  await terminal.wheel(2);
  t.match(terminal.line('▸'), 'task-009');
  await terminal.wheel(-10);
  t.match(terminal.text(), 'task-000');
  await terminal.wheel(200);
  t.match(terminal.text(), 'task-099');
});

t.test('the wheel scrolls texts', async (t) => {
  const { terminal } = await openFed(t, { columns: 60, rows: 15, objects: installation(), namespace: 'default' });
  await terminal.press('?');
  const before = terminal.text();
  await terminal.wheel(1);
  t.not(terminal.text(), before);
  await terminal.wheel(-1);
  t.equal(terminal.text(), before);
});

t.test('trees: a click selects, a second one opens or closes', async (t) => {
  const { terminal, clock } = await openFed(t, {
    columns: 100,
    rows: 30,
    objects: installation(),
    namespace: 'default',
  });
  await terminal.type(':xray');
  await terminal.press('enter');
  t.match(terminal.line('▸'), 'default');
  await terminal.click('vacuum');
  t.match(terminal.line('▸'), 'vacuum');
  await terminal.click('vacuum');
  await clock.advance(LATER_MS);
  t.match(terminal.text(), 'TimedOut');
});

t.test('what the doctor found: a click selects it, a second one leads to its task', async (t) => {
  const failed = [1, 2, 3].map((hour) => run(`v${hour}`, 'vacuum', { state: 'Failed', age: hour * 3_600_000 }));
  const objects = [...installation(), ...failed];
  const { terminal } = await openFed(t, { columns: 100, rows: 30, objects, namespace: 'default' });
  await terminal.type(':doctor');
  await terminal.press('enter');
  const first = terminal.line('▸') ?? '';
  await terminal.press('j');
  t.not(terminal.line('▸'), first);
  await terminal.click(first.slice(3, 8));
  t.equal(terminal.line('▸'), first);
  await terminal.click('vacuum');
  t.match(terminal.text(), 'Tasks(default)');
});

t.test('nothing is clicked beside a question, while one types, or with other buttons', async (t) => {
  const { terminal } = await openFed(t, { columns: 120, rows: 30, objects: installation(), namespace: 'default' });
  const selected = terminal.line('▸');
  await terminal.press('ctrl-d');
  const asked = terminal.text();
  await terminal.click('NAME');
  await terminal.wheel(3);
  t.equal(terminal.text(), asked);
  await terminal.press('esc', ':');
  await terminal.click('vacuum');
  await terminal.press('esc');
  t.equal(terminal.line('▸'), selected);
  for (const button of [1, 2, 8, 16, 32]) await terminal.click('vacuum', button);
  t.equal(terminal.line('▸'), selected);
  await terminal.click('──');
  t.equal(terminal.line('▸'), selected, 'the title is for reading');
});
