// The five time fields of a crontab line, as Vixie cron and its heirs (cronie, Debian's cron) read them, said in the words of
// our own cron expressions. Where these dialects disagree the line is refused with both ways to write it.
import { CrontabError } from './crontab-error.js';

interface FieldKind {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Largest step that our own expressions take; a larger one matches the first value only, as this one does. */
  readonly longestStep: number;
  /** Names of the values from `min` on. */
  readonly names: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const KINDS = [
  { name: 'minute', min: 0, max: 59, longestStep: 60, names: [] },
  { name: 'hour', min: 0, max: 23, longestStep: 24, names: [] },
  { name: 'day of month', min: 1, max: 31, longestStep: 31, names: [] },
  { name: 'month', min: 1, max: 12, longestStep: 12, names: MONTHS },
  { name: 'day of week', min: 0, max: 7, longestStep: 7, names: WEEKDAYS },
] as const satisfies readonly FieldKind[];

export const FIELD_NAMES: readonly string[] = KINDS.map(({ name }) => name);

export interface FieldText {
  readonly text: string;
  /** Characters of the line before it. */
  readonly offset: number;
}

interface Field {
  /** In our words. */
  readonly text: string;
  /** Begins with `*`: a rhythm rather than a time (minute, hour), or not restricted (days), whatever follows. */
  readonly star: boolean;
  /** Every value matches. */
  readonly all: boolean;
}

/** Our expression that fires when cron does. Throws CrontabError. */
export function toCronExpression(texts: readonly FieldText[]): string {
  const [minute, hour, dayOfMonth, month, dayOfWeek] = KINDS.map((kind, index) => parseField(kind, texts[index]!));
  const [inMonth, inWeek] = days(dayOfMonth!, dayOfWeek!);
  return [minute!.text, hour!.text, inMonth, month!.text, inWeek].join(' ');
}

// cron asks for both day fields as soon as one of them begins with `*`, so `*/2` counts as one, and for either of them
// otherwise. Ours asks for either unless a field is exactly `*`, and for both when day of week begins with `+`.
function days(inMonth: Field, inWeek: Field): [string, string] {
  const both = inMonth.star || inWeek.star;
  if (!both && (inMonth.all || inWeek.all)) return ['*', '*'];
  const month = inMonth.all ? '*' : inMonth.text;
  const week = inWeek.all ? '*' : inWeek.text;
  return [month, both && month !== '*' && week !== '*' ? `+${week}` : week];
}

function parseField(kind: FieldKind, { text, offset }: FieldText): Field {
  const matches = new Set<number>();
  let at = offset;
  const items = text.split(',').map((item) => {
    const said = parseItem(kind, item, at, matches);
    at += item.length + 1;
    return said;
  });
  const values = kind.max === 7 ? 7 : kind.max - kind.min + 1; // 7 is Sunday again
  const found = kind.max === 7 ? new Set([...matches].map((value) => value % 7)) : matches;
  return { text: items.join(','), star: text.startsWith('*'), all: found.size === values };
}

const ITEM = /^(?:(\*)|([A-Za-z0-9]+)(?:-([A-Za-z0-9]+))?)(?:\/([0-9]+))?$/;

/** One item of a list: puts what it matches into `matches`, and says it in our words. */
function parseItem(kind: FieldKind, item: string, offset: number, matches: Set<number>): string {
  const parts = ITEM.exec(item);
  if (parts === null) throw new CrontabError(misread(kind, item), offset);
  const [, star, from, to, every] = parts;
  if (from !== undefined && to === undefined && every !== undefined) {
    const hint = `write "${from}-${lastOf(kind)}/${every}" or "${from}"`;
    throw new CrontabError(
      `${kind.name} "${item}" has a step without a range; crons disagree about it: ${hint}`,
      offset,
    );
  }
  const low = star === undefined ? valueIn(kind, from!, offset) : kind.min;
  const high = star === undefined ? (to === undefined ? low : valueIn(kind, to, offset)) : kind.max;
  if (high < low)
    throw new CrontabError(`${kind.name} range "${from}-${to}" must ascend; ${wrapped(kind, low, high)}`, offset);
  const step = every === undefined ? 1 : Number(every);
  if (step === 0) throw new CrontabError(`${kind.name} "${item}" has a step of 0`, offset);
  for (let value = low; value <= high; value += step) matches.add(value);
  const base = star ?? (to === undefined ? short(from!) : `${short(from!)}-${short(to)}`);
  return every === undefined ? base : `${base}/${Math.min(step, kind.longestStep)}`;
}

const lastOf = (kind: FieldKind): number => (kind.max === 7 ? 6 : kind.max);

function wrapped(kind: FieldKind, low: number, high: number): string {
  if (kind.max === 7 && high === 0) return `write "${low}-7"`;
  const first = kind.min === high ? `${high}` : `${kind.min}-${high}`;
  return `write "${low}-${lastOf(kind)},${first}"`;
}

function valueIn(kind: FieldKind, text: string, offset: number): number {
  if (!/^[0-9]+$/.test(text)) {
    const index = kind.names.indexOf(text.toLowerCase());
    if (index < 0) throw new CrontabError(misread(kind, text), offset);
    return index + kind.min;
  }
  const value = Number(text);
  if (value < kind.min || value > kind.max) {
    throw new CrontabError(`${kind.name} must be ${kind.min} to ${kind.max}, not ${text}`, offset);
  }
  return value;
}

function misread(kind: FieldKind, item: string): string {
  if (item === '') return `${kind.name} has an empty item in its list`;
  if (item.includes('~')) {
    return `${kind.name} "${item}" is a random value of cronie; write a number, and spec.schedules[].jitter for the spread`;
  }
  const names = kind.names.length === 0 ? '' : `, or ${kind.names[0]} to ${kind.names.at(-1)}`;
  return `${kind.name} "${item}" is not understood; it must be ${kind.min} to ${kind.max}${names}`;
}

/** Leading zeros may be any number. */
const short = (text: string): string => (/^0[0-9]{2,}$/.test(text) ? String(Number(text)) : text);
