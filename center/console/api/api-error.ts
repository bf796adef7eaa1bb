/** What the center says no with (a Status), and what it says when it does not answer: status 0. */
export class ApiError extends Error {
  readonly status: number;
  readonly reason: string;
  /** What is wrong field by field. */
  readonly causes: readonly { readonly field?: string; readonly message: string }[];

  constructor(status: number, reason: string, message: string, causes: ApiError['causes'] = []) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.causes = causes;
  }

  /** It may go better in a moment: the center is away, or asks for patience. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

interface StatusBody {
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly causes?: ApiError['causes'] };
}

export async function errorOf(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as StatusBody;
  const message = body.message ?? `the center answered ${response.status}`;
  return new ApiError(response.status, body.reason ?? 'Unknown', message, body.details?.causes);
}

/** Fetch tells of a center that does not answer with a TypeError. */
export function errorOfFetch(cause: unknown): unknown {
  return cause instanceof TypeError ? new ApiError(0, 'Unreachable', 'the center does not answer') : cause;
}
