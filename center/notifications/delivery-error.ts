interface Circumstances {
  readonly certain: boolean;
  readonly recipientsOnly?: boolean;
  readonly retryAfterMs?: number;
}

/** A try to deliver something has failed. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  /** Nothing has arrived, for certain. */
  readonly certain: boolean;
  /** It is about these recipients; others may be reached. */
  readonly recipientsOnly: boolean;

  /** How long the other side wants to be left alone, ms. */
  readonly retryAfterMs: number;

  constructor(message: string, { certain, recipientsOnly = false, retryAfterMs = 0 }: Circumstances) {
    super(message);
    this.certain = certain;
    this.recipientsOnly = recipientsOnly;
    this.retryAfterMs = retryAfterMs;
  }
}
