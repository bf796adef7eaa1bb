// Days, months and years as words.
import { FIRST_YEAR, type ParsedField } from '../cron-fields.js';
import type { CronFields } from '../cron-pattern.js';
import { listed, ordinal, stepOf, valuesInWords, valuesOf } from './values.js';

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];
/** Monday is 1, Sunday is 7. */
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const NTH = ['first', 'second', 'third', 'fourth', 'fifth'];
/** Fewer days of a month are listed even if they are a step apart. */
const DAYS_STEPPED = 5;

/** `on Monday to Friday in January`; empty when every day is meant. */
export function daysInWords(fields: CronFields): string {
  const { dayOfMonth, dayOfWeek, month, year, bothDays } = fields;
  const ofMonth = dayOfMonth.any ? undefined : daysOfMonth(dayOfMonth);
  const ofWeek = dayOfWeek.any ? undefined : daysOfWeek(dayOfWeek);
  const parts: string[] = [];
  if (ofMonth !== undefined && ofWeek !== undefined) {
    parts.push(`on ${ofMonth}${bothDays ? ` that is also ${ofWeek}` : ` or on ${ofWeek}`}`);
  } else if (ofMonth !== undefined || ofWeek !== undefined) parts.push(`on ${ofMonth ?? ofWeek}`);
  const months = valuesOf(month.set, 1);
  if (months.length < 12) parts.push(`in ${valuesInWords(months, (value) => MONTHS[value - 1]!)}`);
  if (!year.any) parts.push(`in ${valuesInWords(valuesOf(year.set, FIRST_YEAR))}`);
  return parts.join(' ');
}

/** `Monday to Friday`; 0 and 7 are Sunday. */
export function weekdaysInWords(weekdays: readonly number[]): string {
  const fromMonday = [...new Set(weekdays.map((day) => (day === 0 ? 7 : day)))].sort((a, b) => a - b);
  return valuesInWords(fromMonday, (day) => WEEKDAYS[day - 1]!);
}

function daysOfMonth({ set, letters }: ParsedField): string {
  const days = valuesOf(set, 1);
  const step = days.length < DAYS_STEPPED ? undefined : stepOf(days);
  const parts: string[] = [];
  if (step !== undefined && step > 1) parts.push(`every ${ordinal(step)} day from day ${days[0]} to ${days.at(-1)}`);
  else if (days.length > 0) parts.push(`day${days.length === 1 ? '' : 's'} ${valuesInWords(days)}`);
  return `${listed([...parts, ...letters.map(letterOfMonth)])} of the month`;
}

function letterOfMonth(letter: string): string {
  if (letter === 'L') return 'the last day';
  if (letter === 'LW') return 'the last workday';
  if (letter.startsWith('L-')) return `the ${ordinal(Number(letter.slice(2)) + 1)} to last day`;
  return `the workday nearest to day ${letter.slice(0, -1)}`;
}

function daysOfWeek({ set, letters }: ParsedField): string {
  const weekdays = valuesOf(set);
  const named = letters.map((letter) => {
    const weekday = weekdaysInWords([Number(letter[0])]);
    return `the ${letter.endsWith('L') ? 'last' : NTH[Number(letter[2]) - 1]} ${weekday} of the month`;
  });
  return listed([...(weekdays.length === 0 ? [] : [weekdaysInWords(weekdays)]), ...named]);
}
