// The allocation plan: a pure function of what the leader sees (DESIGN section 4, rules I1–I6).
//
//   I1  the same input gives the same plan; applied, it gives the empty plan
//   I2  a slot whose owner is registered (or held) and eligible stays
//   I3  only slots of gone or ineligible owners move
//   I4  a slot has an eligible owner iff an eligible agent is registered and not cordoned, or the owner it has may stay
//   I5  what one plan places: placement.ts
//   I6  an agent that joins gets nothing by itself. What a rebalance moves is an input: rebalance.ts
//
// A slot leaves a draining owner, or moves for a rebalance, only when somebody else may have it and no run of it is open.
// A slot whose owner is gone and for which nobody else is eligible keeps its owner: taking it away would cost a write now
// and another when the agent comes back, and would make nothing safer.
import { triggerName } from '../../../coordination/index.js';
import { constraintsOf, isCandidate, isEligible } from './eligibility.js';
import { type PlacementGroup, place } from './placement.js';
import type { OpenRun, Plan, PlanAgent, PlanInput, PlanRecord, PlanTask, RecordCreate, RecordUpdate } from './types.js';

/** Slots of a task: one for now; EveryAgent and Shards will have more. */
const SLOTS = [''] as const;

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
  readonly group: Group;
  /** The slot's owner may not keep it. */
  readonly moves: boolean;
  /** Whom a rebalance gives it to. */
  readonly relocatedTo: string | undefined;
}

export function planAllocation(input: PlanInput): Plan {
  const groups = new Map<string, Group>();
  const names = new Set<string>();
  const wanted: Wanted[] = [];
  const owned = new Map<string, number>();
  for (const task of input.tasks) {
    const group = groupOf(groups, task, input.agents);
    for (const slot of SLOTS) {
      const name = triggerName(task.uid, slot);
      names.add(name);
      const record = input.records.get(name);
      const owner = record?.owner ?? null;
      const relocatedTo = relocationOf(input, name, owner, task, group);
      const stays = owner !== null && relocatedTo === undefined && staysWith(owner, name, task, group, input);
      const next = relocatedTo ?? (stays ? owner : undefined);
      if (next !== undefined) owned.set(next, (owned.get(next) ?? 0) + 1);
      else group.toPlace.push(name);
      wanted.push({ name, slot, task, record, group, moves: !stays, relocatedTo });
    }
  }
  const placementGroups: PlacementGroup[] = [...groups.values()].map((group) => ({
    slots: group.toPlace,
    candidates: group.candidates,
  }));
  const capacities = new Map(input.agents.map(({ name, capacity }) => [name, capacity]));
  const placed = place(placementGroups, owned, capacities);
  const registered = new Set(input.agents.map((agent) => agent.name));
  return collect(input, wanted, names, placed, registered);
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
  return !isBusy(name, task, input) && group.candidates.includes(wanted.to) ? wanted.to : undefined;
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
  names: ReadonlySet<string>,
  placed: ReadonlyMap<string, string>,
  registered: ReadonlySet<string>,
): Plan {
  const creates: RecordCreate[] = [];
  const updates: RecordUpdate[] = [];
  const unallocated: string[] = [];
  for (const { name, slot, task, record, moves, relocatedTo } of wanted) {
    const chosen = relocatedTo ?? placed.get(name);
    if (moves && chosen === undefined) unallocated.push(name);
    if (record === undefined) {
      const { uid: taskUid, generation: revision, suspended, createdAt: cursor } = task;
      creates.push({ kind: 'create', name, taskUid, slot, owner: chosen ?? null, revision, suspended, cursor });
      continue;
    }
    const owner = moves ? (chosen ?? ownerWithoutSuccessor(record, registered)) : record.owner;
    const to = nextRecord(record, task, owner, input.openRuns.get(name), input);
    if (!sameRecord(record, to)) {
      updates.push({ kind: 'update', name, taskUid: task.uid, slot, from: record, to });
    }
  }
  const removes = [...input.records]
    .filter(([name]) => !names.has(name))
    .map(([name, from]) => ({ kind: 'remove' as const, name, taskUid: from.taskUid, slot: from.slot, from }));
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  return {
    creates: creates.sort(byName),
    updates: updates.sort(byName),
    removes: removes.sort(byName),
    unallocated: unallocated.sort(),
    moves: updates.filter((update) => update.from.owner !== update.to.owner && update.from.owner !== null).length,
  };
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
    blockedBy,
  };
}

export function sameRecord(a: PlanRecord, b: PlanRecord): boolean {
  return (
    a.owner === b.owner &&
    a.ownerEpoch === b.ownerEpoch &&
    a.revision === b.revision &&
    a.suspended === b.suspended &&
    a.blockedBy === b.blockedBy
  );
}
