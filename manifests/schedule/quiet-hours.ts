// When a notifier is quiet, on the wall clocks of its zones.
import type { Instant } from '../../base/index.js';
import { WEEKDAYS } from '../kinds/calendar-words.js';
import type { QuietHours } from '../kinds/notifier.js';
import type { NotifyEvent } from '../kinds/notify.js';
import { DAY_MS, weekdayOfDays } from './civil.js';
import { zoneClock } from './zone-clock.js';

const MINUTE_MS = 60_000;
/** How exactly time that is not quiet is counted back, ms, and how far. */
const STEP_MS = 15 * MINUTE_MS;
const BACK_MAX_MS = 14 * DAY_MS;

export interface QuietNow {
  /** No sooner may it be otherwise, ms. */
  readonly until: Instant;
  /** What is told all the same. */
  readonly except: readonly NotifyEvent[];
}

/** undefined when none of these is open. Of several that are, each must let an event pass. */
export function quietAt(hours: readonly QuietHours[], at: Instant): QuietNow | undefined {
  let until = Number.POSITIVE_INFINITY;
  let except: readonly NotifyEvent[] | undefined;
  for (const one of hours) {
    const end = openUntil(one, at);
    if (end === undefined) continue;
    until = Math.min(until, end);
    const passes = one.except ?? [];
    except = except === undefined ? passes : except.filter((event) => passes.includes(event));
  }
  return except === undefined ? undefined : { until, except };
}

/** The instant from which on `loudMs` have passed that were not quiet; two weeks ago at most. */
export function loudSince(hours: readonly QuietHours[], at: Instant, loudMs: number): Instant {
  if (hours.length === 0) return at - loudMs;
  let since = at;
  for (let loud = 0; loud < loudMs && since > at - BACK_MAX_MS; since -= STEP_MS) {
    if (quietAt(hours, since - STEP_MS) === undefined) loud += STEP_MS;
  }
  return since;
}

/** When the window that is open closes, or the clock of its zone changes; undefined when it is not open. */
function openUntil({ from, to, weekdays, timeZone = 'UTC' }: QuietHours, at: Instant): Instant | undefined {
  const stretch = zoneClock(timeZone)?.stretchAt(at);
  if (stretch === undefined) return undefined; // no manifest that was accepted says so
  const wall = at + stretch.offset;
  const today = Math.floor(wall / DAY_MS);
  const [begin, close] = [timeOfDay(from), timeOfDay(to)];
  const overnight = close <= begin;
  const time = wall - today * DAY_MS;
  const day = overnight && time < close ? today - 1 : today;
  const end = day * DAY_MS + close + (overnight ? DAY_MS : 0);
  if (wall < day * DAY_MS + begin || wall >= end) return undefined;
  if (weekdays !== undefined && !weekdays.some((name) => (WEEKDAYS.indexOf(name) + 1) % 7 === weekdayOfDays(day))) {
    return undefined;
  }
  return Math.min(end - stretch.offset, stretch.end);
}

const timeOfDay = (time: string): number => (Number(time.slice(0, 2)) * 60 + Number(time.slice(3))) * MINUTE_MS;
