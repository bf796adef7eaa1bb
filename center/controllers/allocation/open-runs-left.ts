// Plans, with what slots that leave an owner leave running there (rule R8). Only those few are asked about.
import type { MembersInformer } from '../../../coordination/index.js';
import { triggerName } from '../../../coordination/index.js';
import type { Run } from '../../../manifests/index.js';
import type { Stored } from '../../store/store-types.js';
import type { Leadership } from '../leadership.js';
import type { StoreView } from '../store-view.js';
import { planAllocation } from './plan.js';
import type { OpenRun, Plan, PlanInput, RecordUpdate } from './types.js';
import { unreportedRuns } from './unreported-runs.js';

export function slotOf(run: Stored<Run>): string {
  return triggerName(run.spec.taskUid, run.spec.slot);
}

/**
 * Plans; when slots leave an owner, or are freed of the run that blocked them, looks up what is open there and plans again
 * with that.
 *
 * An owner that is there goes on claiming while this looks: what is concluded about its slots holds for the very version
 * of the record that was read, and an update of another version is refused.
 */
export async function planWithOpenRuns(
  leadership: Leadership,
  view: StoreView,
  members: MembersInformer,
  input: PlanInput,
): Promise<Plan> {
  const plan = planAllocation(input);
  const leaving = plan.updates.filter(({ from, to }) => from.owner !== to.owner && from.owner !== null);
  const freed = plan.updates.filter(
    ({ from, to, taskUid }) =>
      from.blockedBy !== null && to.blockedBy === null && from.owner === to.owner && !overlaps(view, taskUid),
  );
  if (leaving.length === 0 && freed.length === 0) return plan;
  const openRuns = new Map<string, OpenRun>();
  await addOthersOpen(leadership, freed, openRuns);
  await addOpenOfOwners(leadership, leaving, openRuns);
  const alive = ({ from }: RecordUpdate) => members.members.has(from.owner ?? '');
  // Also where a row is open: behind the run that it tells of, another one may have been claimed ahead, and starts when its
  // time has come. That one blocks the slot; those before it follow when it has ended.
  const silent = leaving.filter((update) => !overlaps(view, update.taskUid) && update.to.blockedBy === null);
  const versions = new Map<string, number>();
  for (const [name, run] of await unreportedRuns(leadership, silent, versions)) openRuns.set(name, run);
  const final = openRuns.size === 0 ? plan : planAllocation({ ...input, openRuns });
  const bound = new Map(silent.filter(alive).map(({ name }) => [name, versions.get(name)]));
  const updates = final.updates.map((update) => {
    const version = bound.get(update.name);
    return version === undefined ? update : { ...update, version };
  });
  return { ...final, updates };
}

function overlaps(view: StoreView, taskUid: string): boolean {
  return view.tasks.get(taskUid)?.allowsOverlap ?? true;
}

async function addOpenOfOwners(
  { store }: Leadership,
  leaving: readonly RecordUpdate[],
  openRuns: Map<string, OpenRun>,
): Promise<void> {
  for (const owner of new Set(leaving.map(({ from }) => from.owner as string))) {
    for (const run of await store.openRuns({ agent: owner })) {
      openRuns.set(slotOf(run), { uid: run.metadata.uid, agent: owner });
    }
  }
}

/** A slot may have left more than one run behind: one that ran, and one that was claimed ahead. */
async function addOthersOpen(
  { store }: Leadership,
  freed: readonly RecordUpdate[],
  openRuns: Map<string, OpenRun>,
): Promise<void> {
  for (const { taskUid, name, to, from } of freed) {
    for (const run of await store.openRuns({ taskUid })) {
      const agent = run.status?.agent;
      const foreign = agent !== undefined && agent !== to.owner && run.metadata.uid !== from.blockedBy;
      if (foreign && slotOf(run) === name) openRuns.set(name, { uid: run.metadata.uid, agent });
    }
  }
}
