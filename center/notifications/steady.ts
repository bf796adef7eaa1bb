// Whether something wrong has lasted. It is told when it was found for so long without a break, and over when it was absent for as long:
// what comes and goes is one alarm, or none.

interface Seen {
  readonly found: boolean;
  /** It is so since then, monotonic ms. */
  readonly since: number;
  /** What was told last, and when; undefined: nothing by this process. */
  readonly told?: boolean;
  readonly toldAt?: number;
}

export interface Due {
  readonly raised: readonly string[];
  readonly over: readonly string[];
}

/** Times are monotonic, ms. */
export class Steady {
  private readonly seen = new Map<string, Seen>();
  private readonly afterMs: number;
  private readonly confirmMs: number;

  /** What lasts is due again after `confirmMs`. */
  constructor(afterMs: number, confirmMs = Number.POSITIVE_INFINITY) {
    this.afterMs = afterMs;
    this.confirmMs = confirmMs;
  }

  get size(): number {
    return this.seen.size;
  }

  get keys(): readonly string[] {
    return [...this.seen.keys()];
  }

  isTold(key: string): boolean {
    return this.seen.get(key)?.told === true;
  }

  saw(key: string, found: boolean, now: number): void {
    const before = this.seen.get(key);
    if (before?.found !== found) this.seen.set(key, { ...before, found, since: now });
  }

  /** It has been told by somebody else. */
  stands(key: string, now: number): void {
    this.seen.set(key, { found: true, since: now, told: true, toldAt: now });
  }

  /** Nobody can say now: what has been told stands, and what has not must begin to last anew. */
  lostSight(key: string, now: number): void {
    if (this.isTold(key)) this.saw(key, true, now);
    else this.seen.delete(key);
  }

  /** What has been told does not stand any more, and it was not this process that ended it: told anew, should it last. */
  endedElsewhere(key: string): void {
    const seen = this.seen.get(key);
    if (seen !== undefined) this.seen.set(key, { found: seen.found, since: seen.since });
  }

  forget(key: string): void {
    this.seen.delete(key);
  }

  /** How long it has been found without a break, ms; 0 when it is not there. */
  foundFor(key: string, now: number): number {
    const seen = this.seen.get(key);
    return seen?.found ? now - seen.since : 0;
  }

  /** What is to be told. It stays due until it `wasTold`. */
  due(now: number): Due {
    const raised: string[] = [];
    const over: string[] = [];
    for (const [key, { found, since, told, toldAt = now }] of this.seen) {
      if (now - since < this.afterMs) continue;
      if (!found && told !== false) over.push(key);
      else if (found && (told !== true || now - toldAt >= this.confirmMs)) raised.push(key);
    }
    return { raised, over };
  }

  wasTold({ raised, over }: Due, now: number): void {
    for (const [keys, told] of [[raised, true] as const, [over, false] as const]) {
      for (const key of keys) {
        const seen = this.seen.get(key);
        if (seen !== undefined) this.seen.set(key, { ...seen, told, toldAt: now });
      }
    }
  }
}
