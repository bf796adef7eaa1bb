// Brings a plan into the trigger records: the first half of applying it.
//
// The leader writes its fields of a record that the owner writes too (claims), so each write is read, change,
// compare-and-set; one that loses the race against a claim is read again. A record that already says what the plan wants
// (a write whose reply was lost) needs no write.
import {
  bucketOf,
  type CoordinationError,
  encodeTriggerRecord,
  inParallel,
  readTriggerRecords,
  type VersionedRecord,
} from '../../../coordination/index.js';
import type { Leadership } from '../leadership.js';
import { type FencedWrite, writeFenced } from './fenced-writes.js';
import { sameRecord } from './plan.js';
import { planRecordOf, type RecordCache } from './record-cache.js';
import type { RecordCreate, RecordRemove, RecordUpdate } from './types.js';

/** Tries against claims that come between; then the next reconcile goes on. */
const ROUNDS_MAX = 8;
const PATHS_IN_FLIGHT = 16;

/** Schedules turned: up to `from` the old ones were consumed, beyond `to` the new ones count. Nobody consumed what lies
 * between: the leader owes a row for each time point there (guarantee 2). */
export interface CursorJump {
  readonly update: RecordUpdate;
  /** Exclusive. */
  readonly from: number;
  /** Inclusive. */
  readonly to: number;
}

export interface AppliedRecords {
  /** Trigger records written. */
  readonly writes: number;
  /** Names whose record stands differently from what the plan took it to be; the cache says how. Plan again. */
  readonly surprises: number;
}

/** A jump whose write may have happened: no reply came yet, or none will. */
interface Doubt {
  readonly jump: CursorJump;
  /** Version of the record that the write is conditional on. */
  readonly version: number;
}

export class RecordWriter {
  /** Cursors moved by writes known to be committed, whatever became of others beside them. Who reads it takes them out. */
  readonly jumps: CursorJump[] = [];
  /** Latest time point, by agent, that it had claimed in a slot when that was taken from it. */
  readonly claimedByFormer = new Map<string, number>();
  private readonly doubts = new Map<string, Doubt>();
  private readonly leadership: Leadership;
  private readonly cache: RecordCache;
  private readonly buckets = new Set<number>();

  constructor(leadership: Leadership, cache: RecordCache) {
    this.leadership = leadership;
    this.cache = cache;
  }

  async create(creates: readonly (RecordCreate & { readonly cursor: number })[]): Promise<AppliedRecords> {
    if (creates.length === 0) return { writes: 0, surprises: 0 };
    const { coordinator, layout, epoch } = this.leadership;
    await this.ensureBuckets(creates.map((create) => create.taskUid));
    let writes = 0;
    const existing: RecordCreate[] = [];
    const fenced = creates.map((create): FencedWrite => {
      const record = {
        ...{ owner: create.owner, ownerEpoch: 1, revision: create.revision },
        ...{ suspended: create.suspended, suspendedUntil: create.suspendedUntil },
        ...{ cursor: create.cursor, attempt: 0, claimId: '', blockedBy: null },
      };
      const path = layout.trigger(create.taskUid, create.slot);
      return {
        operation: { op: 'create', path, data: encodeTriggerRecord(record) },
        committed: () => {
          writes += 1;
          this.cache.set(create.name, planRecordOf(create.taskUid, create.slot, record));
        },
        refused: () => existing.push(create),
      };
    });
    await writeFenced(coordinator, layout, epoch, fenced);
    await this.learn(existing);
    return { writes, surprises: existing.length };
  }

  /**
   * `newCursor` says where the cursor shall be at least; undefined leaves it. Rejects when an outcome is unknown; the next
   * call finds out, and then such a write counts among `jumps` too.
   */
  async update(
    updates: readonly RecordUpdate[],
    newCursor: (update: RecordUpdate) => number | undefined,
  ): Promise<AppliedRecords> {
    const { coordinator, layout, epoch } = this.leadership;
    let writes = 0;
    let surprises = 0;
    let pending = updates;
    await this.settleDoubts();
    for (let round = 0; pending.length > 0 && round < ROUNDS_MAX; round++) {
      const found = await readTriggerRecords(
        coordinator,
        pending.map((update) => layout.trigger(update.taskUid, update.slot)),
      );
      const again: RecordUpdate[] = [];
      const fenced: FencedWrite[] = [];
      pending.forEach((update, i) => {
        const present = found[i];
        this.settle(update.name, present);
        if (!this.stillAsPlanned(update, present)) {
          surprises += 1;
          return;
        }
        fenced.push(
          this.updateOf(update, present, newCursor(update), {
            committed: () => {
              writes += 1;
            },
            refused: () => again.push(update),
          }),
        );
      });
      await writeFenced(coordinator, layout, epoch, fenced);
      pending = again;
    }
    return { writes, surprises: surprises + pending.length };
  }

  /** Deletes the records of deleted tasks. They were made tombstones by `update` before: no claim can succeed any more. */
  async remove(removes: readonly RecordRemove[]): Promise<AppliedRecords> {
    if (removes.length === 0) return { writes: 0, surprises: 0 };
    const { coordinator, layout, epoch } = this.leadership;
    const paths = removes.map((remove) => layout.trigger(remove.taskUid, remove.slot));
    const found = await readTriggerRecords(coordinator, paths);
    let writes = 0;
    let surprises = 0;
    const fenced: FencedWrite[] = [];
    removes.forEach((remove, i) => {
      const present = found[i];
      if (present === undefined) {
        this.cache.delete(remove.name);
        return;
      }
      fenced.push({
        operation: { op: 'delete', path: paths[i]!, version: present.version },
        committed: () => {
          writes += 1;
          this.cache.delete(remove.name);
        },
        refused: () => {
          surprises += 1;
        },
      });
    });
    await writeFenced(coordinator, layout, epoch, fenced);
    return { writes, surprises };
  }

  private async settleDoubts(): Promise<void> {
    if (this.doubts.size === 0) return;
    const { coordinator, layout } = this.leadership;
    const doubts = [...this.doubts];
    const found = await readTriggerRecords(
      coordinator,
      doubts.map(([, { jump }]) => layout.trigger(jump.update.taskUid, jump.update.slot)),
    );
    doubts.forEach(([name], i) => {
      this.settle(name, found[i]);
    });
  }

  /** Only this leader writes revisions: a record that has the new one since has it from the write in doubt. */
  private settle(name: string, present: VersionedRecord | undefined): void {
    const doubt = this.doubts.get(name);
    if (doubt === undefined || present?.version === doubt.version) return; // it may still come
    this.doubts.delete(name);
    if (present === undefined || present.record.revision < doubt.jump.update.to.revision) return;
    const to = Math.min(doubt.jump.to, present.record.cursor); // of two tries the earlier may be the one
    this.jumps.push({ ...doubt.jump, to });
  }

  /** False when there is nothing to write: the record is as wanted, or it is not what the plan was made from. */
  private stillAsPlanned(update: RecordUpdate, present: VersionedRecord | undefined): present is VersionedRecord {
    if (present === undefined) {
      this.cache.delete(update.name);
      return false;
    }
    const is = planRecordOf(update.taskUid, update.slot, present.record);
    // Another version: a claim that came after the look at what is open there, which no longer holds.
    if (sameRecord(is, update.from)) return update.version === undefined || update.version === present.version;
    this.cache.set(update.name, is);
    return false;
  }

  private updateOf(
    update: RecordUpdate,
    present: VersionedRecord,
    atLeast: number | undefined,
    outcome: { committed(): void; refused(error: CoordinationError): void },
  ): FencedWrite {
    const { layout } = this.leadership;
    const { owner, ownerEpoch, revision, suspended, suspendedUntil, blockedBy } = update.to;
    const cursor = Math.max(present.record.cursor, atLeast ?? 0);
    const switches = { suspended, suspendedUntil };
    const next = { ...present.record, owner, ownerEpoch, revision, ...switches, blockedBy, cursor };
    const path = layout.trigger(update.taskUid, update.slot);
    const jump = { update, from: present.record.cursor, to: cursor };
    if (atLeast !== undefined) this.doubts.set(update.name, { jump, version: present.version });
    return {
      operation: { op: 'setData', path, data: encodeTriggerRecord(next), version: present.version },
      committed: () => {
        this.cache.set(update.name, update.to);
        this.doubts.delete(update.name);
        if (update.from.owner !== null && update.from.owner !== owner) this.noteFormer(update.from.owner, present);
        if (atLeast !== undefined) this.jumps.push(jump);
        outcome.committed();
      },
      refused: outcome.refused, // the doubt stays: an earlier try, whose reply was lost, may be why
    };
  }

  private noteFormer(agent: string, { record }: VersionedRecord): void {
    if (record.attempt < 1) return;
    this.claimedByFormer.set(agent, Math.max(record.cursor, this.claimedByFormer.get(agent) ?? 0));
  }

  private async learn(creates: readonly RecordCreate[]): Promise<void> {
    const { coordinator, layout } = this.leadership;
    const found = await readTriggerRecords(
      coordinator,
      creates.map((create) => layout.trigger(create.taskUid, create.slot)),
    );
    creates.forEach(({ name, taskUid, slot }, i) => {
      const present = found[i];
      if (present !== undefined) this.cache.set(name, planRecordOf(taskUid, slot, present.record));
    });
  }

  private async ensureBuckets(taskUids: readonly string[]): Promise<void> {
    const { coordinator, layout } = this.leadership;
    const missing = [...new Set(taskUids.map(bucketOf))].filter((bucket) => !this.buckets.has(bucket));
    await inParallel(missing, PATHS_IN_FLIGHT, async (bucket) => {
      await coordinator.ensurePath(layout.bucket(bucket));
      this.buckets.add(bucket);
    });
  }
}
