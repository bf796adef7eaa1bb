import t from 'tap';
import { type ColumnContext, columnsOf, scheduleText } from './columns.js';

const now = Date.parse('2026-11-22T12:00:00Z');
const context: ColumnContext = { now, age: (ms) => `${Math.round(ms / 1000)}s` };
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();
const metadata = { name: 'x', creationTimestamp: ago(60) };

/** The cells of the default columns, and of all of them. */
const row = (kind: string, object: unknown, wide = false): Record<string, string> =>
  Object.fromEntries(
    columnsOf(kind)
      .filter((column) => wide || column.wide !== true)
      .map((column) => [column.name, column.cell(object as never, context)]),
  );

t.test('tasks', async (t) => {
  const run = { command: ['/bin/echo', 'hi'] };
  t.same(row('Task', { kind: 'Task', metadata, spec: { run } }), {
    ...{ NAME: 'x', SCHEDULE: '<none>', STATUS: '<unknown>', 'LAST-RUN': '<none>', 'NEXT-RUN': '<none>', AGE: '60s' },
  });
  const status = { state: 'Active', lastRun: { name: 'r', state: 'Failed', time: ago(30) }, nextTime: ago(-90) };
  const spec = { run, schedules: [{ cron: '0 2 * * *' }, { every: '90s' }], timeZone: 'Europe/Berlin' };
  t.match(row('Task', { kind: 'Task', metadata, spec, status }, true), {
    ...{ SCHEDULE: '0 2 * * * (+1)', STATUS: 'Active', 'LAST-RUN': 'Failed/30s', 'NEXT-RUN': '90s' },
    ...{ TIMEZONE: 'Europe/Berlin', CLUSTER: 'default', COMMAND: '/bin/echo hi', PLACEMENT: '<none>' },
  });
  t.match(row('Task', { kind: 'Task', metadata, spec: { ...spec, suspend: true }, status }), {
    ...{ STATUS: 'Suspended', 'NEXT-RUN': '<suspended>' }, // also before the status says so
  });
  t.match(row('Task', { kind: 'Task', metadata, spec, status: { ...status, skippedRuns: 3 } }), {
    'LAST-RUN': 'Failed/30s (3 skipped)',
  });
  const until = new Date(Date.parse(ago(-3600))).toISOString();
  const ending = { ...spec, suspendUntil: until };
  t.match(row('Task', { kind: 'Task', metadata, spec: ending, status }, true), {
    ...{ 'NEXT-RUN': '<suspended>', SUSPEND: `until ${until.replace('.000Z', 'Z')}` },
  });
  const told = { ...status, nextTime: ago(-5400) };
  t.match(row('Task', { kind: 'Task', metadata, spec: ending, status: told }, true), { 'NEXT-RUN': '5400s' });
  const ended = { ...spec, suspendUntil: ago(1) };
  t.match(row('Task', { kind: 'Task', metadata, spec: ended, status }, true), { 'NEXT-RUN': '90s', SUSPEND: 'False' });
  const going = { ...metadata, deletionTimestamp: ago(1) };
  t.match(row('Task', { kind: 'Task', metadata: going, spec, status }), { STATUS: 'Terminating' });
  const placement = {
    selector: { matchLabels: { disk: 'ssd' }, matchExpressions: [{ key: 'gpu', operator: 'Exists' }] },
    agents: ['a1'],
  };
  t.match(row('Task', { kind: 'Task', metadata, spec: { ...spec, placement } }, true), {
    PLACEMENT: 'disk=ssd,gpu Exists,a1',
  });
  t.equal(scheduleText({ at: '2026-12-24T18:00:00Z' }), 'at 2026-12-24T18:00:00Z');
});

t.test('runs', async (t) => {
  const spec = { task: 'x', taskUid: 'u', slot: '', revision: 4, trigger: 'Schedule', scheduledTime: ago(20) };
  t.same(row('Run', { kind: 'Run', metadata, spec, status: { state: 'Running', agent: 'a1', startTime: ago(12) } }), {
    ...{ NAME: 'x', STATUS: 'Running', EXIT: '<none>', TRIGGER: 'Schedule', AGENT: 'a1', DURATION: '12s', AGE: '60s' },
  });
  const ended = {
    state: 'Failed',
    exitCode: 3,
    startTime: ago(19.5),
    endTime: ago(10),
    attempts: [{ number: 1 }, { number: 2 }],
  };
  t.match(row('Run', { kind: 'Run', metadata, spec, status: ended }, true), {
    ...{ STATUS: 'Failed', EXIT: '3', AGENT: '<none>', DURATION: '10s', ATTEMPT: '2', LATENCY: '500ms', REVISION: '4' },
  });
  t.match(row('Run', { kind: 'Run', metadata, spec, status: { state: 'Failed', signal: 'SIGKILL' } }), {
    EXIT: 'SIGKILL',
  });
  t.match(row('Run', { kind: 'Run', metadata, spec: { ...spec, trigger: 'Manual' } }), {
    STATUS: 'Pending',
    DURATION: '<none>',
  });
});

t.test('agents, clusters, namespaces, events', async (t) => {
  const agent = {
    kind: 'Agent',
    metadata,
    spec: {},
    status: { state: 'Ready', running: 2, load: 0.5, heartbeatTime: ago(3), version: '1' },
  };
  t.same(row('Agent', agent), {
    ...{
      NAME: 'x',
      STATUS: 'Ready',
      CLUSTER: 'default',
      RUNNING: '2',
      LOAD: '0.50',
      HEARTBEAT: '3s',
      VERSION: '1',
      AGE: '60s',
    },
  });
  t.match(row('Agent', { ...agent, spec: { unschedulable: true } }), { STATUS: 'Ready,SchedulingDisabled' });
  const draining = { ...agent, spec: { unschedulable: true, drain: 'WaitForRuns', capacity: 2 } };
  t.match(row('Agent', draining, true), { STATUS: 'Ready,SchedulingDisabled,Draining', CAPACITY: '2' });
  const drained = { ...agent.status, conditions: [{ type: 'Drained', status: 'True' }], capacity: 3 };
  t.match(row('Agent', { ...draining, status: drained }), { STATUS: 'Ready,SchedulingDisabled,Drained' });
  t.match(row('Agent', { ...agent, status: drained }, true), { STATUS: 'Ready', CAPACITY: '3' });
  t.match(row('Agent', { ...agent, status: undefined }), { STATUS: 'NotReady', LOAD: '<unknown>' });
  const ready = { conditions: [{ type: 'Ready', status: 'True' }], agents: 3 };
  t.match(row('Cluster', { kind: 'Cluster', metadata, spec: {}, status: ready }), { STATUS: 'Ready', AGENTS: '3' });
  const stopped = { conditions: [{ type: 'MovesStopped', status: 'True' }], agents: 3 };
  t.match(row('Cluster', { kind: 'Cluster', metadata, spec: {}, status: stopped }), { STATUS: 'Ready,MovesStopped' });
  t.match(row('Namespace', { kind: 'Namespace', metadata, spec: {} }), { STATUS: 'Active', TASKS: '0' });
  const event = {
    ...{ type: 'Warning', reason: 'Failed', message: 'run x failed', source: 'agent/a1', count: 2 },
    ...{ regarding: { kind: 'Task', name: 'x' }, firstTime: ago(50), lastTime: ago(5) },
  };
  t.same(row('Event', { kind: 'Event', metadata, spec: event }), {
    ...{ 'LAST-SEEN': '5s', TYPE: 'Warning', REASON: 'Failed', OBJECT: 'task/x', MESSAGE: 'run x failed' },
  });
});

t.test('a kind of a later version still has a name and an age', async (t) => {
  t.same(row('Wonder', { kind: 'Wonder', metadata }), { NAME: 'x', AGE: '60s' });
  t.same(
    columnsOf('constructor').map(({ name }) => name),
    ['NAME', 'AGE'],
  );
});

t.test('headers are upper-case words without blanks (C-35)', async (t) => {
  for (const kind of ['Task', 'Run', 'Agent', 'Cluster', 'Namespace', 'Event']) {
    for (const { name } of columnsOf(kind)) t.match(name, /^[A-Z-]+$/);
  }
});
