// Which days of a month the letters L, W and # mean. croner answers for W, LW, nL and n#k; L and L-n are plain
// arithmetic (croner 11.0.1 reads L-2 as L). A month is known by its length and the weekday of its first day, so croner
// is asked once per letter and month shape: the answers are kept, no croner object is. There are at most 75 letters.
import { Cron } from 'croner';
import { DAY_MS, daysFromCivil, daysInMonth, weekdayOfDays } from './civil.js';

/** Number of month shapes: 28 to 31 days, beginning on one of seven weekdays. */
export const MONTH_SHAPES = 28;

/** Index of the shape of a month that begins on `firstWeekday` (0 = Sunday). */
export function monthShape(length: number, firstWeekday: number): number {
  return (length - 28) * 7 + firstWeekday;
}

interface Month {
  readonly first: number;
  readonly length: number;
}

let representatives: readonly Month[] | undefined;

/** A real month for each shape. */
function shapeMonths(): readonly Month[] {
  if (representatives !== undefined) return representatives;
  const found: Month[] = new Array(MONTH_SHAPES);
  // The calendar repeats its shapes within 28 years where no century without a leap day intervenes.
  for (let year = 2000; year < 2028; year++) {
    for (let month = 1; month <= 12; month++) {
      const first = daysFromCivil(year, month, 1);
      const length = daysInMonth(year, month);
      found[monthShape(length, weekdayOfDays(first))] ??= { first, length };
    }
  }
  representatives = found;
  return found;
}

const known = new Map<string, Int32Array>();

/** For each month shape the days that a letter of the day-of-month or day-of-week field means; bit n = day n. */
export function specialDays(letter: string): Int32Array {
  let masks = known.get(letter);
  if (masks === undefined) {
    masks = letter.startsWith('L') && letter !== 'LW' ? daysBeforeLast(letter) : askCroner(letter);
    known.set(letter, masks);
  }
  return masks;
}

function daysBeforeLast(letter: string): Int32Array {
  const before = letter === 'L' ? 0 : Number(letter.slice(2));
  return Int32Array.from(shapeMonths(), ({ length }) => (length > before ? 1 << (length - before) : 0));
}

function askCroner(letter: string): Int32Array {
  const inWeek = letter.includes('#') || /^\dL$/.test(letter);
  const cron = new Cron(inWeek ? `0 0 0 * * ${letter}` : `0 0 0 ${letter} * *`, {
    timezone: 'UTC',
    mode: '6-part',
    paused: true,
  });
  return Int32Array.from(shapeMonths(), ({ first, length }) => {
    let mask = 0;
    const end = (first + length) * DAY_MS;
    let match = cron.nextRun(new Date(first * DAY_MS - 1));
    while (match !== null && match.getTime() < end) {
      mask |= 1 << (match.getTime() / DAY_MS - first + 1);
      match = cron.nextRun(match);
    }
    return mask;
  });
}
