// The versions of a package, kept with each change of its current one in the transaction of that change.
import type { ErrorCause } from '../../../base/index.js';
import { PACKAGE_VERSIONS_MAX, type Package, type PackageVersion } from '../../../manifests/index.js';
import { iso } from '../iso-time.js';
import type { ObjectRow } from '../object-row.js';
import type { PackageBlob } from './package-store.js';

export interface VersionFacts {
  /** Complete blobs, of the digests that are applied. */
  readonly blobs: readonly PackageBlob[];
  /** Who applies. */
  readonly author: string;
  /** ms. */
  readonly now: number;
}

type Versioned = { readonly row: ObjectRow } | { readonly causes: readonly ErrorCause[] };

/** The row of a Package with the status that goes with its specification; of another kind, or unchanged, the row itself. */
export function withVersions(row: ObjectRow, before: ObjectRow | undefined, facts: VersionFacts): Versioned {
  if (row.kind !== 'Package' || row === before) return { row };
  const { digest } = JSON.parse(row.spec) as Package['spec'];
  if (before !== undefined && (JSON.parse(before.spec) as Package['spec']).digest === digest) return { row };
  const blob = facts.blobs.find((one) => one.digest === digest);
  if (blob === undefined) return { causes: [notUploaded(digest)] };
  const status = row.status === null ? {} : (JSON.parse(row.status) as NonNullable<Package['status']>);
  const versions = status.versions ?? [];
  const time = iso(facts.now);
  const known = versions.find((one) => one.digest === digest);
  const current: PackageVersion = {
    ...(known ?? {
      ...{ version: 1 + Math.max(0, ...versions.map(({ version }) => version)), digest },
      ...{ bytes: blob.bytes, format: blob.format, time, author: facts.author },
    }),
    currentTime: time,
  };
  const all = [...versions.filter((one) => one !== known), current].sort((a, b) => b.version - a.version);
  const kept = all.slice(0, PACKAGE_VERSIONS_MAX);
  // Somebody may go back to the oldest one, and then upload others that do not become current.
  if (!kept.includes(current)) kept[kept.length - 1] = current;
  return { row: { ...row, status: JSON.stringify({ ...status, versions: kept }) } };
}

function notUploaded(digest: string): ErrorCause {
  return {
    ...{ reason: 'FieldValueNotFound', field: 'spec.digest' },
    message: `spec.digest: the bytes of ${digest} are not here; "ctask create package NAME --from FILE" uploads them`,
  };
}
