// What the overview says: what needs a look, what is due on its line of time, and how long runs usually take.
import t from 'tap';
import type { AgentObject, NotifierObject, RunObject, TaskObject } from '../api/objects.js';
import { usualTimes } from './outcomes.js';
import { timelineOf } from './timeline.js';
import { troublesOf } from './troubles.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOON = Date.parse('2026-03-02T12:00:00Z');

const iso = (time: number) => new Date(time).toISOString();

function task(name: string, spec: object, status: object = {}): TaskObject {
  return { metadata: { name, namespace: 'default', uid: name }, spec, status } as never;
}

function lastRun(state: string, time: string) {
  return { lastRun: { name: 'x', state, time }, conditions: [{ type: 'Degraded', status: 'True' }] };
}

t.test('agents that are away come first, then tasks whose last run went wrong, the latest first', async (t) => {
  const agents = [
    { metadata: { name: 'here' }, status: { state: 'Ready' } },
    { metadata: { name: 'away' }, status: { state: 'NotReady', heartbeatTime: iso(NOON) } },
  ] as never as AgentObject[];
  const tasks = [
    task('early', {}, lastRun('Failed', iso(NOON))),
    task('late', {}, lastRun('TimedOut', iso(NOON + 1))),
    task('well', {}, { conditions: [{ type: 'Degraded', status: 'False' }] }),
    task('asleep', { suspend: true }, lastRun('Failed', iso(NOON + 2))),
    task('homeless', {}, { conditions: [{ type: 'Ready', status: 'False', reason: 'Unallocated' }] }),
    task('new', {}, { conditions: [{ type: 'Ready', status: 'False', reason: 'Applying' }] }),
  ];
  t.same(
    troublesOf(tasks, agents).map(({ name, words }) => `${name} ${words}`),
    ['away is not ready', 'late took too long', 'early failed', 'homeless cannot run'],
  );
  t.same(troublesOf([tasks[2]!, tasks[3]!], [agents[0]!]), []);
  const notifiers = [
    { metadata: { name: 'ops', namespace: 'shop' }, status: { lastError: 'ECONNREFUSED', lastErrorTime: iso(NOON) } },
    { metadata: { name: 'well', namespace: 'shop' }, status: { sent: 3 } },
  ] as never as NotifierObject[];
  t.same(
    troublesOf(tasks.slice(0, 1), agents, notifiers).map(({ name, words, path }) => `${name} ${words} ${path}`),
    ['away is not ready /agents/away', 'ops cannot send /notifiers/shop/ops', 'early failed /tasks/default/early'],
  );
});

t.test('a line of time is as short as it may be', async (t) => {
  const due = (name: string, minutes: number, every: string) =>
    task(
      name,
      { schedules: [{ every, anchor: iso(NOON + minutes * MINUTE_MS) }] },
      { nextTime: iso(NOON + minutes * MINUTE_MS) },
    );
  const soon = [due('b', 10, '20m'), due('a', 5, '10m')];
  const hour = timelineOf(soon, NOON, 8, 0);
  t.equal(hour.span, HOUR_MS);
  t.same(
    hour.lanes.map(({ task: { metadata }, points }) => [metadata.name, points.length]),
    [
      ['a', 6],
      ['b', 3],
    ],
  );
  t.equal(hour.lanes[0]!.points[0], NOON + 5 * MINUTE_MS);
  t.equal(timelineOf([due('c', 300, '1d')], NOON, 8, 0).span, 6 * HOUR_MS);
  t.equal(
    timelineOf([due('c', 300, '1d'), due('d', 30 * 60, '2d')], NOON, 1, 0).span,
    6 * HOUR_MS,
    'only what is shown counts',
  );
  t.same(timelineOf([], NOON, 8, 0).lanes, []);
});

t.test('its marks are at whole hours of whoever looks', async (t) => {
  const india = 5.5 * HOUR_MS;
  const tasks = [task('c', { schedules: [{ every: '1d' }] }, { nextTime: iso(NOON + 5 * HOUR_MS) })];
  const { marks } = timelineOf(tasks, NOON, 8, india);
  t.same(marks.map(iso), ['2026-03-02T12:30:00.000Z', '2026-03-02T14:30:00.000Z', '2026-03-02T16:30:00.000Z']);
});

t.test('a task that fires all the time is a band', async (t) => {
  const each = task('s', { schedules: [{ every: '1s' }] }, { nextTime: iso(NOON) });
  const [lane] = timelineOf([each], NOON, 8, 0).lanes;
  t.ok(lane!.dense);
  t.ok(lane!.points.length < 100, 'not all of them are computed');
});

t.test('what is usual is the median of what ended well', async (t) => {
  const run = (taskUid: string, state: string, seconds: number): RunObject =>
    ({ spec: { taskUid }, status: { state, startTime: iso(NOON), endTime: iso(NOON + seconds * 1000) } }) as never;
  const runs = [
    ...[run('a', 'Succeeded', 9), run('a', 'Succeeded', 2), run('a', 'Succeeded', 3), run('a', 'Failed', 100)],
    ...[run('b', 'Succeeded', 1), run('b', 'Succeeded', 1)],
  ];
  t.same([...usualTimes(runs)], [['a', 3000]], 'of two runs nobody knows');
});
