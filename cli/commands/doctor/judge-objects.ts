// Objects that will not do for long. Pure.
import { formatAge } from '../../../base/index.js';
import type { AlarmEntry, Calendar, Notifier } from '../../../manifests/index.js';
import { type Check, checksOf, naming } from './check.js';

const CALENDAR_WARN_MS = 30 * 86_400_000;
const DAY_MS = 86_400_000;

/** Calendars all of whose dates are past, or nearly so: nothing is left out any more by them, and nothing fires that needs them. */
export function judgeCalendars(calendars: readonly Calendar[], now: number): Check[] {
  const { ok, warn } = checksOf('Calendars');
  if (calendars.length === 0) return [];
  const ending = calendars.flatMap((calendar) => {
    const end = lastDay(calendar);
    if (end === undefined || end - now > CALENDAR_WARN_MS) return [];
    const { namespace, name } = calendar.metadata;
    const words = end < now ? `ended ${formatAge(now - end)} ago` : `ends in ${formatAge(end - now)}`;
    return [`${namespace}/${name} (${words})`];
  });
  const todo = 'add the dates of the next year: "ctask create calendar --from FILE.ics", or apply it';
  if (ending.length > 0) return [warn('dates', `calendars without dates to come: ${naming(ending)}`, todo)];
  return [ok('dates', `${calendars.length} with dates for the next 30 days at least`)];
}

/** End of the last date, ms, wherever on earth; undefined for one that has dates in each year. */
function lastDay({ spec }: Calendar): number | undefined {
  if ((spec.weekdays ?? []).length > 0) return undefined;
  const ends = (spec.dates ?? []).map((dates) => dates.split('/').at(-1) ?? '');
  if (ends.length === 0 || ends.some((date) => /^\d{2}-\d{2}$/.test(date))) return undefined;
  return Math.max(...ends.map((date) => Date.parse(`${date}T00:00:00Z`))) + DAY_MS;
}

export function judgeNotifiers(notifiers: readonly Notifier[]): Check[] {
  const { ok, warn } = checksOf('Notifiers');
  if (notifiers.length === 0) return [];
  const failing = notifiers.flatMap(({ metadata, status }) =>
    status?.lastError === undefined ? [] : [`${metadata.namespace}/${metadata.name} (${status.lastError})`],
  );
  const todo = 'look at spec of the notifier and at its secret; "ctask notifier test" tries it at once';
  if (failing.length > 0) return [warn('delivery', `the latest try failed: ${naming(failing)}`, todo)];
  return [ok('delivery', 'the latest try of each succeeded')];
}

/** What the installation has told and not taken back; what several clusters tell, such as a lost center, once.
 * @param told for each cluster; undefined where it is gone, or the center is older than its alarms */
export function judgeAlarms(told: readonly (readonly AlarmEntry[] | undefined)[], now: number): Check[] {
  const { ok, warn, unknown } = checksOf('Alarms');
  if (told.length > 0 && told.every((alarms) => alarms === undefined))
    return [unknown('told', 'the center is older than this program: upgrade it')];
  const raised = new Map<string, Check>();
  for (const { event, subject, since, message, commands } of told.flatMap((alarms = []) => alarms)) {
    const words = `for ${formatAge(Math.max(0, now - Date.parse(since)))}: ${message}`;
    const todo = commands[0] === undefined ? 'see its events' : `look closer: "${commands[0]}"`;
    raised.set(`${event} ${subject}`, warn(`${event} ${subject}`, words, todo));
  }
  return raised.size > 0 ? [...raised.values()] : [ok('told', 'nothing that somebody was told of lasts')];
}
