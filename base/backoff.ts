export interface BackoffOptions {
  readonly initialMs: number;
  readonly maxMs: number;
  readonly factor?: number;
  /** Returns a number in [0, 1). */
  readonly random?: () => number;
}

/** Exponential back-off with full jitter: attempt n waits a random time in [initial/2, min(max, initial·factorⁿ)]. */
export class Backoff {
  private failures = 0;
  private readonly options: BackoffOptions;

  constructor(options: BackoffOptions) {
    this.options = options;
  }

  /** Milliseconds to wait before the next try; each call counts one failure. */
  next(): number {
    const { initialMs, maxMs, factor = 2, random = Math.random } = this.options;
    const ceiling = Math.min(maxMs, initialMs * factor ** this.failures);
    this.failures += 1;
    const floor = Math.min(initialMs / 2, ceiling);
    return floor + random() * (ceiling - floor);
  }

  reset(): void {
    this.failures = 0;
  }
}
