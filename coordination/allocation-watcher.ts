// An agent's view of what it owns: one watch, on the `rev` node of its allocation list. The list is an index; whether the
// agent may start something is decided by the trigger record alone. A list of many chunks is not read atomically: for a
// moment slots may seem to be missing, until the change of `rev` that follows.
import { type Clock, Emitter, type Logger, type Service } from '../base/index.js';
import { type AllocationEntry, decodeAllocation } from './allocation-list.js';
import { type Coordinator, isCoordinationError } from './coordinator.js';
import type { Layout } from './layout.js';
import { ReadLoop } from './read-loop.js';
import type { CoordinationSession } from './session.js';

export class AllocationWatcher implements Service {
  readonly name = 'allocation-watcher';
  /** `changed` carries the whole list. Emitted after the first read, and whenever a read finds another list. */
  readonly events = new Emitter<{ changed: readonly AllocationEntry[] }>();
  private readonly layout: Layout;
  private readonly agent: string;
  private readonly loop: ReadLoop;
  private seen: Buffer | undefined;
  private list: readonly AllocationEntry[] = [];

  constructor(options: {
    session: CoordinationSession;
    layout: Layout;
    agent: string;
    clock: Clock;
    log: Logger;
    rereadMs?: number;
  }) {
    this.layout = options.layout;
    this.agent = options.agent;
    this.loop = new ReadLoop({
      name: 'allocation',
      session: options.session,
      clock: options.clock,
      log: options.log,
      read: (coordinator, full) => this.read(coordinator, full),
      ...(options.rereadMs === undefined ? {} : { rereadMs: options.rereadMs }),
    });
  }

  /** What the agent was allocated, as last read. Kept while ZooKeeper is away. */
  get entries(): readonly AllocationEntry[] {
    return this.list;
  }

  /** Resolves after the first read; until then, with no ZooKeeper, it waits (abort with the signal). */
  async start(signal: AbortSignal): Promise<void> {
    await this.loop.start(signal);
  }

  async stop(): Promise<void> {
    await this.loop.stop();
  }

  /** Asks for a read now, e.g. after a record turned out to have another owner. */
  refresh(): void {
    this.loop.poke();
  }

  private async read(coordinator: Coordinator, full: boolean): Promise<void> {
    if (full) await coordinator.sync(this.layout.allocations);
    // The watch is set before the chunks are read: a change while we read them makes us read again.
    const watcher = this.loop.watcher(coordinator, 'rev');
    if (watcher !== undefined) await coordinator.exists(this.layout.allocationRev(this.agent), watcher);
    const chunks = await this.readChunks(coordinator);
    const bytes = Buffer.concat(chunks);
    if (this.seen?.equals(bytes)) return;
    this.list = decodeAllocation(chunks);
    this.seen = bytes;
    this.events.emit('changed', this.list);
  }

  private async readChunks(coordinator: Coordinator): Promise<Buffer[]> {
    try {
      const { children } = await coordinator.getChildren(this.layout.allocation(this.agent));
      const names = children.filter((name) => name !== 'rev').sort();
      const paths = names.map((name) => `${this.layout.allocation(this.agent)}/${name}`);
      return await Promise.all(paths.map(async (path) => (await coordinator.getData(path)).data));
    } catch (error) {
      // No list yet is an empty list. A chunk that went while we read means that the list is being written: read again.
      if (isCoordinationError(error, 'noNode') && error.path === this.layout.allocation(this.agent)) return [];
      throw error;
    }
  }
}
