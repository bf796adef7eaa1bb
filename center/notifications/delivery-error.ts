interface Circumstances {
  readonly certain: boolean;
  readonly onlyThese?: boolean;
  readonly retryAfterMs?: number;
  readonly arrived?: readonly number[];
  readonly unsure?: readonly number[];
  readonly refused?: readonly number[];
}

/** A try to deliver something has failed. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  /** Nothing has arrived, for certain. */
  readonly certain: boolean;
  /** It is about these recipients, or about what was said; others may be reached, and other things be said. */
  readonly onlyThese: boolean;

  /** How long the other side wants to be left alone, ms. */
  readonly retryAfterMs: number;

  /** Places of the notifications that have arrived all the same. */
  readonly arrived: readonly number[];

  /** Unless it is certain: places of those of which nobody knows; of all of them, when absent. */
  readonly unsure: readonly number[] | undefined;

  /** Places of those that were refused by themselves, and of those that wait behind them; absent where nobody has tried that. */
  readonly refused: readonly number[] | undefined;

  constructor(
    message: string,
    { certain, onlyThese = false, retryAfterMs = 0, arrived = [], unsure, refused }: Circumstances,
  ) {
    super(message);
    this.certain = certain;
    this.onlyThese = onlyThese;
    this.retryAfterMs = retryAfterMs;
    this.arrived = arrived;
    this.unsure = unsure;
    this.refused = refused;
  }
}
