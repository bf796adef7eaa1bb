/** Rule R4: a claim normally runs this far ahead of the start. */
export const LEAD_MIN_MS = 1000;
/** Under backlog it may run this far ahead: what is claimed and not started when the agent dies is late or Missed. */
export const LEAD_MAX_MS = 10_000;

/** How far ahead of the start claims are made: grows when claims come back late, shrinks again when they do not. */
export class ClaimLead {
  private leadMs = LEAD_MIN_MS;

  get ms(): number {
    return this.leadMs;
  }

  /** `slackMs` is the time left until the start when the claim was confirmed; negative when it had passed. */
  observe(slackMs: number): void {
    if (slackMs < this.leadMs * 0.3) this.leadMs = Math.min(LEAD_MAX_MS, this.leadMs * 1.5);
    else if (slackMs > this.leadMs * 0.7) this.leadMs = Math.max(LEAD_MIN_MS, this.leadMs * 0.98);
  }
}
