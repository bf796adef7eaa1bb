// What is wanted (the status of tasks, which the leader writes), what is decided (trigger records) and what agents are told (their
// allocation lists), held against one another. A plan in progress looks like a drift, so only what shows twice counts.
import type { Clock } from '../../base/index.js';
import { type AllocationEntry, readAllocation } from '../../coordination/index.js';
import type { Diagnosis, DriftFacts, Listed, Task } from '../../manifests/index.js';
import { objectPages, type Store, type Stored } from '../store/index.js';
import { type CoordinationPlace, type Survey, survey } from './look-at-coordination.js';

/** Longer than a leader takes for a plan of usual size. */
const SECOND_LOOK_MS = 2000;
/** Told by name. */
const NAMED_MAX = 20;

export interface TaskFacts {
  /** namespace/name by uid, of all tasks. */
  readonly names: ReadonlyMap<string, string>;
  readonly allocations: readonly { readonly taskUid: string; readonly slot: string; readonly agent: string }[];
  readonly unallocated: Diagnosis['unallocated'];
}

/** Conditions of a task that nothing of, or not all of it, fires. */
const UNSERVED: readonly string[] = ['NoEligibleAgent', 'AgentAbsent', 'SlotsUnserved'];

export async function lookAtTasks(store: Store): Promise<TaskFacts> {
  const names = new Map<string, string>();
  const allocations: { taskUid: string; slot: string; agent: string }[] = [];
  const unallocated: Diagnosis['unallocated']['first'][number][] = [];
  for await (const page of objectPages<Task>(store, 'Task')) {
    for (const task of page) {
      const { uid, namespace, name } = task.metadata;
      names.set(uid, `${namespace}/${name}`);
      for (const { slot, agent } of task.status?.allocations ?? []) allocations.push({ taskUid: uid, slot, agent });
      const message = unservedWords(task);
      if (message !== undefined) unallocated.push({ namespace: namespace ?? '', name, message });
    }
  }
  return { names, allocations, unallocated: listed(unallocated) };
}

function unservedWords({ status, metadata }: Stored<Task>): string | undefined {
  if (metadata.deletionTimestamp !== undefined) return undefined;
  if (status?.state === 'Suspended' || status?.state === 'Complete') return undefined;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'False' && UNSERVED.includes(ready.reason) ? ready.message : undefined;
}

type Difference =
  | { readonly what: 'owner'; readonly fact: DriftFacts['owners']['first'][number] }
  | { readonly what: 'list'; readonly fact: DriftFacts['lists']['first'][number] }
  | { readonly what: 'ownerless'; readonly fact: DriftFacts['ownerless']['first'][number] }
  | { readonly what: 'unknown'; readonly fact: DriftFacts['unknown']['first'][number] }
  | { readonly what: 'broken'; readonly fact: DriftFacts['broken']['first'][number] };

/** Rejects with whatever the coordinator does. */
export async function lookAtDrift(
  place: CoordinationPlace,
  firstSurvey: Survey,
  firstTasks: TaskFacts,
  { clock }: { readonly clock: Clock },
): Promise<DriftFacts> {
  let seen = firstSurvey;
  const lists = await readLists(place, seen);
  let differences = differencesOf(seen, firstTasks, lists);
  if (differences.length > 0) {
    const before = new Set(differences.map((difference) => JSON.stringify(difference)));
    await clock.sleep(SECOND_LOOK_MS);
    const tasks = await lookAtTasks(place.store);
    seen = await survey(place.coordinator, place.layout);
    differences = differencesOf(seen, tasks, await readLists(place, seen)).filter((difference) =>
      before.has(JSON.stringify(difference)),
    );
  }
  const of = <W extends Difference['what']>(what: W) =>
    listed(
      differences.flatMap((each) =>
        each.what === what ? [each.fact as Extract<Difference, { what: W }>['fact']] : [],
      ),
    );
  return {
    slots: firstTasks.allocations.length,
    ...{ owners: of('owner'), lists: of('list'), ownerless: of('ownerless') },
    ...{ unknown: of('unknown'), broken: of('broken') },
    allocated: [...lists].map(([agent, entries]) => ({
      ...{ agent, slots: entries.length },
      changedTime: new Date(firstSurvey.listsChanged.get(agent) ?? 0).toISOString(),
    })),
  };
}

async function readLists({ coordinator, layout }: CoordinationPlace, { listsChanged }: Survey) {
  const lists = new Map<string, readonly AllocationEntry[]>();
  for (const agent of listsChanged.keys()) lists.set(agent, await readAllocation(coordinator, layout, agent));
  return lists;
}

const keyOf = ({ taskUid, slot }: { readonly taskUid: string; readonly slot: string }) => `${taskUid} ${slot}`;

function differencesOf(
  { records, broken, agents }: Survey,
  { names, allocations }: TaskFacts,
  lists: ReadonlyMap<string, readonly AllocationEntry[]>,
): Difference[] {
  const found: Difference[] = [];
  const owners = new Map(records.map((record) => [keyOf(record), record.owner]));
  const taskOf = (uid: string) => names.get(uid) ?? uid;
  for (const { taskUid, slot, agent } of allocations) {
    const owner = owners.get(keyOf({ taskUid, slot }));
    if (owner === agent) continue;
    const record = owner === undefined ? 'no record' : (owner ?? 'no owner');
    found.push({ what: 'owner', fact: { task: taskOf(taskUid), slot, status: agent, record } });
  }
  const registered = new Set(agents);
  const told = new Set([...lists].flatMap(([agent, entries]) => entries.map((entry) => `${agent} ${keyOf(entry)}`)));
  for (const record of records) {
    const { taskUid, slot, owner } = record;
    if (!names.has(taskUid)) found.push({ what: 'unknown', fact: { taskUid, slot } });
    if (owner === null) continue;
    const fact = { task: taskOf(taskUid), slot };
    if (!registered.has(owner)) found.push({ what: 'ownerless', fact: { ...fact, owner } });
    if (!told.has(`${owner} ${keyOf(record)}`)) {
      found.push({ what: 'list', fact: { agent: owner, ...fact, what: 'Missing' } });
    }
  }
  for (const [agent, entries] of lists) {
    for (const entry of entries) {
      if (owners.get(keyOf(entry)) === agent) continue;
      const fact = { agent, task: taskOf(entry.taskUid), slot: entry.slot, what: 'Surplus' } as const;
      found.push({ what: 'list', fact });
    }
  }
  for (const path of broken) found.push({ what: 'broken', fact: { path } });
  return found;
}

function listed<T>(all: readonly T[]): Listed<T> {
  return { count: all.length, first: all.slice(0, NAMED_MAX) };
}
