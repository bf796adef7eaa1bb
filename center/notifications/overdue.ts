// What nobody reports: runs that take long, and time points that are not started. The leader looks for both, no more often than
// there may be something to find.
//
// A time point that no agent has looked at has no run. The trigger record says so: it is the first one behind the cursor, and what
// lies behind a cursor can still fire. So one point is told, however many come after it, until the cursor moves on.
import {
  type MembersInformer,
  readTriggerRecords,
  recordSuspensionEnd,
  type TriggerRecord,
} from '../../coordination/index.js';
import { compileSchedules, scheduleSpecOf, type Task, type TaskSchedules } from '../../manifests/index.js';
import type { RecordCache } from '../controllers/allocation/record-cache.js';
import type { Leadership } from '../controllers/leadership.js';
import type { StoreView } from '../controllers/store-view.js';
import type { TaskView } from '../controllers/task-view.js';
import type { Stored } from '../store/index.js';
import type { LateRule, UnstartedPoint } from '../store/notifications/notification-book.js';
import { keepLooking } from './keep-looking.js';

/** Somebody may have begun to ask, ms. */
const LOOK_MAX_MS = 5_000;
const LOOK_MIN_MS = 250;
/** Tasks whose records are read in one look. */
const TASKS_PER_LOOK = 200;

interface Watched {
  readonly generation: number;
  /** Wall time, ms; no time point of it is late before. */
  readonly at: number;
}

export class Overdue {
  private readonly leadership: Leadership;
  private readonly view: StoreView;
  private readonly cache: RecordCache;
  private readonly members: MembersInformer;
  private readonly watched = new Map<string, Watched>();
  private end: (() => Promise<void>) | undefined;

  constructor(leadership: Leadership, view: StoreView, cache: RecordCache, members: MembersInformer) {
    this.leadership = leadership;
    this.view = view;
    this.cache = cache;
    this.members = members;
  }

  start(): void {
    const complaint = 'runs that take long could not be looked for';
    this.end = keepLooking(() => this.look(), { ...this.leadership, complaint, retryMs: LOOK_MAX_MS });
  }

  async stop(): Promise<void> {
    await this.end?.();
  }

  private async look(): Promise<number> {
    return Math.min(LOOK_MAX_MS, Math.max(LOOK_MIN_MS, await this.lookOnce()));
  }

  /** How soon there may be more, ms. */
  private async lookOnce(): Promise<number> {
    const { store, fence, clock } = this.leadership;
    const { againInMs } = await store.notifications.noteOverdue(fence);
    if (againInMs === undefined) return LOOK_MAX_MS;
    const rules = await store.notifications.lateRules();
    const late = this.tasksOf(rules);
    for (const uid of this.watched.keys()) if (!late.has(uid)) this.watched.delete(uid);
    const now = clock.now();
    const { due, next } = this.dueIn(late, now);
    if (due.length > 0 && this.cache.filled) await this.lookAt(due, late, now);
    // Those that were looked at know by now when there is more to see.
    const soonest = due.reduce((least, uid) => Math.min(least, this.dueAt(uid)), next);
    return Math.min(againInMs, soonest - now);
  }

  /** Those that have waited longest, and when the first of the others is due, ms. */
  private dueIn(
    late: ReadonlyMap<string, number>,
    now: number,
  ): { readonly due: readonly string[]; readonly next: number } {
    const waiting: { readonly uid: string; readonly at: number }[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const uid of late.keys()) {
      const at = this.dueAt(uid);
      if (at <= now) waiting.push({ uid, at });
      else next = Math.min(next, at);
    }
    if (waiting.length > TASKS_PER_LOOK) waiting.sort((a, b) => a.at - b.at);
    const rest = waiting[TASKS_PER_LOOK];
    return {
      due: waiting.slice(0, TASKS_PER_LOOK).map(({ uid }) => uid),
      next: rest === undefined ? next : Math.min(next, rest.at),
    };
  }

  private dueAt(uid: string): number {
    const watched = this.watched.get(uid);
    return watched === undefined || watched.generation !== this.view.tasks.get(uid)?.generation ? 0 : watched.at;
  }

  /** By uid, after how long the time points of a task are late, ms. Of tasks that fire. */
  private tasksOf(rules: readonly LateRule[]): Map<string, number> {
    const late = new Map<string, number>();
    if (rules.length === 0) return late;
    const [ofTask, ofNamespace, ofCluster] = [
      new Map<string, number>(),
      new Map<string, number>(),
      new Map<string, number>(),
    ];
    for (const { of, lateAfterMs } of rules) {
      if ('taskUid' in of) ofTask.set(of.taskUid, lateAfterMs);
      else if ('namespace' in of) ofNamespace.set(of.namespace, lateAfterMs);
      else ofCluster.set(of.cluster, lateAfterMs);
    }
    const consider = (task: TaskView | undefined, lateAfterMs: number | undefined) => {
      if (task !== undefined && lateAfterMs !== undefined && !task.suspended) late.set(task.uid, lateAfterMs);
    };
    if (ofNamespace.size + ofCluster.size > 0) {
      for (const task of this.view.tasks.values()) {
        consider(task, ofNamespace.get(task.namespace) ?? ofCluster.get(task.cluster));
      }
    }
    for (const [uid, lateAfterMs] of ofTask) consider(this.view.tasks.get(uid), lateAfterMs);
    return late;
  }

  private async lookAt(uids: readonly string[], late: ReadonlyMap<string, number>, now: number): Promise<void> {
    const { store, coordinator, layout, fence } = this.leadership;
    const tasks = await store.listByUid<Task>('Task', uids);
    const slots = tasks.flatMap((task) =>
      this.cache.slotsOf(task.metadata.uid).map((slot) => ({ task, slot, uid: task.metadata.uid })),
    );
    const records = await readTriggerRecords(
      coordinator,
      slots.map(({ uid, slot }) => layout.trigger(uid, slot)),
    );
    const points: UnstartedPoint[] = [];
    for (const task of tasks) {
      const { uid, name, namespace = 'default', generation } = task.metadata;
      const lateAfterMs = late.get(uid) ?? 0;
      const schedules = compileSchedules(scheduleSpecOf(task), uid);
      // Nothing that comes due from now on is late before that.
      let at = schedules.next(now - lateAfterMs)?.time ?? Number.POSITIVE_INFINITY;
      for (const [index, one] of slots.entries()) {
        const record = records[index]?.record;
        if (one.uid !== uid || record === undefined || !this.fires(task, record)) continue;
        const point = this.unconsumed(schedules, record);
        if (point === undefined) continue;
        if (point + lateAfterMs <= now) points.push({ taskUid: uid, task: name, namespace, slot: one.slot, point });
        else at = Math.min(at, point);
      }
      this.watched.set(uid, { generation, at: at + lateAfterMs });
    }
    if (points.length > 0) await store.notifications.noteUnstarted(points, fence);
  }

  /** Whether a point behind the cursor is late, and not just nobody's business: an agent that is away lacks nothing. */
  private fires({ metadata, spec, status }: Stored<Task>, record: TriggerRecord): boolean {
    if (record.revision !== metadata.generation || status?.state === 'Complete') return false;
    const away = record.owner === null || !this.members.members.has(record.owner);
    return spec.placement?.mode !== 'EveryAgent' || !away;
  }

  private unconsumed(schedules: TaskSchedules, record: TriggerRecord): number | undefined {
    const from = recordSuspensionEnd(record);
    return from === Number.POSITIVE_INFINITY ? undefined : schedules.next(Math.max(record.cursor, from - 1))?.time;
  }
}
