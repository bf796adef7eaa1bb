// The grammar of one field of a cron expression. Which instants the fields yield is decided in cron-pattern.ts.
import { CronError } from './cron-error.js';

export interface FieldKind {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names of the values from `min` on. */
  readonly names?: readonly string[];
  /** Letters that have a meaning in this field only. */
  readonly letters?: 'dayOfMonth' | 'dayOfWeek';
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

export const FIRST_YEAR = 1970;
export const LAST_YEAR = 2199;

export const fieldKinds = {
  second: { name: 'second', min: 0, max: 59 },
  minute: { name: 'minute', min: 0, max: 59 },
  hour: { name: 'hour', min: 0, max: 23 },
  dayOfMonth: { name: 'day of month', min: 1, max: 31, letters: 'dayOfMonth' },
  month: { name: 'month', min: 1, max: 12, names: MONTHS },
  dayOfWeek: { name: 'day of week', min: 0, max: 7, names: WEEKDAYS, letters: 'dayOfWeek' },
  year: { name: 'year', min: FIRST_YEAR, max: LAST_YEAR },
} as const satisfies Record<string, FieldKind>;

export interface ParsedField {
  /** One byte per value from the field's minimum on; 1 = matches. */
  readonly set: Uint8Array;
  /** True for `*` (and `?`): the field restricts nothing. */
  readonly any: boolean;
  /** True when the text begins with `*`: what makes a time of day a wildcard (class W). */
  readonly wildcard: boolean;
  /** `L`, `L-2`, `15W`, `LW`, `5L`, `1#5` in normal form. */
  readonly letters: readonly string[];
}

/** Parses one field. Throws CronError. */
export function parseField(kind: FieldKind, text: string): ParsedField {
  const set = new Uint8Array(kind.max - kind.min + 1);
  if (text === '?') {
    if (kind.letters === undefined) {
      throw new CronError(`${kind.name} must not be "?"`, '"?" is allowed in day of month and day of week; write "*"');
    }
    return { set: set.fill(1), any: true, wildcard: true, letters: [] };
  }
  const letters: string[] = [];
  let any = false;
  for (const item of text.split(',')) {
    if (item === '') throw new CronError(`${kind.name} "${text}" has an empty item in its list`);
    if (item === '*') any = true;
    const letter = parseLetter(kind, item);
    if (letter === undefined) addRange(kind, item, set);
    else letters.push(letter);
  }
  return { set, any, wildcard: text.startsWith('*'), letters };
}

function addRange(kind: FieldKind, item: string, set: Uint8Array): void {
  const slash = item.indexOf('/');
  const base = slash < 0 ? item : item.slice(0, slash);
  let low = kind.min;
  let high: number = kind.max;
  if (base !== '*') {
    const dash = base.indexOf('-', 1);
    low = fieldValue(kind, dash < 0 ? base : base.slice(0, dash));
    high = dash < 0 ? low : rangeEnd(kind, base.slice(dash + 1), low);
    if (dash < 0 && slash >= 0) {
      throw new CronError(
        `${kind.name} "${item}" has a step without a range`,
        `dialects disagree about it: write "${base}-${kind.letters === 'dayOfWeek' ? 6 : kind.max}${item.slice(slash)}"`,
      );
    }
    if (high < low) throw new CronError(`${kind.name} range "${base}" must ascend`, descendingHint(kind, base));
  } else if (kind.letters === 'dayOfWeek') {
    // 7 is Sunday again: a step over 0 to 7 would hit Sunday twice, at both ends.
    high = 6;
  }
  const step = slash < 0 ? 1 : stepOf(kind, item.slice(slash + 1));
  for (let value = low; value <= high; value += step) set[value - kind.min] = 1;
}

/** Sunday ends a range as 7, however it is written: `FRI-SUN`. */
function rangeEnd(kind: FieldKind, text: string, low: number): number {
  const value = fieldValue(kind, text);
  return kind.letters === 'dayOfWeek' && value === 0 && low > 0 ? 7 : value;
}

function descendingHint(kind: FieldKind, base: string): string {
  const [low, high] = base.split('-');
  return `write "${low}-${kind.letters === 'dayOfWeek' ? 6 : kind.max},${kind.min}-${high}" to wrap around`;
}

function stepOf(kind: FieldKind, text: string): number {
  const most = kind.letters === 'dayOfWeek' ? 7 : kind.max - kind.min + 1;
  const step = digits(text);
  if (step === undefined || step < 1 || step > most) {
    throw new CronError(
      `${kind.name} step must be 1 to ${most}, not "${text}"`,
      'steps begin anew in each larger unit; for an interval that does not fit, use "every"',
    );
  }
  return step;
}

function fieldValue(kind: FieldKind, text: string): number {
  const number = digits(text);
  if (number !== undefined) {
    if (number < kind.min || number > kind.max) throw outOfRange(kind);
    return number;
  }
  const index = kind.names?.indexOf(text.toUpperCase()) ?? -1;
  if (index >= 0) return index + kind.min;
  if (/^-\d+$/.test(text)) throw outOfRange(kind);
  throw new CronError(`${kind.name} "${text}" is not understood`, expectation(kind));
}

function outOfRange(kind: FieldKind): CronError {
  return new CronError(`${kind.name} must be ${kind.min} to ${kind.max}`);
}

function expectation(kind: FieldKind): string {
  const names = kind.names === undefined ? '' : ` or ${kind.names[0]} to ${kind.names.at(-1)}`;
  return `${kind.name} must be ${kind.min} to ${kind.max}${names}`;
}

function digits(text: string): number | undefined {
  return /^\d{1,4}$/.test(text) ? Number(text) : undefined;
}

function parseLetter(kind: FieldKind, item: string): string | undefined {
  if (kind.letters === undefined) return undefined;
  const upper = item.toUpperCase();
  return kind.letters === 'dayOfMonth' ? dayOfMonthLetter(kind, upper) : dayOfWeekLetter(kind, upper);
}

function dayOfMonthLetter(kind: FieldKind, item: string): string | undefined {
  if (item === 'L' || item === 'LW') return item;
  const fromLast = /^L-(\d{1,2})$/.exec(item);
  if (fromLast !== null) {
    const days = Number(fromLast[1]);
    if (days > 30) throw new CronError(`${kind.name} "${item}" must be L-0 to L-30`);
    return days === 0 ? 'L' : `L-${days}`;
  }
  const nearest = /^(\d{1,2})W$/.exec(item);
  return nearest === null ? undefined : `${fieldValue(kind, nearest[1]!)}W`;
}

function dayOfWeekLetter(kind: FieldKind, item: string): string | undefined {
  if (item === 'L') {
    throw new CronError(`${kind.name} "L" names no weekday`, 'write e.g. "5L" for the last Friday of the month');
  }
  const last = /^([A-Z]{3}|\d)L$/.exec(item);
  if (last !== null) return `${fieldValue(kind, last[1]!) % 7}L`;
  const nth = /^([A-Z]{3}|\d)#(.*)$/.exec(item);
  if (nth === null) return undefined;
  if (!/^[1-5]$/.test(nth[2]!)) throw new CronError(`${kind.name} "${item}": the number after "#" must be 1 to 5`);
  return `${fieldValue(kind, nth[1]!) % 7}#${nth[2]}`;
}
