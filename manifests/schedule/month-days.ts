// Which days of a month the letters L, W and # mean. A month is known by its length and the weekday of its first day, so
// each letter is a table of 28 day masks. The tests hold every table against croner.

/** Number of month shapes: 28 to 31 days, beginning on one of seven weekdays. */
export const MONTH_SHAPES = 28;

/** Days of a month as a set; bit n = day n. */
export type DayMask = number;

/** Index of the shape of a month that begins on `firstWeekday` (0 = Sunday). */
export function monthShape(length: number, firstWeekday: number): number {
  return (length - 28) * 7 + firstWeekday;
}

const lengthOf = (shape: number): number => 28 + Math.floor(shape / 7);
const weekdayOf = (shape: number, day: number): number => ((shape % 7) + day - 1) % 7;

const SATURDAY = 6;
const SUNDAY = 0;

/** All days of a month that exist. */
export function existingDays(shape: number): DayMask {
  const length = lengthOf(shape);
  return length === 31 ? -2 : (1 << (length + 1)) - 2;
}

/** The days that fall on a weekday of the set; index 0 and 7 are Sunday. */
export function daysOnWeekdays(shape: number, weekdays: Uint8Array): DayMask {
  let mask = 0;
  for (let day = 1; day <= lengthOf(shape); day++) {
    const weekday = weekdayOf(shape, day);
    if (weekdays[weekday] === 1 || (weekday === SUNDAY && weekdays[7] === 1)) mask |= 1 << day;
  }
  return mask;
}

/** The day that a letter in normal form means (`L`, `L-2`, `15W`, `LW`, `5L`, `1#5`), or none. */
export function lettersDay(letter: string, shape: number): DayMask {
  const length = lengthOf(shape);
  if (letter === 'L') return 1 << length;
  if (letter === 'LW') return 1 << nearestWorkday(shape, length);
  if (letter.startsWith('L-')) return bitOrNone(length - Number(letter.slice(2)), length);
  if (letter.endsWith('W')) {
    const day = Number(letter.slice(0, -1));
    return day > length ? 0 : 1 << nearestWorkday(shape, day);
  }
  const weekday = Number(letter[0]);
  const first = 1 + ((weekday - (shape % 7) + 7) % 7);
  if (letter.endsWith('L')) return 1 << (first + 7 * Math.floor((length - first) / 7));
  return bitOrNone(first + 7 * (Number(letter[2]) - 1), length);
}

function bitOrNone(day: number, length: number): DayMask {
  return day >= 1 && day <= length ? 1 << day : 0;
}

/** Monday to Friday nearest to a day, without leaving the month. */
function nearestWorkday(shape: number, day: number): number {
  const weekday = weekdayOf(shape, day);
  if (weekday === SATURDAY) return day === 1 ? 3 : day - 1;
  if (weekday === SUNDAY) return day === lengthOf(shape) ? day - 2 : day + 1;
  return day;
}
