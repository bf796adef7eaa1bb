import { newUid, randomSuffix } from '../../base/index.js';
import { API_VERSION, type Event, eventReasons, type RunReport, SYSTEM_NAMESPACE } from '../../manifests/index.js';
import type { AttributedReport } from './attributed-report.js';
import { inList, type SqlValue, type Upsert } from './database.js';
import { iso } from './iso-time.js';
import type { ObjectText } from './repository-types.js';
import { runEnds } from './run-ends.js';
import type { EventsTable, StateSchema } from './schema.js';
import type { NewEvent } from './store-types.js';
import type { WriteTransaction } from './write-queue.js';

type Transaction = WriteTransaction<StateSchema>;
export type EventRow = Omit<EventsTable, 'id'>;

/** The same thing within this time of its first occurrence is counted up, not added. */
const AGGREGATION_MS = 3_600_000;
/** Between the parts of the text that tells occurrences apart. Not NUL, which PostgreSQL does not store. */
const SEPARATOR = '\u001f';

/** An event and the text by which occurrences count as the same. */
export interface KeyedEvent {
  readonly key: string;
  readonly event: NewEvent;
  readonly count: number;
}

export function keyedEvent(event: NewEvent): KeyedEvent {
  const { kind, namespace = '', name, uid = '' } = event.regarding;
  return {
    key: [kind, namespace, name, uid, event.reason, event.message].join(SEPARATOR).replaceAll('\0', ''),
    event,
    count: 1,
  };
}

/** One event per task and reason for the runs that ended; its message names the latest run, its count tells how many. */
export function runEvents(ended: readonly AttributedReport[], now: number): KeyedEvent[] {
  const events = new Map<string, KeyedEvent>();
  for (const { report, agent } of ended) {
    const row = runEnds[report.state];
    if (row === undefined) continue;
    const key = ['Run', report.taskUid, row.reason].join(SEPARATOR);
    const why = whyOf(report);
    const event: NewEvent = {
      reason: row.reason,
      message: `run ${report.name} ${row.words}${why === undefined ? '' : `: ${why}`}`,
      regarding: { kind: 'Task', namespace: report.namespace, name: report.task, uid: report.taskUid },
      source: agent === null ? 'center' : `agent/${agent}`,
      time: now,
    };
    events.set(key, { key, event, count: (events.get(key)?.count ?? 0) + 1 });
  }
  return [...events.values()];
}

function whyOf({ state, message, reason, attempts }: RunReport): string | undefined {
  if (message !== undefined || (state !== 'Failed' && state !== 'TimedOut')) return message ?? reason;
  const { exitCode, signal } = attempts.at(-1) ?? {};
  if (signal !== undefined) return `signal ${signal}`;
  return exitCode === undefined ? reason : `exit code ${exitCode}`;
}

export async function upsertEvents(tx: Transaction, events: readonly KeyedEvent[]): Promise<void> {
  if (events.length === 0) return;
  const known = new Map<string, EventRow>();
  const rows = await tx.write
    .selectFrom('events')
    .selectAll()
    .where(inList(tx, 'aggregate', [...new Set(events.map(({ key }) => key))]))
    .where('first_time', '>', tx.now - AGGREGATION_MS)
    .orderBy('first_time')
    .execute();
  for (const row of rows) known.set(row.aggregate, row);
  const changed = new Map<string, EventRow>();
  for (const keyed of events) {
    const before = known.get(keyed.key);
    const row = before === undefined ? addEvent(tx, keyed) : countUp(tx, before, keyed);
    known.set(keyed.key, row);
    changed.set(row.uid, row);
  }
  await tx.upsert(UPSERT_EVENT, [...changed.values()].map(eventParameters));
}

function addEvent(tx: Transaction, { key, event, count }: KeyedEvent): EventRow {
  const { time, reason, message, regarding, source } = event;
  const at = iso(time);
  const { type } = eventReasons[reason];
  const spec: Event['spec'] = { type, reason, message, regarding, source, count, firstTime: at, lastTime: at };
  const row: EventRow = {
    uid: newUid(),
    namespace: regarding.namespace ?? SYSTEM_NAMESPACE,
    // 10 characters: two events of one object in one store do not meet.
    name: `${regarding.name}.${randomSuffix(10)}`,
    aggregate: key,
    first_time: time,
    last_time: time,
    resource_version: tx.nextVersion(),
    regarding_uid: regarding.uid ?? null,
    spec: JSON.stringify(spec),
  };
  const object = eventText(row);
  tx.changed({ type: 'ADDED', resourceVersion: row.resource_version, kind: 'Event', object });
  return row;
}

function countUp(tx: Transaction, before: EventRow, { event, count }: KeyedEvent): EventRow {
  const old = JSON.parse(before.spec) as Event['spec'];
  const { message, source, time } = event;
  const spec: Event['spec'] = { ...old, message, source, count: old.count + count, lastTime: iso(time) };
  const row = { ...before, last_time: time, resource_version: tx.nextVersion(), spec: JSON.stringify(spec) };
  const [object, previous] = [eventText(row), eventText(before)];
  tx.changed({ type: 'MODIFIED', resourceVersion: row.resource_version, kind: 'Event', object, previous });
  return row;
}

export function eventText(row: EventRow): ObjectText {
  return `{"apiVersion":"${API_VERSION}","kind":"Event","metadata":{"name":${JSON.stringify(row.name)},"namespace":${JSON.stringify(row.namespace)},"uid":"${row.uid}","resourceVersion":"${row.resource_version}","generation":1,"creationTimestamp":"${iso(row.first_time)}"},"spec":${row.spec}}`;
}

/** Removes events last seen before `olderThan`, at most `limit`; returns them for the change log. */
export async function deleteOldEvents(tx: Transaction, olderThan: number, limit: number): Promise<number> {
  const rows = await tx.write
    .selectFrom('events')
    .selectAll()
    .where('last_time', '<', olderThan)
    .orderBy('last_time')
    .limit(limit)
    .execute();
  if (rows.length === 0) return 0;
  await tx.write
    .deleteFrom('events')
    .where(
      inList(
        tx,
        'id',
        rows.map(({ id }) => id),
      ),
    )
    .execute();
  for (const row of rows) {
    const version = tx.nextVersion();
    const object = eventText({ ...row, resource_version: version });
    tx.changed({ type: 'DELETED', resourceVersion: version, kind: 'Event', object, previous: eventText(row) });
  }
  return rows.length;
}

const COLUMNS = [
  'uid',
  'namespace',
  'name',
  'aggregate',
  'first_time',
  'last_time',
  'resource_version',
  'regarding_uid',
  'spec',
] as const satisfies readonly (keyof EventRow)[];

function eventParameters(row: EventRow): SqlValue[] {
  return COLUMNS.map((column) => row[column]);
}

const UPSERT_EVENT: Upsert = {
  table: 'events',
  columns: COLUMNS,
  key: ['uid'],
  update: ['last_time', 'resource_version', 'spec'],
};
