// The trigger record: the one znode per (task, slot) whose compare-and-set authorises a start (rules R1–R3).
//
// Writers: the owning agent writes cursor, attempt, claimId, retried, runs (a claim); the leader writes owner, ownerEpoch, revision,
// suspended, suspendedUntil, blockedBy and, when it creates the record, cursor. Both always by compare-and-set on the data version; the
// leader inside a multi that checks its epoch. A znode is never deleted and made again for the same uid.

import type { RetriedAttempts } from './retried-attempts.js';

export interface TriggerRecord {
  /** Agent that may claim; null while there is no eligible one. */
  readonly owner: string | null;
  /** Grows by one with each change of owner. */
  readonly ownerEpoch: number;
  /** Generation of the Task that is in force: the owner claims by the schedules of exactly this generation. */
  readonly revision: number;
  /** While true nothing is claimed by schedule. */
  readonly suspended: boolean;
  /** No time point before this instant is claimed, ms; from then on it fires without a write. Absent: nothing is suspended so. */
  readonly suspendedUntil?: number | undefined;
  /** Latest time point that was consumed (started, skipped or missed), ms since the epoch. Only moves forward. */
  readonly cursor: number;
  /** Number of the attempt that `claimId` authorises; 0 before the first claim. */
  readonly attempt: number;
  /** Identifies the claim that moved the record here, so that a claim whose reply was lost is recognised. */
  readonly claimId: string;
  /** Id of a run of a former owner that may still be alive (rule R8); null otherwise. */
  readonly blockedBy: string | null;
  /** Claimed attempts beyond the first (rule R10), by the owner; absent while there was none. */
  readonly retried?: RetriedAttempts;
  /** Of a task with maxRuns: time points that were given to runs, by the owner; absent while there was none. */
  readonly runs?: number | undefined;
}

/** Record as read: the claim or change to come is conditional on `version`. */
export interface VersionedRecord {
  readonly record: TriggerRecord;
  readonly version: number;
  /** Server's wall clock at the last write, ms (rule R11). */
  readonly mtime: number;
}

/** First instant from which time points fire: Infinity while there is no end, 0 when nothing is suspended (decision 0016). */
export function recordSuspensionEnd(record: Pick<TriggerRecord, 'suspended' | 'suspendedUntil'>): number {
  return record.suspended ? Number.POSITIVE_INFINITY : (record.suspendedUntil ?? 0);
}

export function encodeTriggerRecord(record: TriggerRecord): Buffer {
  const { owner, ownerEpoch, revision, suspended, suspendedUntil } = record;
  const { cursor, attempt, claimId, blockedBy, retried, runs } = record;
  const named = {
    ...{ owner, ownerEpoch, revision, suspended, suspendedUntil },
    ...{ cursor, attempt, claimId, blockedBy, retried, runs },
  };
  return Buffer.from(JSON.stringify(named));
}

/** Throws SyntaxError or TypeError for a node that is not a record. */
export function decodeTriggerRecord(data: Uint8Array): TriggerRecord {
  const value = JSON.parse(Buffer.from(data).toString('utf8')) as TriggerRecord;
  if (typeof value.cursor !== 'number' || typeof value.ownerEpoch !== 'number' || typeof value.claimId !== 'string') {
    throw new TypeError('not a trigger record');
  }
  return value;
}
