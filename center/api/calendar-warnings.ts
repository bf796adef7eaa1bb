import { type AnyObject, compileSchedules, scheduleSpecOf } from '../../manifests/index.js';

/** Tasks of a batch that are looked at: a warning is a help, not a check, and finding nothing until 2199 takes a while. */
const LOOKUPS_MAX = 50;

/** Sentences about the tasks among these stored objects all of whose days calendars leave out. */
export function calendarWarnings(objects: readonly AnyObject[], now: number): string[] {
  const warnings: string[] = [];
  let left = LOOKUPS_MAX;
  for (const object of objects) {
    if (object.kind !== 'Task' || object.spec.calendars === undefined) continue;
    if (left === 0) break;
    left -= 1;
    const { metadata, spec } = object;
    const { schedules = [], ...rest } = scheduleSpecOf({ metadata, spec });
    const active = schedules.filter(({ suspend }) => suspend !== true);
    const next = (all: typeof active) => compileSchedules({ ...rest, schedules: all }, metadata.uid ?? '').next(now);
    // Of schedules that are over one has been warned already.
    if (next(active) !== undefined || next(active.map(({ calendar: _, ...own }) => own)) === undefined) continue;
    warnings.push(
      `task ${metadata.namespace}/${metadata.name}: its calendars leave out all time points; it runs on demand only`,
    );
  }
  return warnings;
}
