import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';

/** Lower-case letters and digits without vowels (no words by accident) and without l. */
const ALPHABET = '0123456789bcdfghjkmnpqrstvwxz';

export function newUid(): string {
  return randomUUID();
}

/** A random lower-case suffix, e.g. `m7x2q`. */
export function randomSuffix(length = 5): string {
  return suffixOf(randomBytes(16), length);
}

/** Kubernetes' letters for names that are generated: no vowels, and nothing that looks like something else. */
const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
/** Characters that `generateName` adds, as in Kubernetes. */
export const GENERATED_CHARS = 5;

/** What is added to a `generateName`. */
export function generatedSuffix(): string {
  return Array.from({ length: GENERATED_CHARS }, () => NAME_ALPHABET[randomInt(NAME_ALPHABET.length)]).join('');
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
