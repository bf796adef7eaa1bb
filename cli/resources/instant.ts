// Instants as people type them after flags: the same forms everywhere.
import { type Instant, isCloudTaskError, parseDuration } from '../../base/index.js';
import { usage } from './target.js';
import { noZone } from './zone.js';

/** Seconds are optional, and so is the zone: without one it is a wall clock's time. */
const TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?)?([Zz]|[+-]\d\d:\d\d)?$/;
const TIMES = 'an RFC 3339 time, or one such as 2026-12-01 or 2026-12-01T08:00';
const DAY_MS = 86_400_000;

/**
 * `2026-12-01T08:00:00Z`, `2026-12-01T08:00`, or `2026-12-01` for the beginning of the day.
 * Where clocks are changed a wall time means what it means in a schedule: one that is left out is shifted, of two the first counts.
 * @param flag what messages call it, such as `--until`
 * @param timeZone of times without an offset
 * @param others further forms that the flag takes, for the message: `a duration such as 2h`
 * @throws CloudTaskError CT_USAGE for what is no time, or no zone
 */
export async function parseTime(flag: string, text: string, timeZone: string, others?: string): Promise<Instant> {
  const match = TIME.exec(text);
  if (match === null) throw usage(`${flag} "${text}" is not ${others === undefined ? '' : `${others}, `}${TIMES}`);
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone] = match;
  const { isDateTime, nextTimes } = await import('../heavy/manifests.js');
  const given = `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${zone ?? 'Z'}`;
  if (!isDateTime(given)) throw usage(`${flag} "${text}" is no time that exists`);
  if (zone !== undefined) return Date.parse(given);
  const plain = [second, minute, hour, day, month].map(Number).join(' ');
  const from = Date.parse(given) - 2 * DAY_MS; // before it in every zone
  try {
    const [time] = nextTimes({ cron: `${plain} * ${year}`, timeZone, from, count: 1 });
    if (time !== undefined) return time + Math.floor(Number(`0${fraction}`) * 1000);
  } catch (error) {
    if (!isCloudTaskError(error, 'CT_SCHEDULE_INVALID')) throw error;
    throw await noZone(timeZone);
  }
  throw usage(`${flag} "${text}" is no time that exists in ${timeZone}`);
}

/** As `parseTime`, or how long ago, or `now`. */
export async function parsePastTime(flag: string, text: string, now: Instant, timeZone: string): Promise<Instant> {
  if (text === 'now') return now;
  const ago = parseDuration(text);
  return ago === undefined ? parseTime(flag, text, timeZone, 'now, how long ago such as 6h') : now - ago;
}

/** The zone of this machine. */
export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
