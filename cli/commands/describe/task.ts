import { isCloudTaskError } from '../../../base/index.js';
import {
  type Run,
  runDuration,
  type Schedule,
  scheduleText,
  type Task,
  taskHealth,
  taskState,
} from '../../../manifests/index.js';
import { resourcePath } from '../../client/paths.js';
import { listAll } from '../../client/watch.js';
import type { CliDeps } from '../../deps.js';
import { formatAge } from '../../output/age.js';
import type { Description } from '../../output/description.js';
import { isoTime } from '../../output/times.js';
import { newestFirst } from '../../resources/find-run.js';
import type { Why } from '../../resources/why.js';
import { ago, timeAndAge } from './parts.js';

const NEXT_RUNS = 5;
const RECENT_RUNS = 5;

export async function describeTask(task: Task, description: Description, deps: CliDeps): Promise<void> {
  const now = deps.clock.now();
  const { spec } = task;
  const upcoming = await nextTimes(task, now);
  description.field('Status', taskState(task)).field('Health', taskHealth(task));
  if (spec.description !== undefined) description.field('Description', spec.description);
  description.table(
    'Schedules',
    ['Name', 'Schedule', 'Time Zone', 'Next'],
    (spec.schedules ?? []).map((schedule, index) => scheduleRow(task, schedule, upcoming.bySchedule[index], now)),
  );
  addPolicies(description, spec);
  description.section('Placement', placementFields(task, await eligibleWords(task, deps)));
  addCommand(description, spec.run);
  const next = spec.suspend ? ['<suspended>'] : upcoming.times.map(isoTime);
  description.field('Next Runs', next.length === 0 ? '<none>' : next.join(', '));
  description.table(
    'Recent Runs',
    ['Name', 'Status', 'Exit', 'Trigger', 'Duration', 'Age'],
    (await recentRuns(task, deps)).map((run) => [
      run.metadata.name,
      run.status?.state ?? 'Pending',
      String(run.status?.exitCode ?? run.status?.signal ?? '<none>'),
      run.spec.trigger,
      runDuration(run, { now, age: formatAge }),
      ago(run.metadata.creationTimestamp, now),
    ]),
  );
}

async function nextTimes(
  { spec, metadata }: Task,
  now: number,
): Promise<{ times: number[]; bySchedule: (number | undefined)[] }> {
  const { compileSchedules } = await import('../../heavy/manifests.js');
  const uid = metadata.uid ?? '';
  return {
    times: compileSchedules(spec, uid)
      .between(now, Number.POSITIVE_INFINITY, NEXT_RUNS)
      .map(({ time }) => time),
    bySchedule: (spec.schedules ?? []).map(
      (one) => compileSchedules({ ...spec, schedules: [one] }, uid).next(now)?.time,
    ),
  };
}

function scheduleRow({ spec }: Task, schedule: Schedule, next: number | undefined, now: number): string[] {
  const zone = schedule.timeZone ?? spec.timeZone ?? 'UTC';
  const when = next === undefined ? '<never>' : timeAndAge(new Date(next).toISOString(), now, zone);
  return [schedule.name ?? 'default', scheduleText(schedule), zone, when];
}

function addPolicies(description: Description, spec: Task['spec']): void {
  const { retry } = spec;
  const limit = retry?.limit ?? 0;
  description
    .field('Suspend', String(spec.suspend ?? false))
    .field('Concurrency Policy', spec.concurrencyPolicy ?? 'Forbid')
    .field('Missed Run Policy', spec.missedRunPolicy ?? 'RunOnce')
    .field('Starting Deadline', spec.startingDeadline ?? '<none>')
    .field('Timeout', spec.timeout ?? '<none>')
    .field(
      'Retry',
      limit === 0
        ? '<none>'
        : `${limit} attempt${limit === 1 ? '' : 's'}, exponential ${retry?.backoff?.initial}..${retry?.backoff?.max}`,
    );
}

function placementFields({ spec, status }: Task, eligible: string): [string, string][] {
  const { selector, agents } = spec.placement ?? {};
  const labels = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const expressions = (selector?.matchExpressions ?? []).map(
    ({ key, operator, values }) => `${key} ${operator}${values === undefined ? '' : ` (${values.join(', ')})`}`,
  );
  const owners = (status?.allocations ?? []).map(({ slot, agent }) =>
    slot === '' ? agent : `${agent} (slot ${slot})`,
  );
  return [
    ['Cluster', spec.cluster ?? 'default'],
    ['Selector', [...labels, ...expressions].join(', ') || '<none>'],
    ['Agents', agents?.join(', ') ?? '<any>'],
    ['Eligible', eligible],
    ['Allocated to', owners.join(', ') || '<none>'],
  ];
}

/** Agents that may not have the task are named up to here. */
const NAMED_MAX = 3;

/** `2 of 3 agents (eu-3: label disk missing)`. */
async function eligibleWords({ metadata }: Task, deps: CliDeps): Promise<string> {
  let why: Why;
  try {
    why = await (await deps.api()).get<Why>(resourcePath('tasks', metadata.namespace, metadata.name, 'why'));
  } catch (error) {
    if (isCloudTaskError(error, 'CT_NOT_FOUND')) return '<unknown>'; // a center that is older than this program
    throw error;
  }
  const { total, eligible, items } = why.agents;
  const others = items.filter((agent) => !agent.eligible).map(({ name, reasons }) => `${name}: ${reasons.join(', ')}`);
  const more = total - eligible - Math.min(others.length, NAMED_MAX);
  const named = [...others.slice(0, NAMED_MAX), ...(more > 0 ? [`${more} more`] : [])].join('; ');
  return `${eligible} of ${total} agents${named === '' ? '' : ` (${named})`}`;
}

function addCommand(description: Description, run: Task['spec']['run']): void {
  if (run.command !== undefined) description.field('Command', JSON.stringify(run.command));
  else {
    description.field('Interpreter', JSON.stringify(run.interpreter ?? ['/bin/sh']));
    description.field('Script', ...(run.script ?? '').trimEnd().split('\n'));
  }
  if (run.workingDir !== undefined) description.field('Working Dir', run.workingDir);
  if (run.env !== undefined && run.env.length > 0) {
    description.section(
      'Environment',
      run.env.map(({ name, value }) => [name, value]),
    );
  }
}

async function recentRuns({ metadata }: Task, deps: CliDeps): Promise<Run[]> {
  const query = { fieldSelector: `spec.task=${metadata.name}` };
  const { items } = await listAll<Run>(await deps.api(), resourcePath('runs', metadata.namespace), query);
  return newestFirst(items).slice(0, RECENT_RUNS);
}
