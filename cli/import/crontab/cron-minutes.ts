// When cron runs a line: its own reading of the fields, minute by minute, that shares nothing with our schedules. The import
// holds these two against each other.

/** The five fields as they stand in the crontab. */
export type CrontabTimes = readonly string[];

const NICKNAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
const NAMES = 'sunmontuewedthufrisat';
const MONTH_NAMES = 'janfebmaraprmayjunjulaugsepoctnovdec';
const LOWEST = [0, 0, 1, 1, 0];
const HIGHEST = [59, 23, 31, 12, 7];
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export interface CronLine {
  /** By field, then by value: 1 where it matches. */
  readonly bits: readonly Uint8Array[];
  readonly dayOfMonthStar: boolean;
  readonly dayOfWeekStar: boolean;
  /** Minute or hour begins with `*`: changes of the clock neither shift nor repeat it. */
  readonly wildcard: boolean;
}

/** Reads `*` to `@daily`, which must be valid. */
export function readCronLine(times: CrontabTimes): CronLine {
  const [first = ''] = times;
  const fields = first.startsWith('@') ? NICKNAMES[first]!.split(' ') : times;
  const bits = fields.map((text, field) => {
    const set = new Uint8Array(64);
    for (const item of text.split(',')) {
      const [range = '', step = '1'] = item.split('/');
      const [from = '', to = from] = range.split('-');
      const low = range === '*' ? LOWEST[field]! : number(from, field);
      const high = range === '*' ? HIGHEST[field]! : number(to, field);
      for (let value = low; value <= high; value += Number(step)) set[value] = 1;
    }
    if (field === 4 && (set[0] === 1 || set[7] === 1)) set[0] = set[7] = 1;
    return set;
  });
  return {
    bits,
    dayOfMonthStar: fields[2]!.startsWith('*'),
    dayOfWeekStar: fields[4]!.startsWith('*'),
    wildcard: fields[0]!.startsWith('*') || fields[1]!.startsWith('*'),
  };
}

function number(text: string, field: number): number {
  if (/^\d/.test(text)) return Number(text);
  const table = field === 3 ? MONTH_NAMES : NAMES;
  return table.indexOf(text.toLowerCase()) / 3 + LOWEST[field]!;
}

/** Whether cron runs the line on the day of this wall-clock time, written as if it were UTC. */
function dayMatches({ bits, dayOfMonthStar, dayOfWeekStar }: CronLine, wall: number): boolean {
  const date = new Date(wall);
  if (bits[3]![date.getUTCMonth() + 1] === 0) return false;
  const inMonth = bits[2]![date.getUTCDate()] === 1;
  const inWeek = bits[4]![date.getUTCDay()] === 1;
  return dayOfMonthStar || dayOfWeekStar ? inMonth && inWeek : inMonth || inWeek;
}

/** Whether cron runs the line at this wall-clock minute, written as if it were UTC. */
export function cronMatches(line: CronLine, wall: number): boolean {
  const minute = Math.floor((wall % DAY_MS) / MINUTE_MS);
  return line.bits[0]![minute % 60] === 1 && line.bits[1]![Math.floor(minute / 60)] === 1 && dayMatches(line, wall);
}

/** The minutes of a year, in UTC, at which cron runs the line. */
export function* cronMinutes(line: CronLine, year: number): Generator<number> {
  const end = Date.UTC(year + 1, 0, 1);
  for (let day = Date.UTC(year, 0, 1); day < end; day += DAY_MS) {
    if (!dayMatches(line, day)) continue;
    for (let hour = 0; hour < 24; hour++) {
      if (line.bits[1]![hour] === 0) continue;
      for (let minute = 0; minute < 60; minute++) {
        if (line.bits[0]![minute] === 1) yield day + (hour * 60 + minute) * MINUTE_MS;
      }
    }
  }
}
