import { type Static, Type } from '@sinclair/typebox';
import { Condition, Timestamp } from './metadata.js';

export const TaskStatus = Type.Object(
  {
    observedGeneration: Type.Optional(
      Type.Integer({ description: 'Generation of spec that the center has acted upon.' }),
    ),
    state: Type.Optional(
      Type.Union(
        ['Active', 'Running', 'Suspended', 'Complete', 'Degraded', 'Unallocated', 'Terminating'].map((state) =>
          Type.Literal(state),
        ),
        {
          description: 'One word for columns, derived from the conditions.',
        },
      ),
    ),
    allocations: Type.Optional(
      Type.Array(
        Type.Object(
          {
            slot: Type.String({ description: 'Slot of the task.' }),
            agent: Type.String({ description: 'Agent that owns the slot.' }),
          },
          { additionalProperties: false, description: 'One slot and its owner.' },
        ),
        { description: 'Which agent owns which slot.' },
      ),
    ),
    activeRuns: Type.Optional(Type.Integer({ description: 'Runs that are Pending, Queued or Running.' })),
    lastRun: Type.Optional(
      Type.Object(
        {
          name: Type.String({ description: 'Name of the run.' }),
          state: Type.String({ description: 'Its state.' }),
          time: Timestamp('When it ended, or its time point when it never started.'),
        },
        {
          additionalProperties: false,
          description:
            'The last run to end that was not Skipped; where a time point has several runs (shards, agents) the worst of those that have ended.',
        },
      ),
    ),
    skippedRuns: Type.Optional(
      Type.Integer({ description: 'Time points that were Skipped since the last run; at most 100 are counted.' }),
    ),
    nextTime: Type.Optional(Timestamp('The next time point that fires.')),
    conditions: Type.Optional(
      Type.Array(Condition, { description: 'Ready, Scheduled, Suspended, Degraded; with maxRuns also Complete.' }),
    ),
  },
  { additionalProperties: false, description: 'What the center observed.' },
);
export type TaskStatus = Static<typeof TaskStatus>;
