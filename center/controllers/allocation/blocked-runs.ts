import type { Clock } from '../../../base/index.js';
import { isFinal, type Run } from '../../../manifests/index.js';
import type { Store, Stored } from '../../store/store.js';

/** How long a run found open is taken to be open without asking again; its end is told by the change feed anyway. */
const RECHECK_MS = 30_000;

/** Knows which of the runs that block slots (rule R8) have ended, with few questions to the store. */
export class BlockedRuns {
  private readonly store: Store;
  private readonly clock: Clock;
  /** Monotonic time of the latest look that found the run open. */
  private readonly openAt = new Map<string, number>();

  constructor(store: Store, clock: Clock) {
    this.store = store;
    this.clock = clock;
  }

  /** The run has ended: the next look asks the store. */
  noteEnd(run: Stored<Run>): void {
    this.openAt.delete(run.metadata.uid);
  }

  /** Those of `uids` that are final or exist no more. */
  async ended(uids: Iterable<string>): Promise<Set<string>> {
    const ended = new Set<string>();
    const wanted = new Set(uids);
    for (const uid of this.openAt.keys()) if (!wanted.has(uid)) this.openAt.delete(uid);
    for (const uid of wanted) {
      const seen = this.openAt.get(uid);
      if (seen !== undefined && this.clock.monotonic() - seen < RECHECK_MS) continue;
      const run = await this.store.getByUid<Run>('Run', uid);
      if (run?.status === undefined || isFinal(run.status.state)) ended.add(uid);
      else this.openAt.set(uid, this.clock.monotonic());
    }
    return ended;
  }
}
