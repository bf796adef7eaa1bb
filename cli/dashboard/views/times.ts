// Instants and lengths of time, short enough for a cell of the dashboard.
import { formatAge, type Instant } from '../../../base/index.js';
import { isoTime } from '../../output/times.js';

const DAY_MS = 86_400_000;

/** In UTC: `12:00:05Z` within a day of `now`, else `11-24 12:00Z`; the year where it is another one. */
export function clockTime(time: Instant, now: Instant): string {
  const iso = isoTime(time - (time % 1000));
  if (Math.abs(time - now) < DAY_MS) return iso.slice(11);
  const minute = `${iso.slice(5, 16).replace('T', ' ')}Z`;
  return iso.slice(0, 4) === isoTime(now).slice(0, 4) ? minute : `${iso.slice(0, 4)}-${minute}`;
}

const MINUTE_MS = 60_000;

/** `in 12s`, `in 1m8s`, `5m ago`: from a minute on in minutes, so that times one below the other are read alike. */
export function distance(time: Instant, now: Instant): string {
  return time > now ? `in ${spanWords(time - now)}` : `${spanWords(now - time)} ago`;
}

function spanWords(ms: number): string {
  if (ms < MINUTE_MS || ms >= 2 * MINUTE_MS) return formatAge(ms);
  const seconds = Math.floor((ms - MINUTE_MS) / 1000);
  return seconds === 0 ? '1m' : `1m${seconds}s`;
}

/** How long something took: `350ms`, `4m11s`. */
export function lengthWords(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)}ms` : formatAge(ms);
}

/** When a run began, and how long it took: `5m ago, took 4s`; `for 12s` while it runs. */
export function runTimeWords(
  run: { readonly created: Instant; readonly start?: Instant; readonly end?: Instant; readonly final: boolean },
  now: Instant,
): string {
  const { created, start, end, final } = run;
  if (start === undefined) return distance(created, now);
  if (!final) return `for ${lengthWords(Math.max(0, now - start))}`;
  return `${distance(start, now)}${end === undefined ? '' : `, took ${lengthWords(Math.max(0, end - start))}`}`;
}
