// What the allocation plan sees and says. Plain data: an input can be written to a file and the plan computed again.
import type { LabelSelector } from '../../../manifests/index.js';

export interface PlanTask {
  readonly uid: string;
  readonly cluster: string;
  /** Generation of the spec: becomes the record's revision. */
  readonly generation: number;
  readonly suspended: boolean;
  /** No time point before this instant fires, ms (decision 0016). */
  readonly suspendedUntil?: number;
  /** Wall time from which time points count for a new record, ms. */
  readonly createdAt: number;
  readonly selector?: LabelSelector;
  /** Names of the only agents that may run the task. */
  readonly pinned?: readonly string[];
  /** concurrencyPolicy Allow without a limit: an open run elsewhere blocks nothing (rule R8). */
  readonly allowsOverlap: boolean;
  /** Absent: Single, one slot. */
  readonly mode?: 'EveryAgent' | 'Shards';
  /** How many, when mode is Shards. */
  readonly shards?: number;
}

export interface PlanAgent {
  readonly name: string;
  readonly cluster: string;
  readonly labels: Readonly<Record<string, string>>;
  /**
   * present: registered in ZooKeeper. held: its registration is gone, but its slots stay (holdUntil, rule I7, brake I8).
   * An agent that is in no entry is gone: its slots move.
   */
  readonly presence: 'present' | 'held';
  /** Cordoned agents keep what they have and get nothing more. */
  readonly unschedulable: boolean;
  /** It hands over what it has, as far as anybody else may have it, and gets nothing more. */
  readonly draining: boolean;
  /** Share of what is distributed, in relation to the other agents. Positive. */
  readonly capacity: number;
  /** False when its time-zone data differs from the center's (rule R2): it may not own anything. */
  readonly fit: boolean;
}

/** What the leader has written in a trigger record; the owner's fields change all the time and do not matter here. */
export interface PlanRecord {
  readonly taskUid: string;
  readonly slot: string;
  readonly owner: string | null;
  readonly ownerEpoch: number;
  readonly revision: number;
  readonly suspended: boolean;
  readonly suspendedUntil?: number;
  readonly blockedBy: string | null;
}

export interface OpenRun {
  readonly uid: string;
  /** Agent that executes it. */
  readonly agent: string | null;
}

/** A slot that shall go from one agent to another although it might stay. */
export interface Relocation {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** It goes although a run of it is open: one that waits for an attempt there (retry.agent: Other). */
  readonly forRetry?: true;
}

export interface PlanInput {
  readonly tasks: readonly PlanTask[];
  readonly agents: readonly PlanAgent[];
  /** By trigger name. */
  readonly records: ReadonlyMap<string, PlanRecord>;
  /** The open run of a slot, by trigger name; only slots that change their owner need to be there. */
  readonly openRuns: ReadonlyMap<string, OpenRun>;
  /** Uids, among the records' `blockedBy`, of runs that have reached a final state or of which no report will come. */
  readonly endedRuns: ReadonlySet<string>;
  /** Uids, among the records' `blockedBy`, of open runs that the slot's present owner has been given by now. */
  readonly ownRuns?: ReadonlySet<string>;
  /** Slots that have an open run: they leave a draining owner, or one they are relocated from, only when it has ended. */
  readonly busy?: ReadonlySet<string>;
  /** Moves that a rebalance, or a retry on another agent, wants, by trigger name. One whose `from` or `to` is not as it was is left out. */
  readonly relocations?: ReadonlyMap<string, Relocation>;
  /** Names of agents that the store knows, there or away: they keep their slots of EveryAgent tasks. */
  readonly known?: ReadonlySet<string>;
}

export interface RecordCreate {
  readonly kind: 'create';
  readonly name: string;
  readonly taskUid: string;
  readonly slot: string;
  readonly owner: string | null;
  readonly revision: number;
  readonly suspended: boolean;
  readonly suspendedUntil?: number;
  /** 'now': the time at which the record is made. */
  readonly cursor: number | 'now';
}

export interface RecordUpdate {
  readonly kind: 'update';
  readonly name: string;
  readonly taskUid: string;
  readonly slot: string;
  /** As the record stands, for the conditional write. */
  readonly from: PlanRecord;
  /** As it shall stand. ownerEpoch grows by one iff the owner changes. */
  readonly to: PlanRecord;
  /** The only version of the record that may be replaced: what the update says of open runs was concluded from it. */
  readonly version?: number;
}

/**
 * The task is not known, or does not have the slot any more: owner null first, so that nobody claims; then the lists; if the task was
 * deleted (rule R14), or what the slot leaves is accounted for, the record goes.
 */
export interface RecordRemove {
  readonly kind: 'remove';
  readonly name: string;
  readonly taskUid: string;
  readonly slot: string;
  readonly from: PlanRecord;
  /** The task is there, and the slot is none of its any more. AtCursor: nobody was to run what comes after its cursor. */
  readonly ended?: 'Now' | 'AtCursor';
}

export interface Plan {
  readonly creates: readonly RecordCreate[];
  readonly updates: readonly RecordUpdate[];
  readonly removes: readonly RecordRemove[];
  /** Names of slots that no eligible agent exists for. */
  readonly unallocated: readonly string[];
  /** Updates that take a slot from one agent and give it to another. */
  readonly moves: number;
}
