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

const CODES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name service does not answer',
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the connection broke',
  EHOSTUNREACH: 'no way leads there',
  ENETUNREACH: 'no way leads there',
  ETIMEDOUT: 'does not answer',
};

/** What a code of the system says, with the code behind it for those who look for it. */
export function codeWords(code: string): string {
  const words = CODES[code];
  return words === undefined ? code : `${words} (${code})`;
}
