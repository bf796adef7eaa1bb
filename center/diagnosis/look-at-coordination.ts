// What a center can say of its coordination without writing anything that stays.
import { type Clock, messageOf } from '../../base/index.js';
import {
  type Coordinator,
  decodeTriggerRecord,
  type Layout,
  parseTriggerName,
  readCandidates,
  readCheckpoint,
  readGuard,
  readServerTime,
  surveyNodes,
} from '../../coordination/index.js';
import type { CoordinationFacts, NodeFacts } from '../../manifests/index.js';
import type { Store } from '../store/index.js';

export interface SeenRecord {
  readonly taskUid: string;
  readonly slot: string;
  readonly owner: string | null;
}

export interface Survey {
  readonly nodes: NodeFacts;
  readonly records: readonly SeenRecord[];
  /** Paths of records that cannot be read. */
  readonly broken: readonly string[];
  /** Names of the agents that are registered. */
  readonly agents: readonly string[];
  /** Sessions that hold a node: those of agents and centers. */
  readonly sessions: number;
  /** Per agent with an allocation list: when that changed last, by the server's clock, ms. */
  readonly listsChanged: ReadonlyMap<string, number>;
}

/** Rejects with whatever the coordinator does. */
export async function survey(coordinator: Coordinator, layout: Layout): Promise<Survey> {
  const records: SeenRecord[] = [];
  const broken: string[] = [];
  const agents: string[] = [];
  const listsChanged = new Map<string, number>();
  const sessions = new Set<bigint>();
  const nodes = { count: 0, records: 0 };
  let largest = { bytes: 0, path: '' };
  let widest = { bytes: 0, path: '' };
  await surveyNodes(coordinator, layout, ({ path, data, stat, childrenBytes }) => {
    nodes.count += 1;
    if (stat.ephemeralOwner !== 0n) sessions.add(stat.ephemeralOwner);
    if (stat.dataLength > largest.bytes) largest = { bytes: stat.dataLength, path };
    if (childrenBytes > widest.bytes) widest = { bytes: childrenBytes, path };
    const [folder, first, second] = path.slice(layout.root.length + 1).split('/');
    if (folder === 'agents' && first !== undefined) agents.push(first);
    if (folder === 'allocations' && second === 'rev') listsChanged.set(first!, stat.mtime);
    if (folder !== 'triggers' || second === undefined) return;
    nodes.records += 1;
    try {
      records.push({ ...parseTriggerName(second), owner: decodeTriggerRecord(data).owner });
    } catch {
      broken.push(path);
    }
  });
  return {
    nodes: {
      ...nodes,
      ...{ largestBytes: largest.bytes, largestPath: largest.path },
      ...{ largestChildrenBytes: widest.bytes, largestChildrenPath: widest.path },
    },
    ...{ records, broken, agents: agents.sort(), sessions: sessions.size, listsChanged },
  };
}

export interface CoordinationPlace {
  readonly coordinator: Coordinator;
  readonly layout: Layout;
  readonly store: Store;
  readonly clock: Clock;
  /** `host:port,host:port[/chroot]`. */
  readonly servers: string;
}

/** Never rejects: what could not be learnt is absent, and `error` says why. */
export async function lookAtCoordination(place: CoordinationPlace): Promise<[CoordinationFacts, Survey | undefined]> {
  const { coordinator, layout, servers } = place;
  const facts = {
    ...{ state: coordinator.state, servers, root: layout.root || '/' },
    sessionTimeoutMs: coordinator.sessionTimeoutMs,
  };
  if (coordinator.state !== 'connected') return [facts, undefined];
  try {
    const clocks = await lookAtClocks(place);
    const seen = await survey(coordinator, layout);
    const checkpoint = await readCheckpoint(coordinator, layout);
    const book = await place.store.restores.checkpoint();
    const guard = await readGuard(coordinator, layout);
    return [
      {
        ...facts,
        ...clocks,
        candidates: await readCandidates(coordinator, layout),
        ...(guard === undefined ? {} : { guard: guard.value.state }),
        ...(checkpoint === undefined || book === undefined
          ? {}
          : { checkpoint: { coordination: checkpoint.value.number, store: book.number } }),
        ...{ agents: seen.agents, nodes: seen.nodes },
      },
      seen,
    ];
  } catch (error) {
    return [{ ...facts, state: coordinator.state, error: messageOf(error) }, undefined];
  }
}

async function lookAtClocks({ coordinator, layout, clock }: CoordinationPlace) {
  const [before, from] = [clock.monotonic(), clock.now()];
  const time = await readServerTime(coordinator, layout);
  const writeMs = Math.round(clock.monotonic() - before);
  return {
    writeMs,
    time: new Date(time).toISOString(),
    centerTime: new Date(Math.round(from + writeMs / 2)).toISOString(),
  };
}
