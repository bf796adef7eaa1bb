import { inspect } from 'node:util';
import type { Reply } from './raw-client.js';

/** Of two servers' values that only mean something to their own server: one-to-one, found out as they appear. */
class Renaming {
  private readonly name: string;
  private readonly there = new Map<bigint, bigint>();
  private readonly back = new Map<bigint, bigint>();

  constructor(name: string) {
    this.name = name;
    this.learn(0n, 0n);
    this.learn(-1n, -1n);
  }

  /** undefined when `left` and `right` may stand for each other. */
  difference(left: bigint, right: bigint): string | undefined {
    if (!this.there.has(left) && !this.back.has(right)) {
      this.learn(left, right);
      return undefined;
    }
    if (this.there.get(left) === right && this.back.get(right) === left) return undefined;
    return `${this.name} ${left} here is ${right} there, but was ${this.there.get(left)} (and back ${this.back.get(right)})`;
  }

  private learn(left: bigint, right: bigint): void {
    this.there.set(left, right);
    this.back.set(right, left);
  }
}

const ZXID_FIELDS = new Set(['zxid', 'czxid', 'mzxid', 'pzxid']);
const TIME_FIELDS = new Set(['ctime', 'mtime']);
/** Wall times of two servers on one machine, taken within one step of the lockstep. */
const TIME_TOLERANCE_MS = 60_000n;

/**
 * Compares replies of two servers that were asked the same, reply by reply: equal up to a one-to-one renaming of zxids
 * and of session ids; zxids and times in the same order.
 */
export class Sameness {
  private readonly zxids = new Renaming('zxid');
  private readonly sessions = new Renaming('session');
  private last: { left: bigint; right: bigint } = { left: 0n, right: 0n };

  session(left: bigint, right: bigint): string | undefined {
    return this.sessions.difference(left, right);
  }

  reply(left: Reply, right: Reply): string | undefined {
    const order = this.order(left.zxid, right.zxid);
    return order ?? this.value(left, right, 'reply');
  }

  /** A reply's zxid may stand still or grow, but on both servers alike. */
  private order(left: bigint, right: bigint): string | undefined {
    const [a, b] = [left - this.last.left, right - this.last.right];
    this.last = { left, right };
    const same = (a === 0n) === (b === 0n) && a < 0n === b < 0n;
    return same ? undefined : `zxid moves by ${a} here and by ${b} there`;
  }

  private value(left: unknown, right: unknown, at: string): string | undefined {
    const field = at.slice(at.lastIndexOf('.') + 1);
    if (typeof left === 'bigint' && typeof right === 'bigint') {
      if (ZXID_FIELDS.has(field)) return prefixed(at, this.zxids.difference(left, right));
      if (field === 'ephemeralOwner') return prefixed(at, this.sessions.difference(left, right));
      if (TIME_FIELDS.has(field)) return prefixed(at, timeDifference(left, right));
    }
    if (left instanceof Uint8Array && right instanceof Uint8Array) {
      return Buffer.compare(left, right) === 0 ? undefined : `${at}: "${left}" here, "${right}" there`;
    }
    if (typeof left === 'object' && left !== null && typeof right === 'object' && right !== null) {
      const [a, b] = [left as Record<string, unknown>, right as Record<string, unknown>];
      const stat = statTimes(a, b);
      if (stat !== undefined) return `${at}: ${stat}`;
      for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
        const difference = this.value(a[key], b[key], `${at}.${key}`);
        if (difference !== undefined) return difference;
      }
      return undefined;
    }
    return left === right ? undefined : `${at}: ${inspect(left)} here, ${inspect(right)} there`;
  }
}

const prefixed = (at: string, difference: string | undefined) =>
  difference === undefined ? undefined : `${at}: ${difference}`;

function timeDifference(left: bigint, right: bigint): string | undefined {
  if ((left === 0n) !== (right === 0n)) return `time ${left} here, ${right} there`;
  const apart = left > right ? left - right : right - left;
  return apart < TIME_TOLERANCE_MS ? undefined : `times are ${apart} ms apart`;
}

/** Within a Stat, creation is never after modification, and they are one time exactly when nothing was modified. */
function statTimes(left: Record<string, unknown>, right: Record<string, unknown>): string | undefined {
  for (const [stat, who] of [
    [left, 'here'],
    [right, 'there'],
  ] as const) {
    const { ctime, mtime, czxid, mzxid } = stat;
    if (typeof ctime !== 'bigint' || typeof mtime !== 'bigint') continue;
    if (mtime < ctime) return `modified before creation ${who}`;
    if (czxid === mzxid && ctime !== mtime) return `two times for one zxid ${who}`;
  }
  return undefined;
}
