// Writes task status: in batches, only what changed, and at a bounded rate. What a user did (apply, suspend) and what the
// allocation did shows at once; what runs did (last run, next time) is gathered: a task that is due every second does not
// get a status write every second.
import { isDeepStrictEqual } from 'node:util';
import { messageOf, type Timer } from '../../../base/index.js';
import { type MembersInformer, readTriggerRecords, triggerName } from '../../../coordination/index.js';
import {
  compileSchedules,
  declaredSlots,
  firesAfter,
  isSuspended,
  scheduleSpecOf,
  suspensionWords,
  type Task,
  type TaskStatus,
} from '../../../manifests/index.js';
import type { RunSummary, Stored } from '../../store/store-types.js';
import type { RecordCache } from '../allocation/record-cache.js';
import type { PlanRecord } from '../allocation/types.js';
import type { Leadership } from '../leadership.js';
import type { StoreView } from '../store-view.js';
import { decideTaskStatus, refusalIn, TASK_REFUSED } from './decide-task-status.js';

/** Tasks per batch: one read of tasks, one of run summaries. */
const BATCH = 100;
/** Between batches, so that status never fills the store's queue: 2,000 urgent or 200 other tasks a second. */
const URGENT_PAUSE_MS = 50;
const PAUSE_MS = 500;
/** Between two writes of one task for what its runs did. */
const SPACING_MS = 5_000;

export class TaskStatusWriter {
  private readonly leadership: Leadership;
  private readonly view: StoreView;
  private readonly cache: RecordCache;
  private readonly members: MembersInformer;
  private readonly counters: { taskStatusWrites: number };
  private readonly urgent = new Set<string>();
  private readonly gathered = new Set<string>();
  /** Monotonic time of the latest look at a task; pruned when it is older than the spacing. */
  private readonly lookedAt = new Map<string, number>();
  private timer: Timer | undefined;
  private working: Promise<void> | undefined;
  private stopped = true;

  constructor(
    leadership: Leadership,
    view: StoreView,
    cache: RecordCache,
    members: MembersInformer,
    counters: { taskStatusWrites: number },
  ) {
    this.leadership = leadership;
    this.view = view;
    this.cache = cache;
    this.members = members;
    this.counters = counters;
  }

  start(): void {
    this.stopped = false;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.timer?.cancel();
    await this.working;
  }

  /** The user or the allocation changed something. */
  soon(uid: string): void {
    this.urgent.add(uid);
    this.arm(URGENT_PAUSE_MS);
  }

  /** A run of the task changed. At once after a quiet time, gathered otherwise. */
  later(uid: string): void {
    this.gathered.add(uid);
    this.arm(PAUSE_MS);
  }

  private arm(delayMs: number): void {
    if (this.stopped || this.working !== undefined) return;
    this.timer?.cancel();
    const wait = this.urgent.size > 0 ? Math.min(delayMs, URGENT_PAUSE_MS) : delayMs;
    this.timer = this.leadership.clock.timerAfter(wait, () => {
      this.working = this.work().finally(() => {
        this.working = undefined;
        if (this.urgent.size + this.gathered.size > 0) this.arm(PAUSE_MS);
      });
    });
  }

  private async work(): Promise<void> {
    const batch = this.takeBatch();
    if (batch.length === 0 || this.leadership.signal.aborted) return;
    try {
      await this.writeBatch(batch);
    } catch (error) {
      if (this.leadership.signal.aborted) return;
      this.leadership.failed(error);
      this.leadership.log.warn({ tasks: batch.length, err: messageOf(error) }, 'task status could not be written');
      for (const uid of batch) this.gathered.add(uid); // the pause is the back-off
    }
  }

  private takeBatch(): string[] {
    if (!this.cache.filled) return []; // no task has an owner for one who has not looked
    const now = this.leadership.clock.monotonic();
    const batch: string[] = [];
    const take = (from: Set<string>, due: (uid: string) => boolean) => {
      for (const uid of from) {
        if (batch.length === BATCH) return;
        if (!due(uid)) continue;
        from.delete(uid);
        this.lookedAt.set(uid, now);
        batch.push(uid);
      }
    };
    take(this.urgent, () => true);
    for (const [uid, at] of this.lookedAt) if (now - at >= SPACING_MS) this.lookedAt.delete(uid);
    take(this.gathered, (uid) => !this.lookedAt.has(uid));
    return batch;
  }

  private async writeBatch(uids: readonly string[]): Promise<void> {
    const { store, clock, fence, signal } = this.leadership;
    const [tasks, summaries] = await Promise.all([store.listByUid<Task>('Task', uids), store.runSummaries(uids)]);
    if (signal.aborted) return;
    const counts = await this.countsOf(tasks);
    const now = clock.now();
    await Promise.all(
      tasks.map(async (task) => {
        const { uid } = task.metadata;
        const status = this.statusOf(task, summaries.get(uid), counts.get(uid), now);
        if (isDeepStrictEqual(status, task.status)) return;
        // Its agent may be about to take off what came to nothing: nobody tells when it has.
        if (status.state === 'Complete') this.gathered.add(uid);
        const { namespace = 'default', name } = task.metadata;
        await store.updateStatus<Task>({ kind: 'Task', namespace, name }, status, fence);
        this.counters.taskStatusWrites += 1;
        await this.tellRefusal(task, status);
      }),
    );
  }

  private async tellRefusal({ metadata, status: before }: Stored<Task>, status: TaskStatus): Promise<void> {
    const refusal = refusalIn(status);
    if (refusal === undefined || refusal === refusalIn(before)) return;
    const { namespace = 'default', name, uid } = metadata;
    const regarding = { kind: 'Task', namespace, name, uid } as const;
    const { store, clock } = this.leadership;
    const told = { reason: TASK_REFUSED, message: refusal, regarding, source: 'center' } as const;
    await store.recordEvents([{ ...told, time: clock.now() }]);
  }

  /** Those that the task has, and a record of. */
  private slotsOf({ metadata: { uid }, spec }: Stored<Task>): PlanRecord[] {
    const slots = this.cache.slotsOf(uid);
    const has = declaredSlots(spec) ?? slots.filter((slot) => slot !== '');
    return has.flatMap((slot) => this.cache.get(triggerName(uid, slot)) ?? []);
  }

  /** Of tasks with maxRuns, the runs by schedule of each slot: only the records know. */
  private async countsOf(tasks: readonly Stored<Task>[]): Promise<Map<string, number[]>> {
    const { coordinator, layout } = this.leadership;
    const counts = new Map<string, number[]>();
    const slots = tasks.filter(({ spec }) => spec.maxRuns !== undefined).flatMap((task) => this.slotsOf(task));
    if (slots.length === 0) return counts;
    const records = await readTriggerRecords(
      coordinator,
      slots.map(({ taskUid, slot }) => layout.trigger(taskUid, slot)),
    );
    for (const [i, { taskUid }] of slots.entries()) {
      counts.set(taskUid, [...(counts.get(taskUid) ?? []), records[i]?.record.runs ?? 0]);
    }
    return counts;
  }

  private statusOf(
    task: Stored<Task>,
    runs: RunSummary | undefined,
    counts: readonly number[] | undefined,
    now: number,
  ): TaskStatus {
    const { uid, generation } = task.metadata;
    const { maxRuns } = task.spec;
    const schedules = compileSchedules(scheduleSpecOf(task), uid);
    const facts = {
      generation,
      suspended: isSuspended(task.spec, now),
      suspension: suspensionWords(task.spec, now),
      firesAt: schedules.next(firesAfter(task.spec, now))?.time,
      going: task.metadata.deletionTimestamp !== undefined,
      slots: this.slotsOf(task),
      mode: task.spec.placement?.mode ?? 'Single',
      isRegistered: (agent: string) => this.members.members.has(agent),
      isKnown: (agent: string) => this.view.agents.has(agent),
      refusal: (agent: string) => this.view.agents.get(agent)?.refused[uid],
      runs,
      counted: maxRuns === undefined ? undefined : { maxRuns, runs: counts ?? [] },
      onDemand: (task.spec.schedules ?? []).length === 0,
      waits: task.spec.after !== undefined,
      nextTime: schedules.next(now)?.time,
    };
    return decideTaskStatus(facts, task.status, now);
  }
}
