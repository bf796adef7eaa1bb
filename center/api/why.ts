// Why a task does or does not run: what the leader decides by, said in words. Nothing here is a second opinion: eligibility is the
// planner's, the record is what agents obey.
import type { TriggerRecord } from '../../coordination/index.js';
import {
  type Agent,
  type Cluster,
  type Condition,
  compileSchedules,
  type Run,
  type RunState,
  runsAtOnce,
  scheduleSpecOf,
  suspensionWords,
  type Task,
} from '../../manifests/index.js';
import { whyNot } from '../controllers/allocation/explain-eligibility.js';
import { taskViewOf } from '../controllers/task-view.js';
import type { Stored } from '../store/index.js';
import { eachOf } from './each-of.js';
import { planAgentOf } from './plan-agent.js';
import type { ApiContext } from './route.js';
import { slotsOfTask } from './task-slots.js';
import { type AfterReply, afterFindings, afterReply } from './why-after.js';

/** Agents that an answer lists; the counts are of all. */
const AGENTS_SHOWN = 200;
const TRIGGERS_SHOWN = 100;

export interface Finding {
  readonly reason: string;
  readonly message: string;
}

export interface AgentVerdict {
  readonly name: string;
  readonly owner: boolean;
  /** It may be given the task. */
  readonly eligible: boolean;
  readonly reasons: readonly string[];
}

export interface WhyReply {
  readonly namespace: string;
  readonly task: string;
  /** What keeps the task from running, the weightiest first; none: nothing does. */
  readonly findings: readonly Finding[];
  /** RFC 3339; of the schedules alone. */
  readonly nextTime?: string;
  /** null: no agent; absent: the trigger record could not be read. */
  readonly owner?: string | null;
  /** Agents of the task's cluster: how many there are, how many may be given it, and the first of them. */
  readonly agents: { readonly total: number; readonly eligible: number; readonly items: readonly AgentVerdict[] };
  /** What the task waits for (spec.after). */
  readonly after?: AfterReply;
  /** Names of tasks that wait for it: the first hundred. */
  readonly triggers?: readonly string[];
  /** The latest time point that was not run. */
  readonly lastUnrun?: {
    readonly run: string;
    readonly state: RunState;
    readonly reason: string;
    readonly time: string;
  };
}

export async function explainTask(context: ApiContext, task: Stored<Task>): Promise<WhyReply> {
  const { store, clock } = context;
  const { uid, name, namespace = 'default' } = task.metadata;
  const record = await hindmostRecord(context, task);
  const agents = await agentsOf(context, task, record);
  const next = compileSchedules(scheduleSpecOf(task), uid).next(clock.now());
  const cluster = await store.get<Cluster>({ kind: 'Cluster', namespace: '', name: task.spec.cluster ?? 'default' });
  const after = await afterReply(store, task);
  const triggers = await store.dependencies.namesOfDependents(namespace, name, TRIGGERS_SHOWN);
  const findings = [
    ...afterFindings(after),
    ...scheduleFindings(task, next !== undefined, clock.now()),
    ...placementFindings(task, agents, record),
    ...(await recordFindings(context, task, record)),
    ...clusterFindings(cluster?.status?.conditions ?? []),
  ];
  const lastUnrun = await latestUnrun(context, uid);
  return {
    ...{ namespace, task: name, findings },
    ...(next === undefined ? {} : { nextTime: new Date(next.time).toISOString() }),
    ...(record === undefined ? {} : { owner: record.owner }),
    agents: {
      total: agents.length,
      eligible: agents.filter(({ eligible }) => eligible).length,
      items: agents.slice(0, AGENTS_SHOWN).map(({ refusal: _, ...shown }) => shown),
    },
    ...(after === undefined ? {} : { after }),
    ...(triggers.length === 0 ? {} : { triggers }),
    ...(lastUnrun === undefined ? {} : { lastUnrun }),
  };
}

/** Of several slots the one that explains most: without a record, without an owner, blocked, out of runs; then the first. */
async function hindmostRecord(context: ApiContext, task: Stored<Task>): Promise<TriggerRecord | undefined> {
  const taskUid = task.metadata.uid;
  const records = await context.triggerRecords(slotsOfTask(task).map((slot) => ({ taskUid, slot })));
  const weight = (record: TriggerRecord | undefined) => {
    if (record === undefined || record.owner === null) return record === undefined ? 4 : 3;
    if (record.blockedBy !== null) return 2;
    return isSpent(task, record) ? 1 : 0;
  };
  return [...records].sort((a, b) => weight(b) - weight(a))[0];
}

function isSpent({ spec: { maxRuns } }: Task, { runs = 0 }: TriggerRecord): boolean {
  return maxRuns !== undefined && runs >= maxRuns;
}

const STAYS: ReadonlySet<string> = new Set(['offline', 'draining', 'cordoned']);

interface Judged extends AgentVerdict {
  /** Why it cannot schedule the task although it has it. */
  readonly refusal: string | undefined;
}

async function agentsOf(
  { store }: ApiContext,
  task: Stored<Task>,
  record: TriggerRecord | undefined,
): Promise<Judged[]> {
  const view = taskViewOf(task);
  const judged: Judged[] = [];
  await eachOf<Agent>(store, 'Agent', (agent) => {
    const plan = planAgentOf(agent);
    if (plan.cluster !== view.cluster) return;
    const refusal = agent.status?.refusedTasks?.find(({ uid }) => uid === view.uid)?.message;
    const reasons = [
      ...whyNot(view, plan),
      ...(refusal === undefined ? [] : [`it cannot schedule the task: ${refusal}`]),
    ];
    judged.push({
      name: plan.name,
      owner: record?.owner === plan.name,
      eligible: reasons.length === 0,
      reasons,
      refusal,
    });
  });
  return judged.sort((a, b) => Number(b.owner) - Number(a.owner) || (a.name < b.name ? -1 : 1));
}

function scheduleFindings({ spec }: Task, ahead: boolean, now: number): Finding[] {
  const findings: Finding[] = [];
  const words = suspensionWords(spec, now);
  if (words !== undefined) {
    findings.push({ reason: 'Suspended', message: `the task is ${words}: its time points are recorded as Skipped` });
  }
  if ((spec.schedules ?? []).length === 0) {
    if (spec.after !== undefined) return findings; // what it waits for is said
    findings.push({ reason: 'NoSchedule', message: 'the task has no schedules: it runs on demand only' });
  } else if (!ahead) {
    findings.push({ reason: 'NoTimePointsAhead', message: 'its schedules yield no further time points' });
  }
  return findings;
}

function placementFindings(
  task: Stored<Task>,
  agents: readonly Judged[],
  record: TriggerRecord | undefined,
): Finding[] {
  const { cluster = 'default' } = task.spec;
  const owner = agents.find((agent) => agent.owner);
  if (agents.length === 0) return [{ reason: 'NoAgents', message: `cluster ${cluster} has no agents` }];
  if (owner === undefined) {
    if (record?.owner) {
      return [
        {
          reason: 'OwnerAbsent',
          message: `agent ${record.owner}, which has the task, is not known in cluster ${cluster}`,
        },
      ];
    }
    if (agents.some(({ eligible }) => eligible)) return [];
    return [
      {
        reason: 'NoEligibleAgent',
        message: `no agent of cluster ${cluster} may have it (${agents.length} ${agents.length === 1 ? 'is' : 'are'} there)`,
      },
    ];
  }
  if (owner.refusal !== undefined) {
    return [{ reason: 'TaskRefused', message: `agent ${owner.name} cannot schedule the task: ${owner.refusal}` }];
  }
  // Being cordoned, or told to hand it over, does not keep the owner from running it meanwhile.
  const lost = owner.reasons.filter((reason) => !STAYS.has(reason));
  if (lost.length > 0) {
    const message = `agent ${owner.name}, which has the task, may not have it any more: ${lost.join('; ')}`;
    return [{ reason: 'OwnerIneligible', message }];
  }
  if (!owner.reasons.includes('offline')) return [];
  return [{ reason: 'OwnerOffline', message: `agent ${owner.name}, which has the task, is offline` }];
}

async function recordFindings(
  { store }: ApiContext,
  task: Stored<Task>,
  record: TriggerRecord | undefined,
): Promise<Finding[]> {
  const { metadata, spec } = task;
  if (record === undefined) {
    const message = 'the task has no trigger record yet, or ZooKeeper does not answer: nothing is started meanwhile';
    return [{ reason: 'NoRecord', message }];
  }
  const findings: Finding[] = [];
  if (isSpent(task, record)) {
    const slot = (spec.placement?.mode ?? 'Single') === 'Single' ? '' : ' in a slot';
    const message = `it has had ${record.runs} runs by its schedules${slot}, and may have ${spec.maxRuns} (maxRuns): further time points are recorded as Skipped`;
    findings.push({ reason: 'MaxRuns', message });
  }
  if (record.owner === null) findings.push({ reason: 'Unallocated', message: 'no agent has the task' });
  if (record.revision < metadata.generation) {
    const message = `revision ${record.revision} is in force; ${metadata.generation} is on its way to the agent`;
    findings.push({ reason: 'Applying', message });
  }
  if (record.blockedBy !== null) {
    const run = await store.getByUid<Run>('Run', record.blockedBy);
    const which = run === undefined ? `run ${record.blockedBy}` : `run ${run.metadata.name} (${run.status?.state})`;
    findings.push({ reason: 'Blocked', message: `${which} of a former owner may still be alive` });
  }
  const policy = spec.concurrencyPolicy ?? 'Forbid';
  const limit = runsAtOnce(spec);
  if (limit === Number.POSITIVE_INFINITY || policy === 'Replace') return findings;
  const all = await store.openRuns({ taskUid: metadata.uid });
  const first = all.find(({ spec: { slot } }) => all.filter((run) => run.spec.slot === slot).length >= limit);
  if (first !== undefined) {
    const then = policy === 'Queue' ? 'wait' : 'are skipped';
    const which = `run ${first.metadata.name} is ${first.status?.state}`;
    const message =
      limit === 1
        ? `${which}; while it is open time points ${then} (${policy})`
        : `${limit} runs are open, run ${first.metadata.name} among them; while there are so many time points ${then} (maxConcurrentRuns, ${policy})`;
    findings.push({ reason: 'RunOpen', message });
  }
  return findings;
}

const CLUSTER_CONDITIONS: ReadonlySet<string> = new Set(['MovesStopped', 'RestoreGuard']);

function clusterFindings(conditions: readonly Condition[]): Finding[] {
  const holding = conditions.filter(({ type, status }) => CLUSTER_CONDITIONS.has(type) && status === 'True');
  return holding.map(({ type, message }) => ({ reason: type, message }));
}

async function latestUnrun({ store }: ApiContext, taskUid: string): Promise<WhyReply['lastUnrun']> {
  const found: NonNullable<WhyReply['lastUnrun']>[] = [];
  for (const state of ['Skipped', 'Missed'] as const) {
    const fields = [
      { field: 'spec.taskUid', operator: '=', value: taskUid },
      { field: 'status.state', operator: '=', value: state },
    ] as const;
    const [run] = (await store.list<Run>('Run', { fields, limit: 1 })).items;
    if (run === undefined) continue;
    const time = run.spec.scheduledTime ?? run.metadata.creationTimestamp;
    found.push({ run: run.metadata.name, state, reason: run.status?.reason ?? state, time });
  }
  return found.sort((a, b) => Date.parse(b.time) - Date.parse(a.time))[0];
}
