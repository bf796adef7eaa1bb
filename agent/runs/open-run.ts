// A run that this agent has claimed and not finished.
import { type Instant, invariant } from '../../base/index.js';
import {
  type Attempt,
  type ParameterValue,
  type RunReason,
  type RunReport,
  type RunState,
  type RunTrigger,
  runName,
  runUid,
} from '../../manifests/index.js';
import type { ClaimIntent } from '../journal/journal.js';
import type { ExitRecord } from '../runner/runner.js';
import type { LoadedTask } from '../schedule-loop/loaded-task.js';
import type { Wake } from '../schedule-loop/timer-queue.js';
import { AttemptDirectories } from '../spool/attempt-directories.js';

/**
 * - claimed: authorised; waits for its time.
 * - queued: waits until the runs before it have ended.
 * - replacing: asked the runs before it to end, and waits for that.
 * - unplaced: nothing of its slot is before it; waits for a place on the agent (places.ts).
 * - launching: handed to the runner, which starts it when its time has come.
 * - running: its process runs.
 * - waiting: the attempt failed, the next one waits for its time and its claim.
 * - ended: final.
 */
export type RunMode = keyof typeof runModes;

export const runModes = {
  claimed: ['queued', 'replacing', 'unplaced', 'launching', 'ended'],
  queued: ['unplaced', 'launching', 'ended'],
  replacing: ['unplaced', 'launching', 'ended'],
  // unplaced → waiting: an attempt that may not start any more (partitionPolicy Kill), and is retried.
  unplaced: ['launching', 'waiting', 'ended'],
  // launching → launching: the runner died before it started anything, and another one gets the attempt.
  launching: ['launching', 'running', 'waiting', 'ended'],
  running: ['waiting', 'ended'],
  waiting: ['unplaced', 'launching', 'ended'],
  ended: [],
} as const satisfies Record<string, readonly string[]>;

export interface OpenRun {
  readonly uid: string;
  readonly name: string;
  /** Of the generation that the run executes, also for its retries. */
  readonly task: LoadedTask;
  readonly slot: string;
  readonly slotKey: string;
  /** Time point in ms, or the manual id. */
  readonly point: number | string;
  readonly schedule: string | null;
  readonly trigger: RunTrigger;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  /** What it was given; the task's defaults stand for the others. */
  readonly parameters: readonly ParameterValue[];
  /** The time point that the process is told: its own, or of a run on demand the one that it makes up for. */
  readonly toldTime: Instant | undefined;
  mode: RunMode;
  /** Number of the attempt that is claimed, or waits to be claimed. */
  attempt: number;
  claimId: string;
  /** Epoch of the ownership under which the run is this agent's; undefined while it was only given to it. */
  ownerEpoch: number | undefined;
  /** Data version of the trigger record that the claim is conditional on. */
  recordVersion: number;
  /** Of the attempt, relative to the data directory. */
  directory: string;
  /** How many directories this attempt has had (see AttemptDirectories.relative). */
  turn: number;
  /** When the attempt is to start, and until when it may. */
  startAt: Instant;
  startBefore: Instant | undefined;
  /** Monotonic time of `startAt`, by the wall clock that the claim was planned by; undefined when an earlier process planned it. */
  dueMonotonic: number | undefined;
  /** When the attempt was handed to the runner. */
  since: Instant;
  /** A former owner's run may still be alive (rule R8), as the record said at the claim. */
  blocked: boolean;
  /** That was looked at again when the start was due. */
  blockChecked: boolean;
  attempts: Attempt[];
  cancelReason: RunReason | undefined;
  /** What a person allows it instead of the task's grace period, ms. */
  cancelGraceMs: number | undefined;
  /** The end came before the start was confirmed. */
  earlyExit: ExitRecord | undefined;
  wake: Wake | undefined;
  /** Taken up from an earlier process, which may have told that the attempt runs: what is told now must outrank that. */
  recovered: boolean;
  /** It has waited in its slot by policy, not by misfortune: its starting deadline is void. */
  waits: boolean;
  /** The present attempt was started without a claim (partitionPolicy Continue). */
  unclaimed: boolean;
}

export interface NewRun {
  readonly task: LoadedTask;
  readonly slot: string;
  readonly slotKey: string;
  readonly point: number | string;
  readonly schedule: string | null;
  readonly trigger: RunTrigger;
  readonly startAt: Instant;
  readonly startBefore: Instant | undefined;
  readonly claimId: string;
  readonly ownerEpoch?: number;
  /** 1 unless given. */
  readonly attempt?: number;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly parameters?: readonly ParameterValue[];
  /** Of a run on demand that makes up for a time point. */
  readonly toldTime?: Instant | undefined;
  /** As the center named it (runs on demand); derived from the identity otherwise. */
  readonly uid?: string;
  readonly name?: string;
}

export function openRun(options: NewRun): OpenRun {
  const key = { taskUid: options.task.uid, slot: options.slot, point: options.point };
  const uid = options.uid ?? runUid(key);
  const { attempt = 1 } = options;
  return {
    uid,
    name: options.name ?? runName(options.task.name, key),
    task: options.task,
    slot: options.slot,
    slotKey: options.slotKey,
    point: options.point,
    schedule: options.schedule,
    trigger: options.trigger,
    args: options.args ?? [],
    env: options.env ?? [],
    parameters: options.parameters ?? [],
    toldTime: typeof options.point === 'number' ? options.point : options.toldTime,
    mode: 'claimed',
    attempt,
    claimId: options.claimId,
    ownerEpoch: options.ownerEpoch,
    recordVersion: NOT_SENT,
    directory: AttemptDirectories.relative(uid, attempt),
    turn: 0,
    startAt: options.startAt,
    startBefore: options.startBefore,
    dueMonotonic: undefined,
    since: 0,
    blocked: false,
    blockChecked: false,
    attempts: [],
    cancelReason: undefined,
    cancelGraceMs: undefined,
    earlyExit: undefined,
    wake: undefined,
    recovered: false,
    waits: false,
    unclaimed: false,
  };
}

/** The one place where a run changes its mode. */
export function setMode(run: OpenRun, mode: RunMode): void {
  const allowed: readonly string[] = runModes[run.mode];
  invariant(allowed.includes(mode), 'run-mode', `a run goes from ${run.mode} to ${mode}`);
  run.mode = mode;
}

/** How the run stands, for the center. `attempt` is 0 while nothing was started, as far as this process knows for sure. */
export function reportOf(
  run: OpenRun,
  state: RunState,
  extra: { reason?: RunReason | undefined; message?: string | undefined; endTime?: Instant } = {},
): RunReport {
  const { task } = run;
  const first = run.attempts[0];
  const { reason = run.unclaimed ? 'Unclaimed' : undefined } = extra;
  const { message = run.unclaimed ? UNCLAIMED_MESSAGE : undefined } = extra;
  const started = first !== undefined || state === 'Running' || run.attempt > 1 || run.recovered;
  return {
    uid: run.uid,
    name: run.name,
    namespace: task.namespace,
    task: task.name,
    taskUid: task.uid,
    slot: run.slot,
    revision: task.generation,
    trigger: run.trigger,
    scheduledTime: typeof run.point === 'number' ? run.point : null,
    schedule: run.schedule,
    state,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
    ...(first?.startTime === undefined ? {} : { startTime: Date.parse(first.startTime) }),
    ...(extra.endTime === undefined ? {} : { endTime: extra.endTime }),
    attempts: run.attempts.map((attempt) => ({ ...attempt })),
    attempt: started ? run.attempt : 0,
  };
}

/** What the journal keeps of a claim. */
export function intentOf(run: OpenRun, bootId: string, unrun?: readonly RunReport[], count?: number): ClaimIntent {
  return {
    claimId: run.claimId,
    runUid: run.uid,
    taskUid: run.task.uid,
    slot: run.slot,
    point: run.point,
    attempt: run.attempt,
    revision: run.task.generation,
    recordVersion: run.recordVersion,
    ...(run.ownerEpoch === undefined ? {} : { ownerEpoch: run.ownerEpoch }),
    directory: run.directory,
    bootId,
    ...(run.waits ? { waits: true } : {}),
    ...(run.blocked ? { blocked: true } : {}),
    ...(run.args.length === 0 ? {} : { args: run.args }),
    ...(run.env.length === 0 ? {} : { env: run.env }),
    ...(run.parameters.length === 0 ? {} : { parameters: run.parameters }),
    ...(typeof run.point === 'number' || run.toldTime === undefined ? {} : { toldTime: run.toldTime }),
    report: reportOf(run, 'Pending'),
    ...(unrun === undefined || unrun.length === 0 ? {} : { unrun }),
    ...(count === undefined ? {} : { runs: count }),
  };
}

/** A time point was given to the run and counted (maxRuns), and no process comes of that. After a restart it is not known whether
 * it was counted: then it stays so. */
export function isUnused({ task, point, attempt, attempts, recovered }: OpenRun, state: RunState): boolean {
  if (task.policy.maxRuns === undefined || recovered) return false;
  const unrun = state === 'Skipped' || state === 'Missed';
  return unrun && typeof point === 'number' && attempt === 1 && attempts.length === 0;
}

/** Record version of a claim that has not been sent: a retry that waits. */
export const NOT_SENT = -1;

/** Record version of an attempt that was started without a claim (partitionPolicy Continue). */
export const UNCLAIMED = -2;
const UNCLAIMED_MESSAGE =
  'started without a claim while ZooKeeper could not be reached (partitionPolicy Continue): another agent may have started it as well';

/** Between the polite and the hard stop of a run that is to end, ms. */
export function graceOf({ cancelGraceMs, task }: OpenRun): number {
  return cancelGraceMs ?? task.policy.gracePeriodMs;
}
