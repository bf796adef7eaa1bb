import { type Clock, CloudTaskError } from '../../base/index.js';

/** Failures after which waiting begins. */
const FREE_PER_USER = 5;
const FREE_PER_ADDRESS = 20;
const FIRST_WAIT_MS = 1000;
const WAIT_MAX_MS = 15 * 60_000;
/** Failures are forgotten when there was none for so long. */
const FORGET_MS = 60 * 60_000;
/** Users and addresses remembered; those that failed longest ago are forgotten first. */
const KEYS_MAX = 10_000;

interface Failures {
  count: number;
  /** Monotonic, ms. */
  last: number;
}

/** Each further failure doubles the wait, per user name, whether there is such a user or not, and per address. A token has no user name
 * that could be tried. */
export class LoginLimits {
  private readonly clock: Clock;
  private readonly failures = new Map<string, Failures>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Counts a try as failed, until `succeeded` says otherwise: of tries at the same time, all count. Throws CT_TOO_MANY_REQUESTS. */
  begin(address: string, user?: string): void {
    const ofUser = user === undefined ? 0 : this.waitOf(`user ${user}`, FREE_PER_USER);
    const wait = Math.max(ofUser, this.waitOf(`address ${address}`, FREE_PER_ADDRESS));
    if (wait > 0) {
      throw new CloudTaskError('CT_TOO_MANY_REQUESTS', {
        detail: 'too many log-ins have failed',
        retryAfterSeconds: Math.ceil(wait / 1000),
      });
    }
    if (user !== undefined) this.count(`user ${user}`);
    this.count(`address ${address}`);
  }

  /** The user is forgiven everything, the address the try that it was: it may try other users' passwords in between. */
  succeeded(address: string, user?: string): void {
    if (user !== undefined) this.failures.delete(`user ${user}`);
    const of = this.failures.get(`address ${address}`);
    if (of !== undefined) of.count -= 1;
  }

  private waitOf(key: string, free: number): number {
    const failed = this.failures.get(key);
    if (failed === undefined) return 0;
    const passed = this.clock.monotonic() - failed.last;
    if (passed >= FORGET_MS) {
      this.failures.delete(key);
      return 0;
    }
    if (failed.count < free) return 0;
    return Math.min(FIRST_WAIT_MS * 2 ** (failed.count - free), WAIT_MAX_MS) - passed;
  }

  private count(key: string): void {
    const count = (this.failures.get(key)?.count ?? 0) + 1;
    this.failures.delete(key);
    this.failures.set(key, { count, last: this.clock.monotonic() });
    if (this.failures.size > KEYS_MAX) this.failures.delete(this.failures.keys().next().value ?? '');
  }
}
