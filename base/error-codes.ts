// One row per code: what the API answers, what the CLI exits with, whether trying again can help, what to tell the user.
// docs/errors.md has one heading per code; a test checks both directions.

export interface ErrorCode {
  /** HTTP status the API answers with. */
  readonly http: number;
  /** Reason of the API's Status object. */
  readonly reason: string;
  /** Exit code of ctask (reference: `ctask help exit-codes`). */
  readonly exit: number;
  readonly retryable: boolean;
  readonly meaning: string;
  readonly hint?: string;
}

const row = (
  http: number,
  reason: string,
  exit: number,
  meaning: string,
  hint?: string,
  retryable = false,
): ErrorCode => Object.freeze({ http, reason, exit, retryable, meaning, ...(hint === undefined ? {} : { hint }) });

export const errorCodes = {
  CT_USAGE: row(400, 'BadRequest', 2, 'the command line or request is malformed'),
  CT_BAD_REQUEST: row(400, 'BadRequest', 2, 'a request parameter has a wrong form'),
  CT_MANIFEST_INVALID: row(422, 'Invalid', 7, 'a manifest does not satisfy its schema'),
  CT_MANIFEST_SYNTAX: row(400, 'BadRequest', 7, 'a file is not YAML'),
  CT_MANIFEST_STRICT: row(400, 'BadRequest', 7, 'a manifest has an unknown or a duplicate field'),
  CT_SCHEDULE_INVALID: row(422, 'Invalid', 7, 'a schedule cannot be understood or never fires'),
  CT_UNAUTHORIZED: row(
    401,
    'Unauthorized',
    4,
    'no valid token was sent',
    "run 'ctask config view' to see which context is used",
  ),
  CT_FORBIDDEN: row(403, 'Forbidden', 4, 'the token may not do this'),
  CT_NOT_FOUND: row(404, 'NotFound', 5, 'the object does not exist'),
  CT_METHOD_NOT_ALLOWED: row(405, 'MethodNotAllowed', 1, 'the path does not support this verb'),
  CT_NOT_ACCEPTABLE: row(406, 'NotAcceptable', 1, 'no representation asked for can be served'),
  CT_ALREADY_EXISTS: row(409, 'AlreadyExists', 6, 'an object of that name exists'),
  CT_CONFLICT: row(
    409,
    'Conflict',
    6,
    'the object has been modified; please apply your changes to the latest version and try again',
  ),
  CT_EXPIRED: row(410, 'Expired', 1, 'the resourceVersion or continue token is too old', 'list again', true),
  CT_TOO_LARGE: row(413, 'RequestEntityTooLarge', 1, 'the request body is too large'),
  CT_RANGE: row(416, 'BadRequest', 2, 'the range asked for lies outside of what there is'),
  CT_UNSUPPORTED_MEDIA_TYPE: row(415, 'UnsupportedMediaType', 1, 'the content type is not accepted here'),
  CT_TOO_MANY_REQUESTS: row(429, 'TooManyRequests', 1, 'the rate limit is exceeded', undefined, true),
  CT_INTERNAL: row(500, 'InternalError', 1, 'a defect of CloudTask'),
  CT_NOT_IMPLEMENTED: row(501, 'NotImplemented', 1, 'this version does not offer the feature'),
  CT_UNAVAILABLE: row(503, 'ServiceUnavailable', 1, 'the center cannot serve this now', undefined, true),
  CT_TIMEOUT: row(504, 'Timeout', 8, 'the time allowed has passed', undefined, true),
  CT_SERVER_UNREACHABLE: row(
    503,
    'ServiceUnavailable',
    9,
    'no center could be reached',
    'did you specify the right host or port?',
    true,
  ),
  CT_RUN_FAILED: row(500, 'InternalError', 1, 'the run did not succeed'),
  CT_CONFIG_INVALID: row(400, 'BadRequest', 2, 'a configuration file, variable or flag has a wrong value'),
  CT_STORE_NEWER: row(
    500,
    'InternalError',
    1,
    'the store was written by a newer CloudTask',
    'upgrade this center, or restore a backup',
  ),
  CT_STORE: row(500, 'InternalError', 1, 'the store failed'),
  CT_STORE_UNREACHABLE: row(
    503,
    'ServiceUnavailable',
    1,
    'the database server of the store does not answer',
    undefined,
    true,
  ),
  CT_AUDIT_BROKEN: row(
    500,
    'InternalError',
    1,
    'the audit of writes is not what was written',
    'compare it with an export or a backup: what comes after the broken entry is not proved',
  ),
  CT_BACKUP_INVALID: row(422, 'Invalid', 1, 'a backup is not whole, or is not one'),
  CT_LOCKED: row(500, 'InternalError', 1, 'another process uses the data directory'),
  CT_STALE_EPOCH: row(503, 'ServiceUnavailable', 1, 'a newer leader exists; this write was refused', undefined, true),
  CT_FOREIGN_ROOT: row(
    503,
    'ServiceUnavailable',
    2,
    'the ZooKeeper root belongs to another store',
    'give all centers of an installation one store (--store), or this one a root of its own (--zookeeper HOSTS/chroot)',
  ),
  CT_COORDINATION: row(503, 'ServiceUnavailable', 1, 'coordination (ZooKeeper) failed', undefined, true),
  CT_COORDINATION_DATA: row(
    500,
    'InternalError',
    1,
    'the data of the embedded coordination server are damaged',
    'restore its data directory from a backup, or move it away to begin anew',
  ),
  CT_RUNNER: row(500, 'InternalError', 1, 'the runner process failed', undefined, true),
  CT_JOURNAL: row(500, 'InternalError', 1, "the agent's journal cannot be read or written"),
  CT_PACKAGE_INVALID: row(422, 'Invalid', 7, 'a package is damaged, or holds what packages may not hold'),
} as const satisfies Record<string, ErrorCode>;

export type ErrorCodeName = keyof typeof errorCodes;
