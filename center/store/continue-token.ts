import { CloudTaskError } from '../../base/index.js';

/** Where a list goes on: the version of its first page, and the key of the last row that was handed out. */
export interface ContinueToken {
  readonly version: number;
  /** [namespace, name] of an object, [id] of a run or event, [order, value, name, namespace] of a list in another order. */
  readonly after: readonly (string | number)[];
  /** Objects that were left at the first page's version, so that they are counted once per list. */
  readonly remaining?: number;
}

export function encodeToken({ version, after, remaining }: ContinueToken): string {
  return Buffer.from(JSON.stringify([version, remaining ?? null, ...after])).toString('base64url');
}

/** Throws CT_BAD_REQUEST for a text that is no token of `length` key parts. */
export function decodeToken(text: string, length: 1 | 2 | 4): ContinueToken {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (Array.isArray(value) && value.length === length + 2) {
      const [version, remaining, ...after] = value as unknown[];
      const typed = after.every((part) => typeof part === (length === 1 ? 'number' : 'string'));
      if (Number.isSafeInteger(version) && typed) {
        const counted = Number.isSafeInteger(remaining) ? { remaining: remaining as number } : {};
        return { version: version as number, after: after as (string | number)[], ...counted };
      }
    }
  } catch {
    // not JSON: told below like any other text that is no token
  }
  throw new CloudTaskError('CT_BAD_REQUEST', 'the continue token is malformed');
}
