// Calendars that come in the same files as the tasks that name them: what the center would fill in, without a center.
import type { Instant } from '../../base/index.js';
import { calendarReferences, resolvedCalendar, withCalendars } from '../calendar-references.js';
import type { ResolvedCalendar } from '../kinds/calendar.js';
import type { Task } from '../kinds/task.js';
import { idleByCalendars } from '../schedule/idle-by-calendars.js';
import type { ParsedDocument, Problem } from './problem.js';

interface TaskDocument<D> {
  readonly document: D;
  /** With the content of those of its calendars that are among the manifests. */
  readonly task: Task;
}

type Document = Pick<ParsedDocument, 'object'>;

/** The tasks among manifests, with their calendars. */
export function tasksWithCalendars<D extends Document>(documents: readonly D[]): TaskDocument<D>[] {
  const calendars = new Map<string, ResolvedCalendar>();
  const key = (namespace: string | undefined, name: string): string => `${namespace ?? ''}/${name}`;
  for (const { object } of documents) {
    if (object.kind !== 'Calendar') continue;
    const { namespace, name } = object.metadata;
    calendars.set(key(namespace, name), resolvedCalendar(name, object.spec));
  }
  return documents.flatMap((document) => {
    const { object } = document;
    if (object.kind !== 'Task') return [];
    const find = (name: string) => calendars.get(key(object.metadata.namespace, name));
    return [{ document, task: { ...object, spec: withCalendars(object.spec, find) } }];
  });
}

/** A warning for each task all of whose days its calendars leave out. */
export function idleTasks(
  documents: readonly Pick<ParsedDocument, 'object' | 'file' | 'line' | 'locate' | 'index'>[],
  now: Instant,
): Problem[] {
  return tasksWithCalendars(documents).flatMap(({ document, task }) => {
    const carried = new Set(task.spec.calendars?.map(({ name }) => name));
    const known = calendarReferences(task.spec).every(({ name }) => carried.has(name));
    if (!known || !idleByCalendars(task, now)) return [];
    const { file, line, index } = document;
    const field = 'spec.schedules';
    const place = document.locate(field) ?? { line, column: 1, excerpt: '' };
    return [
      {
        ...{ file, ...place, document: index, field, reason: 'FieldValueInvalid', severity: 'warning' as const },
        message: `${field}: calendars leave out all time points; the task runs on demand only`,
      },
    ];
  });
}
