// What is wrong with the installation: told when it begins and when it is over, whoever finds it and whoever leads meanwhile. A row
// stands for as long as it lasts.
import type { ClusterNotify, RunNotify } from '../../../manifests/index.js';
import { keyedEvent, upsertEvents } from '../events.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';
import { addNews } from './note-news.js';
import type { Alarm, AlarmEvent, AlarmFacts, AlarmLook, NotificationEvent } from './notification-book.js';
import { clusterRules, type Routed, runRules } from './notify-rules.js';

type Transaction = WriteTransaction<StateSchema>;

export async function noteAlarms(tx: Transaction, { prefix, raised, over }: AlarmLook): Promise<void> {
  const known = new Map(
    (await tx.write.selectFrom('notify_alarms').selectAll().execute())
      .filter(({ alarm }) => alarm.startsWith(prefix))
      .map(({ alarm, since, facts }) => [alarm, { since: Number(since), alarm: JSON.parse(facts) as Alarm }]),
  );
  for (const alarm of raised) {
    if (known.has(alarm.key)) continue;
    await tx.write
      .insertInto('notify_alarms')
      .values({ alarm: alarm.key, since: tx.now, facts: JSON.stringify(alarm) })
      .execute();
    await tell(tx, alarm, alarm.event, factsOf(alarm, tx.now));
  }
  const stays = new Set(raised.map(({ key }) => key));
  const gone = 'allBut' in over ? [...known.keys()].filter((key) => !over.allBut.includes(key)) : over;
  for (const key of gone) {
    const found = known.get(key);
    if (found === undefined || stays.has(key)) continue;
    await tx.write.deleteFrom('notify_alarms').where('alarm', '=', key).execute();
    const { alarm, since } = found;
    await tell(tx, alarm, 'Resolved', { ...factsOf(alarm, since), resolves: alarm.event, time: tx.now });
  }
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
  const message = event === 'Resolved' ? `${alarm.event}: ${facts.message}` : facts.message;
  await upsertEvents(tx, [keyedEvent({ reason, message, regarding, source: 'center', time: tx.now })]);
}

async function entriesFor(tx: Transaction, to: Alarm['to']): Promise<readonly Routed<RunNotify | ClusterNotify>[]> {
  if ('all' in to) return clusterRules(tx);
  if ('cluster' in to) return clusterRules(tx, to.cluster);
  return (await runRules(tx, new Map([[to.taskUid, to.namespace]]))).get(to.taskUid) ?? [];
}
