// The time points of a task: all its schedules merged, one time point per instant.
import { createHash } from 'node:crypto';
import { CloudTaskError, type Instant, parseDuration } from '../../base/index.js';
import type { TaskSpec } from '../kinds/task.js';
import type { Schedule } from '../kinds/task-schedule.js';
import { type CalendarFilter, calendarFilter, onCalendarDays } from './calendar-filter.js';
import { DAY_MS, daysFromCivil } from './civil.js';
import { CronError } from './cron-error.js';
import { LAST_YEAR } from './cron-fields.js';
import { type TaskName, withHashes } from './cron-hash.js';
import { type DstRules, nextInZone } from './cron-in-zone.js';
import { compileCron } from './cron-pattern.js';
import { FilteredPattern, type NextTime, sinceOpening, whileOpen, withinHours } from './filtered-times.js';
import { type WallFilter, wallFilter } from './wall-filter.js';
import { type ZoneClock, zoneClock } from './zone-clock.js';

export interface TimePoint {
  /** The instant at which the schedule is due: the identity of the run. */
  readonly time: Instant;
  /** Name of the schedule; of the first one in the manifest when several are due at once. */
  readonly schedule: string;
  /** When the run should start: `time` plus the schedule's jitter for this task. */
  readonly startTime: Instant;
}

export interface TaskSchedules {
  /** The first time point strictly after `after`. */
  next(after: Instant): TimePoint | undefined;
  /** The first `limit` time points in (after, upTo], ascending. */
  between(after: Instant, upTo: Instant, limit: number): TimePoint[];
}

/** The part of a task's spec that decides its time points. */
export type ScheduleSpec = Pick<TaskSpec, 'schedules' | 'timeZone' | 'dst' | 'calendar' | 'calendars'>;

/**
 * Only what is set, numbers for each `H` of a cron expression, and at each schedule the calendars that filter it: two specs decide the same time points when these are equal
 * as JSON. Whoever compiles the schedules of a task compiles these.
 */
export function scheduleSpecOf({ metadata, spec }: { metadata: TaskName; spec: ScheduleSpec }): ScheduleSpec {
  const { timeZone, dst, calendar, calendars } = spec;
  // Each schedule says its calendars itself, so that it can be looked at alone.
  const schedules =
    calendar === undefined
      ? spec.schedules
      : spec.schedules?.map((one) => (one.calendar === undefined ? { ...one, calendar } : one));
  return {
    ...(schedules === undefined ? {} : { schedules: withHashes(schedules, metadata) }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(dst === undefined ? {} : { dst }),
    ...(calendars === undefined ? {} : { calendars }),
  };
}

/** No schedule yields anything from this instant on. */
const END_OF_TIME = daysFromCivil(LAST_YEAR + 1, 1, 1) * DAY_MS;

interface Rule {
  readonly name: string;
  /** Offset of the start, ms. */
  readonly delay: number;
  next(after: Instant): Instant | undefined;
}

/**
 * A pure function of the spec, the task's uid (jitter only) and the time-zone data (rule R2).
 * @throws CloudTaskError CT_SCHEDULE_INVALID for a spec that validation would have refused
 */
export function compileSchedules(spec: ScheduleSpec, taskUid: string): TaskSchedules {
  const dst: DstRules = { gap: spec.dst?.gap ?? 'Shift', overlap: spec.dst?.overlap ?? 'First' };
  const active = (spec.schedules ?? []).filter(({ suspend }) => suspend !== true);
  const rules = active.map((schedule) => compileRule(schedule, spec, dst, taskUid));
  const next = (after: Instant): TimePoint | undefined => {
    let found: Rule | undefined;
    let earliest = Number.POSITIVE_INFINITY;
    for (const rule of rules) {
      const time = rule.next(after);
      if (time !== undefined && time < earliest) {
        earliest = time;
        found = rule;
      }
    }
    return found && { time: earliest, schedule: found.name, startTime: earliest + found.delay };
  };
  const between = (after: Instant, upTo: Instant, limit: number): TimePoint[] => {
    const points: TimePoint[] = [];
    let point = next(after);
    while (point !== undefined && point.time <= upTo && points.length < limit) {
      points.push(point);
      point = next(point.time);
    }
    return points;
  };
  return { next, between };
}

function compileRule(schedule: Schedule, spec: ScheduleSpec, dst: DstRules, taskUid: string): Rule {
  const name = schedule.name ?? 'default';
  const start = schedule.startTime === undefined ? undefined : instantOf(schedule.startTime, name);
  const end = schedule.endTime === undefined ? undefined : instantOf(schedule.endTime, name);
  const zone = schedule.timeZone ?? spec.timeZone ?? 'UTC';
  const unbounded = compileTimes(schedule, zone, dst, name);
  const bounded = (after: Instant): Instant | undefined => {
    const time = unbounded(start === undefined ? after : Math.max(after, start - 1));
    return time === undefined || (end !== undefined && time > end) ? undefined : time;
  };
  const times = start === undefined && end === undefined ? unbounded : bounded;
  const filter = filterOf(schedule, spec);
  const jitter = schedule.jitter === undefined ? 0 : durationOf(schedule.jitter, name);
  return {
    name,
    delay: jitter === 0 ? 0 : stableOffset(`${taskUid}/${name}`, jitter),
    next: filter === undefined ? times : onCalendarDays(times, filter, () => keyOf(schedule, spec)),
  };
}

/** What the calendars of a schedule leave; undefined without any. Throws CT_SCHEDULE_INVALID when they are not known. */
export function filterOf(schedule: Schedule, spec: ScheduleSpec): CalendarFilter | undefined {
  const ref = schedule.calendar ?? spec.calendar;
  if (ref === undefined) return undefined;
  const name = schedule.name ?? 'default';
  const clock = clockOf(schedule.timeZone ?? spec.timeZone ?? 'UTC', name);
  const missing = (calendar: string): Error =>
    invalid(name, `the days of calendar "${calendar}" are not known here`, 'give its manifest along with the task');
  return calendarFilter(ref, spec.calendars ?? [], clock, missing);
}

/** Of all that decides the time points of one schedule. */
function keyOf({ name: _name, jitter: _jitter, ...schedule }: Schedule, spec: ScheduleSpec): string {
  const { timeZone, dst, calendar, calendars } = spec;
  const text = JSON.stringify([schedule, timeZone, dst, calendar, calendars]);
  return createHash('sha256').update(text).digest('base64');
}

function compileTimes(schedule: Schedule, zone: string, dst: DstRules, name: string): NextTime {
  const filter = wallFilter(schedule.window, schedule.interval);
  if (schedule.cron !== undefined) return compileCronTimes(schedule.cron, clockOf(zone, name), dst, name, filter);
  if (schedule.every !== undefined) {
    const interval = durationOf(schedule.every, name);
    if (interval <= 0) throw invalid(name, `every "${schedule.every}" must be longer than 0`);
    const anchor = schedule.anchor === undefined ? 0 : instantOf(schedule.anchor, name);
    const every = compileInterval(interval, anchor);
    if (filter === undefined) return every;
    const end = schedule.endTime === undefined ? END_OF_TIME : instantOf(schedule.endTime, name) + 1;
    const clock = clockOf(zone, name);
    return schedule.window?.restart === true
      ? sinceOpening(interval, clock, filter, end)
      : whileOpen(every, clock, filter, end);
  }
  if (schedule.at !== undefined) {
    const at = instantOf(schedule.at, name);
    return (after) => (at > after ? at : undefined);
  }
  throw invalid(name, 'has none of cron, every and at');
}

function compileInterval(interval: number, anchor: Instant): NextTime {
  return (after) => {
    const count = Math.max(0, Math.floor((after - anchor) / interval) + 1);
    const time = anchor + count * interval;
    return time < END_OF_TIME ? time : undefined;
  };
}

function compileCronTimes(
  cron: string,
  clock: ZoneClock,
  dst: DstRules,
  name: string,
  filter: WallFilter | undefined,
): NextTime {
  try {
    const pattern = compileCron(cron);
    if (filter === undefined) return (after) => nextInZone(pattern, clock, dst, after);
    const filtered = new FilteredPattern(pattern, filter);
    return withinHours((after) => nextInZone(filtered, clock, dst, after), clock, filter);
  } catch (error) {
    if (error instanceof CronError) throw invalid(name, `cron "${cron}": ${error.message}`, error.hint);
    throw error;
  }
}

function clockOf(zone: string, name: string): ZoneClock {
  const clock = zoneClock(zone);
  if (clock === undefined) throw invalid(name, `time zone "${zone}" does not exist`);
  return clock;
}

/** A number in [0, below) that depends on the text only. */
function stableOffset(text: string, below: number): number {
  return createHash('sha256').update(text).digest().readUIntBE(0, 6) % below;
}

function instantOf(text: string, name: string): Instant {
  const instant = Date.parse(text);
  if (Number.isNaN(instant)) throw invalid(name, `"${text}" is not an instant`);
  return instant;
}

function durationOf(text: string, name: string): number {
  const duration = parseDuration(text);
  if (duration === undefined) throw invalid(name, `"${text}" is not a duration`);
  return duration;
}

function invalid(name: string, detail: string, hint?: string): CloudTaskError {
  return new CloudTaskError('CT_SCHEDULE_INVALID', {
    detail: `schedule "${name}": ${detail}`,
    ...(hint === undefined ? {} : { hint }),
  });
}
