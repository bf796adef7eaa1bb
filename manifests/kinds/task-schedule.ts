// When a task is due: one schedule of spec.schedules.
import { type Static, Type } from '@sinclair/typebox';
import { CalendarRef } from './calendar.js';
import { Duration, LABEL_NAME_PATTERN, Timestamp } from './metadata.js';
import { ScheduleInterval, ScheduleWindow } from './schedule-filters.js';

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
    calendar: Type.Optional(CalendarRef),
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
    suspend: Type.Optional(
      Type.Boolean({
        description:
          'While true the schedule has no time points, as if it were left out; nothing is recorded. spec.suspend records them.',
      }),
    ),
  },
  { additionalProperties: false, description: 'One rule that yields time points: exactly one of cron, every, at.' },
);
export type Schedule = Static<typeof Schedule>;
