// An installation at a fixed time, with a real center: what people see of it can be kept as files.
import type { Test } from 'tap';
import { type Instant, systemClock } from '../../base/index.js';
import type { Agent, Cluster, Condition, Run, Task } from '../../manifests/index.js';
import type { CliCenter, RunWords } from './cli-center.js';
import { startCliWorld } from './cli-world.js';

export const NOW = Date.parse('2026-11-22T12:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const REPORT = `apiVersion: cloudtask.dev/v1
kind: Task
metadata:
  name: nightly-report
  namespace: billing
  labels: {team: fin}
  annotations: {example.com/source: "git@example.com/ops@4f2c1d9:deploy/nightly.yaml"}
spec:
  cluster: eu
  timeZone: Europe/Berlin
  schedules: [{cron: "0 2 * * *"}]
  run:
    command: ["/opt/report.sh", "--daily"]
    env: [{name: MODE, value: full}]
  timeout: 1h
  retry: {limit: 2, backoff: {initial: 10s, max: 5m}}
  startingDeadline: 5m
  placement: {selector: {matchLabels: {disk: ssd}}}
`;
const simple = (name: string, spec: string) => `apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: ${name}, namespace: billing}
spec: {cluster: eu, run: {command: [/bin/true]}, ${spec}}
`;

/** A clock whose wall time the test sets; timers run as ever, those for an instant from the distance to it. */
function wall() {
  const clock = {
    ...{ at: NOW, ...systemClock },
    now: (): Instant => clock.at,
    timerAt: (at: Instant, fn: () => void) => systemClock.timerAfter(Math.max(0, at - clock.at), fn),
  };
  return clock;
}

async function build(t: Test) {
  const clock = wall();
  const { center, user } = await startCliWorld(t, clock);
  const run = async (line: string, input = '') => {
    const { code, stdout, stderr } = await user.type(line, { clock, input });
    t.equal(code, 0, `${line}: ${stderr}`);
    return stdout;
  };
  clock.at = NOW - 200 * DAY;
  await run('create namespace billing');
  await run(
    'apply -f -',
    'apiVersion: cloudtask.dev/v1\nkind: Cluster\nmetadata: {name: eu}\nspec: {description: Frankfurt}\n',
  );
  await run('apply -f -', simple('old-import', 'schedules: [{cron: "@hourly"}]'));
  clock.at = NOW - 31 * DAY;
  for (const name of ['eu-1', 'eu-2', 'eu-3']) await join(center, name);
  await run('apply -f -', REPORT.replace('timeout: 1h', 'timeout: 2h'));
  await run('apply -f -', REPORT);
  clock.at = NOW - 3 * DAY - 4 * HOUR;
  await past(center, 'old-import', clock.at, { state: 'Failed', exitCode: 3, agent: 'eu-2' }, 41_000);
  await run('suspend old-import -n billing');
  clock.at = NOW - 9 * HOUR;
  const report = await past(
    center,
    'nightly-report',
    clock.at - 251_000,
    { state: 'Succeeded', exitCode: 0, agent: 'eu-1' },
    251_000,
  );
  clock.at = NOW - 6 * HOUR - 12 * MINUTE;
  await run('apply -f -', simple('sync-ledger', 'schedules: [{cron: "*/5 * * * *"}]'));
  clock.at = NOW - 5 * MINUTE;
  await past(center, 'sync-ledger', clock.at, { state: 'Succeeded', exitCode: 0, agent: 'eu-2' }, 4000);
  clock.at = NOW - 12_000;
  await center.scheduled('sync-ledger', clock.at, { state: 'Running', agent: 'eu-1', startTime: clock.at }, 'billing');
  clock.at = NOW;
  return { center, user, clock, run, report };
}

async function join(center: CliCenter, name: string): Promise<void> {
  const labels: Record<string, string> = name === 'eu-3' ? {} : { disk: 'ssd' };
  const time = new Date(NOW - 4000).toISOString();
  await center.store.heartbeat(name, { cluster: 'eu' }, labels, {
    ...{
      hostname: `host-${name}`,
      os: 'linux',
      arch: 'x64',
      version: '1.0.0',
      bootId: 'boot',
      cpus: 4,
    },
    ...{
      memoryBytes: 8 * 2 ** 30,
      load: 0.5,
      running: name === 'eu-1' ? 1 : 0,
      tasks: 1,
      spoolBytes: 0,
      heartbeatTime: time,
    },
  });
  const conditions = [
    condition('Ready', 'True', 'Registered', 'the agent is registered in ZooKeeper'),
    condition('Schedulable', 'True', 'NotCordoned', 'the agent may get tasks'),
  ];
  await center.store.updateStatus<Agent>({ kind: 'Agent', namespace: '', name }, { state: 'Ready', conditions });
}

const past = (center: CliCenter, task: string, start: Instant, words: RunWords, took: number) =>
  center.scheduled(task, start, { ...words, startTime: start, endTime: start + took }, 'billing');

function condition(
  type: string,
  status: 'True' | 'False',
  reason: string,
  message: string,
  observedGeneration = 1,
): Condition {
  return {
    type,
    status,
    observedGeneration,
    lastTransitionTime: new Date(NOW - 9 * HOUR).toISOString(),
    reason,
    message,
  };
}

async function tell(center: CliCenter, name: string, status: Task['status']): Promise<void> {
  await center.store.updateStatus<Task>({ kind: 'Task', namespace: 'billing', name }, status);
}

/** What the leader would have written. */
async function statuses(center: CliCenter, report: Run): Promise<void> {
  const task = await center.task('nightly-report', 'billing');
  const iso = (time: Instant) => new Date(time).toISOString();
  await tell(center, 'nightly-report', {
    ...{ observedGeneration: 2, state: 'Active', activeRuns: 0, allocations: [{ slot: '', agent: 'eu-1' }] },
    lastRun: { name: report.metadata.name, state: 'Succeeded', time: iso(NOW - 9 * HOUR) },
    nextTime: iso(NOW + 13 * HOUR),
    conditions: [
      condition('Ready', 'True', 'Allocated', 'an agent runs the task', 2),
      condition('Scheduled', 'True', 'TimePointsAhead', 'further time points lie ahead', 2),
      condition('Suspended', 'False', 'NotSuspended', 'time points fire', 2),
      condition('Degraded', 'False', 'LastRunOK', 'last run succeeded', 2),
    ],
  });
  await tell(center, 'sync-ledger', {
    ...{ state: 'Running', activeRuns: 1, nextTime: iso(NOW + 288_000), allocations: [{ slot: '', agent: 'eu-1' }] },
    lastRun: { name: 'x', state: 'Succeeded', time: iso(NOW - 296_000) },
  });
  await tell(center, 'old-import', {
    state: 'Suspended',
    lastRun: { name: 'x', state: 'Failed', time: iso(NOW - 3 * DAY - 4 * HOUR) },
  });
  await center.store.updateStatus<Cluster>(
    { kind: 'Cluster', namespace: '', name: 'eu' },
    {
      agents: 3,
      tasks: 3,
      running: 1,
      conditions: [condition('MovesStopped', 'False', 'NoMassLoss', 'tasks of agents that are gone move')],
    },
  );
  center.records.set(task.metadata.uid!, {
    ...{
      owner: 'eu-1',
      ownerEpoch: 1,
      revision: 2,
      suspended: false,
      cursor: NOW,
      attempt: 1,
      claimId: '',
      blockedBy: null,
    },
  });
}

/** Names of runs end with what follows from random ids: the same letters instead, as many of them, keep the columns. */
function namesWithout(): (text: string) => string {
  const letters = new Map<string, string>();
  const letterOf = (suffix: string) => {
    if (!letters.has(suffix)) letters.set(suffix, String.fromCharCode(97 + letters.size).repeat(suffix.length));
    return letters.get(suffix)!;
  };
  return (text) =>
    text.replace(
      /(nightly-report|sync-ledger|old-import)-(\w{10})\b/g,
      (_, name: string, suffix: string) => `${name}-${letterOf(suffix)}`,
    );
}

export async function openGoldenWorld(t: Test) {
  const world = await build(t);
  await statuses(world.center, world.report);
  return { ...world, plain: namesWithout() };
}
