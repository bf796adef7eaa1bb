// The allocation plan: a pure function of what the leader sees (DESIGN section 4, rules I1–I6).
//
//   I1  the same input gives the same plan; applied, it gives the empty plan
//   I2  a slot whose owner is registered (or held) and eligible stays
//   I3  only slots of gone or ineligible owners move
//   I4  a slot has an eligible owner iff an eligible agent is registered and not cordoned, or the owner it has may stay
//   I5  what one plan places: placement.ts
//   I6  an agent that joins gets nothing by itself but its slots of EveryAgent tasks. What a rebalance moves is an input:
//       rebalance.ts
//
// A slot leaves a draining owner, or moves for a rebalance, only when somebody else may have it and no run of it is open. For a retry
// on another agent it moves with the run that waits for it (retries-elsewhere.ts).
// A slot whose owner is gone and for which nobody else is eligible keeps its owner: taking it away would cost a write now
// and another when the agent comes back, and would make nothing safer.
import { triggerName } from '../../../coordination/index.js';
import { constraintsOf, isCandidate, isEligible } from './eligibility.js';
import { type PlacementGroup, place } from './placement.js';
import { TaskSlots } from './task-slots.js';
import type {
  OpenRun,
  Plan,
  PlanAgent,
  PlanInput,
  PlanRecord,
  PlanTask,
  RecordCreate,
  RecordRemove,
  RecordUpdate,
} from './types.js';

interface Group {
  /** Agents that may own the slots, registered or held. */
  readonly eligible: ReadonlyMap<string, PlanAgent>;
  /** Those that may be given slots: registered and not cordoned. */
  readonly candidates: readonly string[];
  readonly toPlace: string[];
}

interface Wanted {
  readonly name: string;
  readonly slot: string;
  readonly task: PlanTask;
  readonly record: PlanRecord | undefined;
  /** Cursor of a record that is made for it. */
  readonly cursor: number | 'now';
  /** The slot's owner may not keep it. */
  readonly moves: boolean;
  /** Whom a rebalance or a retry gives it to. */
  readonly relocatedTo: string | undefined;
  /** Owner of an agent's slot, which is never placed; undefined for every other. */
  readonly fixed: string | null | undefined;
}

export function planAllocation(input: PlanInput): Plan {
  const groups = new Map<string, Group>();
  const sharded: PlacementGroup[] = [];
  const taskSlots = new TaskSlots(input);
  const wanted: Wanted[] = [];
  const owned = new Map<string, number>();
  const count = (owner: string) => owned.set(owner, (owned.get(owner) ?? 0) + 1);
  for (const task of input.tasks) {
    const group = groupOf(groups, task, input.agents);
    const cursor = taskSlots.cursorOf(task);
    const toPlace = task.mode === 'Shards' ? [] : group.toPlace;
    const held = new Map<string, number>();
    for (const slot of taskSlots.of(task, group.eligible)) {
      const name = triggerName(task.uid, slot);
      const record = input.records.get(name);
      const common = { name, slot, task, record, cursor };
      if (task.mode === 'EveryAgent') {
        const fixed = taskSlots.ownerOf(task, slot, record, isBusy(name, task, input));
        if (fixed !== null) count(fixed);
        wanted.push({ ...common, fixed, moves: false, relocatedTo: undefined });
        continue;
      }
      const owner = record?.owner ?? null;
      const relocatedTo = relocationOf(input, name, owner, task, group);
      const stays = owner !== null && relocatedTo === undefined && staysWith(owner, name, task, group, input);
      const next = relocatedTo ?? (stays ? owner : undefined);
      if (next === undefined) toPlace.push(name);
      else {
        count(next);
        held.set(next, (held.get(next) ?? 0) + 1);
      }
      wanted.push({ ...common, fixed: undefined, moves: !stays, relocatedTo });
    }
    if (task.mode === 'Shards') sharded.push({ slots: toPlace, candidates: group.candidates, held });
  }
  const placementGroups: PlacementGroup[] = [
    ...sharded,
    ...[...groups.values()].map((group) => ({ slots: group.toPlace, candidates: group.candidates })),
  ];
  const capacities = new Map(input.agents.map(({ name, capacity }) => [name, capacity]));
  const placed = place(placementGroups, owned, capacities);
  const registered = new Set(input.agents.map((agent) => agent.name));
  return collect(input, wanted, placed, registered, taskSlots);
}

/** An owner that drains keeps a slot that is busy, or that nobody else may have. */
function staysWith(owner: string, name: string, task: PlanTask, group: Group, input: PlanInput): boolean {
  const agent = group.eligible.get(owner);
  if (agent === undefined) return false;
  return !agent.draining || isBusy(name, task, input) || group.candidates.length === 0;
}

function relocationOf(
  input: PlanInput,
  name: string,
  owner: string | null,
  task: PlanTask,
  group: Group,
): string | undefined {
  const wanted = input.relocations?.get(name);
  if (wanted === undefined || wanted.from !== owner || !group.eligible.has(owner)) return undefined;
  return (wanted.forRetry === true || !isBusy(name, task, input)) && group.candidates.includes(wanted.to)
    ? wanted.to
    : undefined;
}

/** Runs that may overlap hold nothing up. */
function isBusy(name: string, task: PlanTask, input: PlanInput): boolean {
  return !task.allowsOverlap && input.busy?.has(name) === true;
}

function groupOf(groups: Map<string, Group>, task: PlanTask, agents: readonly PlanAgent[]): Group {
  const key = constraintsOf(task);
  let group = groups.get(key);
  if (group === undefined) {
    const eligible = new Map(agents.filter((agent) => isEligible(task, agent)).map((agent) => [agent.name, agent]));
    const candidates = [...eligible.values()]
      .filter((agent) => isCandidate(agent))
      .map((agent) => agent.name)
      .sort();
    group = { eligible, candidates, toPlace: [] };
    groups.set(key, group);
  }
  return group;
}

function collect(
  input: PlanInput,
  wanted: readonly Wanted[],
  placed: ReadonlyMap<string, string>,
  registered: ReadonlySet<string>,
  taskSlots: TaskSlots,
): Plan {
  const creates: RecordCreate[] = [];
  const updates: RecordUpdate[] = [];
  const unallocated: string[] = [];
  for (const { name, slot, task, record, moves, relocatedTo, fixed, cursor } of wanted) {
    const chosen = fixed ?? relocatedTo ?? placed.get(name);
    if (moves && chosen === undefined) unallocated.push(name);
    if (record === undefined) {
      const { uid: taskUid, generation: revision, suspended } = task;
      const switches = { suspended, ...untilOf(task) };
      creates.push({ kind: 'create', name, taskUid, slot, owner: chosen ?? null, revision, ...switches, cursor });
      continue;
    }
    const kept = fixed === undefined ? record.owner : fixed;
    const owner = moves ? (chosen ?? ownerWithoutSuccessor(record, registered)) : kept;
    const to = nextRecord(record, task, owner, input.openRuns.get(name), input);
    if (!sameRecord(record, to)) {
      updates.push({ kind: 'update', name, taskUid: task.uid, slot, from: record, to });
    }
  }
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  return {
    creates: creates.sort(byName),
    updates: updates.sort(byName),
    removes: removesOf(input, wanted, taskSlots).sort(byName),
    unallocated: unallocated.sort(),
    moves: updates.filter((update) => update.from.owner !== update.to.owner && update.from.owner !== null).length,
  };
}

function removesOf(input: PlanInput, wanted: readonly Wanted[], taskSlots: TaskSlots): RecordRemove[] {
  const names = new Set(wanted.map(({ name }) => name));
  const removed = [...input.records].filter(([name]) => !names.has(name));
  const tasks = removed.length === 0 ? undefined : new Map(input.tasks.map((task) => [task.uid, task]));
  return removed.map(([name, from]) => {
    const remove = { kind: 'remove', name, taskUid: from.taskUid, slot: from.slot, from } as const;
    const task = tasks?.get(from.taskUid);
    if (task === undefined) return remove;
    return { ...remove, ended: taskSlots.endsAtCursor(task, from) ? 'AtCursor' : 'Now' };
  });
}

/** An owner that is gone keeps the slot until there is somebody else; one that is there but may not own it loses it. */
function ownerWithoutSuccessor(record: PlanRecord, registered: ReadonlySet<string>): string | null {
  return record.owner !== null && registered.has(record.owner) ? null : record.owner;
}

function nextRecord(
  record: PlanRecord,
  task: PlanTask,
  owner: string | null,
  openRun: OpenRun | undefined,
  { endedRuns, ownRuns }: Pick<PlanInput, 'endedRuns' | 'ownRuns'>,
): PlanRecord {
  const changesOwner = owner !== record.owner;
  const blocker = record.blockedBy ?? '';
  const freed = endedRuns.has(blocker) || (!changesOwner && ownRuns?.has(blocker) === true);
  let blockedBy = freed ? null : record.blockedBy;
  if (task.allowsOverlap) blockedBy = null;
  else if ((changesOwner || freed) && openRun !== undefined && openRun.agent !== owner && !endedRuns.has(openRun.uid)) {
    blockedBy = openRun.uid;
  }
  return {
    taskUid: record.taskUid,
    slot: record.slot,
    owner,
    ownerEpoch: changesOwner ? record.ownerEpoch + 1 : record.ownerEpoch,
    revision: task.generation,
    suspended: task.suspended,
    ...untilOf(task),
    blockedBy,
  };
}

function untilOf({ suspendedUntil }: { readonly suspendedUntil?: number | undefined }): { suspendedUntil?: number } {
  return suspendedUntil === undefined ? {} : { suspendedUntil };
}

export function sameRecord(a: PlanRecord, b: PlanRecord): boolean {
  return (
    a.owner === b.owner &&
    a.ownerEpoch === b.ownerEpoch &&
    a.revision === b.revision &&
    a.suspended === b.suspended &&
    a.suspendedUntil === b.suspendedUntil &&
    a.blockedBy === b.blockedBy
  );
}
