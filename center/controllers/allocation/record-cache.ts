import type { AllocationEntry, TriggerRecord } from '../../../coordination/index.js';
import type { PlanRecord } from './types.js';

/** The leader's copy of what leaders write in trigger records. True as long as this leader is the only one. */
export class RecordCache {
  /** Holds what is there; false until the first scan of a term is done. */
  filled = false;
  /** Owners that are away and have their slots kept, as it was found last. */
  held: ReadonlySet<string> = new Set();
  private readonly byName = new Map<string, PlanRecord>();
  private readonly byOwner = new Map<string, Set<string>>();
  private readonly unowned = new Set<string>();
  private readonly blocked = new Map<string, string>();
  /** Slots other than '', by task. */
  private readonly further = new Map<string, Set<string>>();
  /** Agents whose list must be written: they got or kept a slot that changed, or lost one. */
  readonly gaining = new Set<string>();
  readonly losing = new Set<string>();

  get records(): ReadonlyMap<string, PlanRecord> {
    return this.byName;
  }

  /** Names of blocked slots and the run that blocks each. */
  get blockedSlots(): ReadonlyMap<string, string> {
    return this.blocked;
  }

  /** Names of slots that no agent has. */
  get ownerless(): ReadonlySet<string> {
    return this.unowned;
  }

  get owners(): Iterable<string> {
    return this.byOwner.keys();
  }

  get(name: string): PlanRecord | undefined {
    return this.byName.get(name);
  }

  /** Slots of the task that have a record, in no order. */
  slotsOf(taskUid: string): string[] {
    const further = this.further.get(taskUid) ?? [];
    return this.byName.has(taskUid) ? ['', ...further] : [...further];
  }

  set(name: string, record: PlanRecord): void {
    const before = this.byName.get(name);
    if (before?.owner !== record.owner && typeof before?.owner === 'string') this.losing.add(before.owner);
    if (record.owner !== null && !sameEntry(before, record)) this.gaining.add(record.owner);
    this.unlink(name);
    this.byName.set(name, Object.freeze({ ...record }));
    if (record.slot !== '') {
      const slots = this.further.get(record.taskUid);
      if (slots === undefined) this.further.set(record.taskUid, new Set([record.slot]));
      else slots.add(record.slot);
    }
    if (record.blockedBy !== null) this.blocked.set(name, record.blockedBy);
    if (record.owner === null) {
      this.unowned.add(name);
      return;
    }
    const owned = this.byOwner.get(record.owner);
    if (owned === undefined) this.byOwner.set(record.owner, new Set([name]));
    else owned.add(name);
  }

  delete(name: string): void {
    const owner = this.byName.get(name)?.owner ?? null;
    if (owner !== null) this.losing.add(owner);
    const { taskUid = '', slot = '' } = this.byName.get(name) ?? {};
    const slots = this.further.get(taskUid);
    slots?.delete(slot);
    if (slots?.size === 0) this.further.delete(taskUid);
    this.unlink(name);
    this.byName.delete(name);
  }

  clear(): void {
    this.byName.clear();
    this.byOwner.clear();
    this.unowned.clear();
    this.blocked.clear();
    this.further.clear();
  }

  ownedCount(agent: string): number {
    return this.byOwner.get(agent)?.size ?? 0;
  }

  /** Names of its slots. */
  ownedBy(agent: string): ReadonlySet<string> {
    return this.byOwner.get(agent) ?? new Set();
  }

  /** What the agent's allocation list must say. */
  entriesOf(agent: string): AllocationEntry[] {
    return [...this.ownedBy(agent)].map((name) => {
      const { taskUid, slot, revision, suspended, ownerEpoch } = this.byName.get(name)!;
      return { taskUid, slot, revision, suspended, ownerEpoch };
    });
  }

  private unlink(name: string): void {
    this.blocked.delete(name);
    this.unowned.delete(name);
    const owner = this.byName.get(name)?.owner;
    if (owner === undefined || owner === null) return;
    const owned = this.byOwner.get(owner);
    owned?.delete(name);
    if (owned?.size === 0) this.byOwner.delete(owner);
  }
}

/** The record gives the same line in its owner's list. */
function sameEntry(a: PlanRecord | undefined, b: PlanRecord): boolean {
  return (
    a !== undefined &&
    a.owner === b.owner &&
    a.revision === b.revision &&
    a.suspended === b.suspended &&
    a.ownerEpoch === b.ownerEpoch
  );
}

export function planRecordOf(taskUid: string, slot: string, record: TriggerRecord): PlanRecord {
  const { owner, ownerEpoch, revision, suspended, suspendedUntil, blockedBy } = record;
  const until = suspendedUntil === undefined ? {} : { suspendedUntil };
  return { taskUid, slot, owner, ownerEpoch, revision, suspended, ...until, blockedBy };
}
