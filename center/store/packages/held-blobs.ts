import type { AnyObject } from '../../../manifests/index.js';
import type { ApplyOptions } from '../store-types.js';
import type { PackageStore } from './package-store.js';

/** The options with what the Packages among the objects refer to. It is held, so that it cannot be collected before they are there. */
export async function withBlobs(
  packages: Pick<PackageStore, 'hold'>,
  objects: readonly AnyObject[],
  options: ApplyOptions,
): Promise<ApplyOptions> {
  const digests = objects.flatMap((object) => (object.kind === 'Package' ? [object.spec.digest] : []));
  return digests.length === 0 ? options : { ...options, blobs: await packages.hold(digests) };
}
