import { formatAge, isCloudTaskError } from '../../../base/index.js';
import {
  firesAfter,
  isComplete,
  isSuspended,
  type Run,
  runDuration,
  type Schedule,
  scheduleText,
  suspensionEnd,
  type Task,
  taskHealth,
  taskState,
} from '../../../manifests/index.js';
import { resourcePath } from '../../client/paths.js';
import { type ObjectList, PAGE_SIZE } from '../../client/watch.js';
import type { CliDeps } from '../../deps.js';
import type { Description } from '../../output/description.js';
import { isoTime } from '../../output/times.js';
import { newestFirst } from '../../resources/find-run.js';
import type { Why } from '../../resources/why.js';
import { addDependencies } from './after.js';
import { addNotify } from './notify.js';
import { addDeclared } from './parameters.js';
import { ago, selectorWords, timeAndAge } from './parts.js';

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
    ['Name', 'Schedule', 'Time Zone', 'Next', 'Meaning'],
    (spec.schedules ?? []).map((schedule, index) => [
      ...scheduleRow(task, schedule, upcoming.bySchedule[index], now),
      upcoming.words[index] ?? '',
    ]),
  );
  addDeclared(description, spec.parameters);
  const why = await whyOf(task, deps);
  addDependencies(description, why, now);
  addPolicies(description, spec, now);
  description.section('Placement', placementFields(task, eligibleWords(why)));
  addCommand(description, spec.run);
  addBounds(description, spec);
  if (spec.notify !== undefined) addNotify(description, 'Notify', spec.notify);
  const next = suspensionEnd(spec) === Number.POSITIVE_INFINITY ? ['<suspended>'] : upcoming.times.map(isoTime);
  if (isComplete(task)) next.splice(0);
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
): Promise<{ times: number[]; bySchedule: (number | undefined)[]; words: string[] }> {
  const { compileSchedules, scheduleInWords, scheduleSpecOf } = await import('../../heavy/manifests.js');
  const uid = metadata.uid ?? '';
  const numbered = scheduleSpecOf({ metadata, spec });
  return {
    times: compileSchedules(numbered, uid)
      .between(firesAfter(spec, now), Number.POSITIVE_INFINITY, NEXT_RUNS)
      .map(({ time }) => time),
    words: (numbered.schedules ?? []).map((schedule) => scheduleInWords(schedule)),
    bySchedule: (numbered.schedules ?? []).map(
      (one) => compileSchedules({ ...numbered, schedules: [one] }, uid).next(now)?.time,
    ),
  };
}

function scheduleRow({ spec }: Task, schedule: Schedule, next: number | undefined, now: number): string[] {
  const zone = schedule.timeZone ?? spec.timeZone ?? 'UTC';
  const never = schedule.suspend === true ? '<suspended>' : '<never>';
  const when = next === undefined ? never : timeAndAge(new Date(next).toISOString(), now, zone);
  return [schedule.name ?? 'default', scheduleText(schedule), zone, when];
}

/** `false`, `true`, or until when. */
function suspendWords(spec: Task['spec'], now: number): string {
  if (spec.suspend === true || !isSuspended(spec, now)) return String(spec.suspend ?? false);
  return `until ${timeAndAge(new Date(suspensionEnd(spec)).toISOString(), now, spec.timeZone ?? 'UTC')}`;
}

function addPolicies(description: Description, spec: Task['spec'], now: number): void {
  const { retry } = spec;
  const limit = retry?.limit ?? 0;
  description.field('Suspend', suspendWords(spec, now));
  if (spec.suspendReason !== undefined && isSuspended(spec, now)) {
    description.field('Suspend Reason', spec.suspendReason);
  }
  const { concurrencyPolicy = 'Forbid', maxConcurrentRuns } = spec;
  description
    .field(
      'Concurrency Policy',
      maxConcurrentRuns === undefined
        ? concurrencyPolicy
        : `${concurrencyPolicy}, at most ${maxConcurrentRuns} at once`,
    )
    .field('Missed Run Policy', spec.missedRunPolicy ?? 'RunOnce')
    .field('Starting Deadline', spec.startingDeadline ?? '<none>')
    .field('Timeout', spec.timeout ?? '<none>')
    .field(
      'Retry',
      limit === 0
        ? '<none>'
        : `${limit} attempt${limit === 1 ? '' : 's'}, exponential ${retry?.backoff?.initial ?? '10s'}..${retry?.backoff?.max ?? '5m'}${retry?.agent === 'Other' ? ', on another agent' : ''}`,
    );
  if (spec.maxRuns !== undefined) description.field('Max Runs', String(spec.maxRuns));
  if ((spec.priority ?? 0) !== 0) description.field('Priority', String(spec.priority));
}

/** What bounds a run, where the task says something of it. */
function addBounds(description: Description, { resources, logs }: Task['spec']): void {
  const limits = Object.entries(resources?.limits ?? {}).map(([what, limit]) => `${what} ${limit}`);
  if (limits.length > 0) description.field('Limits', limits.join(', '));
  if (logs?.maxBytes !== undefined) description.field('Log Limit', logs.maxBytes);
}

function placementFields({ spec, status }: Task, eligible: string): [string, string][] {
  const { selector, agents, mode = 'Single', shards, shardItems } = spec.placement ?? {};
  const count = shardItems?.length ?? shards;
  const owners = (status?.allocations ?? []).map(({ slot, agent }) =>
    slot === '' ? agent : `${agent} (slot ${slot})`,
  );
  return [
    ['Cluster', spec.cluster ?? 'default'],
    ['Selector', selectorWords(selector ?? {}).join(', ') || '<none>'],
    ['Agents', agents?.join(', ') ?? '<any>'],
    ['Eligible', eligible],
    ...(mode === 'Single' ? [] : [['Mode', count === undefined ? mode : `${mode} (${count})`] as [string, string]]),
    ['Allocated to', ownerWords(owners)],
  ];
}

/** A task may have a slot on each of a thousand agents. */
const OWNERS_MAX = 32;

function ownerWords(owners: readonly string[]): string {
  const more = owners.length > OWNERS_MAX ? ` and ${owners.length - OWNERS_MAX} more` : '';
  return owners.length === 0 ? '<none>' : `${owners.slice(0, OWNERS_MAX).join(', ')}${more}`;
}

/** Agents that may not have the task are named up to here. */
const NAMED_MAX = 3;

/** undefined: a center that is older than this program. */
async function whyOf({ metadata }: Task, deps: CliDeps): Promise<Why | undefined> {
  try {
    return await (await deps.api()).get<Why>(resourcePath('tasks', metadata.namespace, metadata.name, 'why'));
  } catch (error) {
    if (isCloudTaskError(error, 'CT_NOT_FOUND')) return undefined;
    throw error;
  }
}

/** `2 of 3 agents (eu-3: label disk missing)`. */
function eligibleWords(why: Why | undefined): string {
  if (why === undefined) return '<unknown>';
  const { total, eligible, items } = why.agents;
  const others = items.filter((agent) => !agent.eligible).map(({ name, reasons }) => `${name}: ${reasons.join(', ')}`);
  const more = total - eligible - Math.min(others.length, NAMED_MAX);
  const named = [...others.slice(0, NAMED_MAX), ...(more > 0 ? [`${more} more`] : [])].join('; ');
  return `${eligible} of ${total} agents${named === '' ? '' : ` (${named})`}`;
}

/** The first digits of a SHA-256 name it well enough. */
const DIGEST_SHOWN = 12;

function addCommand(description: Description, run: Task['spec']['run']): void {
  if (run.package !== undefined) {
    const { name, digest = '' } = run.package;
    const version = digest.replace('sha256:', '').slice(0, DIGEST_SHOWN);
    description.field('Package', version === '' ? name : `${name} (${version})`);
  }
  if (run.command !== undefined) description.field('Command', JSON.stringify(run.command));
  else {
    description.field('Interpreter', JSON.stringify(run.interpreter ?? ['/bin/sh']));
    description.field('Script', ...(run.script ?? '').trimEnd().split('\n'));
  }
  if (run.workingDir !== undefined) description.field('Working Dir', run.workingDir);
  if (run.user !== undefined)
    description.field('Run As', run.group === undefined ? run.user : `${run.user}:${run.group}`);
  const { envFrom = [], env = [] } = run;
  if (envFrom.length + env.length === 0) return;
  description.section('Environment', [
    ...envFrom.map(({ secret, prefix = '' }): [string, string] => [`${prefix}*`, `<all keys of secret '${secret}'>`]),
    ...env.map(({ name, value = '', valueFrom }): [string, string] => [
      name,
      valueFrom === undefined ? value : `<set to the key '${valueFrom.key}' in secret '${valueFrom.secret}'>`,
    ]),
  ]);
}

/** Of a page of the latest: a task may keep 100,000 runs. */
async function recentRuns({ metadata }: Task, deps: CliDeps): Promise<Run[]> {
  const query = { fieldSelector: `spec.task=${metadata.name}`, limit: PAGE_SIZE };
  const { items } = await (await deps.api()).get<ObjectList<Run>>(resourcePath('runs', metadata.namespace), query);
  return newestFirst(items).slice(0, RECENT_RUNS);
}
