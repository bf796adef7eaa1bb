import type { Backoff, Instant } from '../../base/index.js';
import type { AllocationEntry, VersionedRecord } from '../../coordination/index.js';
import type { RunReport } from '../../manifests/index.js';
import type { OpenRun } from '../runs/open-run.js';
import type { LoadedTask } from './loaded-task.js';
import type { Wake } from './timer-queue.js';

export const slotKey = (taskUid: string, slot: string): string => `${taskUid}/${slot}`;

/** What a claim consumes and starts that has no outcome yet. */
export interface InFlight {
  readonly claimId: string;
  readonly cursor: Instant;
  readonly run: OpenRun | undefined;
  readonly unrun: readonly RunReport[];
  /** Its time points were dealt with without waiting for the outcome (partitionPolicy Continue). */
  settledHere: boolean;
}

/**
 * A slot that the allocation list gives to this agent. The trigger record decides whether it is ours.
 *
 * - loading: no task or no record yet, or they are of different revisions; nothing is claimed.
 * - ready: `task` and `known` agree; the loop claims.
 * - claiming: a compare-and-set of the record is under way; the next one waits for its outcome.
 * - dropped: owned no longer; final.
 */
export interface Slot {
  readonly key: string;
  readonly path: string;
  entry: AllocationEntry;
  mode: 'loading' | 'ready' | 'claiming' | 'dropped';
  task: LoadedTask | undefined;
  /** The record as last read or written; claims are conditional on its version. */
  known: VersionedRecord | undefined;
  /** Time points up to here fell into a suspension that has ended. */
  suspendedUpTo: Instant;
  /** Start of the latest claimed time point: the next one is claimed only when this one has come. */
  aheadUntil: Instant;
  /** Skipped time points of a suspension are recorded in batches: not before this instant. */
  nextBatchAt: Instant;
  /** Runs that this agent claimed by schedule and that came to nothing, unless the record's count is without them already. */
  unused: number;
  /** Retries and runs on demand: claims that leave the cursor where it is. */
  readonly requests: OpenRun[];
  /** The planned claim that is under way. */
  inFlight: InFlight | undefined;
  /** A start without a claim is on its way into the journal. */
  noting: boolean;
  /** Set while a request waits for what the leader writes, which nobody tells. */
  lookAgain: Wake | undefined;
  /** Set while the server refuses claims of an unchanged record. */
  refusals: Backoff | undefined;
  wake: Wake | undefined;
}

export function newSlot(entry: AllocationEntry, path: string): Slot {
  return {
    key: slotKey(entry.taskUid, entry.slot),
    path,
    entry,
    mode: 'loading',
    task: undefined,
    known: undefined,
    suspendedUpTo: 0,
    aheadUntil: 0,
    nextBatchAt: 0,
    unused: 0,
    requests: [],
    inFlight: undefined,
    noting: false,
    lookAgain: undefined,
    refusals: undefined,
    wake: undefined,
  };
}
