// What the store keeps for dependencies between tasks (spec.after, decision 0021). The end of a run and the word that it has
// ended are one commit; the leader takes each word out in the commit that makes what it causes.
import type { RunReason, RunState, TaskSpec } from '../../../manifests/index.js';
import type { LeaderFence } from '../leader-fence.js';

/** A result of a task that others wait for: of one run, or of the runs of all its slots. */
export interface Cause {
  /** Of the run; of several slots the one that the run of an ordinary task would have. */
  readonly uid: string;
  /** Of the run, or of its group. */
  readonly name: string;
  /** Name of the task. */
  readonly task: string;
  readonly state: RunState;
  /** Time point that the run is about, ms; null for none. */
  readonly scheduledTime: number | null;
  /** When it ended, ms. */
  readonly endTime: number;
}

/** The end of one run that somebody waits for. */
export interface RunResult extends Cause {
  /** Grows with each result. */
  readonly id: number;
  readonly namespace: string;
  readonly taskUid: string;
  readonly slot: string;
  /** Time point (ms) or manual id; with task and slot it is the identity of the run. */
  readonly point: number | string;
  /** The same for the runs of all slots of one time point, or of one request. */
  readonly groupUid: string;
}

/** A task that waits for another one. */
export interface Dependent {
  readonly taskUid: string;
  readonly namespace: string;
  readonly name: string;
  readonly spec: TaskSpec;
  /** It is being deleted. */
  readonly going: boolean;
  /** The cause that was asked about has caused a run of it already. */
  readonly used: boolean;
  /** By task: the latest result that has not caused a run yet. */
  readonly arrived: Readonly<Record<string, Cause>>;
}

/** What one result comes to for one dependent. */
export type DependencyStep =
  | { readonly kind: 'Note'; readonly taskUid: string; readonly cause: Cause }
  | {
      readonly kind: 'Start';
      readonly taskUid: string;
      /** The one that made it due; the runs take their identity from it. */
      readonly cause: Cause;
      /** All of them, `cause` too. */
      readonly causes: readonly Cause[];
      readonly slots: readonly string[];
      /** The runs are recorded as Skipped. */
      readonly skipped?: { readonly reason: RunReason; readonly message: string };
    };

export interface DependentsQuery {
  readonly namespace: string;
  /** Name of the task that they wait for. */
  readonly upstream: string;
  readonly causeUid: string;
  /** Task uid behind which the page begins; '' for the first page. */
  readonly after: string;
  readonly limit: number;
}

export interface DependencyBook {
  /** Results that have not been dealt with, in the order of their commits, behind the one with number `after`. */
  results(after: number, limit: number): Promise<RunResult[]>;
  /** Those of the same time point or request. */
  resultsOfGroup(groupUid: string): Promise<RunResult[]>;
  /** In the order of their uids. */
  dependents(query: DependentsQuery): Promise<Dependent[]>;
  /** Carries the steps out and takes the results `done` out, in one transaction. A step for a cause that was used already, or
   * for a task that is gone, does nothing: so doing it again is doing it once. */
  settle(steps: readonly DependencyStep[], done: readonly number[], fence: LeaderFence): Promise<void>;
  /** What has arrived at a task, by the names of the tasks that it waits for. */
  arrivedAt(taskUid: string): Promise<Record<string, Cause>>;
  /** Those of the causes that have made a run of the task due, as long as that is remembered. */
  usedBy(taskUid: string, causeUids: readonly string[]): Promise<string[]>;
  /** Names of the first tasks that wait for this one. */
  namesOfDependents(namespace: string, upstream: string, limit: number): Promise<string[]>;
  /** Forgets which runs have caused others before `olderThan` (ms). */
  forgetUses(olderThan: number, fence: LeaderFence): Promise<void>;
}
