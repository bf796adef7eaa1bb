// Every reason an event can have, in one table: emitters take their type from it, docs/events.md and `ctask help events` are made
// of it.
import type { KindName } from '../kinds/registry.js';

export interface EventReasonRow {
  /** Warning: somebody should look. */
  readonly type: 'Normal' | 'Warning';
  /** What it is said of. */
  readonly about: readonly KindName[];
  /** What has happened, as a sentence. */
  readonly meaning: string;
  /** What to do about it, as a sentence. */
  readonly action: string;
}

const NOTHING = 'Nothing.';

export const eventReasons = {
  Completed: { type: 'Normal', about: ['Task'], meaning: 'A run succeeded.', action: NOTHING },
  Failed: {
    ...{ type: 'Warning', about: ['Task'] },
    meaning: 'A run failed, and no further attempt is made.',
    action: 'Read `ctask logs` of the run; `ctask retry` repeats it.',
  },
  TimedOut: {
    ...{ type: 'Warning', about: ['Task'] },
    meaning: 'A run took longer than `spec.timeout` and was ended.',
    action: 'Read `ctask logs` of the run; allow more time, or find out what it waited for.',
  },
  Cancelled: {
    ...{ type: 'Normal', about: ['Task'] },
    meaning: 'A run was ended, or never started, because somebody or the concurrency policy wanted so.',
    action: NOTHING,
  },
  Skipped: {
    ...{ type: 'Normal', about: ['Task'] },
    meaning: 'A time point was not to be run: the task was suspended, or another run stood in the way.',
    action: 'Where that happens often, look at `spec.concurrencyPolicy` and at how long runs take.',
  },
  Missed: {
    ...{ type: 'Warning', about: ['Task'] },
    meaning: 'A time point could not be run in time.',
    action: '`ctask describe run` says why; `ctask backfill` makes up for it.',
  },
  Lost: {
    ...{ type: 'Warning', about: ['Task'] },
    meaning: 'Nobody knows how a run ended, or whether it did.',
    action: 'Look at what it should have done, then `ctask retry`; or let `spec.onLost: Rerun` decide so each time.',
  },
  Continued: {
    ...{ type: 'Normal', about: ['Task'] },
    meaning:
      'Another agent makes the next attempt of a run: the slot has moved, or the run was lost (`onLost: Rerun`).',
    action: NOTHING,
  },
  LateResult: {
    ...{ type: 'Normal', about: ['Task'] },
    meaning: 'An agent told how an attempt ended that had been called Lost; the run has gone on without it.',
    action: 'Where it was not to be run twice, look at what both attempts have done.',
  },
  StartedTwice: {
    ...{ type: 'Warning', about: ['Task'] },
    meaning: 'Two agents say that they made the same attempt.',
    action: 'Possible with `partitionPolicy: Continue` alone; with any other policy it is a defect, please report it.',
  },
  TaskRefused: {
    ...{ type: 'Warning', about: ['Task'] },
    meaning: 'The agent that has the task cannot schedule it, so nothing of it fires.',
    action: 'The message says why; most often the agent is older than the center.',
  },
  AgentJoined: { type: 'Normal', about: ['Agent'], meaning: 'The agent has registered in ZooKeeper.', action: NOTHING },
  AgentOffline: {
    ...{ type: 'Warning', about: ['Agent'] },
    meaning: 'The registration of the agent is gone: it ended, or cannot reach ZooKeeper. Its tasks move.',
    action: 'Unless it was stopped on purpose, look at the machine and at the log of the agent.',
  },
  TaskMoved: {
    ...{ type: 'Normal', about: ['Agent', 'Cluster'] },
    meaning: 'A drain (of the agent) or a rebalance (of the cluster) has given a task to another agent.',
    action: NOTHING,
  },
  MovesStopped: {
    ...{ type: 'Warning', about: ['Cluster'] },
    meaning: 'Many agents went at about the same time; their tasks stay with them for now.',
    action: 'Bring the agents back; when they are gone for good, `ctask rebalance --release`.',
  },
  MovesResumed: {
    ...{ type: 'Normal', about: ['Cluster'] },
    meaning: 'Tasks of agents that are gone move again.',
    action: NOTHING,
  },
  UnknownTasks: {
    ...{ type: 'Warning', about: ['Cluster'] },
    meaning: 'ZooKeeper has trigger records of tasks that the store does not know; they are kept and suspended.',
    action: 'Most often the store was restored from a backup: apply these tasks again, and they are new ones.',
  },
  StoreRestored: {
    ...{ type: 'Warning', about: ['Cluster'] },
    meaning:
      'The store was restored from a backup: what was recorded since is lost, and runs that were open then are Lost.',
    action: 'Make the changes again that were made since the backup.',
  },
  CoordinationRestored: {
    ...{ type: 'Warning', about: ['Cluster'] },
    meaning:
      'ZooKeeper was restored from a backup, or began anew: nothing is started until the agents have said what they know.',
    action: 'Bring agents that are away back; `ctask delete agent` says that one is gone for good.',
  },
  RestoreSettled: {
    ...{ type: 'Normal', about: ['Cluster'] },
    meaning: 'After CoordinationRestored, tasks start again; the message names agents that have not been heard of.',
    action: NOTHING,
  },
  NoAgents: {
    ...{ type: 'Warning', about: ['Cluster'] },
    meaning: 'The cluster has tasks that should fire, and no agent is registered.',
    action: 'Start an agent, or suspend the tasks.',
  },
  NoEligibleAgent: {
    ...{ type: 'Warning', about: ['Task'] },
    meaning: 'The cluster has agents, and none of them may run the task.',
    action: '`ctask why` says, agent by agent, what is against it.',
  },
  ClockSuspect: {
    ...{ type: 'Warning', about: ['Agent'] },
    meaning: 'The clocks of the agent and of ZooKeeper disagree: the agent starts nothing.',
    action: 'Let both machines keep time by NTP.',
  },
  NothingFires: {
    ...{ type: 'Warning', about: ['Cluster'] },
    meaning: 'Time points were due, and for minutes no run of any task was recorded.',
    action: 'Look at the agents, at ZooKeeper and at the log of the leading center.',
  },
  CenterLost: {
    ...{ type: 'Warning', about: ['Cluster'] },
    meaning: 'A center does not stand for election any more.',
    action: 'Unless it was stopped on purpose, look at its machine and at its log.',
  },
  CoordinationUnreachable: {
    ...{ type: 'Warning', about: ['Cluster'] },
    meaning: 'A center cannot reach ZooKeeper.',
    action: 'Look at ZooKeeper and at the network between them.',
  },
  StoreUnreachable: {
    ...{ type: 'Warning', about: ['Cluster'] },
    meaning: 'A center could not reach the store for a while.',
    action: 'Look at the database and at the network between them.',
  },
  AlarmOver: {
    ...{ type: 'Normal', about: ['Task', 'Agent', 'Cluster'] },
    meaning: 'Something that was told as an alarm is over; the message names it.',
    action: NOTHING,
  },
  NotificationSent: {
    ...{ type: 'Normal', about: ['Notifier'] },
    meaning: 'What there was to tell has been taken by the mail server, or by the webhook.',
    action: NOTHING,
  },
  NotificationFailed: {
    ...{ type: 'Warning', about: ['Notifier'] },
    meaning: 'Something could not be sent; it is tried again for a day. The message says why.',
    action: 'Look at `spec` of the notifier and at its secret; `ctask notifier test` tries it at once.',
  },
} as const satisfies Record<string, EventReasonRow>;

export type EventReason = keyof typeof eventReasons;
