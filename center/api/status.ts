// Every answer that is not 2xx is a Kubernetes Status object; this is where errors of all origins become one.
import { CloudTaskError, type ErrorCause, type ErrorCodeName, errorCodes, isCloudTaskError } from '../../base/index.js';
import { GROUP, kinds } from '../../manifests/index.js';

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  /** Plural name of the resource, as Kubernetes has it. */
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly ErrorCause[];
  readonly retryAfterSeconds?: number;
}

export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  /** `continue` of a list whose token has expired: it goes on there, though not at the version it began with. */
  readonly metadata: { readonly continue?: string };
  readonly status: 'Failure' | 'Success';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code: number;
}

/** Seconds after which a client that was told to come again should do so. */
export const RETRY_AFTER_SECONDS = 1;

/** Whoever sends a name of a megabyte need not be sent it back. */
const MESSAGE_MAX_CHARS = 32_768;
const NAME_MAX_CHARS = 253;

/** What fastify and node:http refuse by themselves. */
const FRAMEWORK_CODES: Record<string, ErrorCodeName> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'CT_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'CT_UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'CT_BAD_REQUEST',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'CT_BAD_REQUEST',
  FST_ERR_CTP_INVALID_JSON_BODY: 'CT_BAD_REQUEST',
  FST_ERR_BAD_URL: 'CT_BAD_REQUEST',
  FST_ERR_MAX_PARAM_LENGTH: 'CT_BAD_REQUEST',
};

/** The error as one of ours. What nobody expected is CT_INTERNAL, with the original as its cause, for the log only. */
export function toCloudTaskError(error: unknown): CloudTaskError {
  if (isCloudTaskError(error)) return error;
  const { code, statusCode, message } = error as { code?: string; statusCode?: number; message?: string };
  const framework = code === undefined ? undefined : FRAMEWORK_CODES[code];
  if (framework !== undefined) return new CloudTaskError(framework, lowered(message ?? 'the request is malformed'));
  if (error instanceof SyntaxError || statusCode === 400) {
    return new CloudTaskError('CT_BAD_REQUEST', lowered(message ?? 'the request is malformed'));
  }
  return new CloudTaskError('CT_INTERNAL', { detail: 'internal error; see the log of the center', cause: error });
}

/** The Status of an error. `requestId` is told for defects, so that the log line can be found. */
export function statusOfError(error: CloudTaskError, requestId?: string): Status {
  const { row, details } = error;
  const about = subjectDetails(details.subject);
  const retry = row.retryable ? { retryAfterSeconds: details.retryAfterSeconds ?? RETRY_AFTER_SECONDS } : {};
  const causes = details.causes === undefined ? {} : { causes: details.causes };
  const all: StatusDetails = { ...about, ...causes, ...retry };
  const where = row.http === 500 && requestId !== undefined ? ` (request ${requestId})` : '';
  const hint = details.hint === undefined ? '' : `; ${details.hint}`;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: details.continueToken === undefined ? {} : { continue: details.continueToken },
    status: 'Failure',
    message: cut(`${error.message}${where}${hint}`, MESSAGE_MAX_CHARS),
    reason: row.reason,
    ...(Object.keys(all).length === 0 ? {} : { details: all }),
    code: row.http,
  };
}

export function successStatus(details: StatusDetails): Status {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details, code: 200 };
}

/** For answers that no CloudTaskError can be made for any more: the connection's own parser has failed. */
export function rawStatus(code: ErrorCodeName, message: string): Status {
  const { http, reason } = errorCodes[code];
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code: http };
}

/** A subject reads `Task default/hello`. */
function subjectDetails(subject: string | undefined): StatusDetails {
  const match = /^(\w+) (?:\S+\/)?(\S+)$/.exec(subject ?? '');
  const row = kinds.find(({ kind }) => kind === match?.[1]);
  return row === undefined ? {} : { name: cut(match![2]!, NAME_MAX_CHARS), group: GROUP, kind: row.plural };
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max)}…`;
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
