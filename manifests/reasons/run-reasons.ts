// Why a run or an attempt stands as it does: every `reason` of a run, in one table. Agents and center take their type from it.
import type { RunState } from '../kinds/run-states.js';

export interface RunReasonRow {
  /** The states it goes with. */
  readonly states: readonly RunState[];
  readonly meaning: string;
}

export const runReasons = {
  Retry: { states: ['Pending'], meaning: 'An attempt failed; the next one waits for its time (`spec.retry`).' },
  Rerun: { states: ['Pending'], meaning: 'The run was lost; another agent makes a further attempt (`onLost: Rerun`).' },
  AgentBusy: {
    states: ['Queued'],
    meaning:
      'The agent has as many attempts running as it may (`ctask agent --max-running`); this one waits for a place.',
  },
  Unclaimed: {
    states: ['Running', 'Succeeded', 'Failed', 'TimedOut', 'Cancelled', 'Lost'],
    meaning: 'Started without a claim, because ZooKeeper did not answer (`partitionPolicy: Continue`).',
  },
  ExitCode: { states: ['Failed'], meaning: 'The process ended with another exit code than 0.' },
  Signal: { states: ['Failed'], meaning: 'A signal ended the process, and not on our request.' },
  StartFailed: { states: ['Failed'], meaning: 'The process could not be started; the message says why.' },
  MemoryLimit: {
    states: ['Failed'],
    meaning: 'The processes had more memory than `spec.resources.limits.memory` together.',
  },
  PidLimit: { states: ['Failed'], meaning: 'There were more processes than `spec.resources.limits.pids`.' },
  PartitionKilled: {
    states: ['Failed'],
    meaning: 'The agent was cut off from ZooKeeper for too long and ended the process (`partitionPolicy: Kill`).',
  },
  Timeout: { states: ['TimedOut'], meaning: 'The process ran for longer than `spec.timeout`.' },
  Requested: { states: ['Cancelled'], meaning: 'Somebody cancelled the run, and its agent ended it.' },
  Drained: {
    states: ['Cancelled'],
    meaning:
      'Its agent was drained, and the run was still open at the time that was set (`ctask drain --cancel-after`).',
  },
  CancelledByUser: { states: ['Cancelled'], meaning: 'Somebody cancelled the run before any agent had it.' },
  Replaced: {
    states: ['Cancelled', 'Skipped'],
    meaning: 'A later run took its place (`concurrencyPolicy: Replace`): it was ended, or not started.',
  },
  AgentStopped: { states: ['Cancelled'], meaning: '`ctask up` was stopped, and its agent with all it had started.' },
  TaskDeleted: { states: ['Cancelled'], meaning: 'The task was deleted.' },
  SlotEnded: {
    states: ['Cancelled'],
    meaning: 'The task has no such slot any more: fewer shards, another mode, or an agent that was deleted.',
  },
  Suspended: { states: ['Skipped'], meaning: 'The task was suspended at this time point.' },
  MaxRuns: {
    states: ['Skipped'],
    meaning: 'The task has had as many runs by its schedules as `spec.maxRuns` allows.',
  },
  ConcurrencyForbid: { states: ['Skipped'], meaning: 'Another run was open (`concurrencyPolicy: Forbid`).' },
  ConcurrencyQueueFull: {
    states: ['Skipped'],
    meaning: 'Another run was open and one waited already (`concurrencyPolicy: Queue`).',
  },
  ConcurrencyLimit: {
    states: ['Skipped'],
    meaning: 'As many runs were open as `spec.maxConcurrentRuns` allows.',
  },
  PreviousUnknown: {
    states: ['Skipped'],
    meaning: 'A run of a former owner may still be alive, and the task limits how many runs are open at once.',
  },
  StartingDeadline: {
    states: ['Missed'],
    meaning: 'The time point was found, or its turn came, later than `spec.startingDeadline` allows.',
  },
  CatchUpWindow: { states: ['Missed'], meaning: 'The time point was found later than `spec.catchUpWindow` allows.' },
  RunOnce: { states: ['Missed'], meaning: 'A later time point was due by then (`missedRunPolicy: RunOnce`).' },
  AgentRestarted: {
    states: ['Missed'],
    meaning: 'The agent ended after it had claimed the run and before it started it.',
  },
  SpecChanged: {
    states: ['Missed'],
    meaning: 'The schedule was changed before an agent could look at this time point of the former one.',
  },
  OwnerChanged: {
    states: ['Missed'],
    meaning: 'The task had gone to another agent when this one was asked to run it.',
  },
  ClaimUnknown: {
    states: ['Lost'],
    meaning: 'The trigger record does not know any more whether an attempt was claimed, so none is made.',
  },
  Aborted: { states: ['Lost'], meaning: 'The launch was aborted before anything started.' },
  AgentSilent: { states: ['Lost'], meaning: 'Its agent has not been heard of for `Cluster.spec.lostAfter`.' },
  HostRestarted: { states: ['Lost'], meaning: 'The machine was started anew while the run was open.' },
  RunnerDied: { states: ['Lost'], meaning: 'The process has ended, but the runner that knew how died before it.' },
  TaskUnknown: { states: ['Lost'], meaning: 'The agent restarted and had lost what it knew of the task.' },
  NeverReported: { states: ['Lost'], meaning: 'An agent consumed the time point, and nobody told what became of it.' },
  Restored: { states: ['Lost'], meaning: 'What became of it was lost when a backup was restored.' },
} as const satisfies Record<string, RunReasonRow>;

export type RunReason = keyof typeof runReasons;
