// What keys do on a screen whose objects are given by hand, at a time that stands still.
import t from 'tap';
import { type LogFields, silentLogger } from '../../base/index.js';
import type { TestTerminal } from '../../test/support/dashboard-terminal.js';
import { openFed } from '../../test/support/fed-dashboard.js';
import { agent, installation, run, task } from '../../test/support/fed-objects.js';

const cursorLine = (terminal: TestTerminal) => terminal.line('▸');
const rowsOf = (terminal: TestTerminal) =>
  terminal
    .text()
    .split('\n')
    .filter((line) => /^(▸| )(\*| )\S/.test(line) && !line.includes('NAME'));

async function command(terminal: TestTerminal, line: string): Promise<void> {
  await terminal.type(`:${line}`);
  await terminal.press('enter');
}

t.test('the cursor stays on its object, whatever comes and goes (T-08, I-23)', async (t) => {
  const { terminal, source, dashboard } = await openFed(t, { objects: ['b', 'd', 'f'].map((name) => task(name)) });
  await terminal.press('j');
  t.match(cursorLine(terminal), /▸ +default +d /);
  source.put(task('a'), task('c'));
  dashboard.changed();
  await terminal.settle();
  t.match(cursorLine(terminal), /▸ +default +d /);
  source.remove(task('d'));
  dashboard.changed();
  await terminal.settle();
  t.match(cursorLine(terminal), /▸ +default +f /, 'its successor takes its place');
});

t.test('the header says the same on every screen (T-01)', async (t) => {
  const objects = [...installation(), run('waits', 'sync-ledger', { state: 'Pending' })];
  const { terminal } = await openFed(t, { objects, rows: 40, columns: 120 });
  for (const view of ['tasks', 'runs', 'agents', 'pulses', 'timeline', 'xray clusters']) {
    await command(terminal, view);
    t.match(terminal.text(), 'Runs     1 running, 1 waiting', view);
    t.match(terminal.text(), 'Next run in 12s', view);
    t.match(terminal.text(), 'Agents   2/3 ready', 'one of them gets no further tasks');
  }
  t.match(terminal.text(), '2/3 agents ready');
});

t.test('a long name in the title gives way to the figures; marks are counted (T-02)', async (t) => {
  const name = `${'long-'.repeat(20)}name`;
  const objects = [task(name), task('other'), run('r', name, { state: 'Failed' })];
  const { terminal } = await openFed(t, { objects });
  await terminal.press('space', 'j', 'space');
  t.match(terminal.text(), 'Tasks(all)[2] 2 marked');
  await terminal.press('ctrl-\\', 'k', 'enter');
  t.match(terminal.text(), /── Runs\(default\/long-.*…\)\[1\]/);
});

t.test('a long table scrolls, and only what is visible is drawn (I-03)', async (t) => {
  const objects = Array.from({ length: 10_000 }, (_, i) => task(`task-${String(i).padStart(5, '0')}`));
  const { terminal } = await openFed(t, { objects, namespace: 'default' });
  await terminal.press('shift-g');
  t.match(cursorLine(terminal), 'task-09999');
  await terminal.press('ctrl-b');
  t.match(cursorLine(terminal), 'task-09984', 'a page is what is visible');
  await terminal.press('g', 'ctrl-f');
  t.match(cursorLine(terminal), 'task-00015');
  t.match(terminal.text(), 'Tasks(default)[10000]');
});

t.test('a filter narrows while one types; Enter keeps it, Esc clears it (T-05)', async (t) => {
  const { terminal } = await openFed(t, { objects: installation(), namespace: 'default' });
  await terminal.type('/sync');
  t.match(terminal.text(), 'Tasks(default)[1/6] </sync>');
  await terminal.press('enter');
  t.match(terminal.text(), '<tasks>');
  await terminal.press('esc');
  t.match(terminal.text(), 'Tasks(default)[6]');
  await terminal.type('/!sync');
  await terminal.press('enter');
  t.match(terminal.text(), '[5/6] </!sync>');
  await terminal.press('esc');
  await terminal.type('/(');
  t.match(terminal.text(), 'not a regular expression');
  await terminal.press('esc', '/', 'up');
  t.match(terminal.text(), '/!sync', 'the last filter comes back');
});

t.test('Esc goes back by one level, and finds things as they were (T-03)', async (t) => {
  const { terminal, source } = await openFed(t, { objects: installation(), namespace: 'default' });
  await terminal.type('/a');
  await terminal.press('enter', 'shift-a', 'j');
  const before = terminal.text();
  await terminal.press('enter');
  t.match(terminal.text(), /Runs\(default\/\S+\)/);
  t.match(terminal.line('<tasks>'), '<tasks> <runs>');
  t.ok(source.kept.some(({ fieldSelector }) => fieldSelector?.startsWith('spec.task=')));
  await terminal.press('esc');
  t.equal(terminal.text(), before);
  await terminal.press('esc', 'esc');
  t.match(terminal.text(), 'Tasks(default)[6]', 'at the root nothing happens');
});

t.test('views have a history (T-07)', async (t) => {
  const { terminal } = await openFed(t, { objects: installation(), namespace: 'default' });
  await command(terminal, 'ag');
  await command(terminal, 'cl');
  t.match(terminal.text(), 'Clusters[2]');
  await terminal.press('[');
  t.match(terminal.text(), 'Agents[3]');
  await terminal.press('[');
  t.match(terminal.text(), 'Tasks(default)[6]');
  await terminal.press(']');
  t.match(terminal.text(), 'Agents[3]');
  await terminal.press('-', '-');
  t.match(terminal.text(), 'Agents[3]');
});

t.test('commands: kinds with a namespace and a filter, suggestions, mistakes (T-04)', async (t) => {
  const { terminal, clock, ended } = await openFed(t, { objects: installation(), namespace: 'default' });
  await command(terminal, 'tk billing /dun');
  t.match(terminal.text(), 'Tasks(billing)[1] </dun>');
  await terminal.type(':run');
  t.match(terminal.text(), ':runs', 'the rest is suggested');
  await terminal.press('tab', 'enter');
  t.match(terminal.text(), 'Runs(billing)[0]');
  t.match(terminal.text(), 'No runs found in billing namespace.');
  t.match(terminal.text(), '<0> shows all namespaces.', 'what one may do about it');
  await command(terminal, 'tsks');
  t.match(terminal.text(), 'no view or kind "tsks"; did you mean "tasks"?');
  await clock.advance(5_000);
  await terminal.settle();
  t.notMatch(terminal.text(), 'did you mean', 'a message goes by itself');
  await terminal.type(':');
  await terminal.press('up', 'up');
  t.match(terminal.text(), ':runs');
  await terminal.press('esc');
  await command(terminal, 'q');
  t.ok(ended());
});

t.test('namespaces by their digits (T-10)', async (t) => {
  const { terminal } = await openFed(t, { objects: installation(), namespace: 'default' });
  await terminal.press('0');
  t.match(terminal.text(), /Tasks\(all\)\[7\][\s\S]*NAMESPACE/);
  await terminal.press('2');
  t.match(terminal.text(), 'Tasks(billing)[1]');
});

t.test('sorting by keys, again for the other way round (T-09)', async (t) => {
  const { terminal } = await openFed(t, { columns: 120, objects: installation(), namespace: 'default' });
  await terminal.press('shift-x');
  t.match(terminal.line('NEXT-RUN'), 'NEXT-RUN↑');
  t.match(rowsOf(terminal)[0], 'refresh-exchange');
  await terminal.press('shift-x');
  t.match(terminal.line('NEXT-RUN'), 'NEXT-RUN↓');
  t.match(rowsOf(terminal)[0], 'vacuum');
  await terminal.press('shift-right');
  t.match(terminal.line('AGE'), 'AGE↑');
  await terminal.press('ctrl-z');
  t.match(terminal.text(), 'faults only');
  t.equal(rowsOf(terminal).length, 2);
});

t.test('marks: what is marked is what an action is about (T-11)', async (t) => {
  const objects = Array.from({ length: 14 }, (_, i) => task(`t${String(i).padStart(2, '0')}`));
  const { terminal } = await openFed(t, { rows: 40, objects, namespace: 'default' });
  await terminal.press('space');
  for (let i = 0; i < 11; i++) await terminal.press('j');
  await terminal.press('ctrl-space', 'ctrl-d');
  t.match(terminal.text(), 'Delete 13 tasks?');
  t.match(terminal.text(), /default\/t09[\s\S]*and 3 more/);
  t.match(terminal.text(), '[ Cancel ]', 'nothing is what Enter does');
  await terminal.press('esc');
  await terminal.type('/t0');
  t.match(terminal.text(), 'Tasks(default)[10/14] </t0> 10 marked, 3 marked but hidden');
  await terminal.press('enter', 'ctrl-d');
  t.match(terminal.text(), 'Delete 10 tasks?', 'nothing happens to what is not seen');
  await terminal.press('esc', 'esc', 'ctrl-\\', 'ctrl-d');
  t.match(terminal.text(), /Delete 1 task\?[\s\S]*default\/t09/);
});

t.test('where there is nothing to delete, the key says so', async (t) => {
  const { terminal } = await openFed(t, { objects: installation(), namespace: 'default' });
  await command(terminal, 'ev');
  await terminal.press('ctrl-d');
  t.match(terminal.text(), 'events have no <ctrl-d>: delete');
});

t.test('sizes: too small is said, and left again without residue (T-51, I-18)', async (t) => {
  const { terminal } = await openFed(t, { columns: 200, rows: 60, objects: installation(), namespace: 'default' });
  const wide = terminal.text();
  await terminal.resize(39, 9);
  t.equal(terminal.text().trim(), 'terminal too small (40x10 needed)');
  await terminal.resize(40, 10);
  t.match(terminal.text(), /NAME[\s\S]*STATUS/);
  await terminal.resize(120, 40);
  t.notMatch(terminal.text(), 'too small');
  await terminal.resize(200, 60);
  t.equal(terminal.text(), wide);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences that clear a screen
  t.notMatch(terminal.written.slice(terminal.written.indexOf('Tasks')), /\u001b\[[23]J/, 'nothing is cleared (I-04)');
});

t.test('a lost connection: the data stays, and says how old it is (T-13)', async (t) => {
  const { terminal, source, clock, dashboard } = await openFed(t, { objects: installation(), namespace: 'default' });
  source.stale = clock.now();
  await clock.advance(12_000);
  await terminal.settle();
  t.match(terminal.line('Tasks'), 'disconnected 12s, retrying');
  t.match(terminal.text(), 'nightly-report');
  source.stale = undefined;
  dashboard.changed();
  await terminal.settle();
  t.notMatch(terminal.text(), 'disconnected');
});

t.test('ages move once a second, and nothing else does (I-16)', async (t) => {
  const objects = [run('r', 'x', { state: 'Running', age: 1000 })];
  const { terminal, clock } = await openFed(t, { objects, namespace: 'default' });
  await command(terminal, 'ru');
  t.match(terminal.line('▸'), '1s');
  const before = terminal.written.length;
  await clock.advance(3_000);
  await terminal.settle();
  t.match(terminal.line('▸'), '4s');
  t.ok(terminal.written.length - before < 3 * 400, 'only the line that changed is written');
});

t.test('a thousand changes in a second are few frames (I-01)', async (t) => {
  const { dashboard, clock } = await openFed(t, { objects: [task('a')] });
  let notices = 0;
  t.teardown(
    dashboard.changes.subscribe(() => {
      notices += 1;
    }),
  );
  for (let i = 0; i < 1_000; i++) {
    dashboard.changes.soon();
    if (i % 10 === 9) await clock.advance(10);
  }
  t.ok(notices <= 12, `${notices} notices`);
});

t.test('strings of users do nothing to the terminal', async (t) => {
  const hostile = 'x\u001b]0;owned\u0007\u001b[2J\ny';
  const { terminal } = await openFed(t, {
    columns: 160,
    objects: [task(hostile), agent('eu-1')],
    namespace: 'default',
  });
  t.match(terminal.text(), 'x^[]0;owned^G^[[2J...');
  t.notOk(terminal.written.includes('\u001b]0;owned'));
});

t.test('ASCII terminals get ASCII', async (t) => {
  const { terminal } = await openFed(t, { columns: 120, ascii: true, objects: installation(), namespace: 'default' });
  t.match(terminal.text(), /^[\n\x20-\x7e]*$/);
  t.match(terminal.line('vacuum'), '! Degraded');
  await terminal.press('ctrl-d');
  t.match(terminal.text(), /^[\n\x20-\x7e]*$/);
});

t.test('a paste is typed as one line (I-17)', async (t) => {
  const { terminal, ended } = await openFed(t, { objects: installation(), namespace: 'default' });
  await terminal.type('/');
  await terminal.paste('sync\nq\n');
  t.match(terminal.text(), '</sync q>');
  t.notOk(ended(), 'and nothing of it is a key');
});

t.test('cards of the pulses open the tables behind them (T-42)', async (t) => {
  const { terminal } = await openFed(t, { columns: 100, rows: 30, objects: installation(), namespace: 'default' });
  await command(terminal, 'pulses');
  t.match(terminal.text(), 'Pulses(default)');
  await terminal.press('tab', 'enter');
  t.match(terminal.text(), /Runs\(default\)\[3\/6\] faults only/);
  await terminal.press('esc', 'j', 'l', 'enter');
  t.match(terminal.text(), 'Tasks(default)');
});

t.test('the tree opens and closes', async (t) => {
  const { terminal } = await openFed(t, { columns: 100, rows: 30, objects: installation(), namespace: 'default' });
  await command(terminal, 'xray');
  t.match(terminal.text(), 'vacuum', 'the first level is open');
  await terminal.press('enter');
  t.notMatch(terminal.text(), 'vacuum');
  await terminal.press('enter');
  t.match(terminal.text(), 'vacuum');
  await command(terminal, 'xray clusters');
  t.match(terminal.text(), 'Xray agents[3]');
  await command(terminal, 'xray events');
  t.match(terminal.text(), 'no tree of "events"');
});

t.test('the tree and the timeline can be narrowed to some tasks', async (t) => {
  const { terminal } = await openFed(t, { columns: 100, rows: 30, objects: installation(), namespace: 'default' });
  for (const view of ['xray', 'timeline']) {
    await command(terminal, view);
    await terminal.type('/ledger');
    await terminal.press('enter');
    t.match(terminal.text(), '</ledger>', view);
    t.match(terminal.text(), 'sync-ledger');
    t.notMatch(terminal.text(), 'refresh-exchange');
    await terminal.press('/', 'ctrl-u');
    await terminal.type('nothing like it');
    await terminal.press('enter');
    t.match(terminal.text(), 'nothing matches; <esc> ends the filter');
    await terminal.press('esc');
    t.match(terminal.text(), 'refresh-exchange');
  }
  await command(terminal, 'xray clusters');
  await terminal.type('/eu-2');
  t.match(terminal.text(), 'eu-2');
  t.notMatch(terminal.text(), 'eu-3');
});

t.test('the help says which of its lines are seen, and goes as it came', async (t) => {
  const { terminal } = await openFed(t, { objects: installation(), namespace: 'default' });
  await terminal.press('?');
  t.match(terminal.text(), /Help\(tasks\) lines 1-16 of \d+/);
  await terminal.press('shift-g');
  t.match(terminal.text(), /lines \d+-(\d+) of \1 /);
  await terminal.press('?');
  t.match(terminal.text(), 'Tasks(default)[6]');
  await command(terminal, 'alias');
  t.match(terminal.line('</>'), 'Search', 'what the key does here');
});

t.test('the timeline leads to the runs of a task', async (t) => {
  const { terminal } = await openFed(t, { columns: 100, rows: 30, objects: installation(), namespace: 'default' });
  await command(terminal, 'timeline');
  await terminal.press('enter');
  t.match(terminal.text(), /Runs\(default\/\S+\)/);
});

t.test('in a protected context its name is typed before something is lost (T-25)', async (t) => {
  const asked: string[] = [];
  const logged: string[] = [];
  const log = { ...silentLogger, warn: (fields: LogFields) => void logged.push(String(fields.text)) };
  const { terminal, dashboard } = await openFed(t, {
    ...{ objects: installation(), namespace: 'default', protected: true, log },
  });
  t.match(terminal.text(), 'prod [PROTECTED]');
  await terminal.press('ctrl-d');
  t.match(terminal.text(), 'Type prod');
  await terminal.press('tab', 'enter');
  t.match(terminal.text(), 'this context is protected: type prod', 'the button alone does nothing');
  t.match(terminal.text(), 'Delete 1 task?');
  t.strictSame(logged, ['this context is protected: type prod'], 'what is refused can be read later (T-61)');
  await terminal.press('esc');
  dashboard.askDangerous({ title: 'Try', lines: [], confirm: 'Do it', onConfirm: () => asked.push('done') });
  await terminal.press('shift-tab');
  await terminal.type('prod');
  await terminal.press('tab', 'tab', 'enter');
  t.strictSame(asked, ['done']);
  t.notMatch(terminal.text(), 'Do it');
});

t.test('a key of another table says where it is for, and does nothing (T-29)', async (t) => {
  const { terminal } = await openFed(t, { objects: installation(), namespace: 'default' });
  await terminal.type(':runs');
  await terminal.press('enter', 's');
  t.match(terminal.text(), '<s> is for tasks: suspend/resume');
});
