// Instants as people type them after --until: how long from now, or when.
import { type Instant, isCloudTaskError, parseDuration } from '../../base/index.js';
import { usage } from './target.js';
import { noZone } from './zone.js';

/** Seconds are optional, and so is the zone: without one it is a wall clock's time. */
const TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?([Zz]|[+-]\d\d:\d\d)?$/;
const FORMS = 'a duration such as 2h, an RFC 3339 time, or one such as 2026-12-01 or 2026-12-01T08:00';
const DAY_MS = 86_400_000;

export interface UntilContext {
  readonly now: Instant;
  /** Of times without an offset. */
  readonly timeZone: string;
}

/**
 * Where clocks are changed a wall time means what it means in a schedule: one that is left out is shifted, of two the first counts.
 * @throws CloudTaskError CT_USAGE for what is no time, or is not in the future
 */
export async function parseUntil(text: string, { now, timeZone }: UntilContext): Promise<Instant> {
  const duration = parseDuration(text);
  const until = duration === undefined ? await timeOf(text, timeZone) : now + duration;
  // Kept in full seconds: nobody means more, and it reads better.
  const instant = Math.ceil(until / 1000) * 1000;
  if (instant <= now || duration === 0) throw usage(`--until "${text}" is not in the future`);
  return instant;
}

async function timeOf(text: string, timeZone: string): Promise<Instant> {
  const match = TIME.exec(text);
  if (match === null) throw usage(`--until "${text}" is neither ${FORMS}`);
  const [, year, month, day, hour = '00', minute = '00', second = '00', zone] = match;
  const { isDateTime, nextTimes } = await import('../heavy/manifests.js');
  const given = `${year}-${month}-${day}T${hour}:${minute}:${second}${zone ?? 'Z'}`;
  if (!isDateTime(given)) throw usage(`--until "${text}" is no time that exists`);
  if (zone !== undefined) return Date.parse(given);
  const plain = [second, minute, hour, day, month].map(Number).join(' ');
  const from = Date.parse(given) - 2 * DAY_MS; // before it in every zone
  try {
    const [time] = nextTimes({ cron: `${plain} * ${year}`, timeZone, from, count: 1 });
    if (time !== undefined) return time;
  } catch (error) {
    if (!isCloudTaskError(error, 'CT_SCHEDULE_INVALID')) throw error;
    throw await noZone(timeZone);
  }
  throw usage(`--until "${text}" is no time that exists in ${timeZone}`);
}

/** The zone of this machine. */
export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
