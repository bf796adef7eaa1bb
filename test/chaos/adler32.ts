/** Largest prime below 2^16 (RFC 1950). */
const BASE = 65_521;
/** Bytes that can be summed before a sum must be reduced. */
const SLICE = 5_552;

/** Checksum of RFC 1950. */
export function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let from = 0; from < bytes.length; from += SLICE) {
    const to = Math.min(from + SLICE, bytes.length);
    for (let i = from; i < to; i++) {
      a += bytes[i]!;
      b += a;
    }
    a %= BASE;
    b %= BASE;
  }
  return b * 65_536 + a;
}
