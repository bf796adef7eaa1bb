// The no-gap audit (rule R12): every time point up to a slot's cursor was consumed by a claim, so it must end in a row.
// Slots are looked at in turn; a mark in the store says how far each has been found complete. A missing row is waited for
// while any agent can still report it; then it is recorded as Lost, which a late report overrules.
//
// The mark is only valid for the schedules in force. When an edit comes into force, the mark is put to the new cursor, and in
// the same transaction what the old schedules still owe is kept in the store: the next leader goes on with it.
import { parseTriggerName, readTriggerRecords, triggerName } from '../../../coordination/index.js';
import {
  compileSchedules,
  type RunReport,
  runName,
  runUid,
  type ScheduleSpec,
  scheduleSpecOf,
  type Task,
} from '../../../manifests/index.js';
import { type FoundRestore, RESTORED } from '../../store/restore-book.js';
import type { LeaderRunVerdict, OwedPoint } from '../../store/store-types.js';
import type { Leadership } from '../leadership.js';
import type { StoreView } from '../store-view.js';
import type { TaskView } from '../task-view.js';
import { OWED_MAX, oweStretch } from './owe-points.js';
import type { Silence } from './silence.js';

/** Slots per turn: bounds what one turn asks of ZooKeeper and the store. */
const SLOTS_PER_TURN = 200;
/** Time points per slot and turn. */
const POINTS_MAX = 1_000;

/** An edit of schedules came into force: up to `from` the old ones were claimed, beyond `to` the new ones count. */
export interface ScheduleTurn {
  readonly taskUid: string;
  readonly slot: string;
  readonly from: number;
  readonly to: number;
  /** Revision of the old ones. */
  readonly revision: number;
  /** The old ones; those of now when this leader did not see them. */
  readonly schedules: ScheduleSpec;
}

export class Audit {
  private readonly leadership: Leadership;
  private readonly view: StoreView;
  private readonly silence: Silence;
  private readonly counters: { auditedSlots: number; auditFindings: number };
  private readonly advanced: (taskUid: string) => void;
  private readonly slotsOf: (taskUid: string) => readonly string[];
  private readonly marks = new Map<string, number>();
  /** A restore is found at the beginning of a term only. */
  private restores: readonly FoundRestore[] | undefined;
  /** Per slot, where the cursor was seen at a time, and up to where what it consumed is settled by now. */
  private readonly seen = new Map<string, { readonly cursor: number; readonly at: number; readonly settled: number }>();
  /** Edits whose debts are not in the store yet; the first one may be on its way. */
  private readonly turns: ScheduleTurn[] = [];
  private writing: Promise<void> | undefined;
  private turn: string[] = [];

  constructor(
    leadership: Leadership,
    view: StoreView,
    silence: Silence,
    counters: { auditedSlots: number; auditFindings: number },
    /** The mark of a slot of the task moved on. */
    advanced: (taskUid: string) => void,
    /** Slots of the task that have a record. */
    slotsOf: (taskUid: string) => readonly string[],
  ) {
    this.slotsOf = slotsOf;
    this.advanced = advanced;
    this.leadership = leadership;
    this.view = view;
    this.silence = silence;
    this.counters = counters;
  }

  /** Takes over what the old schedules owe and moves the mark. What the store cannot take now, the next turn writes. */
  schedulesTurned(turn: ScheduleTurn): Promise<void> {
    this.turns.push(turn);
    return this.writeTurns();
  }

  private writeTurns(): Promise<void> {
    this.writing ??= this.writeAllTurns().finally(() => {
      this.writing = undefined;
    });
    return this.writing;
  }

  private async writeAllTurns(): Promise<void> {
    for (let turn = this.turns[0]; turn !== undefined; turn = this.turns[0]) {
      await this.writeTurn(turn);
      this.turns.shift();
    }
  }

  private async writeTurn({ taskUid, slot, from, to, revision, schedules }: ScheduleTurn): Promise<void> {
    const name = triggerName(taskUid, slot);
    const mark = (await this.markOf(name, taskUid, slot)) ?? (revision === 1 ? this.createdAt(taskUid) : undefined);
    await oweStretch(this.leadership, { taskUid, slot, mark, from, to, schedules });
    this.advance(name, to);
  }

  private createdAt(taskUid: string): number | undefined {
    return this.view.tasks.get(taskUid)?.createdAt;
  }

  /** One turn: some slots, and what is owed. */
  async reconcile(): Promise<void> {
    await this.writeTurns();
    await this.collectOwed();
    if (this.turn.length === 0) this.turn = [...this.view.tasks.keys()].flatMap((uid) => this.namesOf(uid));
    const slots = this.turn.splice(0, SLOTS_PER_TURN).map(parseTriggerName);
    const { store, coordinator, layout, fence } = this.leadership;
    const uids = [...new Set(slots.map(({ taskUid }) => taskUid))];
    const tasks = new Map((await store.listByUid<Task>('Task', uids)).map((task) => [task.metadata.uid, task]));
    const records = await readTriggerRecords(
      coordinator,
      slots.map(({ taskUid, slot }) => layout.trigger(taskUid, slot)),
    );
    const marks: { taskUid: string; slot: string; upTo: number }[] = [];
    for (const [i, { taskUid, slot }] of slots.entries()) {
      const record = records[i]?.record;
      const task = tasks.get(taskUid);
      const view = this.view.tasks.get(taskUid);
      // Between an edit and its coming into force the cursor is one of other schedules.
      if (record === undefined || view === undefined || record.revision !== task?.metadata.generation) continue;
      if (this.leadership.signal.aborted) return;
      // The mark is one of other schedules until what they owe is written.
      if (this.turns.some((turn) => turn.taskUid === view.uid)) continue;
      const upTo = await this.auditSlot(view, slot, record.cursor, scheduleSpecOf(task));
      if (upTo !== undefined) marks.push({ taskUid: view.uid, slot, upTo });
    }
    if (marks.length > 0) await store.setAuditedUpTo(marks, fence);
    for (const { taskUid } of marks) this.advanced(taskUid);
    this.counters.auditedSlots += slots.length;
  }

  private namesOf(taskUid: string): string[] {
    return this.slotsOf(taskUid).map((slot) => triggerName(taskUid, slot));
  }

  /** Others have written these marks: of slots that begin or end. */
  marked(marks: readonly { taskUid: string; slot: string; upTo: number }[]): void {
    for (const { taskUid, slot, upTo } of marks) this.advance(triggerName(taskUid, slot), upTo);
  }

  /** Returns the new mark, or undefined when it stays. */
  private async auditSlot(
    task: TaskView,
    slot: string,
    cursor: number,
    schedules: ScheduleSpec,
  ): Promise<number | undefined> {
    const name = triggerName(task.uid, slot);
    const mark = (await this.markOf(name, task.uid, slot)) ?? (task.generation === 1 ? task.createdAt : undefined);
    if (mark === undefined) {
      // An edit keeps a mark for tasks that have none; this one was edited by a release that did not.
      this.advance(name, cursor);
      return cursor;
    }
    if (cursor <= mark) return undefined;
    const points = compileSchedules(schedules, task.uid).between(mark, cursor, POINTS_MAX);
    const rows = await this.leadership.store.existingTimePoints(
      task.uid,
      slot,
      points.map((point) => point.time),
    );
    const settled = this.settledUpTo(
      name,
      cursor,
      this.silence.settledBefore(task.cluster, this.view.lostAfterMs(task.cluster)),
    );
    const waitsFor = points.find((point) => !rows.has(point.time) && point.time > settled);
    const before = waitsFor === undefined ? points : points.slice(0, points.indexOf(waitsFor));
    const missing = before.filter((point) => !rows.has(point.time));
    await this.record(missing.map(({ time, schedule }) => ({ taskUid: task.uid, slot, point: time, schedule })));
    const complete = waitsFor === undefined && points.length < POINTS_MAX;
    const upTo = complete ? cursor : (before.at(-1)?.time ?? mark);
    this.advance(name, upTo);
    return upTo > mark ? upTo : undefined;
  }

  /** A time point can be consumed long after it was due: what is caught up is old, and its report still on the way. So the
   * time that counts is when its being consumed was seen. */
  private settledUpTo(name: string, cursor: number, settledBefore: number): number {
    const seen = this.seen.get(name);
    if (seen !== undefined && seen.at > settledBefore) return seen.settled;
    const settled = seen?.cursor ?? Number.NEGATIVE_INFINITY;
    this.seen.set(name, { cursor, at: this.leadership.clock.now(), settled });
    return settled;
  }

  private async collectOwed(): Promise<void> {
    const { store, fence } = this.leadership;
    const all = await store.owedPoints(OWED_MAX);
    const slots = new Map<string, OwedPoint[]>();
    for (const owed of all) {
      const name = triggerName(owed.taskUid, owed.slot);
      slots.set(name, [...(slots.get(name) ?? []), owed]);
    }
    const settled: OwedPoint[] = [];
    const missing: OwedPoint[] = [];
    for (const list of slots.values()) {
      const { taskUid, slot } = list[0]!;
      const cluster = this.view.tasks.get(taskUid)?.cluster;
      if (cluster === undefined) {
        settled.push(...list); // deleted: its runs go with it
        continue;
      }
      const points = list.map((owed) => owed.point);
      const rows = await store.existingTimePoints(taskUid, slot, points);
      const before = this.silence.settledBefore(cluster, this.view.lostAfterMs(cluster));
      for (const owed of list) {
        if (rows.has(owed.point)) settled.push(owed);
        else if (owed.point <= before) missing.push(owed);
      }
    }
    await this.record(missing);
    // Behind the rows: a leader that dies in between leaves debts that are paid, and nothing unpaid is forgotten.
    if (settled.length + missing.length > 0) await store.settleOwed([...settled, ...missing], fence);
  }

  private async record(missing: readonly OwedPoint[]): Promise<void> {
    if (missing.length === 0) return;
    const { store, fence, clock, log } = this.leadership;
    const time = clock.now();
    this.restores ??= await store.restores.found();
    const { restores } = this;
    const verdicts = missing.flatMap((owed): LeaderRunVerdict[] => {
      const task = this.view.tasks.get(owed.taskUid);
      return task === undefined ? [] : [{ report: lostReport(task, owed, time, restores), agent: null }];
    });
    this.counters.auditFindings += await store.recordVerdicts(verdicts, fence);
    log.warn({ points: missing.length }, 'time points were consumed but never reported; they are recorded as Lost');
  }

  private async markOf(name: string, taskUid: string, slot: string): Promise<number | undefined> {
    const known = this.marks.get(name) ?? (await this.leadership.store.auditedUpTo(taskUid, slot));
    if (known !== undefined) this.advance(name, known);
    return known;
  }

  /** Never back: what was asked before an edit came into force may be answered after it. */
  private advance(name: string, upTo: number): void {
    if (upTo > (this.marks.get(name) ?? Number.NEGATIVE_INFINITY)) this.marks.set(name, upTo);
  }
}

/** Attempt 0: anything that an agent knows of the run outranks it. */
function lostReport(task: TaskView, owed: OwedPoint, time: number, restores: readonly FoundRestore[]): RunReport {
  const restore = restores.find(({ backTo, until }) => backTo < owed.point && owed.point <= until);
  const key = { taskUid: owed.taskUid, slot: owed.slot, point: owed.point };
  return {
    uid: runUid(key),
    name: runName(task.name, key),
    namespace: task.namespace,
    task: task.name,
    taskUid: task.uid,
    slot: owed.slot,
    revision: task.generation,
    trigger: 'Schedule',
    scheduledTime: owed.point,
    schedule: owed.schedule,
    state: 'Lost',
    ...(restore === undefined
      ? { reason: 'NeverReported', message: 'an agent consumed the time point and never reported what became of it' }
      : { reason: RESTORED, message: `what became of it was lost when a backup of the ${restore.what} was restored` }),
    endTime: time,
    attempts: [],
    attempt: 0,
  };
}
