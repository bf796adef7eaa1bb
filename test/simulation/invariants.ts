// What must hold after every event, and can be seen at once: the reference calls them X1, X2, X8 and X9. The others are
// judged at the end by the checker of test/chaos.
import type { WitnessStart } from '../chaos/history.js';
import { kernel } from './kernel.js';

/** More than this between the clock of an agent and that of ZooKeeper, which keeps true time, and the agent does not believe
 * its own (rule R11): a start may be early by as much, and by no more. */
export const CLOCK_ERROR_MS = 2_000;

export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

export class Invariants {
  private readonly attempts = new Map<string, WitnessStart>();
  private readonly runs = new Map<string, string>();
  private readonly forbids: (task: string) => boolean;

  /** `forbids` tells whether two processes of a task may not live at the same time. */
  constructor(forbids: (task: string) => boolean) {
    this.forbids = forbids;
  }

  /** `alive` are all processes of tasks, this one among them. */
  started(start: WitnessStart, alive: Iterable<WitnessStart>): void {
    const { task, point, attempt, run, agent, time } = start;
    const name = `${task}@${new Date(point).toISOString()}`;
    const key = `${task}@${point}/${attempt}`;
    const first = this.attempts.get(key);
    if (first !== undefined) {
      this.violated('X1', `attempt ${attempt} of ${name} started on ${first.agent} and on ${agent}`);
    }
    this.attempts.set(key, start);
    const known = this.runs.get(`${task}@${point}`);
    if (known !== undefined && known !== run) this.violated('X2', `${name} has two runs, ${known} and ${run}`);
    this.runs.set(`${task}@${point}`, run);
    if (time < point - CLOCK_ERROR_MS) this.violated('X9', `${name} started ${point - time} ms early on ${agent}`);
    if (!this.forbids(task)) return;
    for (const other of alive) {
      if (other.task !== task || other.pid === start.pid) continue;
      this.violated('X8', `${name} on ${agent} beside ${new Date(other.point).toISOString()} on ${other.agent}`);
    }
  }

  private violated(invariant: string, what: string): void {
    kernel().fail(new InvariantError(`${invariant}: ${what}`));
  }
}
