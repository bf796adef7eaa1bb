import { type AnyObject, idleByCalendars } from '../../manifests/index.js';

/** Tasks of a batch that are looked at: a warning is a help, not a check, and finding nothing until 2199 takes a while. */
const LOOKUPS_MAX = 50;

/** Sentences about the tasks among these stored objects all of whose days calendars leave out. */
export function calendarWarnings(objects: readonly AnyObject[], now: number): string[] {
  const tasks = objects.flatMap((object) =>
    object.kind === 'Task' && object.spec.calendars !== undefined ? object : [],
  );
  return tasks
    .slice(0, LOOKUPS_MAX)
    .filter((task) => idleByCalendars(task, now))
    .map(
      ({ metadata: { namespace, name } }) =>
        `task ${namespace}/${name}: its calendars leave out all time points; it runs on demand only`,
    );
}
