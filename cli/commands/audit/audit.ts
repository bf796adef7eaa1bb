// ctask audit: were all time points run or recorded, and none twice? Judged here, from the schedules and the runs.
import type { Command } from 'commander';
import { type Instant, parseDuration } from '../../../base/index.js';
import type { Agent, Cluster, Run } from '../../../manifests/index.js';
import type { Api } from '../../client/api.js';
import { resourcePath } from '../../client/paths.js';
import { listAll, listPages } from '../../client/watch.js';
import type { CliDeps } from '../../deps.js';
import { addExamples } from '../../examples.js';
import { checkFormat, renderObject } from '../../output/objects.js';
import { Table } from '../../output/table.js';
import { isoTime } from '../../output/times.js';
import { taskNames, usage } from '../../resources/target.js';
import { endedSlots, type StoredTask, taskOfSlot } from './ended-slots.js';
import { judge, type TaskAudit } from './judge.js';
import { addSince, parseSince } from './since.js';
import { sumOfSlots } from './sum-of-slots.js';
import { defineWrites } from './writes.js';

export interface AuditOptions {
  readonly tasks: readonly string[];
  readonly sinceMs: number;
  readonly allNamespaces: boolean;
  readonly headers: boolean;
  readonly output?: 'json' | 'yaml';
}

/** As many as the route answers. */
const TASKS_PER_REQUEST = 200;
const SLOTS_PER_REQUEST = 200;
/** A task that is due every second has so many in 11 days. A part of them would be judged wrongly, so further back is refused. */
const POINTS_MAX = 1_000_000;
/** Time points named per task in the table's notes. */
const NAMED_MAX = 5;
const LOST_AFTER_DEFAULT_MS = 300_000;

interface Mark {
  readonly taskUid: string;
  readonly slot: string;
  readonly auditedUpTo?: string;
  readonly record?: { readonly owner: string | null; readonly cursor: string };
}

export function defineAudit(program: Command, deps: CliDeps, run = runAudit): void {
  const command = program
    .command('audit')
    .description('Prove that every time point ran or is recorded, and none ran twice; ends with 1 otherwise')
    .argument('[task...]', 'NAME or task/NAME; all tasks of the namespace unless given');
  addSince(command)
    .option('-A, --all-namespaces', 'tasks of all namespaces', false)
    .option('--no-headers', 'leave out the header line')
    .option('-o, --output <format>', 'json or yaml');
  addExamples(command, [
    { say: 'All tasks of the namespace, the last 24 hours', run: 'ctask audit' },
    { say: 'One task, the last week', run: 'ctask audit nightly-report --since 168h' },
    { say: 'Everything, for a script', run: 'ctask audit -A --since 1h -o json' },
  ]).action((tasks: string[], flags: AuditFlags) => run(toOptions(tasks, flags), deps));
  defineWrites(command, deps);
}

interface AuditFlags {
  since: string;
  allNamespaces: boolean;
  headers: boolean;
  output?: string;
}

function toOptions(words: readonly string[], flags: AuditFlags): AuditOptions {
  const sinceMs = parseSince(flags.since);
  if (sinceMs === 0) throw usage('--since 0 looks at no time point');
  const tasks = taskNames(words);
  if (tasks.length > 0 && flags.allNamespaces) throw usage('a name cannot be given together with --all-namespaces');
  const output = checkFormat(flags.output, ['json', 'yaml']);
  const { allNamespaces, headers } = flags;
  return { tasks, sinceMs, allNamespaces, headers, ...(output === undefined ? {} : { output }) };
}

export async function runAudit(options: AuditOptions, deps: CliDeps): Promise<void> {
  const api = await deps.api();
  const { namespace } = await deps.settings();
  const scope = options.allNamespaces ? undefined : namespace;
  const now = deps.clock.now();
  const since = now - options.sinceMs;
  const tasks = await tasksOf(api, options, scope, namespace);
  const marks = await marksOf(api, tasks);
  const runs = await runsOf(api, options, scope);
  const facts = await clusterFacts(api);
  const audits: TaskAudit[] = [];
  for (const task of tasks) {
    const { uid } = task.metadata;
    audits.push(await auditSlots(api, task, runs.get(uid) ?? [], marks.get(uid) ?? [], { since, now, facts }));
  }
  const bad = audits.filter(({ missing, duplicate }) => missing.length + duplicate.length > 0);
  if (bad.length > 0) deps.setExit(1);
  if (options.output !== undefined) {
    const report = { since: isoTime(since), until: isoTime(now), ok: bad.length === 0, tasks: audits };
    return deps.out(await renderObject(report, options.output));
  }
  await show(audits, options, deps);
}

async function tasksOf(
  api: Api,
  { tasks }: AuditOptions,
  scope: string | undefined,
  namespace: string,
): Promise<StoredTask[]> {
  if (tasks.length === 0) return (await listAll<StoredTask>(api, resourcePath('tasks', scope))).items;
  return Promise.all([...new Set(tasks)].map((name) => api.get<StoredTask>(resourcePath('tasks', namespace, name))));
}

async function marksOf(api: Api, tasks: readonly StoredTask[]): Promise<Map<string, Mark[]>> {
  const marks = new Map<string, Mark[]>();
  for (let i = 0; i < tasks.length; i += TASKS_PER_REQUEST) {
    const uids = tasks.slice(i, i + TASKS_PER_REQUEST).map(({ metadata }) => metadata.uid);
    const { items } = await api.get<{ items: Mark[] }>(resourcePath('audit'), { uids: uids.join(',') });
    for (const mark of items) marks.set(mark.taskUid, [...(marks.get(mark.taskUid) ?? []), mark]);
  }
  return marks;
}

/** After the marks: a time point that was accounted for then has its row now, unless it was pruned. */
async function runsOf(api: Api, { tasks }: AuditOptions, scope: string | undefined): Promise<Map<string, Run[]>> {
  const runs = new Map<string, Run[]>();
  const queries = tasks.length === 0 ? [{}] : tasks.map((name) => ({ fieldSelector: `spec.task=${name}` }));
  for (const query of queries) {
    for await (const { items } of listPages<Run>(api, resourcePath('runs', scope), query)) {
      for (const run of items) {
        const { taskUid } = run.spec;
        const list = runs.get(taskUid);
        if (list === undefined) runs.set(taskUid, [judged(run)]);
        else list.push(judged(run));
      }
    }
  }
  return runs;
}

/** What is read of a run when it is judged: the whole history of all tasks is in memory at the same time. */
function judged({ apiVersion, kind, metadata, spec, status }: Run): Run {
  const { task, taskUid, slot, revision, trigger, scheduledTime } = spec;
  const time = scheduledTime === undefined ? {} : { scheduledTime };
  const common = { apiVersion, kind, metadata: { name: metadata.name } };
  const which = { task, taskUid, slot, revision, trigger, ...time };
  if (status === undefined) return { ...common, spec: which };
  const { state, agent, attempts } = status;
  const own = attempts?.map(({ number, state, agent, startTime }) => ({
    ...{ number, state, agent },
    ...(startTime === undefined ? {} : { startTime }),
  }));
  const how = { state, ...(agent === undefined ? {} : { agent }), ...(own === undefined ? {} : { attempts: own }) };
  return { ...common, spec: which, status: how };
}

interface ClusterFacts {
  readonly readyAgents: ReadonlySet<string>;
  /** ms, by name of the cluster. */
  readonly lostAfter: ReadonlyMap<string, number>;
}

async function clusterFacts(api: Api): Promise<ClusterFacts> {
  const agents = (await listAll<Agent>(api, resourcePath('agents'))).items;
  const clusters = (await listAll<Cluster>(api, resourcePath('clusters'))).items;
  return {
    readyAgents: new Set(agents.filter(({ status }) => status?.state === 'Ready').map(({ metadata }) => metadata.name)),
    lostAfter: new Map(
      clusters.map(({ metadata, spec }) => [
        metadata.name,
        parseDuration(spec.lostAfter ?? '') ?? LOST_AFTER_DEFAULT_MS,
      ]),
    ),
  };
}

interface Stretch {
  readonly since: Instant;
  readonly now: Instant;
  readonly facts: ClusterFacts;
}

/** Each slot has time points of its own; one that has ended had them until then. */
async function auditSlots(
  api: Api,
  task: StoredTask,
  runs: readonly Run[],
  marks: readonly Mark[],
  stretch: Stretch,
): Promise<TaskAudit> {
  const ended = endedSlots(runs, new Set(marks.map(({ slot }) => slot)));
  if ((task.spec.placement?.mode ?? 'Single') === 'Single' && ended.length === 0) {
    return auditTask(task, runs, runs, marks[0], stretch);
  }
  const audits: { slot: string; audit: TaskAudit }[] = [];
  const runsOfSlot = (slot: string) => runs.filter(({ spec }) => spec.slot === slot);
  for (const mark of marks) {
    const own = runsOfSlot(mark.slot);
    audits.push({ slot: mark.slot, audit: await auditTask(task, own, runs, mark, stretch) });
  }
  for (const mark of await marksOfEnded(api, task, ended)) {
    const own = runsOfSlot(mark.slot);
    const then = await taskOfSlot(api, task, own);
    audits.push({ slot: mark.slot, audit: await auditTask(then ?? task, own, runs, mark, stretch, true) });
  }
  return sumOfSlots({ namespace: task.metadata.namespace ?? 'default', task: task.metadata.name }, audits);
}

/** How far they were accounted for when they ended. */
async function marksOfEnded(api: Api, { metadata: { uid } }: StoredTask, slots: readonly string[]): Promise<Mark[]> {
  const marks: Mark[] = [];
  for (let i = 0; i < slots.length; i += SLOTS_PER_REQUEST) {
    const names = slots.slice(i, i + SLOTS_PER_REQUEST).join(',');
    marks.push(...(await api.get<{ items: Mark[] }>(resourcePath('audit'), { uids: uid, slots: names })).items);
  }
  return marks;
}

/** `kept`: all runs of the task that there are; its history limits count those of all slots. `ended`: the slot had time points up to
 * its mark, and none later. */
async function auditTask(
  task: StoredTask,
  runs: readonly Run[],
  kept: readonly Run[],
  mark: Mark | undefined,
  { since, now, facts }: Stretch,
  ended = false,
): Promise<TaskAudit> {
  const { compileSchedules, scheduleSpecOf, taskPolicy } = await import('../../heavy/manifests.js');
  const schedules = compileSchedules(scheduleSpecOf(task), task.metadata.uid);
  const { startingDeadlineMs, history } = taskPolicy(task.spec);
  const owner = mark?.record?.owner;
  return judge({
    ...{ task, runs, kept, since, now, startingDeadlineMs, history },
    ...(ended ? { until: Date.parse(mark?.auditedUpTo ?? '') || 0 } : {}),
    timePoints: (after, upTo) => {
      const points = schedules.between(after, upTo, POINTS_MAX + 1);
      if (points.length <= POINTS_MAX) return points;
      const { namespace, name } = task.metadata;
      throw usage(
        `task ${namespace}/${name} has more than ${POINTS_MAX} time points in that time`,
        'look back less far with --since, or name the tasks',
      );
    },
    lostAfterMs: facts.lostAfter.get(task.spec.cluster ?? 'default') ?? LOST_AFTER_DEFAULT_MS,
    ...(mark?.auditedUpTo === undefined ? {} : { auditedUpTo: Date.parse(mark.auditedUpTo) }),
    ...(mark?.record === undefined ? {} : { cursor: Date.parse(mark.record.cursor) }),
    ...(owner === undefined ? {} : { owned: owner !== null && facts.readyAgents.has(owner) }),
  });
}

async function show(audits: readonly TaskAudit[], options: AuditOptions, deps: CliDeps): Promise<void> {
  if (audits.length === 0) return deps.say('No tasks found.');
  const counts = ['expected', 'ran', 'skipped', 'missed', 'lost', 'pending', 'pruned', 'late'] as const;
  const headers = ['TASK', ...counts.map((name) => name.toUpperCase()), 'MISSING', 'DUPLICATE', 'LATENESS P99'];
  const table = new Table({
    headers: options.allNamespaces ? ['NAMESPACE', ...headers] : headers,
    noHeaders: !options.headers,
  });
  const rows = audits.map((audit) => [
    ...(options.allNamespaces ? [audit.namespace] : []),
    audit.task,
    ...counts.map((name) => String(audit[name])),
    String(audit.missing.length),
    String(audit.duplicate.length),
    audit.latenessP99Ms === undefined ? '-' : `${audit.latenessP99Ms}ms`,
  ]);
  await deps.out(table.render(rows));
  for (const { namespace, task, missing, duplicate } of audits) {
    for (const [what, points] of Object.entries({ missing, duplicate })) {
      if (points.length === 0) continue;
      const more = points.length > NAMED_MAX ? ` and ${points.length - NAMED_MAX} more` : '';
      await deps.say(`${what}: ${namespace}/${task}: ${points.slice(0, NAMED_MAX).join(', ')}${more}`);
    }
  }
  const edited = audits.filter(({ judgedSince, expected }) => judgedSince === undefined && expected > 0);
  for (const { namespace, task } of edited) {
    await deps.say(`${namespace}/${task} was edited and has no record since: only what is recorded is counted`);
  }
}
