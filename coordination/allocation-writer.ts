// The leader's side of the allocation lists. A list is written after the records it is derived from; the caller writes
// gaining lists before losing ones. Only chunks whose bytes changed are written, `rev` last: it wakes the agent.
import { type AllocationEntry, encodeAllocation } from './allocation-list.js';
import { type Coordinator, isCoordinationError, type Operation, type OperationResult } from './coordinator.js';
import type { Layout } from './layout.js';

/** Chunks in one transaction: half a megabyte, well under the server's limit of 1 MB. */
const CHUNKS_PER_MULTI = 8;

interface WrittenList {
  /** By index; undefined where one is missing that should be there. */
  chunks: ({ bytes: Buffer; version: number } | undefined)[];
  revVersion: number;
}

export class AllocationWriter {
  private readonly coordinator: Coordinator;
  private readonly layout: Layout;
  private readonly epoch: number;
  /** What each list holds, as last read or written by this leader: one writer, so the copy stays true. */
  private readonly lists = new Map<string, WrittenList>();

  /** `epoch` is the version of `<root>/epoch` that every write checks. */
  constructor(coordinator: Coordinator, layout: Layout, epoch: number) {
    this.coordinator = coordinator;
    this.layout = layout;
    this.epoch = epoch;
  }

  /**
   * Makes the agent's list say `entries`. Returns the number of writes (znodes changed); 0 when it said so already.
   * Rejects with badVersion and failedIndex 0 when a newer leader exists. After any rejection the list is read anew.
   */
  async write(agent: string, entries: readonly AllocationEntry[]): Promise<number> {
    const wanted = encodeAllocation(entries);
    const list = this.lists.get(agent) ?? (wanted.length === 0 ? await this.peek(agent) : await this.load(agent));
    if (list === undefined) return 0; // an empty list that was never made need not be made
    const operations = chunkOperations(this.layout, agent, list, wanted);
    if (operations.length === 0) return 0;
    this.lists.delete(agent); // until the outcome is known
    const touch: Operation = {
      ...{ op: 'setData', path: this.layout.allocationRev(agent), data: Buffer.alloc(0), version: list.revVersion },
    };
    const touched = (await this.send([...operations, touch])).at(-1);
    this.lists.set(agent, {
      chunks: wanted.map((bytes, i) => ({ bytes, version: versionAfter(list.chunks[i], bytes) })),
      revVersion: touched?.op === 'setData' ? touched.stat.version : list.revVersion + 1,
    });
    return operations.length + 1;
  }

  /** Reads every list anew before the next write to it: somebody else may have damaged one. */
  forget(): void {
    this.lists.clear();
  }

  /** Names of the agents that have a list. */
  async agents(): Promise<string[]> {
    await this.coordinator.ensurePath(this.layout.allocations);
    return (await this.coordinator.getChildren(this.layout.allocations)).children;
  }

  private fence(): Operation {
    return { op: 'check', path: this.layout.epoch, version: this.epoch };
  }

  /** In as few transactions as the size allows: usually one, so that the agent never sees half of a change. */
  private async send(operations: readonly Operation[]): Promise<OperationResult[]> {
    const results: OperationResult[] = [];
    for (let start = 0; start < operations.length; start += CHUNKS_PER_MULTI) {
      const slice = operations.slice(start, start + CHUNKS_PER_MULTI);
      results.push(...(await this.coordinator.multi([this.fence(), ...slice])));
    }
    return results;
  }

  private async peek(agent: string): Promise<WrittenList | undefined> {
    const stat = await this.coordinator.exists(this.layout.allocationRev(agent));
    return stat === undefined ? undefined : await this.load(agent);
  }

  private async load(agent: string): Promise<WrittenList> {
    await this.coordinator.ensurePath(this.layout.allocationRev(agent));
    const { children } = await this.coordinator.getChildren(this.layout.allocation(agent));
    const rev = await this.coordinator.getData(this.layout.allocationRev(agent));
    const present = new Set(children.filter((name) => /^\d+$/.test(name)).map(Number));
    const last = Math.max(-1, ...present);
    const chunks: WrittenList['chunks'] = [];
    for (let index = 0; index <= last; index++) {
      if (!present.has(index)) {
        chunks.push(undefined);
        continue;
      }
      const { data, stat } = await this.coordinator.getData(this.layout.allocationChunk(agent, index));
      chunks.push({ bytes: data, version: stat.version });
    }
    const list = { chunks, revVersion: rev.stat.version };
    this.lists.set(agent, list);
    return list;
  }
}

function chunkOperations(layout: Layout, agent: string, list: WrittenList, wanted: readonly Buffer[]): Operation[] {
  const operations: Operation[] = [];
  wanted.forEach((bytes, index) => {
    const path = layout.allocationChunk(agent, index);
    const present = list.chunks[index];
    if (present === undefined) operations.push({ op: 'create', path, data: bytes });
    else if (!present.bytes.equals(bytes)) {
      operations.push({ op: 'setData', path, data: bytes, version: present.version });
    }
  });
  // From the end, so that the chunks are numbered without a hole at every moment.
  for (let index = list.chunks.length - 1; index >= wanted.length; index--) {
    const present = list.chunks[index];
    if (present === undefined) continue;
    operations.push({ op: 'delete', path: layout.allocationChunk(agent, index), version: present.version });
  }
  return operations;
}

function versionAfter(present: { bytes: Buffer; version: number } | undefined, bytes: Buffer): number {
  if (present === undefined) return 0;
  return present.bytes.equals(bytes) ? present.version : present.version + 1;
}

/** True when the failed write shows that a newer leader exists: the check of the epoch, always first, was refused. */
export function isStaleEpoch(error: unknown): boolean {
  return isCoordinationError(error, 'badVersion') && error.failedIndex === 0;
}
