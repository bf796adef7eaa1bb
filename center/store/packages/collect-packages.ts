// Bytes that nobody refers to any more go, a day after they were last touched: what is being uploaded, or about to be
// referred to, is younger than that.

import type { ReferencesAfter, ReferencesPage } from './package-references.js';
import type { PackageStore } from './package-store.js';

/** An upload that was cut may go on for so long; and what was uploaded may be referred to. */
const GRACE_MS = 24 * 3_600_000;
/** Blobs looked at in one call. */
const BLOBS_MAX = 100;
/** Slices of 16 MiB whose space is freed in one call. */
const SWEEPS_MAX = 64;

/** Drops what is not referred to, in bounded steps; returns how many blobs. Those that are referred to are not looked at again for a day. */
export async function collectPackages(
  packages: PackageStore,
  references: (after: ReferencesAfter | null) => Promise<ReferencesPage>,
  now: number,
): Promise<number> {
  const before = now - GRACE_MS;
  const idle = new Set(await packages.idleSince(before, BLOBS_MAX));
  let dropped = 0;
  if (idle.size > 0) {
    const kept = new Set<string>();
    for (let after: ReferencesAfter | undefined, first = true; first || after !== undefined; first = false) {
      const page: ReferencesPage = await references(after ?? null);
      for (const digest of page.digests) if (idle.has(digest)) kept.add(digest);
      after = page.next;
    }
    await packages.hold([...kept]);
    // Who has begun to refer to one meanwhile has touched it before, and it stays.
    for (const digest of idle) if (!kept.has(digest) && (await packages.drop(digest, before))) dropped++;
  }
  for (let i = 0; i < SWEEPS_MAX && (await packages.sweep()); i++);
  return dropped;
}
