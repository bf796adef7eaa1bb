// One root belongs to one store. Two centers with different stores under one root would elect one leader, and each would
// delete the trigger records of tasks that only the other one knows.
import { CloudTaskError } from '../base/index.js';
import { type Coordinator, isCoordinationError } from './coordinator.js';
import type { Layout } from './layout.js';

/**
 * Takes the root for this store, or makes sure that it has been taken for it. Throws CT_FOREIGN_ROOT when it belongs to
 * another one, and whatever the coordinator throws.
 */
export async function claimRoot(coordinator: Coordinator, layout: Layout, storeId: string): Promise<void> {
  await coordinator.ensurePath(layout.triggers); // makes the root as well
  const data = Buffer.from(JSON.stringify({ storeId }));
  try {
    await coordinator.create(layout.store, data);
    return;
  } catch (error) {
    if (!isCoordinationError(error, 'nodeExists')) throw error;
  }
  const found = await coordinator.getData(layout.store);
  if (found.data.equals(data)) return;
  throw new CloudTaskError('CT_FOREIGN_ROOT', {
    subject: `"${layout.root || '/'}"`,
    detail: `belongs to another store (${storeIdIn(found.data)}); this center has the store ${storeId}`,
  });
}

function storeIdIn(data: Buffer): string {
  try {
    return String((JSON.parse(data.toString()) as { storeId?: unknown }).storeId);
  } catch {
    return 'unreadable';
  }
}
