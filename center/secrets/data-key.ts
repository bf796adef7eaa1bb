// The key of the values of secrets, and what it is used for.
import { createHmac, hkdfSync } from 'node:crypto';
import { SEALING_KEY_BYTES, seal, unseal } from '../../base/index.js';
import { SEALED } from '../../manifests/index.js';

/** Of the HMAC: two values of one key never share a mark by chance, and a mark is short enough to be read aloud. */
const MARK_BYTES = 16;

export interface ValuePlace {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

/** The key of the values, as two: one seals, one makes marks. The latter outlives the former: a value keeps its mark when it
 * is sealed anew. */
export class DataKey {
  /** Makes marks. */
  readonly marks: Buffer;
  private readonly values: Buffer;

  constructor(key: Uint8Array, marks?: Buffer) {
    this.values = Buffer.from(hkdfSync('sha256', key, '', 'ctask secret values', SEALING_KEY_BYTES));
    this.marks = marks ?? Buffer.from(hkdfSync('sha256', key, '', 'ctask secret marks', 32));
  }

  seal(place: ValuePlace, mark: string, value: string): string {
    return seal(this.values, textOf(place, mark), Buffer.from(value));
  }

  /** Throws like the function of that name. */
  unseal(place: ValuePlace, mark: string, sealed: string): string {
    return unseal(this.values, textOf(place, mark), sealed).toString();
  }

  /** The same for the same value in the same place, and for nothing else. */
  mark(place: ValuePlace, value: string): string {
    const digest = createHmac('sha256', this.marks).update(textOf(place, value)).digest();
    return `${SEALED}${digest.subarray(0, MARK_BYTES).toString('base64url')}`;
  }
}

/** Names and keys hold no NUL, so no two places read the same. */
function textOf({ namespace, name, key }: ValuePlace, rest: string): string {
  return [namespace, name, key, rest].join('\0');
}
