import type { AgentOptions } from './agent-options.js';
import type { CenterClient } from './center-client/center-client.js';
import { PackageCache } from './packages/package-cache.js';
import { PackageShelf } from './packages/package-shelf.js';
import { digestsInUse, RunPackages } from './runs/run-packages.js';
import type { Runs } from './runs/runs.js';
import type { ScheduleLoop } from './schedule-loop/schedule-loop.js';

const PACKAGE_CACHE_BYTES = 5 * 1024 * 1024 * 1024;

/** `later`: those that use packages, once they are there; `isUseKnown` when all tasks of this agent have been loaded once. */
export function buildPackages(
  options: AgentOptions,
  client: CenterClient,
  later: { readonly loop?: ScheduleLoop; readonly runs?: Runs; readonly isUseKnown?: boolean },
) {
  const { clock, log, dataDir, packageCacheBytes: maxBytes = PACKAGE_CACHE_BYTES } = options;
  const shelf = new PackageShelf({ dataDir, clock, log, maxBytes });
  const packageCache = new PackageCache({
    ...{ client, shelf, clock, log },
    inUse: () => digestsInUse(later.loop?.tasks() ?? [], later.runs?.table.values() ?? []),
    isUseKnown: () => later.isUseKnown === true,
  });
  return { shelf, packageCache, packages: new RunPackages({ cache: packageCache, clock }) };
}
