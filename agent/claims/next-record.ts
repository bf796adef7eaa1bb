// What a claim that leaves the cursor where it is makes of a trigger record, and whether it may be sent. Pure.
import { latestClaimedAttempt, type TriggerRecord, withClaimedAttempt } from '../../coordination/index.js';

export interface RequestedClaim {
  readonly uid: string;
  /** Time point in ms, or the manual id. */
  readonly point: number | string;
  readonly attempt: number;
  readonly claimId: string;
  /** Under which the run was this agent's; undefined: it was given to it. */
  readonly ownerEpoch: number | undefined;
  /** Runs of the slot may overlap. */
  readonly overlap: boolean;
}

export function requestedRecord(record: TriggerRecord, claim: Omit<RequestedClaim, 'overlap' | 'uid'>): TriggerRecord {
  const { point, attempt, claimId } = claim;
  const next = { ...record, attempt, claimId };
  if (typeof point !== 'number' || attempt <= 1) return next;
  return { ...next, retried: withClaimedAttempt(record, point, attempt) };
}

/**
 * void: the attempt was claimed, or may have been, while the slot had another owner: it must never be started here. wait: a run
 * of a former owner may be alive (rule R8), and it is not this very run.
 */
export function judgeRequest(record: TriggerRecord, claim: RequestedClaim): 'claim' | 'wait' | 'void' {
  const { point, attempt } = claim;
  if (typeof point !== 'number' || attempt <= 1) return 'claim';
  const latest = latestClaimedAttempt(record, point);
  const known = latest === undefined ? claim.ownerEpoch === record.ownerEpoch : latest < attempt;
  if (!known) return 'void';
  return record.blockedBy === null || record.blockedBy === claim.uid || claim.overlap ? 'claim' : 'wait';
}
