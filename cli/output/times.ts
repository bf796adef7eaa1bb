// Instants as words.
import type { Instant } from '../../base/index.js';

/** `2026-03-28T00:00:00Z`; with milliseconds only when there are some. */
export function isoTime(time: Instant): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}

/** `Mon, 23 Nov 2026 02:00:00 +0100` in `timeZone`; in UTC when the zone is not known here. */
export function zonedTime(time: Instant, timeZone: string): string {
  let format: Intl.DateTimeFormat;
  try {
    format = formatOf(timeZone);
  } catch {
    format = formatOf('UTC'); // a zone that only the server knows
  }
  const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]));
  const offset = (parts.timeZoneName ?? 'GMT').replace('GMT', '').replace(':', '') || '+0000';
  return `${parts.weekday}, ${parts.day} ${parts.month} ${parts.year} ${parts.hour}:${parts.minute}:${parts.second} ${offset}`;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    day: '2-digit',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  });
}
