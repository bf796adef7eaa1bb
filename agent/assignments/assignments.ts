// From the allocation list to scheduled slots. The list says what to look at; the trigger record decides; the task comes
// from the cache or the center. Keys, not events: whatever happens to a slot only marks it, one worker looks again.
import { Backoff, type Clock, type Logger, messageOf, type Timer } from '../../base/index.js';
import {
  type AllocationEntry,
  type CoordinationSession,
  type Coordinator,
  type Layout,
  readTriggerRecords,
  type VersionedRecord,
} from '../../coordination/index.js';
import type { LoadedTask } from '../schedule-loop/loaded-task.js';
import type { ScheduleLoop } from '../schedule-loop/schedule-loop.js';
import { newSlot, type Slot, slotKey } from '../schedule-loop/slot.js';
import type { TaskSource } from './task-source.js';

/** Slots looked at in one go: bounds the memory of the replies, and lets the first of 10,000 start early. */
const STEP_MAX = 500;
const RETRY_INITIAL_MS = 100;
const RETRY_MAX_MS = 5000;

export interface AssignmentsOptions {
  readonly agent: string;
  readonly session: CoordinationSession;
  readonly layout: Layout;
  readonly tasks: TaskSource;
  readonly loop: ScheduleLoop;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called with each task that is scheduled here from now on, and each new generation of it. */
  readonly loaded: (task: LoadedTask) => void;
  /** Called when everything that could be looked at has been. */
  readonly applied: (slots: number) => void;
}

export class Assignments {
  private readonly options: AssignmentsOptions;
  private readonly slots = new Map<string, Slot>();
  private readonly marked = new Set<Slot>();
  /** Slots that the list does not name any more; dropped when their record agrees. */
  private readonly unlisted = new Set<Slot>();
  private readonly ended = new AbortController();
  private working: Promise<void> | undefined;
  private retry: Timer | undefined;
  private readonly backoff = new Backoff({ initialMs: RETRY_INITIAL_MS, maxMs: RETRY_MAX_MS });

  constructor(options: AssignmentsOptions) {
    this.options = options;
  }

  get size(): number {
    return this.slots.size;
  }

  owns(key: string): boolean {
    return this.slots.has(key);
  }

  /** The whole list as it is now. */
  apply(entries: readonly AllocationEntry[]): void {
    const listed = new Set<string>();
    this.options.tasks.keepOnly(new Set(entries.map(({ taskUid }) => taskUid)));
    for (const entry of entries) {
      const key = slotKey(entry.taskUid, entry.slot);
      listed.add(key);
      const slot = this.slots.get(key);
      if (slot === undefined) {
        const fresh = newSlot(entry, this.options.layout.trigger(entry.taskUid, entry.slot));
        this.slots.set(key, fresh);
        this.marked.add(fresh);
        continue;
      }
      this.unlisted.delete(slot);
      if (!sameEntry(slot.entry, entry)) this.marked.add(slot);
      slot.entry = entry;
    }
    for (const slot of this.slots.values()) {
      if (listed.has(slot.key)) continue;
      // A long list is not read atomically: an entry may seem to be missing. The record knows.
      this.unlisted.add(slot);
      this.marked.add(slot);
    }
    this.work();
  }

  /** The record of a slot is not what was thought. */
  mark(slot: Slot): void {
    if (this.slots.get(slot.key) !== slot) return;
    this.marked.add(slot);
    this.work();
  }

  /** Nothing that was read before may be believed. */
  markAll(): void {
    for (const slot of this.slots.values()) this.marked.add(slot);
    this.work();
  }

  async stop(): Promise<void> {
    this.ended.abort();
    this.retry?.cancel();
    await this.working;
  }

  private work(): void {
    if (this.ended.signal.aborted || this.working !== undefined) return;
    this.retry?.cancel();
    this.working = this.workOff().then((done) => {
      this.working = undefined;
      // Marked after the last look, e.g. by what starts because all was done.
      if (done && this.marked.size > 0) this.work();
    });
  }

  /** True when everything was looked at; otherwise it is tried again after a while. */
  private async workOff(): Promise<boolean> {
    let failed = false;
    while (this.marked.size > 0 && !this.ended.signal.aborted) {
      const step = [...this.marked].slice(0, STEP_MAX);
      for (const slot of step) this.marked.delete(slot);
      try {
        const unsettled = await this.look(step);
        for (const slot of unsettled) this.marked.add(slot);
        if (unsettled.length > 0) failed = true;
      } catch (error) {
        if (this.ended.signal.aborted) return false;
        for (const slot of step) this.marked.add(slot);
        this.options.log.debug({ slots: this.marked.size, err: messageOf(error) }, 'slots could not be loaded');
        failed = true;
      }
      if (failed) break;
    }
    if (!failed) {
      this.backoff.reset();
      this.options.loop.abandonHomeless((key) => this.slots.has(key));
      this.options.applied(this.slots.size);
      return true;
    }
    this.retry = this.options.clock.timerAfter(this.backoff.next(), () => this.work());
    return false;
  }

  /** Brings slots up to date; returns those that need another look, because center and record disagree for now. */
  private async look(slots: readonly Slot[]): Promise<Slot[]> {
    const coordinator = this.options.session.current;
    await coordinator.connected(this.ended.signal);
    const records = await this.read(coordinator, slots);
    const live: { slot: Slot; record: VersionedRecord }[] = [];
    const unsettled: Slot[] = [];
    for (const [index, slot] of slots.entries()) {
      const record = records[index];
      if (record?.record.owner === this.options.agent) live.push({ slot, record });
      else if (record === undefined && !this.unlisted.has(slot)) unsettled.push(slot);
      else this.drop(slot);
    }
    // Before the center is asked for newer tasks, the slots whose task is in the cache go to work.
    const offer = (tasks: ReadonlyMap<string, LoadedTask>) => {
      for (const { slot, record } of live) this.offer(slot, record, tasks.get(slot.entry.taskUid));
    };
    const wanted = new Map(live.map(({ slot, record }) => [slot.entry.taskUid, record.record.revision]));
    const tasks = await this.options.tasks.load(wanted, this.ended.signal, offer);
    for (const { slot, record } of live) {
      const task = tasks.get(slot.entry.taskUid);
      if (task === undefined)
        this.drop(slot); // deleted: the leader takes it off the list in a moment; or refused: it is told so
      else if (!this.offer(slot, record, task)) unsettled.push(slot);
    }
    return unsettled;
  }

  private async read(coordinator: Coordinator, slots: readonly Slot[]): Promise<(VersionedRecord | undefined)[]> {
    const paths = slots.map((slot) => slot.path);
    const records = await readTriggerRecords(coordinator, paths);
    const ours = (record: VersionedRecord | undefined) => record?.record.owner === this.options.agent;
    if (records.every(ours) || slots.every((slot) => this.unlisted.has(slot))) return records;
    // The list says ours, the record does not: perhaps this server lags behind.
    await coordinator.sync(this.options.layout.triggers);
    return readTriggerRecords(coordinator, paths);
  }

  /** True when task and record agree and the slot is scheduled. */
  private offer(slot: Slot, record: VersionedRecord, task: LoadedTask | undefined): boolean {
    if (slot.mode === 'dropped') return true;
    if (task?.generation !== record.record.revision) return false;
    // A claim of ours may have moved the record since it was read.
    const known = slot.known;
    if (known === undefined || known.version < record.version) this.options.loop.adopt(slot, record);
    const isNew = slot.task !== task;
    this.options.loop.ready(slot, task, slot.known ?? record);
    if (isNew) this.options.loaded(task);
    return true;
  }

  private drop(slot: Slot): void {
    this.unlisted.delete(slot);
    this.slots.delete(slot.key);
    this.options.loop.drop(slot);
  }
}

function sameEntry(a: AllocationEntry, b: AllocationEntry): boolean {
  return a.revision === b.revision && a.ownerEpoch === b.ownerEpoch && a.suspended === b.suspended;
}
