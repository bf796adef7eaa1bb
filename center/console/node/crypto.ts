// What manifests/ asks of node:crypto, in a browser: schedules are spread by a hash, and a page must show the same times as
// the agent fires. Web Crypto would do, if it answered at once.
import { sha256 } from '@noble/hashes/sha2.js';

class Digest extends Uint8Array {
  readUIntBE(offset: number, length: number): number {
    return this.subarray(offset, offset + length).reduce((number, byte) => number * 256 + byte, 0);
  }
}

class Hash {
  private text = '';

  update(text: string): this {
    this.text += text;
    return this;
  }

  digest(): Digest;
  digest(form: 'hex'): string;
  digest(form?: 'hex'): Digest | string {
    const bytes = sha256(new TextEncoder().encode(this.text));
    if (form === undefined) return new Digest(bytes);
    return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  }
}

/** @throws Error for anything but SHA-256 */
export function createHash(algorithm: string): Hash {
  if (algorithm !== 'sha256') throw new Error(`no ${algorithm} in the console`);
  return new Hash();
}

/** @throws Error for anything but SHA-256 */
export function hash(algorithm: string, text: string, _form: 'hex'): string {
  return createHash(algorithm).update(text).digest('hex');
}
