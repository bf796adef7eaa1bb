import { type ErrorCode, type ErrorCodeName, errorCodes } from './error-codes.js';

/** One problem among several found at once, e.g. by validation. */
export interface ErrorCause {
  /** FieldValueRequired, FieldValueInvalid, FieldValueNotSupported, FieldValueDuplicate, FieldValueTypeInvalid,
   * FieldValueTooLong, FieldValueForbidden, FieldManagerConflict, FieldUnknown (Kubernetes API conventions). */
  readonly reason: string;
  readonly message: string;
  /** Field path, e.g. `spec.schedules[0].cron`. */
  readonly field?: string;
  /** `file:line:col` when the input was a file. */
  readonly at?: string;
  /** Of FieldManagerConflict. */
  readonly conflict?: ConflictFacts;
}

/** Who else wants a field otherwise. */
export interface ConflictFacts {
  readonly manager: string;
  /** Who wrote for the manager last, and when (RFC 3339). */
  readonly user?: string;
  readonly time: string;
  /** The values; absent where one has none. */
  readonly yours?: unknown;
  readonly live?: unknown;
}

export interface ErrorDetails {
  /** What failed: lower-case start, no trailing stop, values quoted. */
  readonly detail: string;
  /** Which object, e.g. `Task default/hello`. */
  readonly subject?: string;
  /** `file:line:col`. */
  readonly at?: string;
  readonly causes?: readonly ErrorCause[];
  readonly hint?: string;
  /** With CT_EXPIRED: where a list goes on, at the latest version. */
  readonly continueToken?: string;
  /** Of a retryable code: when trying again can help. A second unless given. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** The one error class. Everything a caller may act on is in `code` and its row of the table. */
export class CloudTaskError extends Error {
  override readonly name = 'CloudTaskError';
  readonly code: ErrorCodeName;
  readonly details: ErrorDetails;

  constructor(code: ErrorCodeName, details: ErrorDetails | string) {
    const full: ErrorDetails = typeof details === 'string' ? { detail: details } : details;
    super(full.subject === undefined ? full.detail : `${full.subject}: ${full.detail}`, { cause: full.cause });
    this.code = code;
    this.details = full;
  }

  get row(): ErrorCode {
    return errorCodes[this.code];
  }

  get hint(): string | undefined {
    return this.details.hint ?? this.row.hint;
  }
}

/** True when `error` is a CloudTaskError, optionally of one of `codes`. Goes by name, not by class: the program is built as
 * several bundles, each with a copy of this class. */
export function isCloudTaskError(error: unknown, ...codes: ErrorCodeName[]): error is CloudTaskError {
  return (
    error instanceof Error &&
    error.name === 'CloudTaskError' &&
    (codes.length === 0 || codes.includes((error as CloudTaskError).code))
  );
}

/** Throws when a thing the code relies on does not hold. `id` is stable, so that one can search for it. */
export function invariant(condition: unknown, id: string, sentence: string): asserts condition {
  if (!condition) throw new CloudTaskError('CT_INTERNAL', { detail: `invariant ${id} broken: ${sentence}` });
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
