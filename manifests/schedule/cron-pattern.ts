// A cron expression compiled to tables, so that the next match is a few look-ups. It knows wall-clock time only: zones
// and their clock changes are the business of cron-in-zone.ts.
import { civilFromDays, DAY_MS, daysFromCivil, daysInMonth, SECOND_MS, weekdayOfDays } from './civil.js';
import { CronError } from './cron-error.js';
import { FIRST_YEAR, type FieldKind, fieldKinds, LAST_YEAR, type ParsedField, parseField } from './cron-fields.js';
import { hashProblem } from './cron-hash.js';
import { type DayMask, daysOnWeekdays, existingDays, lettersDay, MONTH_SHAPES, monthShape } from './month-days.js';

/** Longer expressions are refused: all lists of a seven-field expression written out need less, the year aside. */
export const CRON_MAX_LENGTH = 1000;

/** Compiled expressions that are kept for reuse; the oldest goes first. 20,000 different ones take about 20 MB. */
const CACHE_LIMIT = 20_000;

const NICKNAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const NONE = 255;
const LAST_DAY = daysFromCivil(LAST_YEAR, 12, 31);
const FIRST_DAY = daysFromCivil(FIRST_YEAR, 1, 1);

/** For each value the smallest matching value that is not less; NONE when there is none. Index size is one too many. */
type NextTable = Uint8Array;

/** What matches wall-clock times. */
export interface WallPattern {
  /** Class W: second, minute or hour begins with `*`. Clock changes neither shift nor repeat such a pattern. */
  readonly wildcard: boolean;
  /** True when no date of any year matches, e.g. 30 February. */
  readonly never: boolean;
  /**
   * The first matching wall-clock time that is ≥ `from` and < `end`, both written as ms since the epoch as if they were
   * UTC. `from` must be a whole second.
   */
  nextWall(from: number, end: number): number | undefined;
  /** The first matching second of any matching day that is not before `second`: it is the same on all of them. */
  timeFrom(second: number): number | undefined;
}

export class CronPattern implements WallPattern {
  readonly wildcard: boolean;
  readonly never: boolean;
  readonly #seconds: NextTable;
  readonly #minutes: NextTable;
  readonly #hours: NextTable;
  readonly #firstOfDay: number;
  /** Bit n = month n. */
  readonly #months: number;
  /** Matching days by month shape, bit n = day n. */
  readonly #days: Int32Array;
  readonly #years: Uint8Array | undefined;

  constructor(fields: readonly [ParsedField, ParsedField, ParsedField, Int32Array, ParsedField, ParsedField]) {
    const [second, minute, hour, days, month, year] = fields;
    this.wildcard = second.wildcard || minute.wildcard || hour.wildcard;
    this.#seconds = nextTable(second.set);
    this.#minutes = nextTable(minute.set);
    this.#hours = nextTable(hour.set);
    this.#firstOfDay = this.#hours[0]! * 3600 + this.#minutes[0]! * 60 + this.#seconds[0]!;
    this.#months = bits(month.set, 1);
    this.#days = shared(days);
    this.#years = year.any ? undefined : year.set;
    this.never = this.nextWall(FIRST_DAY * DAY_MS, Number.POSITIVE_INFINITY) === undefined;
  }

  /** Looks at no more than the months of 1970 to 2199. */
  nextWall(from: number, end: number): number | undefined {
    const start = Math.max(from, FIRST_DAY * DAY_MS);
    const today = Math.floor(start / DAY_MS);
    let date = this.#dateFrom(today);
    let time: number | undefined = this.#firstOfDay;
    if (date === today) {
      time = this.timeFrom((start - today * DAY_MS) / SECOND_MS);
      if (time === undefined) {
        time = this.#firstOfDay;
        date = this.#dateFrom(today + 1);
      }
    }
    if (date === undefined) return undefined;
    const wall = date * DAY_MS + time * SECOND_MS;
    return wall < end ? wall : undefined;
  }

  timeFrom(second: number): number | undefined {
    let hour = Math.floor(second / 3600);
    let minute = Math.floor((second % 3600) / 60);
    const inMinute = this.#seconds[second % 60]!;
    if (this.#hours[hour] === hour) {
      if (this.#minutes[minute] === minute && inMinute !== NONE) return hour * 3600 + minute * 60 + inMinute;
      minute = this.#minutes[minute + 1]!;
      if (minute !== NONE) return hour * 3600 + minute * 60 + this.#seconds[0]!;
    }
    hour = this.#hours[hour + 1]!;
    return hour === NONE ? undefined : hour * 3600 + this.#minutes[0]! * 60 + this.#seconds[0]!;
  }

  /** The first matching date that is not before `days`. */
  #dateFrom(days: number): number | undefined {
    if (days > LAST_DAY) return undefined;
    const start = civilFromDays(days);
    let { year, month } = start;
    let first = days - start.day + 1;
    let wanted = -1 << start.day;
    while (year <= LAST_YEAR) {
      if (this.#years !== undefined && this.#years[year - FIRST_YEAR] === 0) {
        year += 1;
        month = 1;
        first = daysFromCivil(year, 1, 1);
        wanted = -1;
        continue;
      }
      const length = daysInMonth(year, month);
      if ((this.#months & (1 << month)) !== 0) {
        const left = this.#days[monthShape(length, weekdayOfDays(first))]! & wanted;
        if (left !== 0) return first + lowestBit(left) - 1;
      }
      first += length;
      wanted = -1;
      month += 1;
      if (month > 12) {
        month = 1;
        year += 1;
      }
    }
    return undefined;
  }
}

const lowestBit = (mask: number): number => 31 - Math.clz32(mask & -mask);

function nextTable(set: Uint8Array): NextTable {
  const table = new Uint8Array(set.length + 1).fill(NONE);
  for (let value = set.length - 1; value >= 0; value--) table[value] = set[value] === 1 ? value : table[value + 1]!;
  return shared(table);
}

const tables = new Map<string, Uint8Array | Int32Array>();

/** Most schedules share their tables: `*`, a single minute, every day. One copy of each is kept. */
function shared<T extends Uint8Array | Int32Array>(table: T): T {
  const key = table.join();
  const known = tables.get(key) as T | undefined;
  if (known !== undefined) return known;
  if (tables.size < CACHE_LIMIT) tables.set(key, table);
  return table;
}

function bits(set: Uint8Array, min: number): number {
  return set.reduce((mask, match, index) => (match === 1 ? mask | (1 << (index + min)) : mask), 0);
}

const cache = new Map<string, CronPattern>();

/** Compiles an expression; the same expression yields the same object. Throws CronError. */
export function compileCron(expression: string): CronPattern {
  const cached = cache.get(expression);
  if (cached !== undefined) return cached;
  const pattern = parsePattern(expression);
  if (cache.size >= CACHE_LIMIT) cache.delete(cache.keys().next().value!);
  cache.set(expression, pattern);
  return pattern;
}

/** The fields of an expression, one by one. */
export interface CronFields {
  readonly second: ParsedField;
  readonly minute: ParsedField;
  readonly hour: ParsedField;
  readonly dayOfMonth: ParsedField;
  readonly month: ParsedField;
  readonly dayOfWeek: ParsedField;
  readonly year: ParsedField;
  /** Where both day fields are restricted, both must match. */
  readonly bothDays: boolean;
}

/** Throws CronError. */
export function parseCronFields(expression: string): CronFields {
  if (expression.length > CRON_MAX_LENGTH) {
    throw new CronError(`expression is longer than ${CRON_MAX_LENGTH} characters`);
  }
  const texts = splitFields(expression.trim());
  const withSeconds = texts.length === 5 ? ['0', ...texts] : texts;
  const [second, minute, hour, dayOfMonth, month, dayOfWeek, year] = withSeconds as [
    string,
    string,
    string,
    string,
    string,
    string,
    string?,
  ];
  const bothDays = dayOfWeek.startsWith('+');
  return {
    second: fieldOf(fieldKinds.second, second),
    minute: fieldOf(fieldKinds.minute, minute),
    hour: fieldOf(fieldKinds.hour, hour),
    dayOfMonth: fieldOf(fieldKinds.dayOfMonth, dayOfMonth),
    dayOfWeek: fieldOf(fieldKinds.dayOfWeek, bothDays ? dayOfWeek.slice(1) : dayOfWeek),
    month: fieldOf(fieldKinds.month, month),
    year: fieldOf(fieldKinds.year, year ?? '*'),
    bothDays,
  };
}

function parsePattern(expression: string): CronPattern {
  const fields = parseCronFields(expression);
  const { second, minute, hour, month, year } = fields;
  return new CronPattern([second, minute, hour, dayMasks(fields), month, year]);
}

function splitFields(text: string): string[] {
  if (text.startsWith('@')) {
    const nickname = NICKNAMES[text.toLowerCase()];
    if (nickname !== undefined) return nickname.split(' ');
    throw new CronError(
      `nickname "${text}" is not known`,
      /^@every/i.test(text) ? 'write every: 5m instead of cron' : `known are ${Object.keys(NICKNAMES).join(', ')}`,
    );
  }
  if (/^(CRON_)?TZ=/i.test(text)) throw new CronError('the time zone is not part of the expression', 'use timeZone');
  const texts = text === '' ? [] : text.split(/\s+/);
  if (texts.length < 5 || texts.length > 7) {
    throw new CronError(
      `has ${texts.length} field${texts.length === 1 ? '' : 's'}`,
      'write 5 (minute hour day-of-month month day-of-week), 6 (second first) or 7 (year last)',
    );
  }
  return texts;
}

function fieldOf(kind: FieldKind, text: string): ParsedField {
  for (const item of text.split(',')) {
    const problem = hashProblem(kind, item);
    if (problem !== undefined) throw problem;
  }
  return parseField(kind, text);
}

const allDays = maskTable(new Uint8Array(31).fill(1), []);

/** Both day fields restricted means either (as in Vixie cron); `+` before day of week means both. */
function dayMasks({ dayOfMonth: month, dayOfWeek: week, bothDays }: CronFields): Int32Array {
  if (month.any && week.any) return allDays;
  const inMonth = maskTable(month.set, month.letters);
  if (week.any) return inMonth;
  const inWeek = weekTable(week.set, week.letters);
  if (month.any) return inWeek;
  return inMonth.map((mask, shape) => (bothDays ? mask & inWeek[shape]! : mask | inWeek[shape]!));
}

function maskTable(set: Uint8Array, letters: readonly string[]): Int32Array {
  const plain = bits(set, 1);
  return byShape((shape) => withLetters(plain & existingDays(shape), letters, shape));
}

function weekTable(set: Uint8Array, letters: readonly string[]): Int32Array {
  return byShape((shape) => withLetters(daysOnWeekdays(shape, set), letters, shape));
}

function byShape(days: (shape: number) => DayMask): Int32Array {
  return Int32Array.from({ length: MONTH_SHAPES }, (_, shape) => days(shape));
}

function withLetters(days: DayMask, letters: readonly string[], shape: number): DayMask {
  return letters.reduce((mask, letter) => mask | lettersDay(letter, shape), days);
}
