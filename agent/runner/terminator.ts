import type { Clock, Logger } from '../../base/index.js';
import type { Platform, TreeMember, TreeRoot } from '../platform/index.js';

/** Between two looks at the machine. One look serves all trees that are being ended. */
const POLITE_INTERVAL_MS = 100;
const HARD_INTERVAL_MS = 20;
/** About five seconds of SIGKILL. What is alive then hangs in the kernel (state D) or belongs to somebody else. */
const HARD_ROUNDS = 250;

/** Looks that find nobody although the kernel knows the group: members fork faster than one can look, or have ended and
 * nobody waits for them. After this many the group is forced to end whatever it is, and the next look counts. */
const EMPTY_LOOKS_MAX = 5;

interface Job {
  readonly root: TreeRoot;
  readonly hardAt: number;
  readonly asked: Set<number>;
  rounds: number;
  emptyLooks: number;
  readonly gone: (survivors: number) => void;
}

/**
 * Ends whole process trees: asks every member once (SIGTERM), forces those that are left after the grace period (SIGKILL),
 * and looks again until none remains, because a member may fork between a look and a signal.
 */
export class Terminator {
  private readonly clock: Clock;
  private readonly log: Logger;
  private readonly platform: Platform;
  private readonly jobs = new Map<TreeRoot, Job>();
  private scheduled = false;

  constructor(options: { clock: Clock; log: Logger; platform: Platform }) {
    this.clock = options.clock;
    this.log = options.log;
    this.platform = options.platform;
  }

  /** Calls `gone` once, with the number of members that could not be ended: 0 in all but odd cases. */
  end(root: TreeRoot, gracePeriodMs: number, gone: (survivors: number) => void): void {
    const hardAt = this.clock.monotonic() + gracePeriodMs;
    this.jobs.set(root, { root, hardAt, asked: new Set(), rounds: 0, emptyLooks: 0, gone });
    this.schedule(0);
  }

  /** Shortens the grace period of a tree that is being ended; harmless for any other. */
  hasten(root: TreeRoot, gracePeriodMs: number): void {
    const job = this.jobs.get(root);
    const hardAt = this.clock.monotonic() + gracePeriodMs;
    if (job !== undefined && hardAt < job.hardAt) this.jobs.set(root, { ...job, hardAt });
  }

  private schedule(delayMs: number): void {
    if (this.scheduled || this.jobs.size === 0) return;
    this.scheduled = true;
    this.clock.timerAfter(delayMs, () => {
      this.scheduled = false;
      this.round();
    });
  }

  private round(): void {
    const jobs = [...this.jobs.values()];
    const now = this.clock.monotonic();
    const members = this.platform.survey(jobs.map((job) => job.root));
    let next = POLITE_INTERVAL_MS;
    jobs.forEach((job, i) => {
      const left = members[i] ?? [];
      if (left.length === 0) {
        if (this.isOver(job, now)) this.finish(job, 0);
        else next = Math.min(next, HARD_INTERVAL_MS);
      } else if (now < job.hardAt) {
        this.ask(job, left);
        next = Math.min(next, job.hardAt - now);
      } else if (job.rounds++ < HARD_ROUNDS) {
        this.platform.stopGroup?.(job.root);
        this.platform.stop(left, true);
        next = HARD_INTERVAL_MS;
      } else this.finish(job, left.length);
    });
    this.schedule(next);
  }

  /** A look reads one process after the other: one that forks and ends meanwhile is in none of the places it looks at. */
  private isOver(job: Job, now: number): boolean {
    if (this.platform.groupLives?.(job.root) !== true) return true;
    if (job.emptyLooks > EMPTY_LOOKS_MAX) return true;
    job.emptyLooks += 1;
    if (job.emptyLooks > EMPTY_LOOKS_MAX || now >= job.hardAt) this.platform.stopGroup?.(job.root);
    return false;
  }

  /** A second SIGTERM makes many programs give up their orderly end, so each process gets one. */
  private ask(job: Job, left: readonly TreeMember[]): void {
    const fresh = left.filter(({ pid }) => !job.asked.has(pid));
    for (const { pid } of fresh) job.asked.add(pid);
    this.platform.stop(fresh, false);
  }

  private finish(job: Job, survivors: number): void {
    this.jobs.delete(job.root);
    if (survivors > 0) this.log.error({ runPid: job.root.pid, survivors }, 'processes could not be ended');
    job.gone(survivors);
  }
}
