// Every condition of every kind with the reasons it can have. Those who write conditions take their types from it; what is shown
// must be readable whoever wrote it, so the schema has plain strings.
import type { KindName } from '../kinds/registry.js';

export interface ConditionRow {
  /** What it means that the condition is True. */
  readonly holds: string;
  /** Absent where the reason is that of the run. */
  readonly reasons?: Readonly<Record<string, string>>;
}

export const conditionTypes = {
  Task: {
    Ready: {
      holds: 'a registered agent has the latest generation and can schedule it',
      reasons: {
        Allocated: 'an agent runs the task',
        Applying: 'the latest generation is not in force yet',
        AgentAbsent: 'the agent that owns the task is not registered',
        AgentUnknown: 'the agent that owns the task is registered, and has never reported to the center',
        NoEligibleAgent: 'no agent that is registered may run the task',
        SlotsUnserved: 'some shards have no agent that is registered; the others run',
        TaskRefused: 'the agent that owns the task cannot schedule it',
      },
    },
    Scheduled: {
      holds: 'further time points lie ahead',
      reasons: {
        TimePointsAhead: 'there are such time points',
        NoSchedule: 'the task has no schedules: it runs on demand',
        NoTimePointsAhead: 'its schedules yield nothing more',
      },
    },
    Suspended: {
      holds: 'no time point fires, for good or until `suspendUntil`; each one is recorded as Skipped',
      reasons: {
        SuspendedByUser: '`spec.suspend` is true, or `spec.suspendUntil` lies ahead',
        NotSuspended: 'time points fire',
      },
    },
    Degraded: {
      holds: 'the last run did not end well',
      reasons: {
        LastRunFailed: 'it failed',
        LastRunTimedOut: 'it took too long',
        LastRunMissed: 'it was not started in time',
        LastRunLost: 'nobody knows how it ended',
        LastRunOK: 'it ended well, or was not to run',
        NoRunYet: 'no run has ended yet',
      },
    },
    Complete: {
      holds: 'there while `spec.maxRuns` is set: no further time point is run',
      reasons: {
        MaxRuns: 'it has had as many runs by its schedules as `spec.maxRuns` allows',
        RunsLeft: 'it may have further ones',
      },
    },
  },
  Run: {
    Scheduled: { holds: 'an agent has the run', reasons: { Assigned: 'so it is' } },
    Started: { holds: 'its first attempt has started', reasons: { ProcessStarted: 'there was a process' } },
    Complete: { holds: 'it succeeded', reasons: { Succeeded: 'the process ended with 0' } },
    Failed: { holds: 'Failed, TimedOut, Missed or Lost' },
    Cancelled: { holds: 'somebody ended it, or it was Skipped' },
  },
  Agent: {
    Ready: {
      holds: 'its registration in ZooKeeper stands',
      reasons: { Registered: 'it does', NotRegistered: 'it is gone' },
    },
    Schedulable: {
      holds: 'it may get further tasks',
      reasons: {
        NotCordoned: 'nothing is against it',
        Cordoned: 'it keeps its tasks and gets no further ones (`ctask cordon`)',
        Draining: 'it hands over its tasks (`ctask drain`)',
        TimeZoneDataDiffers: 'its time-zone data are not those of the center (rule R2)',
      },
    },
    Drained: {
      holds: 'there while a drain is wanted: everything has been handed over',
      reasons: {
        Drained: 'it owns no task any more',
        HandingOver: 'tasks are on their way',
        WaitingForRuns: 'tasks wait for their open runs to end',
        RunsOpen: 'no task is left; runs are still open',
        NoEligibleAgent: 'no other agent may have what is left',
      },
    },
  },
  Cluster: {
    MovesStopped: {
      holds: 'many agents went at once; their tasks stay for now',
      reasons: { MassLoss: 'the brake is on', NoMassLoss: 'tasks of agents that are gone move' },
    },
    RestoreGuard: {
      holds: 'ZooKeeper was restored from a backup; nothing is started yet',
      reasons: {
        CoordinationRestored: 'the agents are asked for what they know',
        RestoreSettled: 'tasks start again',
      },
    },
  },
} as const satisfies Partial<Record<KindName, Readonly<Record<string, ConditionRow>>>>;

type Table = typeof conditionTypes;
/** Kinds that have conditions. */
export type ConditionKind = keyof Table;
export type ConditionType<K extends ConditionKind> = keyof Table[K] & string;
/** Reasons of a condition. */
export type ConditionReason<K extends ConditionKind, T extends ConditionType<K>> = Table[K][T] extends {
  readonly reasons: infer Reasons;
}
  ? keyof Reasons & string
  : never;

/** A condition with one of its own reasons, before its time is known. */
export type WantedCondition<K extends ConditionKind> = {
  [T in ConditionType<K>]: {
    readonly type: T;
    readonly status: 'True' | 'False' | 'Unknown';
    readonly reason: ConditionReason<K, T>;
    readonly message: string;
  };
}[ConditionType<K>];
