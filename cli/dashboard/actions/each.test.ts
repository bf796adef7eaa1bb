// An action on many marked objects: how many at a time, what is told meanwhile and at the end.
import t from 'tap';
import { type LogFields, silentLogger } from '../../../base/index.js';
import { openWorld } from '../../../test/support/dashboard-world.js';
import { openFed } from '../../../test/support/fed-dashboard.js';
import { task } from '../../../test/support/fed-objects.js';
import { each } from './each.js';

t.setTimeout(300_000);

const DELETING = { doing: 'deleting', done: 'deleted' };
const tasksOf = (count: number) => Array.from({ length: count }, (_, i) => task(`t-${String(i).padStart(4, '0')}`));

/** Actions that end when the test says so. */
class Acting {
  open: { readonly name: string; readonly end: (error?: Error) => void }[] = [];
  most = 0;
  begun = 0;

  readonly act = ({ metadata }: { metadata: { name: string } }): Promise<string> =>
    new Promise((resolve, reject) => {
      const entry = {
        name: metadata.name,
        end: (error?: Error) => {
          this.open = this.open.filter((one) => one !== entry);
          if (error === undefined) resolve('done');
          else reject(error);
        },
      };
      this.begun += 1;
      this.open.push(entry);
      this.most = Math.max(this.most, this.open.length);
    });
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

t.test('some at a time; what fails keeps no other from being done', async (t) => {
  const logged: LogFields[] = [];
  const log = { ...silentLogger, warn: (fields: LogFields) => void logged.push(fields) };
  const { terminal, dashboard, clock } = await openFed(t, { columns: 100, log });
  const acting = new Acting();
  const objects = tasksOf(30);
  const done = each(dashboard, objects, DELETING, acting.act);
  await clock.advance(200);
  await terminal.settle();
  t.match(terminal.text(), 'deleting 0 of 30');
  for (let i = 0; acting.open.length > 0; i += 1) {
    const [first] = acting.open;
    first?.end(i % 10 === 3 ? new Error(`task "${first.name}" is in use`) : undefined);
    await settled();
    if (i !== 19) continue;
    await clock.advance(200);
    await terminal.settle();
    t.match(terminal.text(), 'deleting 20 of 30, 2 failed');
    dashboard.say('something else');
    await terminal.settle();
    t.match(terminal.text(), 'something else', 'a message is not taken away by progress');
  }
  const failed = await done;
  await terminal.settle();
  t.equal(acting.most, 8);
  t.match(terminal.text(), '27 deleted, 3 failed: task "t-0003" is in use');
  t.strictSame(
    failed.map(({ metadata }) => metadata.name),
    ['t-0003', 't-0013', 't-0023'],
    'one may try again with these',
  );
  t.match(
    logged.filter(({ name }) => name !== undefined),
    [{ name: 't-0003', error: 'task "t-0003" is in use' }, { name: 't-0013' }, { name: 't-0023' }],
    'the log tells why, one by one',
  );
});

t.test('all of them: no word about failures; one: its own words', async (t) => {
  const { terminal, dashboard } = await openFed(t, { columns: 100 });
  t.strictSame(await each(dashboard, tasksOf(1_200), DELETING, async () => 'x'), []);
  await terminal.settle();
  t.match(terminal.text(), /1,200 deleted *\n/);
  await each(dashboard, tasksOf(1), DELETING, async () => 'task.cloudtask.dev "t-0000" deleted');
  await terminal.settle();
  t.match(terminal.text(), 'task "t-0000" deleted');
  await t.rejects(
    each(dashboard, tasksOf(1), DELETING, () => Promise.reject(new Error('no'))),
    { message: 'no' },
  );
  t.strictSame(await each(dashboard, [], DELETING, async () => 'x'), []);
});

t.test('one at a time, and no longer than the dashboard', async (t) => {
  const { terminal, dashboard } = await openFed(t, { columns: 100 });
  const acting = new Acting();
  const objects = tasksOf(20);
  const first = each(dashboard, objects, DELETING, acting.act);
  const second = await each(dashboard, tasksOf(2), { doing: 'suspending', done: 'suspended' }, acting.act);
  await terminal.settle();
  t.match(terminal.text(), 'deleting 20 goes on: wait for its end');
  t.equal(second.length, 2, 'nothing was done');
  dashboard.stop();
  while (acting.open.length > 0) {
    for (const { end } of acting.open) end();
    await settled();
  }
  t.equal((await first).length, 12, 'those that had begun are done');
  t.equal(acting.begun, 8);
});

t.test('1,200 tasks of a center are deleted while one looks at something else (T-11)', async (t) => {
  const names = tasksOf(1_200).map(({ metadata }) => metadata.name);
  const { terminal, shows, command, center, user } = await openWorld(t, names);
  await shows('Tasks(default)[1200]', 't-0000');
  await terminal.press('space', 'shift-g', 'ctrl-space');
  t.match(terminal.text(), '1200 marked');
  await terminal.press('ctrl-d');
  t.match(terminal.text(), 'Delete 1,200 tasks?');
  t.match(terminal.text(), /default\/t-0000[\s\S]*default\/t-0009[\s\S]*and 1,190 more/);
  for (const [columns, rows] of [
    [80, 24],
    [60, 15],
  ] as const) {
    await terminal.resize(columns, rows);
    t.match(terminal.text(), '[ Cancel ]', `${columns}x${rows}`);
    t.match(terminal.text(), /and 1,19\d more/);
  }
  await terminal.resize(40, 10);
  t.match(terminal.text(), '[ Cancel ]', 'without room for names, too');
  await terminal.resize(100, 30);
  const gone = names.slice(400, 413);
  t.match(await user.run(['delete', 'task', ...gone, '--yes']), { code: 0 });
  await terminal.press('tab', 'enter');
  await terminal.until((text) => /deleting [\d,]+ of 1,200/.test(text));
  await command('ns');
  t.match(terminal.text(), 'Namespaces[', 'the screen is there for other things');
  t.match(terminal.text(), /deleting [\d,]+ of 1,200/, 'while it goes on');
  await shows('1,187 deleted, 13 failed: ');
  t.match(terminal.text(), /13 failed: .*t-04\d\d/);
  await terminal.press('[');
  await shows('Tasks(default)[0]');
  t.equal((await center.store.list('Task')).items.length, 0);
});
