import { type RunReport, runRank } from '../../manifests/index.js';
import { slotKey } from '../schedule-loop/slot.js';
import type { ClaimIntent, JournalEntry, JournalState } from './journal.js';

/** Slots whose latest consumed time point is kept: several times what one agent owns, some megabytes. */
const CONSUMED_MAX = 50_000;

/** What the entries so far add up to. Pure: no file, no clock. */
export class LiveState implements JournalState {
  readonly claims = new Map<string, ClaimIntent>();
  readonly reports = new Map<string, RunReport>();
  readonly consumed = new Map<string, number>();

  apply(entry: JournalEntry): void {
    switch (entry.type) {
      case 'claim':
        this.claims.set(entry.claim.claimId, entry.claim);
        break;
      case 'resolved':
        if (!entry.refused) this.noteConsumed(this.claims.get(entry.claimId));
        this.claims.delete(entry.claimId);
        break;
      case 'consumed':
        this.keepConsumed(entry.slotKey, entry.point);
        break;
      case 'report':
        this.keep(entry.report);
        break;
      case 'acknowledged':
        this.forget(entry.runUid, entry.rank);
        break;
      case 'shipped':
        break; // nothing is kept for it: the entry only says why a directory is gone
    }
  }

  /** The shortest list of entries that leads to this state. */
  *entries(): Generator<JournalEntry> {
    for (const [slotKey, point] of this.consumed) yield { type: 'consumed', slotKey, point };
    for (const claim of this.claims.values()) yield { type: 'claim', claim };
    for (const report of this.reports.values()) yield { type: 'report', report };
  }

  private noteConsumed(claim: ClaimIntent | undefined): void {
    if (typeof claim?.point === 'number') this.keepConsumed(slotKey(claim.taskUid, claim.slot), claim.point);
  }

  private keepConsumed(key: string, point: number): void {
    const latest = Math.max(point, this.consumed.get(key) ?? 0);
    this.consumed.delete(key); // so that the order is that of use
    this.consumed.set(key, latest);
    if (this.consumed.size <= CONSUMED_MAX) return;
    const [oldest] = this.consumed.keys();
    if (oldest !== undefined) this.consumed.delete(oldest);
  }

  /** A state never goes backwards (rule R10), whatever the order in which callers append. */
  private keep(report: RunReport): void {
    const known = this.reports.get(report.uid);
    if (known === undefined || rankOf(report) >= rankOf(known)) this.reports.set(report.uid, report);
  }

  /** An acknowledgement of an older report leaves the newer one waiting. */
  private forget(runUid: string, rank: number): void {
    const known = this.reports.get(runUid);
    if (known !== undefined && rankOf(known) <= rank) this.reports.delete(runUid);
  }
}

function rankOf(report: RunReport): number {
  return runRank(report.state, report.attempt);
}
