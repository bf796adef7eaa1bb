import { type Static, Type } from '@sinclair/typebox';
import {
  Condition,
  Duration,
  kindSchema,
  LABEL_NAME_PATTERN,
  LabelSelector,
  LIST_MAP_KEY,
  Timestamp,
} from './metadata.js';

export const DstPolicy = Type.Object(
  {
    gap: Type.Optional(
      Type.Union([Type.Literal('Shift'), Type.Literal('Skip')], {
        default: 'Shift',
        description:
          'A fixed wall-clock time that a clock change skips fires at the first instant after the gap (Shift) or not at all (Skip).',
      }),
    ),
    overlap: Type.Optional(
      Type.Union([Type.Literal('First'), Type.Literal('Both')], {
        default: 'First',
        description: 'A fixed wall-clock time that a clock change repeats fires once (First) or twice (Both).',
      }),
    ),
  },
  { additionalProperties: false, default: {}, description: 'What happens at changes of daylight saving time.' },
);

export const Schedule = Type.Object(
  {
    name: Type.Optional(
      Type.String({
        maxLength: 63,
        pattern: LABEL_NAME_PATTERN,
        default: 'default',
        description: 'Name of this schedule, unique within the task.',
      }),
    ),
    cron: Type.Optional(
      Type.String({
        description:
          'Cron expression of 5, 6 (seconds first) or 7 (year last) fields, with L, L-n, W, LW, # and @nicknames.',
        examples: ['0 2 * * *', '*/5 * * * * *', '@daily'],
      }),
    ),
    every: Type.Optional(Duration('Fixed interval, at least 1s, counted from anchor.', { examples: ['90s', '5m'] })),
    anchor: Type.Optional(Timestamp('Instant an "every" schedule counts from; 1970-01-01T00:00:00Z unless given.')),
    at: Type.Optional(Timestamp('One single instant.')),
    timeZone: Type.Optional(
      Type.String({ format: 'time-zone', description: 'IANA zone of this schedule; spec.timeZone unless given.' }),
    ),
    startTime: Type.Optional(Timestamp('No time point before this instant.')),
    endTime: Type.Optional(Timestamp('No time point after this instant.')),
    jitter: Type.Optional(
      Duration(
        'Starts are delayed by a fixed part of this, derived from the task: spreads load, keeps the time point.',
      ),
    ),
  },
  { additionalProperties: false, description: 'One rule that yields time points: exactly one of cron, every, at.' },
);
export type Schedule = Static<typeof Schedule>;

export const EnvVar = Type.Object(
  {
    name: Type.String({
      pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
      description: 'Name of the variable; CTASK_ is reserved.',
    }),
    value: Type.String({ description: 'Value of the variable.' }),
  },
  { additionalProperties: false, description: 'One environment variable.' },
);

export const RunTemplate = Type.Object(
  {
    command: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        description: 'Program and arguments, started without a shell.',
        examples: [['/opt/report.sh', '--daily']],
      }),
    ),
    script: Type.Optional(
      Type.String({ minLength: 1, description: 'Text of a script, given to the interpreter as a file.' }),
    ),
    interpreter: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        description:
          'Program and arguments that run the script; the path of the script follows. /bin/sh unless given (Windows: cmd.exe); a #! line is not looked at.',
      }),
    ),
    env: Type.Optional(
      Type.Array(EnvVar, {
        [LIST_MAP_KEY]: 'name',
        description: 'Environment variables, besides a small clean set and CTASK_*.',
      }),
    ),
    workingDir: Type.Optional(
      Type.String({ description: "Working directory; the attempt's own empty directory unless given." }),
    ),
    stdin: Type.Optional(Type.String({ description: 'Text given to standard input; empty unless given.' })),
  },
  { additionalProperties: false, description: 'What a run executes: exactly one of command and script.' },
);
export type RunTemplate = Static<typeof RunTemplate>;

export const RetryPolicy = Type.Object(
  {
    limit: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 100, default: 0, description: 'Attempts after the first one.' }),
    ),
    backoff: Type.Optional(
      Type.Object(
        {
          initial: Type.Optional(
            Duration('Wait before the second attempt; doubles with each further one.', { default: '10s' }),
          ),
          max: Type.Optional(Duration('Longest wait between attempts.', { default: '5m' })),
        },
        { additionalProperties: false, default: {}, description: 'Waits between attempts.' },
      ),
    ),
    onExitCodes: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 255 }), {
        description: 'Retry only after these exit codes; after any failure unless given.',
      }),
    ),
  },
  { additionalProperties: false, default: {}, description: 'Whether and when a failed attempt is made again.' },
);

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
        },
        { additionalProperties: false, description: 'Which agents of the cluster may run the task.' },
      ),
    ),
    timeZone: Type.Optional(
      Type.String({ format: 'time-zone', default: 'UTC', description: 'IANA time zone of the schedules.' }),
    ),
    dst: Type.Optional(DstPolicy),
    schedules: Type.Optional(
      Type.Array(Schedule, {
        [LIST_MAP_KEY]: 'name',
        maxItems: 32,
        default: [],
        description: 'When the task is due; a task without schedules runs on demand only.',
      }),
    ),
    suspend: Type.Optional(
      Type.Boolean({ default: false, description: 'While true no time point fires; each one is recorded as Skipped.' }),
    ),
    run: RunTemplate,
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
    missedRunPolicy: Type.Optional(
      Type.Union([Type.Literal('Skip'), Type.Literal('RunOnce'), Type.Literal('RunAll')], {
        default: 'RunOnce',
        description:
          'Of the time points older than startingDeadline: record all as Missed, run the latest unless a younger one is due, or run all in order.',
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
        },
        { additionalProperties: false, default: {}, description: 'How much of the past is kept.' },
      ),
    ),
  },
  { additionalProperties: false, description: 'What the user wants.' },
);
export type TaskSpec = Static<typeof TaskSpec>;

export const RUN_STATES = [
  'Pending',
  'Queued',
  'Running',
  'Succeeded',
  'Failed',
  'TimedOut',
  'Cancelled',
  'Skipped',
  'Missed',
  'Lost',
] as const;

export const TaskStatus = Type.Object(
  {
    observedGeneration: Type.Optional(
      Type.Integer({ description: 'Generation of spec that the center has acted upon.' }),
    ),
    state: Type.Optional(
      Type.Union(
        ['Active', 'Running', 'Suspended', 'Degraded', 'Unallocated', 'Terminating'].map((state) =>
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
        { additionalProperties: false, description: 'The latest finished run.' },
      ),
    ),
    nextTime: Type.Optional(Timestamp('The next time point.')),
    conditions: Type.Optional(Type.Array(Condition, { description: 'Ready, Scheduled, Suspended, Degraded.' })),
  },
  { additionalProperties: false, description: 'What the center observed.' },
);
export type TaskStatus = Static<typeof TaskStatus>;

export const Task = kindSchema('Task', 'A command that is due by schedules or on demand.', TaskSpec, TaskStatus);
export type Task = Static<typeof Task>;
