// What calendars say travels with the tasks that name them: it is filled in with each write of a task, and a write of a calendar
// writes its tasks anew (decision 0020). So whatever decides time points is in the specification of the task, with its generation,
// its revisions and its way into the trigger record.
import type { ErrorCause } from '../../../base/index.js';
import {
  type AnyObject,
  type Calendar,
  type CalendarReference,
  calendarReferences,
  didYouMean,
  type ResolvedCalendar,
  resolvedCalendar,
  type Task,
  withCalendars,
} from '../../../manifests/index.js';
import type { Content } from '../merge-object.js';
import type { ObjectRow } from '../object-row.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';

type Transaction = WriteTransaction<StateSchema>;
type Pinned = { readonly content: Content } | { readonly causes: readonly ErrorCause[] };

/** Cheap looks before the text of a specification is parsed: most tasks have no calendar. */
const MENTIONS_CALENDAR = '"calendar":{';
const HAS_CALENDARS = '"calendars":[';

/** Names that one which does not exist is compared with. */
const SUGGESTED_FROM_MAX = 1000;

/** Calendars first: what a batch makes of them is what its tasks get, in whatever order they come. */
export function calendarsFirst(objects: readonly AnyObject[]): readonly number[] {
  const order = [...objects.keys()];
  if (!objects.some(({ kind }) => kind === 'Calendar')) return order;
  const rank = (index: number): number => (objects[index]!.kind === 'Calendar' ? 0 : 1);
  return order.sort((a, b) => rank(a) - rank(b));
}

/** A task without the content of its calendars, which is nobody's to write: what was read can be sent back. */
export function withoutContent(object: AnyObject): AnyObject {
  if (object.kind !== 'Task' || object.spec.calendars === undefined) return object;
  const { calendars: _, ...spec } = object.spec;
  return { ...object, spec };
}

/** The same of a row, so that nobody comes to own it. */
export function rowWithoutContent(row: ObjectRow | undefined): ObjectRow | undefined {
  if (row?.kind !== 'Task' || !row.spec.includes(HAS_CALENDARS)) return row;
  const { calendars: _, ...spec } = JSON.parse(row.spec) as Task['spec'];
  return { ...row, spec: JSON.stringify(spec) };
}

/** The calendars of one batch, as they are and as it makes them. */
export class CalendarPins {
  private readonly tx: Transaction;
  /** By namespace and name; undefined for one that does not exist. */
  private readonly calendars = new Map<string, ResolvedCalendar | undefined>();
  private readonly rewritten = new Map<string, ResolvedCalendar>();

  constructor(tx: Transaction) {
    this.tx = tx;
  }

  /** A row that is written; calendars come before the tasks of their batch. */
  note(before: ObjectRow | undefined, row: ObjectRow): void {
    if (row.kind !== 'Calendar') return;
    const calendar = contentOf(row);
    this.calendars.set(keyOf(row.namespace, row.name), calendar);
    if (before === undefined || JSON.stringify(contentOf(before)) === JSON.stringify(calendar)) return;
    this.rewritten.set(keyOf(row.namespace, row.name), calendar);
  }

  /** Namespaces with calendars whose days are others now: tasks that are not in the batch may have to follow. */
  namespaces(): string[] {
    return [...new Set([...this.rewritten.keys()].map((key) => key.slice(0, key.indexOf('/'))))];
  }

  /** What a task comes to with the content of its calendars. */
  async pin(given: AnyObject, before: ObjectRow | undefined, content: Content): Promise<Pinned> {
    if (given.kind !== 'Task' || !content.spec.includes(MENTIONS_CALENDAR)) return { content };
    const spec = JSON.parse(content.spec) as Task['spec'];
    const namespace = given.metadata.namespace ?? '';
    const causes: ErrorCause[] = [];
    for (const reference of calendarReferences(spec)) {
      if ((await this.find(namespace, reference.name)) === undefined)
        causes.push(unknownCalendar(namespace, reference, await this.names(namespace)));
    }
    if (causes.length > 0) return { causes };
    const next = JSON.stringify(withCalendars(spec, (name) => this.calendars.get(keyOf(namespace, name))));
    return { content: { ...content, spec: next === before?.spec ? before.spec : next } };
  }

  /** The specification of a task that follows its calendars; its own text when none of them is another. */
  follow(row: ObjectRow): string {
    const spec = JSON.parse(row.spec) as Task['spec'];
    const carried = new Map((spec.calendars ?? []).map((calendar) => [calendar.name, calendar]));
    const next = withCalendars(spec, (name) => this.rewritten.get(keyOf(row.namespace, name)) ?? carried.get(name));
    const text = JSON.stringify(next);
    return text === row.spec ? row.spec : text;
  }

  /** What may have been meant. */
  private async names(namespace: string): Promise<string[]> {
    const rows = await this.tx.write
      .selectFrom('objects')
      .select('name')
      .where('kind', '=', 'Calendar')
      .where('namespace', '=', namespace)
      .orderBy('name')
      .limit(SUGGESTED_FROM_MAX)
      .execute();
    return rows.map(({ name }) => name);
  }

  private async find(namespace: string, name: string): Promise<ResolvedCalendar | undefined> {
    const key = keyOf(namespace, name);
    if (this.calendars.has(key)) return this.calendars.get(key);
    const row = await this.tx.write
      .selectFrom('objects')
      .select(['name', 'spec'])
      .where('kind', '=', 'Calendar')
      .where('namespace', '=', namespace)
      .where('name', '=', name)
      .executeTakeFirst();
    const calendar = row === undefined ? undefined : contentOf(row);
    this.calendars.set(key, calendar);
    return calendar;
  }
}

function contentOf({ name, spec }: Pick<ObjectRow, 'name' | 'spec'>): ResolvedCalendar {
  return resolvedCalendar(name, JSON.parse(spec) as Calendar['spec']);
}

const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`;

function unknownCalendar(namespace: string, { name, field }: CalendarReference, names: readonly string[]): ErrorCause {
  return {
    ...{ reason: 'FieldValueNotFound', field },
    message: `${field}: namespace "${namespace}" has no calendar "${name}"${didYouMean(name, names)}`,
  };
}
