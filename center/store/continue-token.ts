import { CloudTaskError } from '../../base/index.js';

/** Where a list goes on: the version of its first page, and the key of the last row that was handed out. */
export interface ContinueToken {
  readonly version: number;
  /** [namespace, name] of an object, or [id] of a run or event. */
  readonly after: readonly (string | number)[];
}

export function encodeToken({ version, after }: ContinueToken): string {
  return Buffer.from(JSON.stringify([version, ...after])).toString('base64url');
}

/** Throws CT_BAD_REQUEST for a text that is no token of `length` key parts. */
export function decodeToken(text: string, length: 1 | 2): ContinueToken {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (Array.isArray(value) && value.length === length + 1) {
      const [version, ...after] = value as unknown[];
      const typed = after.every((part) => typeof part === (length === 1 ? 'number' : 'string'));
      if (Number.isSafeInteger(version) && typed) {
        return { version: version as number, after: after as (string | number)[] };
      }
    }
  } catch {
    // not JSON: told below like any other text that is no token
  }
  throw new CloudTaskError('CT_BAD_REQUEST', 'the continue token is malformed');
}
