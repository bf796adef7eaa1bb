import { type Static, Type } from '@sinclair/typebox';
import { INTERVAL_MAX, WEEKDAYS } from './calendar-words.js';

const units = (name: string) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: INTERVAL_MAX, description: `Only every so many ${name}.` }));

export const ScheduleWindow = Type.Object(
  {
    from: Type.String({ format: 'time-of-day', description: 'First minute of the window.', examples: ['09:00'] }),
    to: Type.String({
      format: 'time-of-day',
      description: 'Last minute of the window, all of it; before "from" when the window crosses midnight.',
      examples: ['17:30'],
    }),
    weekdays: Type.Optional(
      Type.Array(Type.Union(WEEKDAYS.map((day) => Type.Literal(day))), {
        minItems: 1,
        maxItems: 7,
        description: 'Days on which the window opens; every day unless given.',
      }),
    ),
    restart: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Count "every" anew from each opening of the window instead of from anchor.',
      }),
    ),
  },
  {
    additionalProperties: false,
    description: "Hours of the day, on the clock of the schedule's zone, outside of which there are no time points.",
  },
);
export type ScheduleWindow = Static<typeof ScheduleWindow>;

export const ScheduleInterval = Type.Object(
  {
    days: units('days'),
    weeks: units('weeks, which begin on the weekday of "from"'),
    months: units('calendar months'),
    from: Type.String({
      format: 'date',
      description: 'Date that is counted from, in the zone of the schedule; there is no time point before it.',
      examples: ['2026-01-05'],
    }),
  },
  {
    additionalProperties: false,
    description: 'Only every n-th day, week or month: exactly one of days, weeks, months.',
  },
);
export type ScheduleInterval = Static<typeof ScheduleInterval>;
