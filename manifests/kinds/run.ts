import { type Static, Type } from '@sinclair/typebox';
import type { RunReason } from '../reasons/run-reasons.js';
import { Condition, Duration, kindSchema, Timestamp } from './metadata.js';
import { attemptLimits } from './resources.js';
import { RUN_STATES } from './run-states.js';
import { attemptUsage } from './run-usage.js';
import { ParameterValue } from './task-parameters.js';

export const RUN_TRIGGERS = ['Schedule', 'CatchUp', 'Manual', 'Retry', 'Backfill', 'Dependency'] as const;
export type RunTrigger = (typeof RUN_TRIGGERS)[number];

const literals = <T extends string>(values: readonly T[], description: string) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values], description });

/** Whoever writes one takes it from the table; an agent of another version may say what this table does not have. */
const reason = (description: string) => Type.Unsafe<RunReason>({ type: 'string', description });

export const Attempt = Type.Object(
  {
    number: Type.Integer({ minimum: 1, description: 'Counts process starts within the run, from 1.' }),
    state: literals(RUN_STATES, 'State of this attempt.'),
    agent: Type.String({ description: 'Agent that made the attempt.' }),
    startTime: Type.Optional(Timestamp('When the process started.')),
    endTime: Type.Optional(Timestamp('When the process ended.')),
    pid: Type.Optional(Type.Integer({ description: 'Process id on the agent.' })),
    exitCode: Type.Optional(Type.Integer({ description: 'Exit code of the process, when it exited.' })),
    signal: Type.Optional(Type.String({ description: 'Signal that ended the process, only when known.' })),
    reason: Type.Optional(reason('One CamelCase word: why the attempt ended so.')),
    message: Type.Optional(Type.String({ description: 'One sentence for people.' })),
    limits: attemptLimits,
    ...attemptUsage,
  },
  { additionalProperties: false, description: 'One process start within a run.' },
);
export type Attempt = Static<typeof Attempt>;

export const RunSpec = Type.Object(
  {
    task: Type.String({ description: 'Name of the task.' }),
    taskUid: Type.String({ description: 'UID of the task.' }),
    slot: Type.String({ description: 'Slot of the task; empty for an ordinary task.' }),
    group: Type.Optional(
      Type.String({
        description:
          'The same for the runs of all slots of one time point, or of one request; absent for an ordinary task.',
      }),
    ),
    revision: Type.Integer({
      description:
        'Generation of the task by which this run is due, or was asked for. Later attempts may run a later one.',
    }),
    trigger: literals(RUN_TRIGGERS, 'What made the run due.'),
    scheduledTime: Type.Optional(
      Timestamp(
        'The time point; of a retry and a backfill the one they make up for; absent for another run on demand.',
      ),
    ),
    schedule: Type.Optional(Type.String({ description: 'Name of the schedule that yielded the time point.' })),
    manualId: Type.Optional(
      Type.String({ description: 'What makes a run on demand unique; absent for a scheduled run.' }),
    ),
    causedBy: Type.Optional(
      Type.Array(Type.String(), {
        description:
          'Runs whose results made this one due (spec.after of the task); of a run of several slots the name of its group.',
      }),
    ),
    retryOf: Type.Optional(Type.String({ description: 'Run that this one repeats on request.' })),
    args: Type.Optional(
      Type.Array(Type.String(), { description: 'Arguments appended to the command for this run only.' }),
    ),
    env: Type.Optional(
      Type.Array(
        Type.Object(
          {
            name: Type.String({ description: 'Name of the variable.' }),
            value: Type.String({ description: 'Value of the variable.' }),
          },
          { additionalProperties: false, description: 'One environment variable.' },
        ),
        { description: 'Variables added for this run only.' },
      ),
    ),
    parameters: Type.Optional(
      Type.Array(ParameterValue, {
        description: "Values of a run on demand, defaults among them; other runs have the task's defaults.",
      }),
    ),
    cancelRequestedTime: Type.Optional(Timestamp('When somebody asked to end the run.')),
    cancelGracePeriod: Type.Optional(
      Duration("Time between the polite and the hard stop, as asked for then; the task's gracePeriod unless given."),
    ),
    cancelReason: Type.Optional(
      Type.Literal('Drained', { description: 'Who asked, when it was no person: Drained, a drain of its agent.' }),
    ),
  },
  { additionalProperties: false, description: 'Which execution of which task.' },
);
export type RunSpec = Static<typeof RunSpec>;

export const RunStatus = Type.Object(
  {
    state: literals(RUN_STATES, 'Where the run stands.'),
    reason: Type.Optional(reason('One CamelCase word: why it stands there.')),
    message: Type.Optional(Type.String({ description: 'One sentence for people.' })),
    agent: Type.Optional(Type.String({ description: 'Agent that executes or decided the run.' })),
    startTime: Type.Optional(Timestamp('When the first attempt started.')),
    endTime: Type.Optional(Timestamp('When the run reached its final state.')),
    exitCode: Type.Optional(Type.Integer({ description: 'Exit code of the last attempt.' })),
    signal: Type.Optional(Type.String({ description: 'Signal that ended the last attempt, only when known.' })),
    attempts: Type.Optional(Type.Array(Attempt, { description: 'Process starts, oldest first.' })),
    conditions: Type.Optional(
      Type.Array(Condition, {
        description: 'Those that hold: Scheduled, Started, and at the end one of Complete, Failed, Cancelled.',
      }),
    ),
  },
  { additionalProperties: false, description: 'How the execution goes.' },
);
export type RunStatus = Static<typeof RunStatus>;

export const Run = kindSchema('Run', 'One execution of a task, by schedule or on demand.', RunSpec, RunStatus);
export type Run = Static<typeof Run>;
