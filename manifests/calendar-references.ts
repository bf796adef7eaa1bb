// Which calendars a task names, and how their content travels with it: time points are a pure function of the task's
// specification, so what decides them is part of it (decision 0020).
import type { Calendar, CalendarRef, ResolvedCalendar } from './kinds/calendar.js';
import { WEEKDAYS } from './kinds/calendar-words.js';
import type { Task, TaskSpec } from './kinds/task.js';

export interface CalendarReference {
  readonly name: string;
  /** `spec.calendar.exclude[0]` */
  readonly field: string;
}

/** In the order of the manifest. */
export function calendarReferences({ calendar, schedules = [] }: Partial<TaskSpec>): CalendarReference[] {
  return [
    ...namesOf(calendar, 'spec.calendar'),
    ...schedules.flatMap((schedule, index) => namesOf(schedule.calendar, `spec.schedules[${index}].calendar`)),
  ];
}

function namesOf(ref: CalendarRef | undefined, path: string): CalendarReference[] {
  return (['exclude', 'only'] as const).flatMap((list) =>
    (ref?.[list] ?? []).map((name, index) => ({ name, field: `${path}.${list}[${index}]` })),
  );
}

/** What a task carries of a calendar. Two that name the same days in another order are the same. */
export function resolvedCalendar(name: string, { timeZone, weekdays, dates }: Calendar['spec']): ResolvedCalendar {
  return {
    name,
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(weekdays === undefined ? {} : { weekdays: WEEKDAYS.filter((day) => weekdays.includes(day)) }),
    ...(dates === undefined ? {} : { dates: [...new Set(dates)].sort() }),
  };
}

/** A specification with the content of the calendars that it names, as far as they are known; without any other. */
export function withCalendars<S extends Partial<TaskSpec>>(
  { calendars: _, ...spec }: S,
  find: (name: string) => ResolvedCalendar | undefined,
): S {
  const names = [...new Set(calendarReferences(spec as Partial<TaskSpec>).map(({ name }) => name))].sort();
  const calendars = names.flatMap((name) => find(name) ?? []);
  return (calendars.length === 0 ? spec : { ...spec, calendars }) as S;
}

/** Calendars by their text, the latest used last. */
const shared = new Map<string, readonly ResolvedCalendar[]>();
const SHARED_MAX = 256;

/** The same task with calendars that it shares with other tasks in memory: thousands may carry the same ones. */
export function sharingCalendars(task: Task): Task {
  const { calendars } = task.spec;
  if (calendars === undefined) return task;
  const key = JSON.stringify(calendars);
  const one = shared.get(key) ?? calendars;
  shared.delete(key);
  shared.set(key, one);
  if (shared.size > SHARED_MAX) shared.delete(shared.keys().next().value!);
  return { ...task, spec: { ...task.spec, calendars: one as ResolvedCalendar[] } };
}
