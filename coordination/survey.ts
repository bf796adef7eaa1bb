// Every node below the root, looked at once, for people who ask how coordination is. It writes nothing.
import { type Coordinator, isCoordinationError, type Stat } from './coordinator.js';
import type { Layout } from './layout.js';
import { inParallel } from './parallel.js';

/** Asked at the same time: claims go on beside it. */
const IN_FLIGHT = 50;
/** Each name of an answer is preceded by its length. */
const NAME_OVERHEAD_BYTES = 4;

export interface SurveyedNode {
  readonly path: string;
  readonly data: Buffer;
  readonly stat: Stat;
  /** Size of the answer that names the nodes below it; 0 without any. */
  readonly childrenBytes: number;
}

/**
 * Calls `visit` for each node, in no order. Nodes that go meanwhile, and those that this session may not read, are left out. Rejects with whatever
 * else the coordinator does.
 */
export async function surveyNodes(
  coordinator: Coordinator,
  layout: Layout,
  visit: (node: SurveyedNode) => void,
): Promise<void> {
  let level = [layout.root === '' ? '/' : layout.root];
  while (level.length > 0) {
    const below: string[] = [];
    await inParallel(level, IN_FLIGHT, async (path) => {
      try {
        const { data, stat } = await coordinator.getData(path);
        // Nearly all are trigger records, which have none.
        const children = stat.numChildren === 0 ? [] : (await coordinator.getChildren(path)).children;
        for (const name of children) below.push(path === '/' ? `/${name}` : `${path}/${name}`);
        const childrenBytes = children.reduce((sum, name) => sum + Buffer.byteLength(name) + NAME_OVERHEAD_BYTES, 0);
        visit({ path, data, stat, childrenBytes });
      } catch (error) {
        if (!isCoordinationError(error, 'noNode', 'noAuth')) throw error;
      }
    });
    // What ZooKeeper itself keeps there is its own business.
    level = below.filter((path) => path !== '/zookeeper');
  }
}

/** The centers that stand for election, in the order in which they would lead. */
export async function readCandidates(coordinator: Coordinator, layout: Layout): Promise<string[]> {
  const names = (await coordinator.getChildren(layout.election)).children;
  const sequence = (name: string) => Number(name.slice(name.lastIndexOf('n_') + 2));
  const ids: string[] = [];
  for (const name of names.sort((a, b) => sequence(a) - sequence(b))) {
    try {
      ids.push((await coordinator.getData(`${layout.election}/${name}`)).data.toString('utf8'));
    } catch (error) {
      if (!isCoordinationError(error, 'noNode')) throw error; // it has just gone
    }
  }
  return ids;
}

/** The server's clock by the time of a node that is made for it and goes at once, ms: a write that the ensemble has agreed to. */
export async function readServerTime(coordinator: Coordinator, layout: Layout): Promise<number> {
  const path = await coordinator.create(`${layout.root}/clock-`, Buffer.alloc(0), 'ephemeralSequential');
  try {
    const stat = await coordinator.exists(path);
    if (stat === undefined) throw new Error('the node that was made has gone');
    return stat.ctime;
  } finally {
    await coordinator.delete(path, 0).catch(() => undefined); // it goes with the session
  }
}
