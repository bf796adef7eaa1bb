// Values of secrets that were known here and are not any more. Lines that the agent has logged may still hold them.
import { MASKED_MAX_BYTES, MASKED_MIN_CHARS } from './mask.js';

/** Each is looked for in all lines. */
export const FORMER_VALUES_MAX = 256;

export class FormerValues {
  private readonly values = new Set<string>();
  private size = 0;
  private tooMany = false;

  /** undefined from when there were more than are remembered. */
  all(): readonly string[] | undefined {
    return this.tooMany ? undefined : [...this.values];
  }

  add(values: Iterable<string>): void {
    if (this.tooMany) return;
    for (const value of values) {
      if (value.length < MASKED_MIN_CHARS || this.values.has(value)) continue;
      this.values.add(value);
      this.size += value.length;
    }
    this.tooMany = this.values.size > FORMER_VALUES_MAX || this.size > MASKED_MAX_BYTES;
    if (this.tooMany) this.values.clear();
  }
}
