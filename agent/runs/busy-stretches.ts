// Since when the runs of a slot have followed one another without a pause. A time point that came due within such a stretch came due
// while a run was going on, even when it is looked at only after that has ended: without this a task that once fell behind would
// work off its backlog for as long as its runs take longer than its period, instead of skipping as it does when it is on time.
import type { Instant } from '../../base/index.js';
import type { OpenRun } from './open-run.js';

/** The latest stretch in which runs of a slot followed one another without a pause. */
export interface BusyStretch {
  readonly since: Instant;
  /** Infinity while a run is open. */
  readonly until: Instant;
}

interface Stretch {
  since: Instant;
  until: Instant;
  readonly open: Set<OpenRun>;
}

export class BusyStretches {
  private readonly bySlot = new Map<string, Stretch>();

  of(slotKey: string): BusyStretch | undefined {
    return this.bySlot.get(slotKey);
  }

  /** The run starts at `at`. One that was due before the run before it ended had to wait for that: no pause lies between. */
  begin(run: OpenRun, at: Instant): void {
    if (run.task.policy.concurrencyPolicy !== 'Forbid') return;
    const stretch = this.bySlot.get(run.slotKey);
    if (stretch?.open.has(run)) return; // a further attempt
    const goesOn = stretch !== undefined && (stretch.open.size > 0 || run.startAt < stretch.until);
    if (!goesOn) {
      this.bySlot.set(run.slotKey, { since: at, until: Number.POSITIVE_INFINITY, open: new Set([run]) });
      return;
    }
    stretch.open.add(run);
    stretch.until = Number.POSITIVE_INFINITY;
  }

  end(run: OpenRun, at: Instant): void {
    const stretch = this.bySlot.get(run.slotKey);
    if (stretch?.open.delete(run) && stretch.open.size === 0) stretch.until = at;
  }

  /** The slot is not scheduled here any more. */
  forget(slotKey: string): void {
    if (this.bySlot.get(slotKey)?.open.size === 0) this.bySlot.delete(slotKey);
  }
}
