import type { AnyObject } from '../../manifests/index.js';
import { applyObjects, namedObjects } from './apply-objects.js';
import { pruneSet } from './prune-set.js';
import type { OutcomeText } from './repository-types.js';
import type { StateSchema } from './schema.js';
import type { ApplyOptions } from './store-types.js';
import type { WriteTransaction } from './write-queue.js';

/** The objects in their order, then what their set loses. */
export async function applyBatch(
  tx: WriteTransaction<StateSchema>,
  given: readonly AnyObject[],
  options: ApplyOptions,
): Promise<OutcomeText[]> {
  const objects = await namedObjects(tx, given);
  const outcomes = await applyObjects(tx, objects, options);
  const { applyset, prune, user, audit, access } = options;
  if (applyset === undefined || prune === undefined) return outcomes;
  const by = { user, ...(audit === undefined ? {} : { audit }), ...(access === undefined ? {} : { access }) };
  const chosen = { ...by, applyset, ...prune };
  return [...outcomes, ...(await pruneSet(tx, objects, chosen))];
}
