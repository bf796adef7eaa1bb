// What is wrong with the installation: told when it begins and when it is over, whoever finds it and whoever leads meanwhile. A row
// stands for as long as it lasts.
import type { ClusterNotify, RunNotify } from '../../../manifests/index.js';
import { inList, type SqlDatabase } from '../database.js';
import { keyedEvent, upsertEvents } from '../events.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';
import { addNews } from './note-news.js';
import type { Alarm, AlarmEvent, AlarmFacts, AlarmLook, NotificationEvent } from './notification-book.js';
import { clusterRules, type Routed, runRules } from './notify-rules.js';

type Transaction = WriteTransaction<StateSchema>;

interface Row {
  readonly alarm: string;
  readonly since: number;
  readonly facts: string;
}

/** What `facts` holds. Without `seen` it was found when the row was written. */
type Found = Alarm & { readonly seen?: number };

/** What each center finds by itself. Nobody else can say that it is over: the center that could may be gone for good. */
const OF_CENTERS: readonly AlarmEvent[] = ['CenterLost', 'CoordinationUnreachable', 'StoreUnreachable', 'NothingFires'];

export async function readAlarms(db: SqlDatabase<StateSchema>): Promise<string[]> {
  const rows = await db.read.selectFrom('notify_alarms').select('alarm').execute();
  return rows.map(({ alarm }) => alarm);
}

export async function noteAlarms(tx: Transaction, { raised, over }: AlarmLook): Promise<void> {
  const keys = [...raised.map(({ key }) => key), ...over];
  const rows = await tx.write
    .selectFrom('notify_alarms')
    .selectAll()
    .where(inList(tx, 'alarm', keys))
    .execute();
  const known = new Map<string, Row>(rows.map((row) => [row.alarm, row]));
  for (const alarm of raised) {
    const before = known.get(alarm.key);
    const facts = JSON.stringify({ ...alarm, seen: tx.now } satisfies Found);
    if (before !== undefined) {
      await tx.write.updateTable('notify_alarms').set({ facts }).where('alarm', '=', alarm.key).execute();
      continue;
    }
    const row: Row = { alarm: alarm.key, since: tx.now, facts };
    known.set(alarm.key, row);
    await tx.write.insertInto('notify_alarms').values(row).execute();
    await tell(tx, alarm, alarm.event, factsOf(alarm, tx.now));
  }
  for (const key of over) {
    const row = known.get(key);
    if (row !== undefined) await end(tx, row);
  }
}

/** Ends what centers have told, and none has found since (ms). */
export async function forgetAlarms(tx: Transaction, since: number): Promise<void> {
  for (const row of await tx.write.selectFrom('notify_alarms').selectAll().execute()) {
    const { event, seen = Number(row.since) } = JSON.parse(row.facts) as Found;
    if (OF_CENTERS.includes(event) && seen < since) await end(tx, row, seen);
  }
}

async function end(tx: Transaction, { alarm: key, since, facts }: Row, seen?: number): Promise<void> {
  await tx.write.deleteFrom('notify_alarms').where('alarm', '=', key).execute();
  const alarm = JSON.parse(facts) as Found;
  const forgotten = seen === undefined ? {} : { seen };
  await tell(tx, alarm, 'Resolved', {
    ...{ ...factsOf(alarm, Number(since)), resolves: alarm.event, time: tx.now },
    ...forgotten,
  });
}

function factsOf({ subject, message, commands }: Alarm, since: number): AlarmFacts {
  return { about: 'Alarm', what: subject, message, commands, since };
}

async function tell(tx: Transaction, alarm: Alarm, event: AlarmEvent | 'Resolved', facts: AlarmFacts): Promise<void> {
  const { to, regarding } = alarm;
  const entries = await entriesFor(tx, to);
  // Who was not told of it does not ask how it ended.
  const asks = ({ on }: RunNotify | ClusterNotify) =>
    [alarm.event, event].every((one) => (on as readonly NotificationEvent[] | undefined)?.includes(one));
  const key = `${alarm.key}/${facts.since}${event === 'Resolved' ? '/Resolved' : ''}`;
  await addNews(tx, { key, event, facts }, entries.filter(asks));
  const reason = event === 'Resolved' ? 'AlarmOver' : event;
  const message = event === 'Resolved' ? `${alarm.event}: ${facts.message}${endOf(facts)}` : facts.message;
  await upsertEvents(tx, [keyedEvent({ reason, message, regarding, source: 'center', time: tx.now })]);
}

const endOf = ({ seen }: AlarmFacts): string =>
  seen === undefined ? '' : `; not found since ${new Date(seen).toISOString()}, and forgotten`;

async function entriesFor(tx: Transaction, to: Alarm['to']): Promise<readonly Routed<RunNotify | ClusterNotify>[]> {
  if ('all' in to) return clusterRules(tx);
  if ('cluster' in to) return clusterRules(tx, to.cluster);
  return (await runRules(tx, new Map([[to.taskUid, to.namespace]]))).get(to.taskUid) ?? [];
}
