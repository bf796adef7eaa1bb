import type { Clock } from '../../../base/index.js';
import { isFinal, type Run } from '../../../manifests/index.js';
import type { Store } from '../../store/store.js';
import type { Stored } from '../../store/store-types.js';

/** How long a run found open is taken to be open without asking again; its end is told by the change feed anyway. */
const RECHECK_MS = 30_000;

export interface BlockingRun {
  readonly uid: string;
  /** The cluster's lostAfter, ms. */
  readonly lostAfterMs: number;
  /** Present owner of the slot. */
  readonly owner: string | null;
}

export interface BlockedVerdict {
  /** Uids of runs that are final, or without a row for so long that none will come. */
  readonly ended: ReadonlySet<string>;
  /** Uids of open runs that the slot's present owner has been given by now (rule R10): it knows of them itself. */
  readonly own: ReadonlySet<string>;
  /** Time after which the verdict may change though nothing happens, ms. */
  readonly wakeAfterMs: number;
}

/**
 * Knows which of the runs that block slots (rule R8) have ended, with few questions to the store. A run without a row may
 * be one that its agent could not report yet: it counts as open for `lostAfter` from the first look that missed it, which
 * is later than its owner fell silent. By then the audit records it as Lost.
 */
export class BlockedRuns {
  private readonly store: Store;
  private readonly clock: Clock;
  /** Monotonic time of the latest look that found the run open. */
  private readonly openAt = new Map<string, number>();
  /** Monotonic time of the first look that found no row. */
  private readonly missingSince = new Map<string, number>();

  constructor(store: Store, clock: Clock) {
    this.store = store;
    this.clock = clock;
  }

  /** The run has ended, or was given to another agent: the next look asks the store. */
  noteChange(run: Stored<Run>): void {
    this.openAt.delete(run.metadata.uid);
    this.missingSince.delete(run.metadata.uid);
  }

  async look(runs: Iterable<BlockingRun>): Promise<BlockedVerdict> {
    const ended = new Set<string>();
    const own = new Set<string>();
    const wanted = new Map([...runs].map((run) => [run.uid, run]));
    for (const known of [this.openAt, this.missingSince]) {
      for (const uid of known.keys()) if (!wanted.has(uid)) known.delete(uid);
    }
    let wakeAfterMs = Number.POSITIVE_INFINITY;
    for (const run of wanted.values()) {
      const waitMs = await this.waitFor(run);
      if (waitMs === undefined) ended.add(run.uid);
      else if (waitMs === 'own') own.add(run.uid);
      else wakeAfterMs = Math.min(wakeAfterMs, waitMs);
    }
    return { ended, own, wakeAfterMs };
  }

  /** Time until its end may be found though nothing is told, ms; undefined: the run has ended. */
  private async waitFor({ uid, lostAfterMs, owner }: BlockingRun): Promise<number | 'own' | undefined> {
    const now = this.clock.monotonic();
    const seen = this.openAt.get(uid);
    if (seen !== undefined && now - seen < RECHECK_MS) return Number.POSITIVE_INFINITY;
    const missing = this.missingSince.get(uid);
    if (missing !== undefined && now - missing < lostAfterMs) return missing + lostAfterMs - now;
    const { state, agent } = (await this.store.getByUid<Run>('Run', uid))?.status ?? {};
    if (state === undefined) {
      if (missing !== undefined) return undefined;
      this.missingSince.set(uid, now);
      return lostAfterMs;
    }
    this.missingSince.delete(uid);
    if (isFinal(state)) return undefined;
    if (owner !== null && agent === owner) return 'own';
    this.openAt.set(uid, now);
    return Number.POSITIVE_INFINITY;
  }
}
