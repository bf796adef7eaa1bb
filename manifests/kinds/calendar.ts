import { type Static, Type } from '@sinclair/typebox';
import { WEEKDAYS } from './calendar-words.js';
import { kindSchema, NAME_PATTERN } from './metadata.js';

/** Dates of a calendar: each task that names it carries them. */
export const CALENDAR_DATES_MAX = 1000;
/** Calendars that a reference names in either list. */
const NAMED_MAX = 8;

const Dates = Type.Array(
  Type.String({
    format: 'calendar-dates',
    description: 'One date, or the first and the last one of several; without a year, of each year.',
    examples: ['2026-04-03', '12-25', '2026-12-24/2027-01-01'],
  }),
  {
    minItems: 1,
    maxItems: CALENDAR_DATES_MAX,
    description:
      'Dates of the calendar: one ("2026-04-03"), from one to another ("2026-12-24/2027-01-01"), or of each year ("12-25", "12-24/01-01").',
  },
);

const CalendarWeekdays = Type.Array(Type.Union(WEEKDAYS.map((day) => Type.Literal(day))), {
  minItems: 1,
  maxItems: 7,
  description: 'Weekdays all of whose dates are of the calendar.',
});

const zone = (otherwise: string) =>
  Type.Optional(Type.String({ format: 'time-zone', description: `IANA zone whose dates these are; ${otherwise}.` }));

const OF_SCHEDULE = 'that of each schedule unless given';

export const Calendar = kindSchema(
  'Calendar',
  'Days on which schedules are not due, or on which alone they are.',
  Type.Object(
    {
      description: Type.Optional(Type.String({ maxLength: 1024, description: 'What the calendar is for.' })),
      timeZone: zone(OF_SCHEDULE),
      weekdays: Type.Optional(CalendarWeekdays),
      dates: Type.Optional(Dates),
    },
    { additionalProperties: false, description: 'What the user wants: weekdays, dates, or both.' },
  ),
  Type.Object({}, { additionalProperties: false, description: 'Always empty.' }),
);
export type Calendar = Static<typeof Calendar>;

const calendarNames = (description: string) =>
  Type.Optional(
    Type.Array(Type.String({ pattern: NAME_PATTERN, maxLength: 253, description: 'Name of a Calendar.' }), {
      minItems: 1,
      maxItems: NAMED_MAX,
      description,
      examples: [['holidays']],
    }),
  );

/** Which calendars filter time points; see docs/schedules.md. */
export const CalendarRef = Type.Object(
  {
    exclude: calendarNames('Calendars of the namespace on whose days there are no time points.'),
    only: calendarNames(
      'Calendars of the namespace outside of whose days there are no time points; a day of one suffices.',
    ),
  },
  { additionalProperties: false, description: 'Days that calendars leave out, or to which they restrict.' },
);
export type CalendarRef = Static<typeof CalendarRef>;

/** A calendar as a task carries it: what decides, in one order, so that equal calendars are equal text. */
export const ResolvedCalendar = Type.Object(
  {
    name: Type.String({ description: 'Name of the Calendar.' }),
    timeZone: zone(OF_SCHEDULE),
    weekdays: Type.Optional(CalendarWeekdays),
    dates: Type.Optional(Dates),
  },
  { additionalProperties: false, description: 'One calendar as it is.' },
);
export type ResolvedCalendar = Static<typeof ResolvedCalendar>;
