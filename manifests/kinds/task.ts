import { type Static, Type } from '@sinclair/typebox';
import {
  Condition,
  Duration,
  kindSchema,
  LABEL_NAME_PATTERN,
  LabelSelector,
  LIST_MAP_KEY,
  NAME_PATTERN,
  Timestamp,
} from './metadata.js';
import { PackageRef } from './package-ref.js';
import { Resources } from './resources.js';
import { runAs } from './run-as.js';
import { ScheduleInterval, ScheduleWindow } from './schedule-filters.js';
import { TaskLogs } from './task-logs.js';

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
          'Cron expression of 5, 6 (seconds first) or 7 (year last) fields, with L, L-n, W, LW, #, H and @nicknames.',
        examples: ['0 2 * * *', '*/5 * * * * *', '@daily'],
      }),
    ),
    every: Type.Optional(Duration('Fixed interval, at least 1s, counted from anchor.', { examples: ['90s', '5m'] })),
    anchor: Type.Optional(Timestamp('Instant an "every" schedule counts from; 1970-01-01T00:00:00Z unless given.')),
    at: Type.Optional(Timestamp('One single instant.')),
    window: Type.Optional(ScheduleWindow),
    interval: Type.Optional(ScheduleInterval),
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
    value: Type.Optional(Type.String({ description: 'Value of the variable.' })),
    valueFrom: Type.Optional(
      Type.Object(
        {
          secret: Type.String({ pattern: NAME_PATTERN, maxLength: 253, description: 'Name of the Secret.' }),
          key: Type.String({ minLength: 1, description: 'Key of the value in it.' }),
        },
        {
          additionalProperties: false,
          description: 'Takes the value from a Secret of the namespace; an attempt without it fails to start.',
        },
      ),
    ),
  },
  { additionalProperties: false, description: 'One environment variable: exactly one of value and valueFrom.' },
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
    package: Type.Optional(PackageRef),
    env: Type.Optional(
      Type.Array(EnvVar, {
        [LIST_MAP_KEY]: 'name',
        description: 'Environment variables, besides a small clean set and CTASK_*.',
      }),
    ),
    envFrom: Type.Optional(
      Type.Array(
        Type.Object(
          {
            secret: Type.String({ pattern: NAME_PATTERN, maxLength: 253, description: 'Name of the Secret.' }),
            prefix: Type.Optional(
              Type.String({
                pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
                maxLength: 63,
                description: 'Put before each key to make the name of its variable.',
              }),
            ),
          },
          { additionalProperties: false, description: 'One Secret of the namespace.' },
        ),
        {
          maxItems: 16,
          description:
            'Secrets whose keys are all environment variables; later ones win over earlier ones, and env over all of them.',
        },
      ),
    ),
    workingDir: Type.Optional(
      Type.String({ description: "Working directory; the attempt's own empty directory unless given." }),
    ),
    stdin: Type.Optional(Type.String({ description: 'Text given to standard input; empty unless given.' })),
    ...runAs,
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
            Duration('Wait before the second attempt; doubles with each further one, unless factor says otherwise.', {
              default: '10s',
            }),
          ),
          max: Type.Optional(Duration('Longest wait between attempts.', { default: '5m' })),
          factor: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 10,
              description: 'Each wait is so many times as long as the one before it; 2 unless given.',
            }),
          ),
          jitter: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: 100,
              description:
                'Part of a wait, in percent, by at most which it is shortened, at random but fixed per run and attempt, so that what failed together is not tried again together; 10 unless given.',
            }),
          ),
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
        },
        { additionalProperties: false, default: {}, description: 'How much of the past is kept.' },
      ),
    ),
  },
  { additionalProperties: false, description: 'What the user wants.' },
);
export type TaskSpec = Static<typeof TaskSpec>;

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
