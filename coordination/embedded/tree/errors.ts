import { type ErrorName, ErrorNumber } from '../../jute/codes.js';

/** An operation was refused; nothing changed. `number` is what the client is told. */
export class OperationError extends Error {
  override readonly name = 'OperationError';
  readonly number: number;

  constructor(error: ErrorName, path?: string) {
    super(path === undefined ? error : `${error} ${path}`);
    this.number = ErrorNumber[error];
  }
}
