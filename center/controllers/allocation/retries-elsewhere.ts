// Runs whose next attempt is wanted on another agent (retry.agent: Other). Only the owner of a slot makes attempts of its runs, so the
// slot moves; the run follows as every waiting retry follows its slot (rule R10, decision 0022). A run moves its slot at most once to
// each agent: to one that has made none of its attempts. Where there is none the slot stays, and its owner makes the attempt.
import { readTriggerRecords, triggerName } from '../../../coordination/index.js';
import { isFinal, type Run } from '../../../manifests/index.js';
import type { Stored } from '../../store/store-types.js';
import { isUnclaimed, waitsForAttempt } from '../bookkeeping/decide-continuation.js';
import type { Leadership } from '../leadership.js';
import type { StoreView } from '../store-view.js';
import { isCandidate, isEligible } from './eligibility.js';
import { slotOf } from './open-runs-left.js';
import { hash32 } from './ring.js';
import type { PlanInput, PlanTask, Relocation } from './types.js';

export class RetriesElsewhere {
  private readonly leadership: Leadership;
  private readonly view: StoreView;
  /** Runs that wait for such an attempt, by uid. */
  private readonly waiting = new Map<string, Stored<Run>>();
  private stocked = false;

  constructor(leadership: Leadership, view: StoreView) {
    this.leadership = leadership;
    this.view = view;
  }

  /** True when more may be wanted now: the run waits for an attempt that its agent is not to make, or was in the way of one. */
  note(run: Stored<Run>): boolean {
    const { uid } = run.metadata;
    const wanted = this.view.tasks.get(run.spec.taskUid)?.retryElsewhere === true && waitsElsewhere(run);
    if (wanted) this.waiting.set(uid, run);
    else this.waiting.delete(uid);
    const ended = isFinal(run.status?.state ?? 'Pending');
    return wanted || (ended && [...this.waiting.values()].some((other) => slotOf(other) === slotOf(run)));
  }

  /** The moves that are wanted now. */
  async look(input: PlanInput): Promise<Relocation[]> {
    await this.takeStock();
    const runs = [...this.waiting.values()].filter(
      (run) => input.records.get(slotOf(run))?.owner === run.status?.agent && this.view.tasks.has(run.spec.taskUid),
    );
    if (runs.length === 0) return [];
    const { coordinator, layout } = this.leadership;
    const records = await readTriggerRecords(
      coordinator,
      runs.map(({ spec }) => layout.trigger(spec.taskUid, spec.slot)),
    );
    const owned = ownedCounts(input);
    const moves: Relocation[] = [];
    for (const [i, run] of runs.entries()) {
      const record = records[i]?.record;
      const task = this.view.tasks.get(run.spec.taskUid);
      // Its owner may have made the attempt by now, since nobody else had taken it.
      if (task === undefined || record === undefined || !isUnclaimed(run, record)) continue;
      if (!task.allowsOverlap && (await this.othersOpen(run))) continue;
      const name = slotOf(run);
      const to = nextAgent(name, task, triedBy(run), input, owned);
      if (to === undefined) continue;
      moves.push({ name, from: run.status?.agent ?? '', to, forRetry: true });
      owned.set(to, (owned.get(to) ?? 0) + 1);
    }
    return moves;
  }

  /** What waits in the slot starts where it was claimed: its turn would come, and the retry would run beside it. */
  private async othersOpen({ metadata, spec }: Stored<Run>): Promise<boolean> {
    const open = await this.leadership.store.openRuns({ taskUid: spec.taskUid });
    return open.some((other) => other.spec.slot === spec.slot && other.metadata.uid !== metadata.uid);
  }

  /** Once per term: afterwards the change feed tells. */
  private async takeStock(): Promise<void> {
    if (this.stocked) return;
    if ([...this.view.tasks.values()].some(({ retryElsewhere }) => retryElsewhere)) {
      for (const run of await this.leadership.store.openRuns({})) this.note(run);
    }
    this.stocked = true;
  }
}

/** Its own agent has made an attempt of it: the next one is another's. */
function waitsElsewhere(run: Run): boolean {
  return run.status?.reason === 'Retry' && waitsForAttempt(run) && triedBy(run).has(run.status.agent ?? '');
}

function triedBy({ status }: Run): ReadonlySet<string> {
  return new Set((status?.attempts ?? []).map(({ agent }) => agent));
}

/** Of shards, one that has fewest of them; then the one that owns least for its capacity. */
function nextAgent(
  slot: string,
  task: PlanTask,
  tried: ReadonlySet<string>,
  { agents, records }: PlanInput,
  owned: ReadonlyMap<string, number>,
): string | undefined {
  const siblings = new Map<string, number>();
  for (let shard = 0; task.mode === 'Shards' && shard < (task.shards ?? 1); shard++) {
    const owner = records.get(triggerName(task.uid, String(shard)))?.owner ?? '';
    siblings.set(owner, (siblings.get(owner) ?? 0) + 1);
  }
  const of = (name: string, capacity: number) =>
    [siblings.get(name) ?? 0, (owned.get(name) ?? 0) / capacity, hash32(`${name}/${slot}`)] as const;
  const [first] = agents
    .filter((agent) => !tried.has(agent.name) && isCandidate(agent) && isEligible(task, agent))
    .map(({ name, capacity }) => ({ name, rank: of(name, capacity) }))
    .sort(({ rank: a }, { rank: b }) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
  return first?.name;
}

function ownedCounts({ records }: PlanInput): Map<string, number> {
  const owned = new Map<string, number>();
  for (const { owner } of records.values()) if (owner !== null) owned.set(owner, (owned.get(owner) ?? 0) + 1);
  return owned;
}
