import { createHash, randomBytes, randomUUID } from 'node:crypto';

/** Lower-case letters and digits without vowels (no words by accident) and without l. */
const ALPHABET = '0123456789bcdfghjkmnpqrstvwxz';

export function newUid(): string {
  return randomUUID();
}

/** A random lower-case suffix, e.g. `m7x2q`. */
export function randomSuffix(length = 5): string {
  return suffixOf(randomBytes(16), length);
}

/** A suffix that is a pure function of `text` (SHA-256), for names that are locks. */
export function derivedSuffix(text: string, length = 8): string {
  return suffixOf(createHash('sha256').update(text).digest(), length);
}

function suffixOf(bytes: Uint8Array, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += ALPHABET[(bytes[i] ?? 0) % ALPHABET.length];
  return text;
}
