// Objects of an installation at noon, as a center would send them.
import type { ApiObject } from '../../cli/resources/api-object.js';
import { NOW } from './fed-dashboard.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const at = (offset: number): string => new Date(NOW + offset).toISOString();

interface Parts {
  readonly namespace?: string;
  readonly age?: number;
  readonly labels?: Record<string, string>;
  readonly spec?: object;
  readonly status?: object;
}

export function object(
  kind: string,
  name: string,
  { namespace, age = DAY, labels, spec = {}, status }: Parts,
): ApiObject {
  const where = namespace === undefined ? {} : { namespace };
  return {
    apiVersion: 'cloudtask.dev/v1',
    kind,
    metadata: {
      ...{ name, ...where, uid: `${kind}/${namespace ?? ''}/${name}`, resourceVersion: '1' },
      creationTimestamp: at(-age),
      ...(labels === undefined ? {} : { labels }),
    },
    spec,
    ...(status === undefined ? {} : { status }),
  };
}

interface TaskWords extends Parts {
  readonly cron?: string;
  readonly state?: string;
  readonly last?: readonly [state: string, ago: number];
  readonly next?: number;
  readonly suspend?: boolean;
}

export function task(name: string, words: TaskWords = {}): ApiObject {
  const { namespace = 'default', cron = '0 2 * * *', state = 'Active', last, next, suspend } = words;
  return object('Task', name, {
    ...{ age: 31 * DAY, ...words, namespace },
    spec: { schedules: [{ cron }], run: { command: ['/opt/run.sh'] }, ...(suspend ? { suspend } : {}) },
    status: {
      state,
      ...(last === undefined ? {} : { lastRun: { state: last[0], time: at(-last[1]) } }),
      ...(next === undefined ? {} : { nextTime: at(next) }),
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'Degraded', status: state === 'Degraded' ? 'True' : 'False' },
      ],
    },
  });
}

export function run(
  name: string,
  of: string,
  words: Parts & { state: string; agent?: string; exitCode?: number; took?: number },
): ApiObject {
  const { namespace = 'default', age = HOUR, state, agent, exitCode, took } = words;
  const started = state !== 'Skipped' && state !== 'Missed' && state !== 'Pending';
  return object('Run', name, {
    ...{ namespace, age },
    spec: { task: of, taskUid: `Task/${namespace}/${of}`, trigger: 'Schedule', revision: 1, scheduledTime: at(-age) },
    status: {
      state,
      ...(agent === undefined ? {} : { agent }),
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(started ? { startTime: at(-age) } : {}),
      ...(started && took !== undefined ? { endTime: at(took - age) } : {}),
    },
  });
}

export function agent(
  name: string,
  words: { state?: string; running?: number; unschedulable?: boolean; cluster?: string } = {},
): ApiObject {
  const { state = 'Ready', running = 0, unschedulable, cluster = 'default' } = words;
  return object('Agent', name, {
    age: 40 * DAY,
    spec: { cluster, ...(unschedulable ? { unschedulable } : {}) },
    status: {
      state,
      running,
      load: 0.42,
      heartbeatTime: at(state === 'Ready' ? -2_000 : -7 * MINUTE),
      version: '0.1.0',
      tasks: 14,
    },
  });
}

function event(name: string, type: string, reason: string, about: string, message: string, age: number): ApiObject {
  const [kind = '', regarding = ''] = about.split('/');
  return object('Event', name, {
    ...{ namespace: 'default', age },
    spec: {
      ...{ type, reason, message, regarding: { kind, namespace: 'default', name: regarding }, source: 'scheduler' },
      ...{ count: 1, firstTime: at(-age), lastTime: at(-age) },
    },
  });
}

/** What the golden screens show. */
export function installation(): ApiObject[] {
  return [
    ...['billing', 'default', 'ops'].map((name) => object('Namespace', name, { age: 40 * DAY, status: { tasks: 3 } })),
    object('Cluster', 'default', { age: 40 * DAY, status: { agents: 2, tasks: 7, running: 2 } }),
    object('Cluster', 'eu', {
      age: 12 * DAY,
      spec: { description: 'Frankfurt and Paris' },
      status: { agents: 0, tasks: 2, running: 0 },
    }),
    ...[
      agent('eu-1', { running: 2 }),
      agent('eu-2', { running: 1, unschedulable: true }),
      agent('eu-3', { state: 'NotReady' }),
    ],
    task('nightly-report', { last: ['Succeeded', 10 * HOUR], next: 14 * HOUR, labels: { team: 'fin' } }),
    task('sync-ledger', {
      cron: '*/5 * * * *',
      state: 'Running',
      last: ['Succeeded', 5 * MINUTE + 8_000],
      next: 4 * MINUTE + 48_000,
    }),
    task('old-import', {
      cron: '0 * * * *',
      state: 'Suspended',
      suspend: true,
      last: ['Failed', 3 * DAY + 4 * HOUR],
      age: 200 * DAY,
    }),
    task('refresh-exchange-rates-of-all-currencies', {
      cron: '*/15 8-18 * * MON-FRI',
      last: ['Succeeded', 42_000],
      next: 12_000,
      age: 6 * HOUR,
    }),
    task('vacuum', {
      cron: '30 3 * * SUN',
      state: 'Degraded',
      last: ['TimedOut', 8 * HOUR],
      next: 6 * DAY,
      labels: { team: 'ops' },
    }),
    task('給与計算', { cron: '0 6 25 * *', last: ['Succeeded', 28 * DAY], next: 3 * DAY }),
    task('dunning', { namespace: 'billing', state: 'Unallocated', next: 9 * MINUTE, age: 3 * DAY }),
    run('sync-ledger-m7x2q', 'sync-ledger', { state: 'Running', agent: 'eu-1', age: 12_000 }),
    run('sync-ledger-p0q3d', 'sync-ledger', {
      state: 'Succeeded',
      agent: 'eu-2',
      exitCode: 0,
      age: 5 * MINUTE + 12_000,
      took: 4_000,
    }),
    run('sync-ledger-kk2w9', 'sync-ledger', {
      state: 'Failed',
      agent: 'eu-2',
      exitCode: 3,
      age: 10 * MINUTE,
      took: 41_000,
    }),
    run('vacuum-9k1zz', 'vacuum', { state: 'TimedOut', agent: 'eu-1', age: 8 * HOUR, took: HOUR }),
    run('nightly-report-4bx8k', 'nightly-report', { state: 'Missed', age: 34 * HOUR }),
    run('nightly-report-0aa3d', 'nightly-report', {
      state: 'Succeeded',
      agent: 'eu-1',
      exitCode: 0,
      age: 10 * HOUR,
      took: 11 * MINUTE,
    }),
    event('e1', 'Normal', 'Completed', 'Task/sync-ledger', 'Run sync-ledger-p0q3d succeeded in 4s', 5 * MINUTE),
    event(
      'e2',
      'Warning',
      'RunFailed',
      'Task/sync-ledger',
      'Run sync-ledger-kk2w9 failed: exit code 3 after 41s on agent eu-2',
      9 * MINUTE,
    ),
    event(
      'e3',
      'Warning',
      'AgentLost',
      'Agent/eu-3',
      'No heartbeat for 5m: its tasks move to other agents',
      7 * MINUTE,
    ),
  ];
}
