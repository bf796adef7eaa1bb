// Which slots a task has, and whose a slot of an EveryAgent task is. Pure.
//
//   Single       one slot, ''
//   Shards       '0' … 'N-1', each placed like a task of its own
//   EveryAgent   one slot per agent, named after it: that agent's and nobody else's. It begins when the agent is given it. While
//                the agent is away it keeps the slot, and the cursor stands still; the slot ends when the agent may not run the
//                task any more, or its Agent object is deleted
import { isCandidate, isEligible } from './eligibility.js';
import type { PlanAgent, PlanInput, PlanRecord, PlanTask } from './types.js';

const SINGLE: readonly string[] = [''];

export class TaskSlots {
  private readonly agents: ReadonlyMap<string, PlanAgent>;
  private readonly known: ReadonlySet<string>;
  /** Slots, other than '', that have a record, by task. */
  private readonly recorded = new Map<string, string[]>();
  /** Uids of tasks that have a record of any slot. */
  private readonly begun = new Set<string>();

  constructor({ agents, records, known, tasks }: PlanInput) {
    this.agents = new Map(agents.map((agent) => [agent.name, agent]));
    this.known = known ?? new Set();
    const moded = new Set(tasks.filter(({ mode }) => mode !== undefined).map(({ uid }) => uid));
    for (const { taskUid, slot } of records.values()) {
      if (!moded.has(taskUid)) continue;
      this.begun.add(taskUid);
      if (slot === '') continue;
      const slots = this.recorded.get(taskUid);
      if (slots === undefined) this.recorded.set(taskUid, [slot]);
      else slots.push(slot);
    }
  }

  /** `eligible`: agents that may own the task's slots. */
  of(task: PlanTask, eligible: ReadonlyMap<string, PlanAgent>): readonly string[] {
    if (task.mode === undefined) return SINGLE;
    if (task.mode === 'Shards') return Array.from({ length: task.shards ?? 1 }, (_, index) => String(index));
    const slots = new Set([...eligible.values()].filter((agent) => isCandidate(agent)).map(({ name }) => name));
    for (const slot of this.recorded.get(task.uid) ?? []) if (this.lasts(task, slot)) slots.add(slot);
    return [...slots].sort();
  }

  /**
   * The time from which time points of a new slot count. What a task had from the beginning counts from there; a shard that an edit
   * adds, and the slot of an agent, count from now: nothing of the past was theirs to run.
   */
  cursorOf(task: PlanTask): number | 'now' {
    if (task.mode === undefined) return this.begun.has(task.uid) ? 'now' : task.createdAt;
    if (task.mode === 'EveryAgent') return 'now';
    return task.generation > 1 && this.begun.has(task.uid) ? 'now' : task.createdAt;
  }

  /** Owner of an agent's slot: the agent, unless it may not have any; one that is away keeps what it had. */
  ownerOf(task: PlanTask, slot: string, record: PlanRecord | undefined, busy: boolean): string | null {
    const agent = this.agents.get(slot);
    if (agent === undefined) return record?.owner ?? null;
    return isEligible(task, agent) && (!agent.draining || (busy && record?.owner === slot)) ? slot : null;
  }

  /**
   * True when nobody was to run what came after the slot's cursor: it was an agent's that is away or was drained. What an ended slot
   * leaves otherwise is recorded as Missed.
   */
  endsAtCursor(task: PlanTask | undefined, { slot, owner }: PlanRecord): boolean {
    const ofAgent = task?.mode === 'EveryAgent' ? slot !== '' : !/^\d*$/.test(slot);
    return ofAgent && (owner === null || !this.agents.has(slot));
  }

  private lasts(task: PlanTask, slot: string): boolean {
    const agent = this.agents.get(slot);
    if (agent === undefined) return this.known.has(slot);
    return isEligible(task, { ...agent, fit: true });
  }
}

/** Whether a slot is one of the task's, as far as its declaration and the agents that there are tell. */
export function hasSlot(
  task: Pick<PlanTask, 'mode' | 'shards'>,
  slot: string,
  known: (agent: string) => boolean,
): boolean {
  if (task.mode === undefined) return slot === '';
  if (task.mode === 'EveryAgent') return slot !== '' && known(slot);
  return /^(0|[1-9]\d*)$/.test(slot) && Number(slot) < (task.shards ?? 1);
}
