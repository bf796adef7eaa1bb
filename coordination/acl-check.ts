// Whether anybody but this installation may write below its root, looked at by each center that starts (decision 0030).
import { type AclEntry, ANY_VERSION, type Coordinator, isCoordinationError } from './coordinator.js';
import type { Layout } from './layout.js';
import { inParallel } from './parallel.js';

/** Asked at the same time: claims go on beside it. */
const IN_FLIGHT = 50;
/** Write, create, delete, admin. */
const CHANGES = 2 | 4 | 8 | 16;
const ALL = 31;
/** Everything for whoever has the credentials of the session. */
const OWN: readonly AclEntry[] = [{ permissions: ALL, scheme: 'auth', id: '' }];

export interface AclFindings {
  /** Nodes that were looked at. */
  readonly looked: number;
  /** Nodes that others could write; nobody but this installation can any more. */
  readonly closed: readonly string[];
  /** Nodes that belong to somebody else, and cannot be changed with the credentials of this session. */
  readonly foreign: readonly string[];
}

/**
 * Looks at every node below the root, and takes from everybody else what they may change. What others may read stays. The session must have
 * credentials. Rejects with whatever the coordinator does, but for nodes that go meanwhile.
 */
export async function closeToOthers(coordinator: Coordinator, layout: Layout): Promise<AclFindings> {
  const own = await ownAcl(coordinator, layout);
  const closed: string[] = [];
  const foreign: string[] = [];
  const looked = await eachNode(coordinator, layout, async (path) => {
    const { verdict, leaf } = await closeNode(coordinator, path, own);
    if (verdict === 'closed') closed.push(path);
    else if (verdict === 'foreign') foreign.push(path);
    return leaf;
  });
  return { looked, closed: closed.sort(), foreign: foreign.sort() };
}

export interface AclLook {
  /** Nodes that were looked at. */
  readonly looked: number;
  /** Nodes that anybody may change. */
  readonly open: readonly string[];
  /** Nodes that are closed to this session. */
  readonly closedToUs: readonly string[];
}

/** The same for people who ask: it changes nothing, and the session needs no credentials. Rejects as `closeToOthers` does. */
export async function lookAtAcls(coordinator: Coordinator, layout: Layout): Promise<AclLook> {
  const open: string[] = [];
  const closedToUs: string[] = [];
  const looked = await eachNode(coordinator, layout, async (path) => {
    try {
      const { acl, stat } = await coordinator.getAcl(path);
      if (acl.some(({ scheme, permissions }) => scheme === 'world' && (permissions & CHANGES) !== 0)) open.push(path);
      return stat.numChildren === 0;
    } catch (error) {
      if (isCoordinationError(error, 'noNode')) return true;
      if (!isCoordinationError(error, 'noAuth')) throw error;
      closedToUs.push(path);
      return false;
    }
  });
  return { looked, open: open.sort(), closedToUs: closedToUs.sort() };
}

/** Looks at each node, the upper ones first; `look` says of a node that nothing is below it. Resolves with how many there are. */
async function eachNode(
  coordinator: Coordinator,
  layout: Layout,
  look: (path: string) => Promise<boolean>,
): Promise<number> {
  let looked = 0;
  let level = [layout.root === '' ? '/' : layout.root];
  while (level.length > 0) {
    const below: string[] = [];
    await inParallel(level, IN_FLIGHT, async (path) => {
      looked += 1;
      // Nearly all are trigger records.
      if (await look(path)) return;
      for (const name of await childrenOf(coordinator, path)) below.push(path === '/' ? `/${name}` : `${path}/${name}`);
    });
    // What ZooKeeper itself keeps there is its own business.
    level = below.filter((path) => path !== '/zookeeper');
  }
  return looked;
}

interface Look {
  readonly verdict: 'ours' | 'closed' | 'foreign';
  readonly leaf: boolean;
}

async function closeNode(coordinator: Coordinator, path: string, own: readonly AclEntry[]): Promise<Look> {
  try {
    const { acl, stat } = await coordinator.getAcl(path);
    const others = acl.filter((entry) => !own.some((mine) => sameIdentity(entry, mine)));
    const full = own.every((mine) => acl.some((entry) => sameIdentity(entry, mine) && entry.permissions === ALL));
    const readers = others.filter(({ permissions }) => (permissions & CHANGES) === 0);
    const leaf = stat.numChildren === 0;
    if (full && readers.length === others.length) return { verdict: 'ours', leaf };
    await coordinator.setAcl(path, [...OWN, ...readers], stat.aversion);
    // Somebody may just have made one below.
    return { verdict: 'closed', leaf: false };
  } catch (error) {
    if (isCoordinationError(error, 'noAuth')) return { verdict: 'foreign', leaf: false };
    if (isCoordinationError(error, 'noNode')) return { verdict: 'ours', leaf: true }; // gone
    // Another center does the same.
    if (isCoordinationError(error, 'badVersion')) return closeNode(coordinator, path, own);
    throw error;
  }
}

async function childrenOf(coordinator: Coordinator, path: string): Promise<string[]> {
  try {
    return (await coordinator.getChildren(path)).children;
  } catch (error) {
    if (isCoordinationError(error, 'noNode', 'noAuth')) return [];
    throw error;
  }
}

/** How the server writes the credentials of this session: which hash it makes of them is its own setting. */
async function ownAcl(coordinator: Coordinator, layout: Layout): Promise<readonly AclEntry[]> {
  const path = await coordinator.create(`${layout.root}/acl-check-`, Buffer.alloc(0), 'ephemeralSequential', OWN);
  try {
    return (await coordinator.getAcl(path)).acl;
  } finally {
    await coordinator.delete(path, ANY_VERSION).catch(() => undefined); // it goes with the session
  }
}

function sameIdentity(a: AclEntry, b: AclEntry): boolean {
  return a.scheme === b.scheme && a.id === b.id;
}
