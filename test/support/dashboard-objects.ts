// Objects as the API would send them, for views of the dashboard; deterministic, in any number.
import type { Agent, Cluster, Run, RunState, Task } from '../../manifests/index.js';

/** Noon of a day without clock changes. */
export const NOON = Date.UTC(2026, 10, 22, 12);
const MINUTE = 60_000;

const iso = (time: number) => new Date(time).toISOString().replace('.000Z', 'Z');
const stored = (name: string, namespace?: string) => ({
  name,
  ...(namespace === undefined ? {} : { namespace }),
  uid: `uid-${namespace ?? ''}-${name}`,
  resourceVersion: '1',
});

export interface TaskWish {
  readonly name: string;
  readonly namespace?: string;
  readonly spec?: Partial<Task['spec']>;
  readonly status?: Partial<NonNullable<Task['status']>>;
}

export function aTask({ name, namespace = 'billing', spec, status }: TaskWish): Task {
  return {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { ...stored(name, namespace), creationTimestamp: iso(NOON - 30 * 24 * 60 * MINUTE) },
    spec: { schedules: [{ cron: '*/15 * * * *' }], run: { command: ['/bin/true'] }, ...spec },
    status: { state: 'Active', nextTime: iso(NOON + 15 * MINUTE), ...status },
  };
}

export interface RunWish {
  readonly name: string;
  readonly task: Task;
  readonly state: RunState;
  /** Milliseconds before noon. */
  readonly before: number;
  /** Milliseconds it took; of a run that runs none. */
  readonly took?: number;
  readonly agent?: string;
}

const RAN: ReadonlySet<string> = new Set(['Running', 'Succeeded', 'Failed', 'TimedOut', 'Cancelled', 'Lost']);

export function aRun({ name, task, state, before, took = 5000, agent = 'eu-1' }: RunWish): Run {
  const start = NOON - before;
  const final = !['Pending', 'Queued', 'Running'].includes(state);
  return {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Run',
    metadata: { ...stored(name, task.metadata.namespace), creationTimestamp: iso(start) },
    spec: { task: task.metadata.name, taskUid: task.metadata.uid ?? '', slot: '', revision: 1, trigger: 'Schedule' },
    status: {
      state,
      agent,
      ...(RAN.has(state) ? { startTime: iso(start) } : {}),
      ...(final ? { endTime: iso(RAN.has(state) ? start + took : start) } : {}),
    },
  };
}

export function anAgent(name: string, state: 'Ready' | 'NotReady' = 'Ready', cluster = 'eu'): Agent {
  return {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Agent',
    metadata: stored(name),
    spec: { cluster },
    status: { state, running: 1, tasks: 4 },
  };
}

export function aCluster(name: string): Cluster {
  return { apiVersion: 'cloudtask.dev/v1', kind: 'Cluster', metadata: stored(name), spec: {}, status: {} };
}

export interface World {
  readonly tasks: Task[];
  readonly runs: Run[];
  readonly agents: Agent[];
  readonly clusters: Cluster[];
}

/** A small installation with one thing of each sort in it. */
export function smallWorld(): World {
  const nightly = aTask({
    name: 'nightly-report',
    spec: { schedules: [{ cron: '0 2 * * *' }], timeZone: 'Europe/Berlin' },
    status: {
      nextTime: iso(NOON + 13 * 60 * MINUTE),
      lastRun: { name: 'n', state: 'Succeeded', time: iso(NOON - 9e6) },
    },
  });
  const ledger = aTask({
    name: 'ledger-sync',
    spec: { schedules: [{ every: '5m' }] },
    status: {
      nextTime: iso(NOON + 5 * MINUTE),
      activeRuns: 1,
      lastRun: { name: 'l', state: 'Failed', time: iso(NOON - 5 * MINUTE) },
    },
  });
  const invoices = aTask({ name: '請求書-invoices-with-a-name-that-is-long', status: { activeRuns: 1 } });
  const backup = aTask({
    name: 'backup',
    namespace: 'ops',
    spec: { schedules: [{ cron: '30 * * * *' }] },
    status: { nextTime: iso(NOON + 30 * MINUTE) },
  });
  const old = aTask({ name: 'old-export', namespace: 'ops', spec: { suspend: true }, status: { state: 'Suspended' } });
  const states: RunState[] = [
    'Succeeded',
    'Succeeded',
    'Failed',
    'Succeeded',
    'Skipped',
    'Succeeded',
    'TimedOut',
    'Succeeded',
    'Missed',
    'Succeeded',
    'Failed',
  ];
  const runs = [
    ...states.map((state, i) =>
      aRun({ name: `ledger-sync-${i}`, task: ledger, state, before: (55 - 5 * i) * MINUTE, took: (i + 1) * 11_000 }),
    ),
    aRun({ name: 'ledger-sync-now', task: ledger, state: 'Running', before: 40_000 }),
    ...[45, 30, 15].map((before) =>
      aRun({
        name: `invoices-${before}`,
        task: invoices,
        state: 'Succeeded',
        before: before * MINUTE,
        took: 4 * MINUTE,
        agent: 'eu-2',
      }),
    ),
    aRun({ name: 'invoices-now', task: invoices, state: 'Running', before: 12 * MINUTE, agent: 'eu-2' }),
    aRun({ name: 'invoices-next', task: invoices, state: 'Queued', before: 1000, agent: '' }),
    aRun({
      name: 'backup-30',
      task: backup,
      state: 'Succeeded',
      before: 30 * MINUTE,
      took: 12 * MINUTE,
      agent: 'eu-3',
    }),
    aRun({
      name: 'nightly',
      task: nightly,
      state: 'Succeeded',
      before: 11 * 60 * MINUTE,
      took: 251_000,
      agent: 'eu-1',
    }),
  ];
  return {
    tasks: [nightly, ledger, invoices, backup, old],
    runs,
    agents: [anAgent('eu-1'), anAgent('eu-2'), anAgent('eu-3', 'NotReady'), anAgent('us-1', 'Ready', 'us')],
    clusters: [aCluster('eu'), aCluster('us'), aCluster('spare')],
  };
}

/** `count` tasks in 20 namespaces, half as many runs, and agents. */
export function largeWorld(count: number): World {
  const states: RunState[] = ['Succeeded', 'Succeeded', 'Succeeded', 'Failed', 'Running', 'Skipped'];
  const tasks = Array.from({ length: count }, (_, i) =>
    aTask({
      name: `task-${String(i).padStart(5, '0')}`,
      namespace: `team-${i % 20}`,
      spec: { schedules: [{ cron: `${i % 60} * * * *` }] },
      status: {
        nextTime: iso(NOON + ((i % 60) + 1) * MINUTE),
        ...(i % 50 === 0 ? { lastRun: { name: 'r', state: 'Failed', time: iso(NOON - i) } } : {}),
      },
    }),
  );
  const runs = tasks.slice(0, Math.ceil(count / 2)).map((task, i) =>
    aRun({
      name: `run-${i}`,
      task,
      state: states[i % states.length] ?? 'Succeeded',
      before: (i % 3600) * 1000,
      took: 100 * (i % 700),
      agent: `agent-${i % 50}`,
    }),
  );
  const agents = Array.from({ length: 50 }, (_, i) => anAgent(`agent-${i}`, i % 10 === 0 ? 'NotReady' : 'Ready'));
  return { tasks, runs, agents, clusters: [aCluster('eu')] };
}
