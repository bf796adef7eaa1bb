// Whether the installation does what it is for: a center, leading or not, that has heard of no scheduled run for a while works out for
// itself which time points were due, by the code that agents fire by, and looks into trigger records whether anybody has taken them.
// While runs are reported it does nothing at all.

import type { Clock } from '../../../base/index.js';
import {
  type CoordinationSession,
  type Layout,
  readTriggerRecords,
  recordSuspensionEnd,
} from '../../../coordination/index.js';
import { compileSchedules, isSuspended, type Run, scheduleSpecOf, type Task } from '../../../manifests/index.js';
import { objectPages } from '../../store/object-pages.js';
import type { Store } from '../../store/store.js';
import type { Change, Stored } from '../../store/store-types.js';

/** So many are enough to say that nothing fires. */
const FOUND_MAX = 5;

export interface SelfWatchOptions {
  readonly store: Store;
  readonly session: CoordinationSession;
  readonly layout: Layout;
  readonly clock: Clock;
  /** How long a time point may wait, and nothing else fire, ms. */
  readonly silenceMs: number;
}

export interface Silent {
  /** Names of tasks that should have fired; some of them. */
  readonly tasks: readonly string[];
  /** The earliest of their time points, ms. */
  readonly since: number;
}

export class SelfWatch {
  private readonly options: SelfWatchOptions;
  /** Wall time of the last word about a scheduled run, ms. */
  private heardAt: number;
  /** No time point of any task can be overdue before, ms. */
  private quietUntil = 0;

  constructor(options: SelfWatchOptions) {
    this.options = options;
    this.heardAt = options.clock.now();
  }

  note(changes: readonly Change[]): void {
    for (const { kind, object, previous } of changes) {
      if (kind === 'Run') {
        if ((object as Run).spec.scheduledTime !== undefined) this.heardAt = this.options.clock.now();
      } else if (kind === 'Task' && object.metadata.generation !== previous?.metadata.generation) this.quietUntil = 0;
    }
  }

  /** Undefined while all is well. Throws when the store or ZooKeeper cannot be asked. */
  async look(): Promise<Silent | undefined> {
    const { store, clock, silenceMs } = this.options;
    const now = clock.now();
    const from = this.heardAt;
    if (now - from < silenceMs || now < this.quietUntil) return undefined;
    let soonest = Number.POSITIVE_INFINITY;
    const due: { task: Stored<Task>; point: number }[] = [];
    for await (const page of objectPages<Task>(store, 'Task')) {
      for (const task of page) {
        const point = firstAfter(task, from);
        if (point === undefined) continue;
        if (point + silenceMs > now) soonest = Math.min(soonest, point + silenceMs);
        else if (due.length < FOUND_MAX * 10) due.push({ task, point });
      }
    }
    const unfired = await this.unfired(due);
    if (this.heardAt !== from) return undefined;
    if (unfired.length === 0) {
      // What was due has been taken without a word, for instance by runs that wait. Later points tell more.
      this.quietUntil = due.length === 0 ? soonest : now + silenceMs;
      return undefined;
    }
    const names = unfired.map(({ task: { metadata } }) => `${metadata.namespace}/${metadata.name}`);
    return { tasks: names.slice(0, FOUND_MAX), since: Math.min(...unfired.map(({ point }) => point)) };
  }

  private async unfired<T extends { readonly task: Stored<Task>; readonly point: number }>(
    due: readonly T[],
  ): Promise<T[]> {
    if (due.length === 0) return [];
    const { session, layout } = this.options;
    // Of a task with shards the first stands for all.
    const slotOf = ({ spec }: Task) => (spec.placement?.mode === 'Shards' ? '0' : '');
    const paths = due.map(({ task }) => layout.trigger(task.metadata.uid, slotOf(task)));
    const records = await readTriggerRecords(session.current, paths);
    return due.filter(({ point }, index) => {
      const record = records[index]?.record;
      return record === undefined || (record.cursor < point && recordSuspensionEnd(record) <= point);
    });
  }
}

/** The first time point behind `from` at which the task should fire. */
function firstAfter(task: Stored<Task>, from: number): number | undefined {
  const { metadata, spec, status } = task;
  const after = Math.max(from, Date.parse(metadata.creationTimestamp));
  if (spec.schedules === undefined || spec.placement?.mode === 'EveryAgent') return undefined;
  if (metadata.deletionTimestamp !== undefined || status?.state === 'Complete' || isSuspended(spec, after))
    return undefined;
  return compileSchedules(scheduleSpecOf(task), metadata.uid).next(after)?.time;
}
