import { type Static, Type } from '@sinclair/typebox';
import { CalendarRef, ResolvedCalendar } from './calendar.js';
import { Bytes, Duration, kindSchema, LABEL_NAME_PATTERN, LabelSelector, LIST_MAP_KEY, Timestamp } from './metadata.js';
import { TaskNotify } from './notify.js';
import { Resources } from './resources.js';
import { TaskAfter } from './task-after.js';
import { TaskLogs } from './task-logs.js';
import { TaskParameters } from './task-parameters.js';
import { RetryPolicy, RunTemplate } from './task-run.js';
import { DstPolicy, Schedule } from './task-schedule.js';
import { TaskStatus } from './task-status.js';

export const SUSPEND_REASON_MAX_CHARS = 256;
const ONE_LINE = '^[^\\n\\r]*$';

/** Shards of one task: a record and a line of an allocation list each. */
export const SHARDS_MAX = 1024;

export const TaskSpec = Type.Object(
  {
    description: Type.Optional(Type.String({ maxLength: 1024, description: 'What the task is for.' })),
    cluster: Type.Optional(
      Type.String({
        default: 'default',
        pattern: LABEL_NAME_PATTERN,
        description: 'Cluster whose agents run the task.',
      }),
    ),
    placement: Type.Optional(
      Type.Object(
        {
          selector: Type.Optional(LabelSelector),
          agents: Type.Optional(
            Type.Array(Type.String(), { minItems: 1, description: 'Names of the only agents that may run the task.' }),
          ),
          mode: Type.Optional(
            Type.Union([Type.Literal('Single'), Type.Literal('EveryAgent'), Type.Literal('Shards')], {
              default: 'Single',
              description:
                'Of each time point: one run on one of the agents (Single), one on every agent (EveryAgent), or one per shard, spread over the agents (Shards).',
            }),
          ),
          shards: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: SHARDS_MAX,
              description: 'Number of shards; processes see CTASK_SHARD, from 0, and CTASK_SHARDS. Mode Shards only.',
            }),
          ),
          shardItems: Type.Optional(
            Type.Array(Type.String(), {
              minItems: 1,
              maxItems: SHARDS_MAX,
              description:
                'One text per shard, which its processes see as CTASK_SHARD_ITEM; says the number of shards by itself. Mode Shards only.',
              examples: [['eu', 'us', 'apac']],
            }),
          ),
        },
        { additionalProperties: false, description: 'Which agents of the cluster may run the task.' },
      ),
    ),
    timeZone: Type.Optional(
      Type.String({ format: 'time-zone', default: 'UTC', description: 'IANA time zone of the schedules.' }),
    ),
    dst: Type.Optional(DstPolicy),
    calendar: Type.Optional(CalendarRef),
    schedules: Type.Optional(
      Type.Array(Schedule, {
        [LIST_MAP_KEY]: 'name',
        maxItems: 32,
        default: [],
        description: 'When the task is due; a task without schedules runs on demand only.',
      }),
    ),
    after: Type.Optional(TaskAfter),
    suspend: Type.Optional(
      Type.Boolean({ default: false, description: 'While true no time point fires; each one is recorded as Skipped.' }),
    ),
    suspendUntil: Type.Optional(
      Timestamp(
        'No time point before this instant fires; each one is recorded as Skipped. From then on the task fires by itself, unless suspend is true.',
      ),
    ),
    suspendReason: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: SUSPEND_REASON_MAX_CHARS,
        pattern: ONE_LINE,
        description: 'Why the task is suspended, for people: one line.',
      }),
    ),
    parameters: Type.Optional(TaskParameters),
    run: RunTemplate,
    resources: Type.Optional(Resources),
    logs: Type.Optional(TaskLogs),
    timeout: Type.Optional(Duration('Longest time one attempt may take; unlimited unless given.')),
    gracePeriod: Type.Optional(
      Duration('Time between the polite and the hard stop of a process tree.', { default: '10s' }),
    ),
    retry: Type.Optional(RetryPolicy),
    concurrencyPolicy: Type.Optional(
      Type.Union([Type.Literal('Allow'), Type.Literal('Forbid'), Type.Literal('Queue'), Type.Literal('Replace')], {
        default: 'Forbid',
        description:
          'When a run is due while another of the task is running: start it too, skip it, start it afterwards (at most one waits), or end the running one first.',
      }),
    ),
    maxConcurrentRuns: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        description:
          'At most so many runs of the task (of a shard, of an agent with EveryAgent) are open at once, runs on demand and waiting retries included. One too many is Skipped (ConcurrencyLimit) with concurrencyPolicy Allow, and waits with Queue. Not with Forbid and Replace, which have one.',
      }),
    ),
    missedRunPolicy: Type.Optional(
      Type.Union([Type.Literal('Skip'), Type.Literal('RunOnce'), Type.Literal('RunAll')], {
        default: 'RunOnce',
        description:
          'Of the time points older than startingDeadline: record all as Missed, run the latest unless a younger one is due, or run all in order.',
      }),
    ),
    maxRuns: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000_000,
        description:
          'At most so many time points are run, counted while this is set; later ones are recorded as Skipped (MaxRuns). Runs on demand do not count, further attempts neither. Not with partitionPolicy Continue.',
      }),
    ),
    priority: Type.Optional(
      Type.Integer({
        minimum: -1000,
        maximum: 1000,
        description:
          'Of the runs that wait for a place on an agent with a limit (ctask agent --max-running) those of the highest priority start first, of these those that were due first; 0 unless given.',
      }),
    ),
    startingDeadline: Type.Optional(
      Duration('A time point that could not start within this time counts as missed.', { default: '60s' }),
    ),
    catchUpWindow: Type.Optional(Duration('Missed time points older than this are never run.', { default: '1h' })),
    onLost: Type.Optional(
      Type.Union([Type.Literal('Record'), Type.Literal('Rerun')], {
        default: 'Record',
        description:
          'When a scheduled run is Lost (its end is not known, and it may have ended well): leave it at the record, or make another attempt of it.',
      }),
    ),
    partitionPolicy: Type.Optional(
      Type.Union([Type.Literal('Fence'), Type.Literal('Continue'), Type.Literal('Kill')], {
        default: 'Fence',
        description:
          'What an agent does that is cut off from ZooKeeper: start nothing new and let run what runs (Fence); also end the processes of the task before another agent could be given it (Kill); or go on starting time points unclaimed, which may start them twice (Continue).',
      }),
    ),
    history: Type.Optional(
      Type.Object(
        {
          runs: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 100_000,
              default: 100,
              description:
                'Finished runs that are kept; as many records of time points that did not run are kept beside them.',
            }),
          ),
          age: Type.Optional(Duration('Finished runs older than this are removed.', { default: '90d' })),
          bytes: Type.Optional(
            Bytes(
              'Output that is kept, of all runs of the task together. Of more than that the output of the oldest finished runs is removed, and the runs stay; the latest output stays whatever its size. Unlimited unless given.',
              { examples: ['1Gi'] },
            ),
          ),
        },
        { additionalProperties: false, default: {}, description: 'How much of the past is kept.' },
      ),
    ),
    notify: Type.Optional(TaskNotify),
    calendars: Type.Optional(
      Type.Array(ResolvedCalendar, {
        description:
          'Content of the calendars that the schedules name, filled in by the center. What a manifest says here is not looked at.',
      }),
    ),
  },
  { additionalProperties: false, description: 'What the user wants.' },
);
export type TaskSpec = Static<typeof TaskSpec>;

export const Task = kindSchema('Task', 'A command that is due by schedules or on demand.', TaskSpec, TaskStatus);
export type Task = Static<typeof Task>;
