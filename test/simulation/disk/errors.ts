import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

export type ErrorCode =
  | 'EBADF'
  | 'EEXIST'
  | 'EINVAL'
  | 'EISDIR'
  | 'ENOENT'
  | 'ENOSPC'
  | 'ENOTDIR'
  | 'ENOTEMPTY'
  | 'EPERM'
  | 'EXDEV';

/** Each call of getSystemErrorMap() makes it anew. */
const MEANINGS = getSystemErrorMap();

/** What an error tells of the operation that failed. */
export interface Call {
  readonly syscall: string;
  readonly path?: string;
  readonly dest?: string;
}

/** An error as Node makes it of a failed system call: the same fields, the same message. */
export function systemError(code: ErrorCode, call: Call): NodeJS.ErrnoException {
  const errno = -constants.errno[code];
  const meaning = MEANINGS.get(errno)?.[1];
  const path = call.path === undefined ? '' : ` '${call.path}'`;
  const dest = call.dest === undefined ? '' : ` -> '${call.dest}'`;
  const error = new Error(`${code}: ${meaning}, ${call.syscall}${path}${dest}`);
  return Object.assign(error, { errno, code, ...call });
}

/** What rm() says of a directory without `recursive`. */
export function isDirectoryError(path: string): NodeJS.ErrnoException {
  const error = new Error(`Path is a directory: rm returned EISDIR (is a directory) ${path}`);
  error.name = 'SystemError';
  return Object.assign(error, { errno: constants.errno.EISDIR, code: 'ERR_FS_EISDIR', syscall: 'rm', path });
}

/** False for errors of the simulation itself, which no code may take for a missing file. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).errno === 'number';
}
