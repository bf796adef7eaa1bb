// News that somebody wants to be told, written in the transaction that makes them.
import { type Agent, type RunEvent, type RunState, SYSTEM_NAMESPACE } from '../../../manifests/index.js';
import { inList, type Upsert } from '../database.js';
import type { ObjectRow } from '../object-row.js';
import { type RunRow, runStatusOf, specOf } from '../run-row.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';
import type { NotificationEvent, NotificationFacts, NotifyWords, RunFacts } from './notification-book.js';
import { clusterRules, runRules } from './notify-rules.js';

type Transaction = WriteTransaction<StateSchema>;

const EVENTS: Readonly<Partial<Record<RunState, RunEvent>>> = {
  Failed: 'Failed',
  TimedOut: 'Failed',
  Missed: 'Missed',
  Lost: 'Lost',
  Succeeded: 'Succeeded',
};

const UPSERT: Upsert = {
  table: 'notifications',
  columns: [
    ...['event_key', 'namespace', 'notifier', 'event', 'recipients', 'facts'],
    ...['created_time', 'due_time', 'attempts', 'state', 'leased_until'],
  ],
  key: ['event_key', 'namespace', 'notifier'],
  update: [], // told once
};

const UPSERT_FAILING: Upsert = {
  table: 'notify_failing',
  columns: ['task_uid', 'slot', 'since', 'runs'],
  key: ['task_uid', 'slot'],
  update: ['since', 'runs'],
};

/** What an entry of any kind says besides its events. */
interface Entry extends NotifyWords {
  readonly notifier: string;
  readonly on?: readonly NotificationEvent[];
  readonly to?: readonly string[];
}

interface News {
  readonly key: string;
  readonly namespace: string;
  readonly event: NotificationEvent;
  readonly facts: NotificationFacts;
}

/** `ended`: runs that have come to an end in this transaction, in the order in which that was reported. */
export async function noteRunNews(tx: Transaction, ended: readonly RunRow[]): Promise<void> {
  const told = ended.filter(({ state }) => EVENTS[state as RunState] !== undefined);
  if (told.length === 0) return;
  const rules = await runRules(tx, new Map(told.map((row) => [row.task_uid, row.namespace])));
  const wanted = told.filter((row) => rules.has(row.task_uid));
  if (wanted.length === 0) return;
  const failing = await Failing.read(tx, [...new Set(wanted.map((row) => row.task_uid))]);
  for (const row of wanted) {
    const event = EVENTS[row.state as RunState]!;
    const before = failing.note(row, tx.now);
    const events: RunEvent[] = event === 'Succeeded' && before !== undefined ? ['Recovered', event] : [event];
    const facts = runFacts(row, before);
    await addNews(
      tx,
      events.map((one) => ({ key: `${row.uid}/${one}`, namespace: row.namespace, event: one, facts })),
      rules.get(row.task_uid)!,
    );
  }
  await failing.write();
}

/** An agent whose registration has come or gone, with its row before and after that. */
export async function noteAgentNews(tx: Transaction, before: ObjectRow, after: ObjectRow): Promise<void> {
  const was = agentStatus(before)?.state;
  const { state, hostname, conditions } = agentStatus(after) ?? {};
  // Its first heartbeat may come before its registration: that is no news.
  if (state === undefined || state === was || (was === undefined && state === 'NotReady')) return;
  const { cluster = 'default' } = JSON.parse(after.spec) as Agent['spec'];
  const rules = await clusterRules(tx, cluster);
  if (rules.length === 0) return;
  const since = conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime;
  const time = since === undefined ? tx.now : Date.parse(since);
  const event = state === 'Ready' ? 'AgentOnline' : 'AgentOffline';
  const facts = {
    about: 'Agent',
    agent: after.name,
    cluster,
    time,
    ...(hostname === undefined ? {} : { hostname }),
  } as const;
  await addNews(tx, [{ key: `${after.uid}/${event}/${time}`, namespace: SYSTEM_NAMESPACE, event, facts }], rules);
}

const agentStatus = ({ status }: ObjectRow) => (status === null ? undefined : (JSON.parse(status) as Agent['status']));

/** A row for each notifier that wants to know; of several events it is told the first that it wants. */
export async function addNews(tx: Transaction, news: readonly News[], entries: readonly Entry[]): Promise<void> {
  for (const notifier of new Set(entries.map((entry) => entry.notifier))) {
    const its = entries.filter((entry) => entry.notifier === notifier);
    const one = news.find(({ event }) => its.some(({ on }) => on?.includes(event)));
    if (one === undefined) continue;
    const wanting = its.filter(({ on }) => on?.includes(one.event));
    await addNotification(tx, { ...one, facts: withWords(one.facts, wanting) }, notifier, recipientsOf(wanting));
  }
}

/** '' stands for the notifier's own. */
function recipientsOf(entries: readonly Entry[]): string[] {
  return [...new Set(entries.flatMap(({ to }) => to ?? ['']))].sort();
}

function withWords(facts: NotificationFacts, entries: readonly Entry[]): NotificationFacts {
  const { subject } = entries.find((entry) => entry.subject !== undefined) ?? {};
  const { text } = entries.find((entry) => entry.text !== undefined) ?? {};
  return { ...facts, ...(subject === undefined ? {} : { subject }), ...(text === undefined ? {} : { text }) };
}

export async function addNotification(
  tx: Transaction,
  { key, namespace, event, facts }: News,
  notifier: string,
  recipients: readonly string[],
): Promise<void> {
  const texts = [key, namespace, notifier, event, JSON.stringify(recipients), JSON.stringify(facts)];
  await tx.upsert(UPSERT, [[...texts, tx.now, tx.now, 0, 'Pending', 0]]);
}

export function runFacts(row: RunRow, failing?: RunFacts['failing']): RunFacts {
  const { task, slot, trigger, scheduledTime } = specOf(row);
  const { state, reason, message, agent, exitCode, signal, startTime, attempts } = runStatusOf(row);
  return {
    ...{ about: 'Run', uid: row.uid, name: row.name, namespace: row.namespace, task, slot, trigger },
    ...{ state: state as RunState, attempts: attempts?.length ?? 0 },
    ...(row.finish_time === null ? {} : { endTime: row.finish_time }),
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
    ...(agent === undefined ? {} : { agent }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(signal === undefined ? {} : { signal }),
    ...(scheduledTime === undefined ? {} : { scheduledTime: Date.parse(scheduledTime) }),
    ...(startTime === undefined ? {} : { startTime: Date.parse(startTime) }),
    ...(failing === undefined ? {} : { failing }),
  };
}

/** Runs in a row that did not succeed, by task and slot. */
class Failing {
  private readonly tx: Transaction;
  private readonly rows: Map<string, { since: number; runs: number }>;
  private readonly changed = new Map<string, RunRow>();

  static async read(tx: Transaction, taskUids: readonly string[]): Promise<Failing> {
    const rows = await tx.write
      .selectFrom('notify_failing')
      .selectAll()
      .where(inList(tx, 'task_uid', taskUids))
      .execute();
    return new Failing(tx, new Map(rows.map((row) => [`${row.task_uid}/${row.slot}`, row])));
  }

  private constructor(tx: Transaction, rows: Map<string, { since: number; runs: number }>) {
    this.tx = tx;
    this.rows = rows;
  }

  /** What is to be told of them with this run: after one that succeeded, what there was before it. */
  note(row: RunRow, now: number): RunFacts['failing'] {
    const key = `${row.task_uid}/${row.slot}`;
    const before = this.rows.get(key);
    if (row.state === 'Succeeded' && before === undefined) return undefined; // as it was
    this.changed.set(key, row);
    if (row.state === 'Succeeded') {
      this.rows.delete(key);
      return { since: before!.since, runs: before!.runs };
    }
    const next = { since: before?.since ?? row.finish_time ?? now, runs: (before?.runs ?? 0) + 1 };
    this.rows.set(key, next);
    return next;
  }

  async write(): Promise<void> {
    for (const [key, { task_uid, slot }] of this.changed) {
      const now = this.rows.get(key);
      if (now !== undefined) await this.tx.upsert(UPSERT_FAILING, [[task_uid, slot, now.since, now.runs]]);
      else
        await this.tx.write
          .deleteFrom('notify_failing')
          .where('task_uid', '=', task_uid)
          .where('slot', '=', slot)
          .execute();
    }
  }
}
