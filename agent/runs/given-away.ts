// Runs whose next attempt this agent has left to the next owner of their slot. The center gives each of them on when it sees
// that the slot has another owner; but the slot may be back here before that, or after the other owner could do nothing. Then
// the center sees no reason to say anything: its row names this agent, which owns the slot. So this agent asks.

/** More are forgotten, the oldest first; the next opening of the requests stream tells of them all the same. */
const REMEMBERED_MAX = 10_000;

export interface GivenAwayOptions {
  /** The slot is scheduled here. */
  readonly isOurs: (slotKey: string) => boolean;
  /** The center has not committed the last report of the run: its row does not say yet that the run waits. */
  readonly isUnreported: (runUid: string) => boolean;
  /** Makes the center tell everything that is open. */
  readonly ask: () => void;
}

export class GivenAway {
  private readonly options: GivenAwayOptions;
  /** Slot of each run. */
  private readonly slots = new Map<string, string>();

  constructor(options: GivenAwayOptions) {
    this.options = options;
  }

  note(runUid: string, slotKey: string): void {
    this.slots.set(runUid, slotKey);
    const [oldest] = this.slots.keys();
    if (this.slots.size > REMEMBERED_MAX && oldest !== undefined) this.slots.delete(oldest);
  }

  /** The center has committed a report of the run. */
  reported(runUid: string): void {
    if (this.slots.has(runUid)) this.look();
  }

  /** Slots may have come. */
  look(): void {
    let back = false;
    for (const [runUid, slotKey] of this.slots) {
      if (!this.options.isOurs(slotKey) || this.options.isUnreported(runUid)) continue;
      this.slots.delete(runUid);
      back = true;
    }
    if (back) this.options.ask();
  }
}
