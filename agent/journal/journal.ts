// The contract of the agent's journal: an append-only file of JSON lines with a checksum each, fsynced in groups, compacted
// into a snapshot. What is in it survives kill -9 and a torn last line. It holds claims that are not resolved and reports
// that the center has not acknowledged.
import type { ParameterValue, RunReport } from '../../manifests/index.js';

/** A claim, written *before* its compare-and-set is sent (rule R3). */
export interface ClaimIntent {
  readonly claimId: string;
  readonly runUid: string;
  readonly taskUid: string;
  readonly slot: string;
  /** Time point in ms, or the manual id of a run on demand. */
  readonly point: number | string;
  readonly attempt: number;
  readonly revision: number;
  /** Data version of the trigger record that the claim is conditional on. */
  readonly recordVersion: number;
  /** Epoch of the ownership under which the run is this agent's; absent for a run that was given to it. */
  readonly ownerEpoch?: number;
  /** Directory of the attempt, relative to the data directory. */
  readonly directory: string;
  /** Boot of the machine under which the claim was written: under another one it is never started (rule R5). Absent for a
   * claim that starts nothing. */
  readonly bootId?: string;
  /** A run of a former owner may be alive (rule R8). */
  readonly blocked?: true;
  /** The run waited in its slot by policy: no deadline of a start holds for it any more. */
  readonly waits?: true;
  /** Of a run on demand. */
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly parameters?: readonly ParameterValue[];
  /** The time point that its process is told, ms. */
  readonly toldTime?: number;
  /** Everything needed to go on with the run after a restart, without the center. */
  readonly report: RunReport;
  /** Count of runs that the claim writes into the record (maxRuns). */
  readonly runs?: number;
  /** Final reports of earlier time points that the same compare-and-set consumes without running them (rule R9). */
  readonly unrun?: readonly RunReport[];
}

export type JournalEntry =
  | { readonly type: 'claim'; readonly claim: ClaimIntent }
  /** The claim's fate is known: it failed (nothing was or will be started) or its attempt has ended and is reported. */
  | {
      readonly type: 'resolved';
      readonly claimId: string;
      /** The trigger record did not take the claim: its time point was not consumed by it. */
      readonly refused?: true;
    }
  /** What is left of resolved claims: the latest time point that this agent consumed in a slot (rule R13). */
  | { readonly type: 'consumed'; readonly slotKey: string; readonly point: number }
  /** Latest state of a run that the center must learn; replaces an earlier one of the same run. */
  | { readonly type: 'report'; readonly report: RunReport }
  /** The center has committed the report of this rank (runRank). */
  | { readonly type: 'acknowledged'; readonly runUid: string; readonly rank: number }
  /** All output of the attempt is acknowledged: its directory may go. */
  | { readonly type: 'shipped'; readonly runUid: string; readonly attempt: number };

export interface JournalState {
  /** Unresolved claims by claimId. */
  readonly claims: ReadonlyMap<string, ClaimIntent>;
  /** Unacknowledged reports by run uid. */
  readonly reports: ReadonlyMap<string, RunReport>;
  /** Latest time point that resolved claims consumed, by slot (`slotKey`). Of a bounded number of slots, the latest used. */
  readonly consumed: ReadonlyMap<string, number>;
}

export interface Journal {
  /** Reads what is there; a torn tail is cut off, a corrupt line before it is CT_JOURNAL. */
  open(): Promise<JournalState>;
  /** Present state: what open() returned plus everything appended since. */
  readonly state: JournalState;
  /** Appends and resolves when durable. Concurrent calls share one fsync. */
  append(...entries: JournalEntry[]): Promise<void>;
  close(): Promise<void>;
}
