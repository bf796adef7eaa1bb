// What `get` shows of each kind, as a table. Cells are computed from the object and a moment that is handed in, so that
// every screen shows the same words.
import { formatBytes, type Instant } from '../base/index.js';
import type { ClusterRoleBinding, Group, Role, RoleBinding, ServiceAccount, Token, User } from './kinds/access.js';
import type { Calendar } from './kinds/calendar.js';
import type { Agent, Cluster, Event, Namespace } from './kinds/infra.js';
import type { Metadata } from './kinds/metadata.js';
import type { Notifier } from './kinds/notifier.js';
import { currentVersion, type Package } from './kinds/package.js';
import type { KindName } from './kinds/registry.js';
import type { Run } from './kinds/run.js';
import type { Secret } from './kinds/secret.js';
import type { Task } from './kinds/task.js';
import type { Schedule } from './kinds/task-schedule.js';
import { isSuspended, suspensionEnd } from './suspension.js';

export interface ColumnContext {
  readonly now: Instant;
  /** Words for a length of time in milliseconds, e.g. `5m12s`. */
  readonly age: (ms: number) => string;
}

export interface Column<T = ColumnObject> {
  /** Upper-case, without blanks. */
  readonly name: string;
  /** Shown only when more is asked for. */
  readonly wide?: true;
  readonly cell: (object: T, context: ColumnContext) => string;
}

/** The part of any object that columns of an unknown kind rest on. */
export interface ColumnObject {
  readonly kind: string;
  readonly metadata: Metadata;
}

const NONE = '<none>';
const UNKNOWN = '<unknown>';

const name: Column = { name: 'NAME', cell: ({ metadata }) => metadata.name };
const age: Column = {
  name: 'AGE',
  cell: ({ metadata }, context) => since(metadata.creationTimestamp, context, UNKNOWN),
};

const task: readonly Column<Task>[] = [
  name,
  { name: 'SCHEDULE', cell: ({ spec }) => dueCell(spec) },
  { name: 'STATUS', cell: taskState },
  { name: 'LAST-RUN', cell: lastRunCell },
  { name: 'NEXT-RUN', cell: nextRunCell },
  age,
  { name: 'TIMEZONE', wide: true, cell: ({ spec }) => spec.timeZone ?? 'UTC' },
  { name: 'SUSPEND', wide: true, cell: suspendCell },
  { name: 'ACTIVE', wide: true, cell: ({ status }) => String(status?.activeRuns ?? 0) },
  { name: 'HEALTH', wide: true, cell: taskHealth },
  { name: 'CLUSTER', wide: true, cell: ({ spec }) => spec.cluster ?? 'default' },
  { name: 'AGENT', wide: true, cell: ({ status }) => joined(status?.allocations?.map(({ agent }) => agent)) },
  { name: 'PLACEMENT', wide: true, cell: ({ spec }) => placementCell(spec.placement) },
  { name: 'COMMAND', wide: true, cell: ({ spec }) => spec.run.command?.join(' ') ?? '<script>' },
];

const run: readonly Column<Run>[] = [
  name,
  { name: 'STATUS', cell: ({ status }) => status?.state ?? 'Pending' },
  { name: 'EXIT', cell: ({ status }) => String(status?.exitCode ?? status?.signal ?? NONE) },
  { name: 'TRIGGER', cell: ({ spec }) => spec.trigger },
  { name: 'AGENT', cell: ({ status }) => status?.agent || NONE },
  { name: 'DURATION', cell: runDuration },
  age,
  { name: 'TASK', wide: true, cell: ({ spec }) => spec.task },
  { name: 'SLOT', wide: true, cell: ({ spec }) => spec.slot || NONE },
  { name: 'ATTEMPT', wide: true, cell: ({ status }) => String(status?.attempts?.at(-1)?.number ?? NONE) },
  { name: 'SCHEDULED', wide: true, cell: ({ spec }) => spec.scheduledTime ?? NONE },
  { name: 'LATENCY', wide: true, cell: latencyCell },
  { name: 'REASON', wide: true, cell: ({ status }) => status?.reason ?? NONE },
  { name: 'REVISION', wide: true, cell: ({ spec }) => String(spec.revision) },
  { name: 'CAUSED-BY', wide: true, cell: ({ spec }) => firstOf(spec.causedBy) },
];

const agent: readonly Column<Agent>[] = [
  name,
  { name: 'STATUS', cell: agentState },
  { name: 'CLUSTER', cell: ({ spec }) => spec.cluster ?? 'default' },
  { name: 'RUNNING', cell: ({ status }) => String(status?.running ?? 0) },
  { name: 'LOAD', cell: ({ status }) => status?.load?.toFixed(2) ?? UNKNOWN },
  { name: 'HEARTBEAT', cell: ({ status }, context) => since(status?.heartbeatTime, context, UNKNOWN) },
  { name: 'VERSION', cell: ({ status }) => status?.version ?? UNKNOWN },
  age,
  { name: 'TASKS', wide: true, cell: ({ status }) => String(status?.tasks ?? 0) },
  { name: 'CAPACITY', wide: true, cell: (agent) => String(agentCapacity(agent)) },
  { name: 'HOSTNAME', wide: true, cell: ({ status }) => status?.hostname ?? UNKNOWN },
  { name: 'OS', wide: true, cell: ({ status }) => status?.os ?? UNKNOWN },
  { name: 'ARCH', wide: true, cell: ({ status }) => status?.arch ?? UNKNOWN },
  { name: 'CPU', wide: true, cell: ({ status }) => String(status?.cpus ?? UNKNOWN) },
  { name: 'MEM', wide: true, cell: ({ status }) => bytesCell(status?.memoryBytes) },
  { name: 'LABELS', wide: true, cell: ({ metadata }) => labelsText(metadata.labels) },
];

const cluster: readonly Column<Cluster>[] = [
  name,
  { name: 'STATUS', cell: clusterState },
  { name: 'AGENTS', cell: ({ status }) => String(status?.agents ?? 0) },
  { name: 'TASKS', cell: ({ status }) => String(status?.tasks ?? 0) },
  { name: 'RUNNING', cell: ({ status }) => String(status?.running ?? 0) },
  age,
  { name: 'DESCRIPTION', wide: true, cell: ({ spec }) => spec.description ?? NONE },
];

const namespace: readonly Column<Namespace>[] = [
  name,
  { name: 'STATUS', cell: ({ metadata }) => (metadata.deletionTimestamp === undefined ? 'Active' : 'Terminating') },
  { name: 'TASKS', cell: ({ status }) => String(status?.tasks ?? 0) },
  age,
  { name: 'LABELS', wide: true, cell: ({ metadata }) => labelsText(metadata.labels) },
];

const secret: readonly Column<Secret>[] = [
  name,
  { name: 'KEYS', cell: ({ spec }) => String(Object.keys(spec.data ?? {}).length) },
  age,
  { name: 'LABELS', wide: true, cell: ({ metadata }) => labelsText(metadata.labels) },
];

const event: readonly Column<Event>[] = [
  { name: 'LAST-SEEN', cell: ({ spec }, context) => since(spec.lastTime, context) },
  { name: 'TYPE', cell: ({ spec }) => spec.type },
  { name: 'REASON', cell: ({ spec }) => spec.reason },
  { name: 'OBJECT', cell: ({ spec }) => `${spec.regarding.kind.toLowerCase()}/${spec.regarding.name}` },
  { name: 'MESSAGE', cell: ({ spec }) => spec.message },
  { name: 'COUNT', wide: true, cell: ({ spec }) => String(spec.count) },
  { name: 'SOURCE', wide: true, cell: ({ spec }) => spec.source },
  { name: 'FIRST-SEEN', wide: true, cell: ({ spec }, context) => since(spec.firstTime, context) },
  { ...name, wide: true },
];

const packageColumns: readonly Column<Package>[] = [
  name,
  { name: 'VERSION', cell: (object) => String(currentVersion(object)?.version ?? NONE) },
  { name: 'DIGEST', cell: ({ spec }) => shortDigest(spec.digest) },
  {
    name: 'SIZE',
    cell: (object) => {
      const version = currentVersion(object);
      return version === undefined ? UNKNOWN : formatBytes(version.bytes);
    },
  },
  { name: 'UPDATED', cell: (object, context) => since(currentVersion(object)?.currentTime, context, UNKNOWN) },
  age,
  { name: 'VERSIONS', wide: true, cell: ({ status }) => String(status?.versions?.length ?? 0) },
  { name: 'AUTHOR', wide: true, cell: (object) => currentVersion(object)?.author || UNKNOWN },
  { name: 'DESCRIPTION', wide: true, cell: ({ spec }) => spec.description ?? NONE },
];

const calendar: readonly Column<Calendar>[] = [
  name,
  { name: 'WEEKDAYS', cell: ({ spec }) => joined(spec.weekdays) },
  { name: 'DATES', cell: ({ spec }) => String(spec.dates?.length ?? 0) },
  { name: 'TIMEZONE', cell: ({ spec }) => spec.timeZone ?? NONE },
  age,
  { name: 'DESCRIPTION', wide: true, cell: ({ spec }) => spec.description ?? NONE },
];

const notifier: readonly Column<Notifier>[] = [
  name,
  { name: 'TYPE', cell: ({ spec }) => (spec.email === undefined ? webhookType(spec.webhook) : 'Email') },
  { name: 'STATUS', cell: ({ status }) => (status?.lastError === undefined ? 'Ready' : 'Failing') },
  { name: 'PENDING', cell: ({ status }) => String(status?.pending ?? 0) },
  { name: 'LAST-SENT', cell: ({ status }, context) => since(status?.lastSentTime, context, NONE) },
  age,
  { name: 'TO', wide: true, cell: ({ spec }) => joined(spec.email?.to ?? [webhookTarget(spec.webhook)]) },
  { name: 'LAST-ERROR', wide: true, cell: ({ status }) => status?.lastError ?? NONE },
];

const webhookType = ({ format = 'CloudTask' }: NonNullable<Notifier['spec']['webhook']> = {}): string =>
  format === 'CloudTask' ? 'Webhook' : format;

/** All that is shown of where a webhook goes; nothing, where its URL is a secret. */
export function webhookTarget({ url, urlFrom, format }: NonNullable<Notifier['spec']['webhook']> = {}): string {
  if (urlFrom !== undefined) return `secret ${urlFrom.secret}`;
  return url === undefined ? (format ?? NONE) : hostOf(url);
}

/** All that a table shows of a URL: the rest of it may be a credential. */
const hostOf = (url: string): string => url.replace(/^\w+:\/\/([^/?#]*).*$/s, '$1');

/** Enough of a digest to tell versions apart. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12);
}

const subjects = (list: readonly { readonly kind: string; readonly name: string }[]): string =>
  joined(list.map((subject) => `${subject.kind.toLowerCase()}/${subject.name}`));
const enabled = ({ spec }: User | ServiceAccount): string => (spec.disabled ? 'Disabled' : 'Enabled');

const user: readonly Column<User>[] = [
  name,
  { name: 'STATUS', cell: enabled },
  age,
  { name: 'DISPLAY-NAME', wide: true, cell: ({ spec }) => spec.displayName ?? NONE },
  { name: 'EMAIL', wide: true, cell: ({ spec }) => spec.email ?? NONE },
];

const group: readonly Column<Group>[] = [
  name,
  { name: 'MEMBERS', cell: ({ spec }) => String(spec.members?.length ?? 0) },
  age,
  { name: 'DESCRIPTION', wide: true, cell: ({ spec }) => spec.description ?? NONE },
];

const serviceAccount: readonly Column<ServiceAccount>[] = [
  name,
  { name: 'STATUS', cell: enabled },
  age,
  { name: 'DESCRIPTION', wide: true, cell: ({ spec }) => spec.description ?? NONE },
];

const role: readonly Column<Role>[] = [
  name,
  { name: 'RULES', cell: ({ spec }) => String(spec.rules?.length ?? 0) },
  age,
  { name: 'RUN-AS', wide: true, cell: ({ spec }) => joined(spec.runAs) },
  { name: 'DESCRIPTION', wide: true, cell: ({ spec }) => spec.description ?? NONE },
];

const binding: readonly Column<RoleBinding | ClusterRoleBinding>[] = [
  name,
  { name: 'ROLE', cell: ({ spec }) => spec.role },
  { name: 'SUBJECTS', cell: ({ spec }) => subjects(spec.subjects) },
  age,
];

const token: readonly Column<Token>[] = [
  name,
  { name: 'OWNER', cell: ({ spec }) => subjects([spec.owner]) },
  {
    name: 'EXPIRES',
    cell: ({ spec }, { now, age: words }) => {
      const left = Date.parse(spec.expires) - now;
      return left <= 0 ? 'Expired' : words(left);
    },
  },
  age,
  {
    name: 'SCOPE',
    wide: true,
    cell: ({ spec: { scope } }) =>
      joined([...(scope?.role === undefined ? [] : [scope.role]), ...(scope?.namespaces ?? [])]),
  },
  {
    name: 'LAST-USED',
    wide: true,
    cell: ({ status }, { now, age: words }) =>
      status?.lastUsedTime === undefined ? '<never>' : words(now - Date.parse(status.lastUsedTime)),
  },
  { name: 'CREATED-BY', wide: true, cell: ({ spec }) => spec.createdBy },
  { name: 'DESCRIPTION', wide: true, cell: ({ spec }) => spec.description ?? NONE },
];

const tables: Readonly<Record<KindName, readonly Column<never>[]>> = {
  Task: task,
  Run: run,
  Agent: agent,
  Cluster: cluster,
  Namespace: namespace,
  Event: event,
  Package: packageColumns,
  Secret: secret,
  User: user,
  Group: group,
  ServiceAccount: serviceAccount,
  Role: role,
  RoleBinding: binding,
  ClusterRoleBinding: binding,
  Token: token,
  Calendar: calendar,
  Notifier: notifier,
};

/** Columns of a kind; of one that this version does not know, NAME and AGE. */
export function columnsOf(kind: string): readonly Column<never>[] {
  return Object.hasOwn(tables, kind) ? tables[kind as KindName] : [name, age];
}

/** One word: what the task is doing. */
export function taskState({ metadata, spec, status }: Task): string {
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  // The status follows a moment later; NEXT-RUN beside it says what the specification says too.
  return spec.suspend ? 'Suspended' : (status?.state ?? UNKNOWN);
}

/** One word: whether somebody should look. Suspending a task is no illness. */
export function taskHealth({ status }: Task): string {
  const conditions = status?.conditions ?? [];
  const of = (wanted: string) => conditions.find(({ type }) => type === wanted);
  if (conditions.length === 0) return UNKNOWN;
  const ready = of('Ready');
  if (ready?.status === 'False' && ready.reason !== 'Applying') return ready.reason;
  return of('Degraded')?.status === 'True' ? 'Degraded' : 'Healthy';
}

/** One word, whether the agent gets further tasks, and whether it hands over those it has. */
export function agentState({ spec, status }: Agent): string {
  const words: string[] = [status?.state ?? 'NotReady'];
  if (agentCordoned({ spec })) words.push('SchedulingDisabled');
  const drained = status?.conditions?.some(({ type, status: holds }) => type === 'Drained' && holds === 'True');
  if (spec.drain !== undefined) words.push(drained ? 'Drained' : 'Draining');
  return words.join(',');
}

/** It is there and can run: also one that gets no further tasks for now. */
export function agentReady({ status }: Pick<Agent, 'status'>): boolean {
  return status?.state === 'Ready';
}

/** It gets no further tasks: cordoned, or drained. Whether it is ready is another thing. */
export function agentCordoned({ spec }: Pick<Agent, 'spec'>): boolean {
  return spec.unschedulable === true || spec.drain !== undefined;
}

/** What weighs when tasks are distributed: the operator's word, or the agent's own. */
export function agentCapacity({ spec, status }: Pick<Agent, 'spec' | 'status'>): number {
  return spec.capacity ?? status?.capacity ?? 1;
}

/** One word, and whether tasks of agents that are gone stay for now. */
export function clusterState({ status }: Cluster): string {
  const state = (status?.agents ?? 0) > 0 ? 'Ready' : 'NoAgents';
  const stopped = status?.conditions?.some(({ type, status: holds }) => type === 'MovesStopped' && holds === 'True');
  return stopped ? `${state},MovesStopped` : state;
}

/** How long a run took, or has been taking. */
export function runDuration({ status }: Run, { now, age: words }: ColumnContext): string {
  if (status?.startTime === undefined) return NONE;
  const end = status.endTime === undefined ? now : Date.parse(status.endTime);
  return words(Math.max(0, end - Date.parse(status.startTime)));
}

/** `a=b,c=d` in the order of the keys; `<none>` when there are none. */
export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? NONE : entries.map(([key, value]) => `${key}=${value}`).join(',');
}

/** `*\/5 * * * *`, `every 90s` or `at 2026-12-24T18:00:00Z`. */
export function scheduleText(schedule: Schedule): string {
  if (schedule.cron !== undefined) return schedule.cron;
  if (schedule.every !== undefined) return `every ${schedule.every}`;
  return `at ${schedule.at ?? UNKNOWN}`;
}

/** The schedules, or what the task waits for: `after extract (+1)`. */
function dueCell({ schedules = [], after }: Task['spec']): string {
  if (after === undefined || schedules.length > 0) return schedulesCell(schedules);
  return `after ${firstOf(after.tasks.map(({ name }) => name))}`;
}

/** `extract`, or `extract (+1)`. */
function firstOf(names: readonly string[] = []): string {
  const [first, ...others] = names;
  if (first === undefined) return NONE;
  return others.length === 0 ? first : `${first} (+${others.length})`;
}

function schedulesCell(schedules: readonly Schedule[]): string {
  const [first, ...others] = schedules;
  if (first === undefined) return NONE;
  return scheduleText(first) + (others.length === 0 ? '' : ` (+${others.length})`);
}

/** `Succeeded/5m12s`, and how many time points were Skipped since. */
function lastRunCell({ status }: Task, context: ColumnContext): string {
  const { lastRun, skippedRuns = 0 } = status ?? {};
  const last = lastRun === undefined ? NONE : `${lastRun.state}/${since(lastRun.time, context)}`;
  return skippedRuns === 0 ? last : `${last} (${skippedRuns} skipped)`;
}

/** Nothing of it is due any more: it has had its runs. Of the present generation only, since an edit may allow further ones. */
export function isComplete({ metadata, status }: Task): boolean {
  const complete = status?.conditions?.find(({ type }) => type === 'Complete');
  return complete?.status === 'True' && complete.observedGeneration === metadata.generation;
}

function nextRunCell(object: Task, { now, age: words }: ColumnContext): string {
  const next = object.status?.nextTime === undefined ? undefined : Date.parse(object.status.nextTime);
  const firesFrom = suspensionEnd(object.spec);
  // The status may be older than the suspension.
  if (now < firesFrom && (next === undefined || next < firesFrom)) return '<suspended>';
  return next === undefined ? NONE : words(Math.max(0, next - now));
}

/** `False`, `True`, or `until 2026-12-01T08:00:00Z`. */
function suspendCell({ spec }: Task, { now }: ColumnContext): string {
  if (!isSuspended(spec, now)) return 'False';
  return spec.suspend ? 'True' : `until ${new Date(suspensionEnd(spec)).toISOString().replace('.000Z', 'Z')}`;
}

function latencyCell({ spec, status }: Run): string {
  if (spec.scheduledTime === undefined || spec.manualId !== undefined || status?.startTime === undefined) return NONE;
  const ms = Date.parse(status.startTime) - Date.parse(spec.scheduledTime);
  return ms < 1000 ? `${ms}ms` : `${(ms / 1000).toFixed(1)}s`;
}

function placementCell(placement: Task['spec']['placement']): string {
  const selector = placement?.selector;
  const labels = Object.keys(selector?.matchLabels ?? {}).length === 0 ? [] : [labelsText(selector?.matchLabels)];
  const expressions = (selector?.matchExpressions ?? []).map(
    ({ key, operator, values }) => `${key} ${operator}${values === undefined ? '' : ` (${values.join(',')})`}`,
  );
  return joined([...labels, ...expressions, ...(placement?.agents ?? [])]);
}

function bytesCell(bytes: number | undefined): string {
  return bytes === undefined ? UNKNOWN : `${Math.round(bytes / 1024 ** 2)}Mi`;
}

function joined(values: readonly string[] | undefined): string {
  return values === undefined || values.length === 0 ? NONE : values.join(',');
}

function since(time: string | undefined, { now, age: words }: ColumnContext, otherwise = NONE): string {
  return time === undefined ? otherwise : words(now - Date.parse(time));
}
