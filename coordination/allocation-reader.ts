import { type AllocationEntry, decodeAllocation } from './allocation-list.js';
import { type Coordinator, isCoordinationError } from './coordinator.js';
import type { Layout } from './layout.js';

/** A list that is written all the time is not waited for. */
const READS_MAX = 5;

/**
 * What an agent is allocated now, for somebody else than that agent: whoever asks learns of all that the agent can have learned
 * before. Rejects with CoordinationError.
 */
export async function readAllocation(
  coordinator: Coordinator,
  layout: Layout,
  agent: string,
): Promise<AllocationEntry[]> {
  await coordinator.sync(layout.allocations);
  for (let reads = 1; ; reads++) {
    const before = (await coordinator.exists(layout.allocationRev(agent)))?.version;
    const chunks = await readChunks(coordinator, layout.allocation(agent));
    const after = (await coordinator.exists(layout.allocationRev(agent)))?.version;
    // A list of several chunks that changed meanwhile may lack slots for a moment.
    if (chunks !== undefined && before === after) return decodeAllocation(chunks);
    if (reads >= READS_MAX) return decodeAllocation(chunks ?? []);
  }
}

/** undefined when a chunk went meanwhile. */
async function readChunks(coordinator: Coordinator, path: string): Promise<Buffer[] | undefined> {
  try {
    const { children } = await coordinator.getChildren(path);
    const names = children.filter((name) => name !== 'rev').sort();
    return await Promise.all(names.map(async (name) => (await coordinator.getData(`${path}/${name}`)).data));
  } catch (error) {
    if (!isCoordinationError(error, 'noNode')) throw error;
    return error.path === path ? [] : undefined;
  }
}
