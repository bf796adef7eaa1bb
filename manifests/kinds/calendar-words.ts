// What filters and calendars are written in. No schema is in this file: the console loads it, and no schemas, with its first page.

/** Three letters, Monday first. */
export const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

/** Hours and minutes of a day, `00:00` to `23:59`. */
export const TIME_OF_DAY_PATTERN = '^([01]\\d|2[0-3]):[0-5]\\d$';

/** `2026-04-03`, `12-25`, `2026-12-24/2027-01-01`, `12-24/01-01`; that the dates exist is looked at besides. */
export const CALENDAR_DATES_PATTERN = '^(?:(\\d{4})-)?(\\d\\d)-(\\d\\d)(?:/(?:(\\d{4})-)?(\\d\\d)-(\\d\\d))?$';

/** Longest interval: more units than this are no rhythm any more. */
export const INTERVAL_MAX = 1000;
