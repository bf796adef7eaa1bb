import type { KindName } from '../../manifests/index.js';
import type { Change } from './store-types.js';

/** Changes kept per kind, so that watches and lists can go on from a recent version. Kinds do not push each other out: a
 * burst of runs must not expire a watch of tasks. */
export const CHANGES_KEPT = 16_384;

/**
 * The recent committed changes in commit order, in memory. What is older than the
 * oldest kept change of a kind, or than this process, is unknown here: its reader must list again.
 */
export class ChangeLog {
  private readonly rings = new Map<KindName, { changes: Change[]; since: number }>();
  private readonly startVersion: number;
  private readonly kept: number;

  constructor(startVersion: number, kept = CHANGES_KEPT) {
    this.startVersion = startVersion;
    this.kept = kept;
  }

  add(changes: readonly Change[]): void {
    for (const change of changes) {
      const ring = this.ringOf(change.kind);
      ring.changes.push(change);
    }
    for (const ring of this.rings.values()) this.trim(ring);
  }

  /** Changes of a kind after `version`, oldest first; undefined when some of them are not known any more. */
  since(kind: KindName, version: number): readonly Change[] | undefined {
    const ring = this.ringOf(kind);
    if (version < ring.since) return undefined;
    const { changes } = ring;
    let low = 0;
    let high = changes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (changes[middle]!.resourceVersion <= version) low = middle + 1;
      else high = middle;
    }
    return changes.slice(low);
  }

  private ringOf(kind: KindName): { changes: Change[]; since: number } {
    let ring = this.rings.get(kind);
    if (ring === undefined) {
      ring = { changes: [], since: this.startVersion };
      this.rings.set(kind, ring);
    }
    return ring;
  }

  /** Cuts in one go when twice too long, so that the cost per change stays constant. */
  private trim(ring: { changes: Change[]; since: number }): void {
    if (ring.changes.length < 2 * this.kept) return;
    const gone = ring.changes.splice(0, ring.changes.length - this.kept);
    ring.since = gone.at(-1)!.resourceVersion;
  }
}
