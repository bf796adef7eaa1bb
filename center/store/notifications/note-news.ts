// News that somebody wants to be told, written in the transaction that makes them.
import type { Agent, RunNotify, RunState } from '../../../manifests/index.js';
import type { Upsert } from '../database.js';
import type { ObjectRow } from '../object-row.js';
import { type RunRow, runStatusOf, specOf } from '../run-row.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';
import { type Decision, decideEvent, entryKey, type RunHistory } from './decide-event.js';
import type { NotificationEvent, NotificationFacts, NotifierKey, NotifyWords, RunFacts } from './notification-book.js';
import { clusterRules, type Routed, runRules } from './notify-rules.js';
import { type NotedRun, RunHistories } from './run-history.js';

type Transaction = WriteTransaction<StateSchema>;

const EVENTS: Readonly<Partial<Record<RunState, RunHistory['event']>>> = {
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

/** What an entry of any kind says besides its events. */
interface Entry extends NotifyWords {
  readonly notifier: string;
  /** Namespace of that notifier. */
  readonly home: string;
  readonly to?: readonly string[];
}

interface News {
  readonly key: string;
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
  const histories = await RunHistories.read(tx, [...new Set(wanted.map((row) => row.task_uid))]);
  for (const row of wanted) {
    const run = histories.note(row, EVENTS[row.state as RunState]!);
    const told = new ToldBy();
    for (const [event, decided] of byEvent(rules.get(row.task_uid)!, run)) {
      const { changes } = decided[0]!.decision;
      const facts = { ...runFacts(row, run.failing), ...(changes === undefined ? {} : { changes }) };
      const news = { key: `${row.uid}/${event}`, event, facts };
      await addNews(
        tx,
        news,
        decided.map(({ entry }) => entry),
        told,
      );
    }
  }
  await histories.write();
}

interface Decided {
  readonly entry: Routed<RunNotify>;
  readonly decision: Decision;
}

/** What each entry is told; what says most comes first. */
function byEvent(entries: readonly Routed<RunNotify>[], run: NotedRun): [NonNullable<Decision['event']>, Decided[]][] {
  const all = new Map<NonNullable<Decision['event']>, Decided[]>();
  // Entries that tell the same people are told the same.
  const decided = entries.map((entry) => ({ entry, decision: decideEvent(entry, run.history, run.told) }));
  for (const one of decided) {
    run.keep(entryKey(one.entry), one.decision);
    const { event } = one.decision;
    if (event !== undefined) all.set(event, [...(all.get(event) ?? []), one]);
  }
  return [...all].sort(([a], [b]) => Number(a === 'Succeeded') - Number(b === 'Succeeded'));
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
  const wanting = rules.filter(({ on }) => on?.includes(event));
  await addNews(tx, { key: `${after.uid}/${event}/${time}`, event, facts }, wanting);
}

const agentStatus = ({ status }: ObjectRow) => (status === null ? undefined : (JSON.parse(status) as Agent['status']));

/** Whom a run has been told to: of several events each of them is told the first. */
class ToldBy {
  private readonly recipients = new Map<string, Set<string>>();

  /** Those of them who have not been told. */
  rest(notifier: string, recipients: readonly string[]): string[] {
    const known = this.recipients.get(notifier) ?? new Set();
    const rest = recipients.filter((one) => !known.has(one));
    this.recipients.set(notifier, new Set([...known, ...rest]));
    return rest;
  }
}

/** A row for each notifier of these entries, and for each of the words that they give it: nobody reads what is meant for others. */
export async function addNews(
  tx: Transaction,
  news: News,
  entries: readonly Entry[],
  told: ToldBy = new ToldBy(),
): Promise<void> {
  const keyOf = ({ home, notifier }: Entry) => `${home}/${notifier}`;
  for (const name of new Set(entries.map(keyOf))) {
    const its = entries.filter((entry) => keyOf(entry) === name);
    const key = { namespace: its[0]!.home, notifier: its[0]!.notifier };
    let rows = 0;
    for (const { words, recipients } of await readersOf(tx, key, its)) {
      const rest = told.rest(name, recipients);
      if (rest.length === 0) continue;
      rows += 1;
      const facts = { ...news.facts, ...words };
      await addNotification(tx, { ...news, key: rows === 1 ? news.key : `${news.key}+${rows}`, facts }, key, rest);
    }
  }
}

interface Readers {
  readonly words: NotifyWords;
  /** '' stands for the notifier's own. */
  readonly recipients: readonly string[];
}

async function readersOf(tx: Transaction, key: NotifierKey, entries: readonly Entry[]): Promise<readonly Readers[]> {
  const all = readers(entries);
  // A webhook has one reader, whatever the entries say.
  if (all.length < 2 || !(await isWebhook(tx, key))) return all;
  return readers(entries.map(({ to: _, ...entry }) => entry));
}

/** To each the first words of the entries that name them; those who read the same, together. */
function readers(entries: readonly Entry[]): readonly Readers[] {
  const words = new Map<string, NotifyWords>();
  for (const { to = [''], subject, text } of entries) {
    const own = { ...(subject === undefined ? {} : { subject }), ...(text === undefined ? {} : { text }) };
    for (const one of to) words.set(one, { ...own, ...words.get(one) });
  }
  const alike = new Map<string, Readers & { readonly recipients: string[] }>();
  for (const one of [...words.keys()].sort()) {
    const { subject, text } = words.get(one)!;
    const same = JSON.stringify([subject, text]);
    const readers = alike.get(same) ?? { words: words.get(one)!, recipients: [] };
    readers.recipients.push(one);
    alike.set(same, readers);
  }
  return [...alike.values()];
}

async function isWebhook(tx: Transaction, { namespace, notifier }: NotifierKey): Promise<boolean> {
  const row = await tx.write
    .selectFrom('objects')
    .select('spec')
    .where('kind', '=', 'Notifier')
    .where('namespace', '=', namespace)
    .where('name', '=', notifier)
    .executeTakeFirst();
  return row !== undefined && 'webhook' in (JSON.parse(row.spec) as object);
}

export async function addNotification(
  tx: Transaction,
  { key, event, facts }: News,
  { namespace, notifier }: NotifierKey,
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
