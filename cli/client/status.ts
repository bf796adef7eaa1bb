// The API answers every failure with a Kubernetes Status; here it becomes a CloudTaskError that keeps it.
import { CloudTaskError, type ErrorCause, type ErrorCodeName, errorCodes, messageOf } from '../../base/index.js';

export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: string;
  readonly metadata?: { readonly continue?: string };
  readonly status: 'Failure' | 'Success';
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: {
    readonly name?: string;
    readonly group?: string;
    /** Plural, e.g. `tasks`. */
    readonly kind?: string;
    readonly causes?: readonly ErrorCause[];
    readonly retryAfterSeconds?: number;
  };
}

/** The error of an answer that is not 2xx. `text` need not be a Status: proxies answer with what they like. Of a failure of the
 * center the id of the request is told: its log has more. */
export function errorOfResponse(httpStatus: number, text: string, requestId?: string | string[]): CloudTaskError {
  const status = parseStatus(text) ?? {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code: httpStatus,
    message: `the server answered ${httpStatus}${text.trim() === '' ? '' : `: ${text.trim().slice(0, 200)}`}`,
  };
  if (httpStatus < 500 || typeof requestId !== 'string' || status.message?.includes(requestId)) {
    return errorOfStatus(status, httpStatus);
  }
  return errorOfStatus({ ...status, message: `${status.message ?? ''} (request ${requestId})` }, httpStatus);
}

export function errorOfStatus(status: Status, httpStatus = status.code ?? 500): CloudTaskError {
  return new CloudTaskError(codeOf(status, httpStatus), {
    detail: status.message ?? `the server answered ${httpStatus}`,
    ...(status.details?.causes === undefined ? {} : { causes: status.details.causes }),
    cause: status,
  });
}

/** The Status that the server sent, when `error` came from one. */
export function statusOf(error: unknown): Status | undefined {
  const cause = error instanceof Error ? (error.cause as Partial<Status> | undefined) : undefined;
  return cause?.kind === 'Status' ? (cause as Status) : undefined;
}

/** Status object for any error, for `-o json`. */
export function toStatus(error: unknown): Status {
  const known = statusOf(error);
  if (known !== undefined) return known;
  const row = error instanceof Error && error.name === 'CloudTaskError' ? (error as CloudTaskError).row : undefined;
  const causes = (error as CloudTaskError).details?.causes;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message: messageOf(error),
    reason: row?.reason ?? 'InternalError',
    code: row?.http ?? 500,
    ...(causes === undefined ? {} : { details: { causes } }),
  };
}

function parseStatus(text: string): Status | undefined {
  try {
    const value = JSON.parse(text) as Partial<Status> | null;
    return value?.kind === 'Status' ? (value as Status) : undefined;
  } catch {
    return undefined; // not JSON, so not a Status
  }
}

/** Reasons that several codes share are told apart by the causes; what no row has goes by its HTTP class. */
function codeOf(status: Status, httpStatus: number): ErrorCodeName {
  if (httpStatus === 400) {
    const strict = status.details?.causes?.some(({ reason }) => reason.startsWith('Field'));
    return strict ? 'CT_MANIFEST_STRICT' : 'CT_BAD_REQUEST';
  }
  const preferred: Partial<Record<number, ErrorCodeName>> = {
    422: 'CT_MANIFEST_INVALID',
    500: 'CT_INTERNAL',
    503: 'CT_UNAVAILABLE',
    504: 'CT_TIMEOUT',
  };
  const byStatus = preferred[httpStatus];
  if (byStatus !== undefined) return byStatus;
  const names = Object.keys(errorCodes) as ErrorCodeName[];
  return (
    names.find((name) => errorCodes[name].http === httpStatus && errorCodes[name].reason === status.reason) ??
    names.find((name) => errorCodes[name].http === httpStatus) ??
    (httpStatus >= 500 ? 'CT_INTERNAL' : 'CT_BAD_REQUEST')
  );
}
