import { randomBytes } from 'node:crypto';

export interface Session {
  readonly id: bigint;
  readonly password: Buffer;
  /** As negotiated last, ms. */
  timeoutMs: number;
}

/** Lengths that a session time-out may have, in ticks (ZooKeeper's defaults for minSessionTimeout, maxSessionTimeout). */
const MIN_TICKS = 2;
const MAX_TICKS = 20;
const PASSWORD_BYTES = 16;

/**
 * The living sessions and when each of them expires. Expiries are rounded up to whole ticks, so a session lives longer
 * than its time-out by up to one tick (ZooKeeper: ExpiryQueue.roundToNextInterval). Times are those of ServerTime.
 */
export class SessionTable {
  private readonly tickMs: number;
  private readonly sessions = new Map<bigint, Session>();
  private readonly bucketOf = new Map<bigint, number>();
  private readonly buckets = new Map<number, Set<bigint>>();
  /** The next id; ids are never used again, across restarts either. */
  private nextId: bigint;

  /** `firstId` must be above every id ever given. */
  constructor(tickMs: number, firstId: bigint) {
    this.tickMs = tickMs;
    this.nextId = firstId;
  }

  get size(): number {
    return this.sessions.size;
  }

  get highestId(): bigint {
    return this.nextId - 1n;
  }

  clamp(timeoutMs: number): number {
    return Math.min(Math.max(timeoutMs, MIN_TICKS * this.tickMs), MAX_TICKS * this.tickMs);
  }

  all(): IterableIterator<Session> {
    return this.sessions.values();
  }

  get(id: bigint): Session | undefined {
    return this.sessions.get(id);
  }

  newIdentity(): { id: bigint; password: Buffer } {
    return { id: this.nextId++, password: randomBytes(PASSWORD_BYTES) };
  }

  add(session: Session, now: number): void {
    this.sessions.set(session.id, session);
    if (session.id >= this.nextId) this.nextId = session.id + 1n;
    this.schedule(session, now);
  }

  /** False when the session does not live any more. */
  touch(id: bigint, now: number): boolean {
    const session = this.sessions.get(id);
    if (session === undefined) return false;
    this.schedule(session, now);
    return true;
  }

  remove(id: bigint): void {
    this.leaveBucket(id);
    this.sessions.delete(id);
  }

  /** Sessions whose bucket has been reached. They stay in the table until they are removed. */
  expired(now: number): bigint[] {
    const ids: bigint[] = [];
    for (const [bucket, members] of this.buckets) if (bucket <= now) ids.push(...members);
    return ids;
  }

  private schedule(session: Session, now: number): void {
    const bucket = (Math.floor((now + session.timeoutMs) / this.tickMs) + 1) * this.tickMs;
    if (this.bucketOf.get(session.id) === bucket) return;
    this.leaveBucket(session.id);
    this.bucketOf.set(session.id, bucket);
    const members = this.buckets.get(bucket) ?? new Set<bigint>();
    this.buckets.set(bucket, members);
    members.add(session.id);
  }

  private leaveBucket(id: bigint): void {
    const bucket = this.bucketOf.get(id);
    if (bucket === undefined) return;
    this.bucketOf.delete(id);
    const members = this.buckets.get(bucket);
    members?.delete(id);
    if (members?.size === 0) this.buckets.delete(bucket);
  }
}
