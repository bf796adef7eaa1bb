// What is told of a table, on objects given by hand.
import t from 'tap';
import { FakeClock } from '../../../base/index.js';
import { FedSource, NOW, resources } from '../../../test/support/fed-dashboard.js';
import { run, task } from '../../../test/support/fed-objects.js';
import type { ApiObject } from '../../resources/api-object.js';
import type { Center } from '../actions/center.js';
import { TableScreen } from '../navigation/table-screen.js';
import { plainCommands } from './plain-commands.js';
import { PlainView } from './plain-view.js';

async function open(kind: string, objects: readonly ApiObject[], namespace?: string, stale?: number) {
  const clock = new FakeClock(NOW);
  const source = new FedSource();
  source.stale = stale;
  source.put(...objects);
  const resource = resources.find(({ name }) => name === kind)!;
  const screen = new TableScreen({ resource, source, namespace, now: () => clock.now(), onAction: () => undefined });
  const told: string[] = [];
  const view = new PlainView({ screen, clock, say: (lines) => void told.push(...lines) });
  await view.begin(new AbortController().signal);
  const heard = () => told.splice(0);
  /** What is told of a change, a second later. */
  const change = async (work: () => void) => {
    work();
    view.changed();
    await clock.advance(1_000);
    return heard();
  };
  return { view, source, clock, screen, heard, change };
}

t.test('rows in words, twenty at a time', async (t) => {
  const objects = Array.from({ length: 25 }, (_, i) => task(`task-${String(i).padStart(2, '0')}`));
  const { view, heard } = await open('tasks', objects, 'default');
  const first = heard();
  t.equal(first[0], 'Tasks in default: 25');
  t.match(first[1], /^task-00: schedule .+, status \w+/);
  t.notMatch(first.join('\n'), '<');
  t.equal(first.length, 22);
  t.equal(first.at(-1), '5 more: type more');
  view.more();
  t.equal(heard().length, 5);
  view.more();
  t.same(heard(), ['no more']);
});

t.test('what becomes of them, and nothing that changes by itself', async (t) => {
  const { source, clock, heard, change } = await open('runs', [run('one', 'nightly', { state: 'Running' })]);
  t.match(heard(), ['Runs of all namespaces: 1', /^default\/one: status Running/]);
  await clock.advance(60_000);
  t.same(await change(() => undefined), [], 'it is a minute older');
  t.same(await change(() => source.put(run('one', 'nightly', { state: 'Failed' }))), [
    'default/one: status Failed, was Running',
  ]);
  t.match(await change(() => source.put(run('two', 'nightly', { state: 'Pending' }))), [
    /^new run default\/two: status/,
  ]);
  t.same(await change(() => source.remove(run('two', 'nightly', { state: 'Pending' }))), ['run default/two is gone']);
});

t.test('what is due first, and names that are none, or several', async (t) => {
  const objects = [
    task('later', { next: 3_600_000 }),
    task('sooner', { next: 12_000 }),
    task('sooner', { namespace: 'billing', next: 13_000 }),
    task('never'),
  ];
  const { clock, screen } = await open('tasks', objects);
  const center = { deps: { clock } } as unknown as Center;
  const type = async (name: string, argument: string) =>
    plainCommands.find((command) => command.name === name)!.run(center, screen, argument);
  t.same((await type('next', '')).split('\n'), [
    'default/sooner: in 12s, 12:00:12Z',
    'billing/sooner: in 13s, 12:00:13Z',
    'default/later: in 60m, 13:00:00Z',
  ]);
  await t.rejects(type('why', 'sooner'), { message: 'there are 2: say which, e.g. default/sooner' });
  await t.rejects(type('yaml', 'nobody'), { message: 'there is no task nobody here' });
  await t.rejects(type('describe', ''), { message: 'give the name of one of the tasks' });
});

t.test('many changes are a number', async (t) => {
  const many = Array.from({ length: 40 }, (_, i) => task(`task-${i}`));
  const { source, heard, change } = await open('tasks', many, 'default');
  heard();
  t.same(await change(() => source.put(...many.map(({ metadata }) => task(metadata.name, { suspend: true })))), [
    '40 tasks have changed: type tasks to hear them',
  ]);
});

t.test('a connection that is lost is told, once', async (t) => {
  const { source, heard, change } = await open('tasks', [task('nightly')], 'default');
  heard();
  const lose = (since: number | undefined) => () => {
    source.stale = since;
  };
  t.same(await change(lose(1)), ['connection lost: what was told may be old']);
  t.same(await change(lose(1)), []);
  t.same(await change(lose(undefined)), ['connected again']);
  const late = await open('tasks', [], 'default', 1);
  t.same(late.heard(), ['Tasks in default: 0']);
  late.source.stale = undefined;
  t.same(await late.change(() => late.source.put(task('nightly'))), [
    'connected again',
    'new task nightly: schedule 0 2 * * *, status Active, age 31d',
  ]);
});
