// What was told of a run while it was late, or took long, is over when it begins or ends. People see that by themselves; an incident that
// was opened for it does not, so only who keeps incidents is told (decision 0036). What was told is read from the outbox: entries may say
// something else by now.
import { sql } from 'kysely';
import type { Notifier } from '../../../manifests/index.js';
import { inList } from '../database.js';
import { type RunRow, runStatusOf } from '../run-row.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';
import { addNotification, runFacts } from './note-news.js';
import { LATE_MIN_MS } from './note-overdue.js';
import type { NotificationFacts, NotifierKey } from './notification-book.js';

type Transaction = WriteTransaction<StateSchema>;
type Overdue = 'Late' | 'LongerThan';

/** What notifiers that keep incidents were told of a run and nobody has told them to be over. By the notifier: namespace/name. */
interface Told {
  readonly event: Overdue;
  readonly notifier: string;
  /** Late is told of a run that waits, or by its start. */
  readonly byStart: boolean;
}

/** Runs that have begun late in this transaction: what was told of that before is over. */
export async function noteBegun(tx: Transaction, begun: readonly RunRow[]): Promise<void> {
  await noteOver(tx, begun, ['Late'], 'Over');
}

/** Runs that have ended in this transaction, however they did. */
export async function noteEnded(tx: Transaction, ended: readonly RunRow[]): Promise<void> {
  // A name of its own: after the start, Late may have been told once more.
  await noteOver(tx, ended.filter(mayBeOverdue), ['Late', 'LongerThan'], 'Over/end');
}

/** It ended later than at its time point, or than it began, by what can be asked for at least. */
function mayBeOverdue(row: RunRow): boolean {
  const { startTime } = runStatusOf(row);
  const since = row.scheduled_time ?? (startTime === undefined ? undefined : Date.parse(startTime));
  return since !== undefined && row.finish_time !== null && row.finish_time - since >= LATE_MIN_MS;
}

async function noteOver(
  tx: Transaction,
  rows: readonly RunRow[],
  events: readonly Overdue[],
  word: 'Over' | 'Over/end',
): Promise<void> {
  if (rows.length === 0) return;
  const pagers = await readPagers(tx);
  if (pagers.size === 0) return;
  const told = await toldOf(
    tx,
    rows.map(({ uid }) => uid),
    pagers,
  );
  const over = rows.flatMap((row) =>
    (told.get(row.uid) ?? []).filter(({ event }) => events.includes(event)).map((one) => ({ row, ...one })),
  );
  if (over.length === 0) return;
  const stays = await staysOf(
    tx,
    over.map(({ row }) => row),
    pagers,
  );
  for (const { row, event, notifier } of over) {
    if (stays.has(incidentOf(row, event, notifier))) continue;
    const facts = { ...runFacts(row), ends: event };
    const key = `${row.uid}/${event}/${word}`;
    await addNotification(tx, { key, event: 'Over', facts }, pagers.get(notifier)!, ['']);
  }
}

type OfRun = Pick<RunRow, 'task_uid' | 'slot'>;
const incidentOf = ({ task_uid, slot }: OfRun, event: Overdue, notifier: string): string =>
  `${notifier}/${event}/${task_uid}/${slot}`;

/** The notifiers that keep incidents, by namespace/name. */
async function readPagers(tx: Transaction): Promise<Map<string, NotifierKey>> {
  const rows = await tx.write
    .selectFrom('objects')
    .select(['namespace', 'name', 'spec'])
    .where('kind', '=', 'Notifier')
    .where(tx.dialect.contains(sql.ref('spec'), 'PagerDuty'))
    .execute();
  return new Map(
    rows
      .filter(({ spec }) => (JSON.parse(spec) as Notifier['spec']).webhook?.format === 'PagerDuty')
      .map(({ namespace, name }) => [`${namespace}/${name}`, { namespace, notifier: name }]),
  );
}

/** By the uid of the run. */
async function toldOf(
  tx: Transaction,
  uids: readonly string[],
  pagers: ReadonlyMap<string, NotifierKey>,
): Promise<Map<string, Told[]>> {
  // By the names of the events, which begin with the uid of the run and a word. The runs come first: SQLite keeps to the order.
  const rows = await tx.write
    .selectFrom('runs')
    .crossJoin('notifications')
    .select(['uid', 'event_key', 'notifications.namespace', 'notifier', 'event', 'facts'])
    .where(inList(tx, 'uid', uids))
    .where(sql<boolean>`event_key > uid || '/' and event_key < uid || '/zz'`)
    .where('event', 'in', ['Late', 'LongerThan', 'Over'])
    .orderBy('notifications.id')
    .execute();
  const last = new Map<string, Told & { readonly uid: string; readonly over: boolean }>();
  for (const { uid, event_key, namespace, notifier: name, event, facts: text } of rows) {
    const notifier = `${namespace}/${name}`;
    if (!pagers.has(notifier)) continue;
    const [, of] = event_key.split('/') as [string, Overdue];
    const facts = JSON.parse(text) as NotificationFacts;
    const byStart = of === 'Late' && facts.about === 'Run' && facts.startTime !== undefined;
    last.set(`${uid}/${of}/${notifier}`, { uid, event: of, notifier, byStart, over: event === 'Over' });
  }
  const told = new Map<string, Told[]>();
  for (const { uid, over, ...one } of last.values()) if (!over) told.set(uid, [...(told.get(uid) ?? []), one]);
  return told;
}

/** Incidents of which another run is a part that goes on: its own end is theirs. A run that has begun does not wait any more. */
async function staysOf(
  tx: Transaction,
  over: readonly RunRow[],
  pagers: ReadonlyMap<string, NotifierKey>,
): Promise<ReadonlySet<string>> {
  const gone = new Set(over.map(({ uid }) => uid));
  const tasks = [...new Set(over.map(({ task_uid }) => task_uid))];
  const open = await tx.write
    .selectFrom('runs')
    .selectAll()
    .where('final', '=', 0)
    .where(inList(tx, 'task_uid', tasks))
    .execute();
  const others = open.filter(({ uid }) => !gone.has(uid));
  const told = await toldOf(
    tx,
    others.map(({ uid }) => uid),
    pagers,
  );
  const lasting = others.flatMap((row) => {
    const waits = runStatusOf(row).startTime === undefined;
    return (told.get(row.uid) ?? [])
      .filter(({ event, byStart }) => event !== 'Late' || waits || byStart)
      .map(({ event, notifier }) => incidentOf(row, event, notifier));
  });
  return new Set(lasting);
}
