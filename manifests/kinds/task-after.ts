// What a task waits for besides its schedules: results of other tasks (decision 0021).
import { type Static, Type } from '@sinclair/typebox';
import { Duration, LIST_MAP_KEY, NAME_PATTERN, TASK_NAME_MAX } from './metadata.js';

/** Tasks that one task waits for; a run names the runs that caused it. */
export const AFTER_TASKS_MAX = 64;

export const AFTER_RESULTS = ['Succeeded', 'Failed', 'Finished'] as const;
/** What a task may ask of a run of another one. */
export type AfterResult = (typeof AFTER_RESULTS)[number];

export const AfterTask = Type.Object(
  {
    name: Type.String({
      pattern: NAME_PATTERN,
      maxLength: TASK_NAME_MAX,
      description: 'Name of a task of the same namespace.',
    }),
    on: Type.Optional(
      Type.Union([Type.Literal('Succeeded'), Type.Literal('Failed'), Type.Literal('Finished')], {
        default: 'Succeeded',
        description:
          'The result that counts: Succeeded; Failed, which TimedOut and Lost are too; or Finished, which is each of these and Cancelled. Skipped and Missed are no results.',
      }),
    ),
  },
  { additionalProperties: false, description: 'A task whose results are waited for.' },
);

export const TaskAfter = Type.Object(
  {
    tasks: Type.Array(AfterTask, {
      [LIST_MAP_KEY]: 'name',
      minItems: 1,
      maxItems: AFTER_TASKS_MAX,
      description: 'The tasks whose results are waited for. Circles are refused.',
    }),
    match: Type.Optional(
      Type.Union([Type.Literal('All'), Type.Literal('Any')], {
        default: 'All',
        description:
          'One run when the latest result of every task is as asked and none of them has caused a run already (All), or one run for each result that is as asked (Any).',
      }),
    ),
    within: Type.Optional(
      Duration('Results that ended further apart than this do not count together; no bound unless given. All only.', {
        examples: ['12h'],
      }),
    ),
  },
  {
    additionalProperties: false,
    description: 'Results of other tasks that make the task due, besides its schedules.',
  },
);
export type TaskAfter = Static<typeof TaskAfter>;
