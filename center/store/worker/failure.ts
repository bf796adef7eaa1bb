import { CloudTaskError, isCloudTaskError } from '../../../base/index.js';
import type { WorkerFailure } from './protocol.js';

/** An error as it crosses the border between threads. Structured clone would make a plain Error of it, without its code. */
export function failureOf(error: unknown): WorkerFailure {
  if (isCloudTaskError(error)) {
    const { cause: _, ...details } = error.details;
    return { message: error.message, code: error.code, details };
  }
  if (!(error instanceof Error)) return { message: String(error) };
  return { message: error.message, ...(error.stack === undefined ? {} : { stack: error.stack }) };
}

export function errorOf({ message, code, details, stack }: WorkerFailure): Error {
  if (code !== undefined && details !== undefined) return new CloudTaskError(code, details);
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack; // of the thread where it happened: that is where to look
  return error;
}
