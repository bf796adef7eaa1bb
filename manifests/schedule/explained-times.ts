// Time points with what there is to say about them: what a clock change did, and which ones window, interval, calendars
// and clock changes leave out. For people; nothing is decided by it.
import type { Instant } from '../../base/index.js';
import type { Schedule } from '../kinds/task-schedule.js';
import { DAY_MS } from './civil.js';
import { compileCron } from './cron-pattern.js';
import { compileSchedules, filterOf, type ScheduleSpec, type TaskSchedules } from './task-schedules.js';
import { type ZoneClock, zoneClock } from './zone-clock.js';

export interface ExplainedTime {
  readonly time: Instant;
  readonly schedule: string;
  /** What the clock did, or why the time point does not exist. */
  readonly note?: string;
  /** What left it out; absent for a time point. */
  readonly excluded?: 'Window' | 'Interval' | 'Calendar' | 'ClockChange';
}

export interface ExplainedQuery {
  /** Exclusive. */
  readonly from: Instant;
  /** How many time points; those left out do not count. */
  readonly count: number;
  /** Whether to list those that are left out, too. */
  readonly excluded: boolean;
}

export interface ExplainedTimes {
  /** Ascending. */
  readonly times: readonly ExplainedTime[];
  /** True when more were left out than are listed. */
  readonly cut: boolean;
}

/** Of the time points that are left out so many are listed: every second outside of office hours is 50,000 a day. */
const EXCLUDED_LISTED_MAX = 1000;
/** So many time points are looked at for them: those of a task that fires every second have none left out for months. */
const LOOKED_AT_MAX = 100_000;
/** Where no time point follows, this long is looked for what is left out. */
const LOOK_AHEAD_MS = 366 * DAY_MS;

/**
 * @param spec with numbers for each `H` (scheduleSpecOf)
 * @throws CloudTaskError CT_SCHEDULE_INVALID as compileSchedules does
 */
export function explainedTimes(spec: ScheduleSpec, taskUid: string, query: ExplainedQuery): ExplainedTimes {
  const { from, count } = query;
  const points = compileSchedules(spec, taskUid).between(from, Number.POSITIVE_INFINITY, count);
  const byName = new Map((spec.schedules ?? []).map((schedule) => [schedule.name ?? 'default', schedule]));
  const times = points.map(({ time, schedule }, index): ExplainedTime => {
    const note = clockNote(byName.get(schedule)!, spec, time, points[index - 1]?.time);
    return { time, schedule, ...(note === undefined ? {} : { note }) };
  });
  if (!query.excluded) return { times, cut: false };
  const upTo =
    points.length < count ? Math.max(from, points.at(-1)?.time ?? from) + LOOK_AHEAD_MS : points.at(-1)!.time;
  const active = (spec.schedules ?? []).filter(({ suspend }) => suspend !== true);
  const each = active.map((schedule) => leftOut(schedule, spec, { from, upTo }));
  const left = each.flatMap(({ found }) => found).sort(byTime);
  return {
    times: [...times, ...left.slice(0, EXCLUDED_LISTED_MAX)].sort(byTime),
    cut: left.length > EXCLUDED_LISTED_MAX || each.some(({ cut }) => cut),
  };
}

const byTime = (a: ExplainedTime, b: ExplainedTime): number => a.time - b.time;

/** What one schedule would have without its filters, and with repeated times of day twice. */
function leftOut(
  schedule: Schedule,
  spec: ScheduleSpec,
  { from, upTo }: { readonly from: Instant; readonly upTo: Instant },
): { readonly found: readonly ExplainedTime[]; readonly cut: boolean } {
  const { calendar: own, ...hours } = schedule;
  const { window, interval, ...plain } = hours;
  // A grid that each opening begins anew has no time points outside of its window.
  const restarts = window?.restart === true;
  const bare = restarts ? hours : plain;
  const { calendar: ofTask, ...others } = spec;
  const calendar = own ?? ofTask;
  if (restarts && calendar === undefined) return { found: [], cut: false };
  const only = (one: Schedule, dst = spec.dst): TaskSchedules =>
    compileSchedules({ ...others, schedules: [one], ...(dst === undefined ? {} : { dst }) }, '');
  const has = (schedules: TaskSchedules, time: Instant): boolean => schedules.next(time - 1)?.time === time;
  const wide = only(bare, { gap: 'Shift', overlap: 'Both' });
  const kept = only(calendar === undefined ? hours : { ...hours, calendar });
  const unfiltered = only(bare);
  const inWindow = only({ ...bare, ...(window === undefined ? {} : { window }) });
  const inHours = only(hours);
  const reasonOf = (time: Instant): Pick<ExplainedTime, 'excluded' | 'note'> => {
    if (!has(unfiltered, time)) {
      return { excluded: 'ClockChange', note: `${clockNote(schedule, spec, time) ?? 'clock change'}; left out by dst` };
    }
    if (window !== undefined && !has(inWindow, time)) {
      return { excluded: 'Window', note: `outside of the window ${window.from} to ${window.to}` };
    }
    return has(inHours, time)
      ? { excluded: 'Calendar', note: calendarNote(schedule, spec, time) }
      : { excluded: 'Interval', note: 'not counted by the interval' };
  };
  const found: ExplainedTime[] = [];
  let point = wide.next(from);
  for (let seen = 0; seen < LOOKED_AT_MAX && found.length <= EXCLUDED_LISTED_MAX; seen++) {
    if (point === undefined || point.time > upTo) return { found, cut: false };
    const { time, schedule: name } = point;
    if (!has(kept, time)) found.push({ time, schedule: name, ...reasonOf(time) });
    point = wide.next(time);
  }
  return { found, cut: true };
}

/** `on a day of calendar holidays`, `on no day of calendars workdays, fairs`. */
function calendarNote(schedule: Schedule, spec: ScheduleSpec, time: Instant): string {
  const { exclude, only } = filterOf(schedule, spec)?.leftOutBy(time) ?? { exclude: [], only: [] };
  const named = (names: readonly string[]): string => `calendar${names.length === 1 ? '' : 's'} ${names.join(', ')}`;
  return exclude.length > 0 ? `on a day of ${named(exclude)}` : `on no day of ${named(only)}`;
}

function clockNote(schedule: Schedule, spec: ScheduleSpec, time: Instant, before?: Instant): string | undefined {
  const clock = zoneClock(schedule.timeZone ?? spec.timeZone ?? 'UTC');
  if (clock === undefined) return undefined;
  return shiftNote(schedule, clock, time) ?? repeatNote(clock, time) ?? changeNote(clock, time, before);
}

/** Of a time of day that a gap skips. */
function shiftNote({ cron }: Schedule, clock: ZoneClock, time: Instant): string | undefined {
  const stretch = clock.stretchAt(time);
  const wall = time + stretch.offset;
  if (cron === undefined || time !== stretch.start || stretch.wallBefore >= wall) return undefined;
  const pattern = compileCron(cron);
  const nominal = pattern.wildcard ? undefined : pattern.nextWall(stretch.wallBefore, wall);
  if (nominal === undefined || pattern.nextWall(wall, wall + 1000) !== undefined) return undefined;
  return `${clockText(nominal)} does not exist: clocks go from ${clockText(stretch.wallBefore)} to ${clockText(wall)}`;
}

function repeatNote(clock: ZoneClock, time: Instant): string | undefined {
  const stretch = clock.stretchAt(time);
  const wall = time + stretch.offset;
  if (wall < stretch.highWater) return `${clockText(wall)} for the second time: clocks have gone back`;
  if (stretch.end === Number.POSITIVE_INFINITY) return undefined;
  const next = clock.stretchAt(stretch.end);
  return wall >= next.start + next.offset ? `${clockText(wall)} for the first of two times: clocks go back` : undefined;
}

function changeNote(clock: ZoneClock, time: Instant, before: Instant | undefined): string | undefined {
  if (before === undefined) return undefined;
  const change = clock.stretchAt(time).offset - clock.stretchAt(before).offset;
  if (change === 0) return undefined;
  return `clocks have gone ${change > 0 ? 'forward' : 'back'} by ${minutesText(Math.abs(change) / 60_000)}`;
}

function minutesText(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), Math.round(minutes % 60)];
  return `${hours === 0 ? '' : `${hours}h`}${rest === 0 ? '' : `${rest}m`}`;
}

function clockText(wall: number): string {
  const second = Math.floor((wall - Math.floor(wall / DAY_MS) * DAY_MS) / 1000);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const seconds = second % 60 === 0 ? '' : `:${two(second % 60)}`;
  return `${two(second / 3600)}:${two((second % 3600) / 60)}${seconds}`;
}
