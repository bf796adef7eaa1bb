// The moves of a drain or a rebalance as they happen, from the events that the leader writes about them.
import { type Event, parseTaskMove, TASK_MOVED, type TaskMove } from '../../../manifests/index.js';
import type { Api } from '../../client/api.js';
import { resourcePath } from '../../client/paths.js';
import { listAll, type ObjectList, type WatchedObject, watchFrom } from '../../client/watch.js';

type Listed = Event & WatchedObject;

export class Moves {
  private readonly api: Api;
  private readonly query: { fieldSelector: string };
  private readonly print: (move: TaskMove) => Promise<void>;
  /** How often each event had happened when it was printed, or before. */
  private readonly counts = new Map<string, number>();
  private list: ObjectList<Listed> | undefined;
  private printing: Promise<void> = Promise.resolve();

  constructor(api: Api, about: { kind: 'Agent' | 'Cluster'; name: string }, print: (move: TaskMove) => Promise<void>) {
    this.api = api;
    const { kind, name } = about;
    this.query = { fieldSelector: `spec.reason=${TASK_MOVED},spec.regarding.kind=${kind},spec.regarding.name=${name}` };
    this.print = print;
  }

  /** To be called before the moves are asked for: what happened until now is not printed. */
  async begin(): Promise<void> {
    this.list = await listAll<Listed>(this.api, resourcePath('events'), this.query);
    for (const { metadata, spec } of this.list.items) this.counts.set(metadata.uid, spec.count);
  }

  /** Prints moves as they come; rejects only when the center refuses the watch. */
  async follow(): Promise<void> {
    const list = this.list!;
    for await (const { type, object } of watchFrom(this.api, resourcePath('events'), this.query, list)) {
      if (type !== 'DELETED') await this.take(object);
    }
  }

  /** Prints what has not been printed yet. */
  async finish(): Promise<void> {
    const { items } = await listAll<Listed>(this.api, resourcePath('events'), this.query);
    for (const event of items.sort((a, b) => (a.spec.lastTime < b.spec.lastTime ? -1 : 1))) await this.take(event);
  }

  private take({ metadata, spec }: Listed): Promise<void> {
    this.printing = this.printing.then(async () => {
      if (spec.count <= (this.counts.get(metadata.uid) ?? 0)) return;
      this.counts.set(metadata.uid, spec.count);
      const move = parseTaskMove(spec.message);
      if (move !== undefined) await this.print(move);
    });
    return this.printing;
  }
}

/** `task/x`; with its namespace, unless that is the default one. */
export function taskWords({ namespace, task }: Pick<TaskMove, 'namespace' | 'task'>): string {
  return namespace === 'default' ? `task/${task}` : `task/${task} -n ${namespace}`;
}
