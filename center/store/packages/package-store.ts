// What the store offers of the bytes of packages. They have a database of their own: nothing of what decides waits for them.

import type { LeaderFence } from '../leader-fence.js';

/** How the bytes of a package begin: all that the center looks at. */
export type PackageFormat = 'TarGz' | 'Zip';

/** Bytes that go to the database, or come from it, at once. Bounds the memory of a transfer, however large the package is. */
export const PACKAGE_SLICE_BYTES = 4 * 1024 * 1024;

/** Stored bytes, named by the SHA-256 that they have, or are said to have until all of them are there. */
export interface PackageBlob {
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  readonly format: PackageFormat;
  /** Bytes that are stored. */
  readonly bytes: number;
  /** All bytes are there, and have the digest. */
  readonly complete: boolean;
}

export interface PackageStore {
  /** What there is of a digest; undefined for nothing. */
  find(digest: string): Promise<PackageBlob | undefined>;
  /**
   * Adds bytes, which change hands; durable when it resolves. `format` is of what begins at offset 0. Throws CT_CONFLICT
   * unless exactly `offset` bytes are there, and when the blob is complete.
   */
  append(digest: string, offset: number, format: PackageFormat | undefined, bytes: Uint8Array): Promise<PackageBlob>;
  /** Reads all that is stored and compares it with the digest. Throws CT_BAD_REQUEST when it is another one; the bytes are gone then. */
  complete(digest: string): Promise<PackageBlob>;
  /** Bytes of a complete blob from `offset` on, at most a slice; none at its end. */
  read(digest: string, offset: number): Promise<Uint8Array>;
  /** Those of the digests that are complete. None of them is collected as garbage within the grace period from now on. */
  hold(digests: readonly string[]): Promise<PackageBlob[]>;
  /** Digests, complete or not, that nobody has added to or held since `before` (ms), the oldest first. */
  idleSince(before: number, limit: number): Promise<string[]>;
  /** Drops a blob, unless somebody has added to it or held it since `before` (ms). True when it was dropped. */
  drop(digest: string, before: number): Promise<boolean>;
  /** Frees some of the space of what was dropped, for what comes next; false when nothing is left of it. */
  sweep(): Promise<boolean>;
  /** Drops, in bounded steps, what neither a package, a task nor a revision of a task refers to, a day after it was last touched. Returns how many. */
  collect(now: number, fence: LeaderFence): Promise<number>;
}
