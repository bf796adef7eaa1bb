// What agents and the center say to one another, over the public API. Both sides import these shapes; neither imports
// the other. Agents only dial out; every request carries `Authorization: Bearer <token>`.
//
//   PUT  /apis/cloudtask.dev/v1/agents/{name}/status    AgentHeartbeat            → AgentHeartbeatReply
//   POST /apis/cloudtask.dev/v1/agents/{name}/tasks     AgentTasksRequest         → AgentTasksReply
//   POST /apis/cloudtask.dev/v1/agents/{name}/secrets   AgentSecretsRequest       → AgentSecretsReply
//   POST /apis/cloudtask.dev/v1/agents/{name}/reports   RunReportBatch            → RunReportReply   (after commit)
//   POST /apis/cloudtask.dev/v1/agents/{name}/logs      log chunks, see log-chunks.ts → LogAppendReply (after commit)
//   POST /apis/cloudtask.dev/v1/agents/{name}/own-log   AgentLog                  → AgentLogReply, see process-log.ts
//   GET  /apis/cloudtask.dev/v1/agents/{name}/requests  chunked JSON lines of AgentRequest, kept open

import type { Attempt, RunTrigger } from '../kinds/run.js';
import type { RunState } from '../kinds/run-states.js';
import type { Task } from '../kinds/task.js';
import type { ParameterValue } from '../kinds/task-parameters.js';
import type { RunReason } from '../reasons/run-reasons.js';

/** Registers the agent in the store on first contact and refreshes its status; sent at start and every 10 s. */
export interface AgentHeartbeat {
  readonly cluster: string;
  readonly labels: Record<string, string>;
  readonly hostname: string;
  readonly os: string;
  readonly arch: string;
  readonly version: string;
  readonly tzdata: string;
  readonly bootId: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Of the file system of its data directory; absent where that does not tell. */
  readonly diskBytes?: number;
  readonly diskFreeBytes?: number;
  /** Where attempts get cgroups, or why they get none. */
  readonly cgroups?: string;
  readonly load: number;
  readonly running: number;
  readonly tasks: number;
  /** Bytes and reports that wait in the spool. */
  readonly spoolBytes: number;
  readonly pendingReports: number;
  /** The earliest time point that one of these reports is about, ms since the epoch: of earlier ones none waits. */
  readonly oldestReport?: number;
  /** Tasks it was given and cannot schedule: nothing of them fires. At most REFUSED_TASKS_MAX. */
  readonly refusedTasks?: readonly RefusedTask[];
  /** Share of the tasks it wants, in relation to other agents. */
  readonly capacity?: number;
  /** Server minus local, ms, while its clock and that of ZooKeeper disagree (rule R11): it claims nothing. */
  readonly clockOffsetMs?: number;
  /** It ends now and will be back by then, ms since the epoch: until then its tasks stay with it (rule R6). */
  readonly holdUntil?: number;
  /** For metrics; none of it is stored. */
  readonly counts?: AgentCounts;
}

/** What an agent has counted since its process began. */
export interface AgentCounts {
  /** Claims that its records took. */
  readonly claimsWon: number;
  /** Claims that were refused because somebody else had changed the record. */
  readonly claimsLost: number;
  /** Claims that were never sent: the journal could not take them. */
  readonly claimsFailed: number;
  /** Replies of ZooKeeper, and how long all of them together took, in seconds. */
  readonly zookeeperRequests: number;
  readonly zookeeperSeconds: number;
  readonly zookeeperConnectionsLost: number;
  readonly zookeeperSessionsLost: number;
}
export const agentCountNames = [
  'claimsWon',
  'claimsLost',
  'claimsFailed',
  'zookeeperRequests',
  'zookeeperSeconds',
  'zookeeperConnectionsLost',
  'zookeeperSessionsLost',
] as const satisfies readonly (keyof AgentCounts)[];

export interface RefusedTask {
  readonly uid: string;
  /** Why, in a sentence for people. */
  readonly message: string;
}
/** Beyond it the first ones speak for all: an agent that refuses so many has one reason. */
export const REFUSED_TASKS_MAX = 100;

export interface AgentHeartbeatReply {
  readonly uid: string;
  /** Wall time of the center, ms since the epoch. */
  readonly now: number;
  /** Version of the time-zone data of the center (rule R2). */
  readonly tzdata: string;
}

/** Asks for the current manifests of tasks that the agent was allocated. */
export interface AgentTasksRequest {
  readonly uids: readonly string[];
}
export interface AgentTasksReply {
  /** Tasks that exist, whole, with defaults. A uid that is missing here has been deleted. */
  readonly items: readonly Task[];
}

/** Asks for the secrets that tasks name. Values travel in the answer to this and nowhere else. */
export interface AgentSecretsRequest {
  /** Of tasks; at most SECRET_TASKS_MAX. */
  readonly uids: readonly string[];
}
/** One secret has 256 KiB at most; so many tasks seldom name more than a few. */
export const SECRET_TASKS_MAX = 100;
export interface AgentSecretsReply {
  /** Those that exist, each once and whole. One that a task names and that is missing here does not exist. */
  readonly secrets: readonly AgentSecret[];
}
export interface AgentSecret {
  readonly namespace: string;
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
}

/**
 * The whole state of one run as its agent knows it. Reports are at-least-once and idempotent by run and rank
 * (`runRank`); a lower rank is acknowledged and ignored. Times are ms since the epoch.
 */
export interface RunReport {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly task: string;
  readonly taskUid: string;
  readonly slot: string;
  readonly revision: number;
  readonly trigger: RunTrigger;
  /** Time point, or null for a run on demand. */
  readonly scheduledTime: number | null;
  readonly schedule: string | null;
  readonly state: RunState;
  readonly reason?: RunReason;
  readonly message?: string;
  readonly startTime?: number;
  readonly endTime?: number;
  /** Attempts so far, oldest first; the same shape as in the Run object. */
  readonly attempts: readonly Attempt[];
  /** Number of the current attempt: the last one made, or the next one while a retry waits. 0 when nothing was started. */
  readonly attempt: number;
}
export interface RunReportBatch {
  /** At most 500. */
  readonly reports: readonly RunReport[];
}
export interface RunReportReply {
  /** Uids whose reports are committed (or were outranked): the agent may forget them. */
  readonly accepted: readonly string[];
  /** Uids that can never be accepted, e.g. because the task is unknown: the agent drops them and logs why. */
  readonly refused: readonly { readonly uid: string; readonly reason: string }[];
}

/** What the center asks of an agent. At-least-once: on connecting, everything still open is sent again. */
export type AgentRequest =
  | { readonly type: 'Start'; readonly run: ManualRun }
  | CancelRequest
  | { readonly type: 'Continue'; readonly run: ContinuedRun }
  /** A secret was made, changed or deleted: who uses it asks for it again. */
  | { readonly type: 'Secret'; readonly namespace: string; readonly name: string }
  /** Somebody wants its last log lines: to be sent to the center that asks, with this id. An older agent does not know it. */
  | { readonly type: 'Log'; readonly id: string }
  /** Sent every 5 s so that both sides notice a dead connection. */
  | { readonly type: 'Ping' };

export interface CancelRequest {
  readonly type: 'Cancel';
  readonly runUid: string;
  /** Instead of the task's. Asked again with less, the end is hastened; more changes nothing. */
  readonly gracePeriodMs?: number;
  /** Of the end; Requested unless given. */
  readonly reason?: CancelReason;
}
export type CancelReason = Extract<RunReason, 'Requested' | 'Drained'>;

/**
 * A scheduled run whose next attempt the agent shall make as the present owner of its slot: a retry that waited on a former
 * owner (rule R10), or the next attempt of a Lost run. The trigger record decides whether it may.
 */
export interface ContinuedRun {
  /** `state` Pending, `reason` Retry or Rerun; `attempt` is the one to make. */
  readonly report: RunReport & { readonly scheduledTime: number };
}

/** A run on demand, handed to the agent that owns the slot. Only this agent may ever start it. */
export interface ManualRun {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly task: string;
  readonly taskUid: string;
  readonly slot: string;
  readonly revision: number;
  readonly trigger: RunTrigger;
  /** The `point` of its RunKey. */
  readonly manualId: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  /** Checked, with the defaults of when it was asked for. */
  readonly parameters?: readonly ParameterValue[];
  /** Of a retry or a backfill: the time point that the process is told, ms since the epoch. It is not claimed again. */
  readonly toldTime?: number;
}
