// What was told of a run while it was late, or took long, is over when it begins or ends. People see that by themselves; an incident that
// was opened for it does not, so only who keeps incidents is told (decision 0036).
import type { Notifier } from '../../../manifests/index.js';
import { inList } from '../database.js';
import { type RunRow, runStatusOf } from '../run-row.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';
import { addNotification, runFacts } from './note-news.js';
import { LATE_MIN_MS } from './note-overdue.js';
import type { NotifierKey } from './notification-book.js';
import { lateAfterOf, longerThanOf, runRules } from './notify-rules.js';

type Transaction = WriteTransaction<StateSchema>;
type Overdue = 'Late' | 'LongerThan';
type Run = Pick<RunRow, 'uid' | 'task_uid' | 'slot'>;

const LIMITS = { Late: lateAfterOf, LongerThan: longerThanOf } as const;

/** A run, and an event that is over for it. */
interface Candidate<R extends Run = RunRow> {
  readonly row: R;
  readonly event: Overdue;
  /** Names under which it may have been told. */
  readonly keys: readonly string[];
}

/** Runs that have begun late in this transaction: what was told of that before is over. */
export async function noteBegun(tx: Transaction, begun: readonly RunRow[]): Promise<void> {
  if (begun.length > 0 && (await anybodyAsks(tx))) await noteOver(tx, begun, ['Late']);
}

/** Runs that have ended in this transaction, however they did. */
export async function noteEnded(tx: Transaction, ended: readonly RunRow[]): Promise<void> {
  if (ended.length > 0 && (await anybodyAsks(tx)))
    await noteOver(tx, ended.filter(mayBeOverdue), ['Late', 'LongerThan']);
}

async function anybodyAsks(tx: Transaction): Promise<boolean> {
  const asked = tx.write.selectFrom('notify_rules').select('owner_uid').where('shortest', '>', 0).limit(1);
  return (await asked.executeTakeFirst()) !== undefined;
}

/** It ended later than at its time point, or than it began, by what can be asked for at least. */
function mayBeOverdue(row: RunRow): boolean {
  const { startTime } = runStatusOf(row);
  const since = row.scheduled_time ?? (startTime === undefined ? undefined : Date.parse(startTime));
  return since !== undefined && row.finish_time !== null && row.finish_time - since >= LATE_MIN_MS;
}

async function noteOver(tx: Transaction, rows: readonly RunRow[], events: readonly Overdue[]): Promise<void> {
  if (rows.length === 0) return;
  const limits = await limitsOf(tx, rows);
  const candidates = candidatesOf(rows, events, limits);
  const told = await toldOf(tx, candidates);
  const over = candidates.filter(({ keys }) => keys.some((key) => told.has(key)));
  if (over.length === 0) return;
  const pagers = await pagersOf(tx, [
    ...new Set(over.flatMap(({ keys }) => keys.flatMap((key) => told.get(key) ?? []))),
  ]);
  if (pagers.size === 0) return;
  const stays = await staysOf(tx, over, limits);
  for (const { row, event, keys } of over) {
    if (stays.has(incidentOf(row, event))) continue;
    const facts = { ...runFacts(row), ends: event };
    for (const notifier of new Set(keys.flatMap((key) => told.get(key) ?? []))) {
      const pager = pagers.get(notifier);
      if (pager !== undefined)
        await addNotification(tx, { key: overKey(row, event), event: 'Over', facts }, pager, ['']);
    }
  }
}

const overKey = ({ uid }: Run, event: Overdue): string => `${uid}/${event}/Over`;
const incidentOf = ({ task_uid, slot }: Run, event: Overdue): string => `${event}/${task_uid}/${slot}`;

/** By task uid and event, the limits that entries give, ms. */
async function limitsOf(tx: Transaction, rows: readonly RunRow[]): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
  const rules = await runRules(tx, new Map(rows.map((row) => [row.task_uid, row.namespace])));
  const limits = new Map<string, ReadonlySet<number>>();
  for (const [uid, entries] of rules) {
    for (const event of ['Late', 'LongerThan'] as const) {
      const given = entries.map(LIMITS[event]).filter((limit) => limit !== undefined);
      if (given.length > 0) limits.set(`${uid}/${event}`, new Set(given));
    }
  }
  return limits;
}

function candidatesOf<R extends Run>(
  rows: readonly R[],
  events: readonly Overdue[],
  limits: ReadonlyMap<string, ReadonlySet<number>>,
): Candidate<R>[] {
  return rows.flatMap((row) =>
    events.flatMap((event) => {
      const given = [...(limits.get(`${row.task_uid}/${event}`) ?? [])];
      return given.length === 0 ? [] : [{ row, event, keys: given.map((limit) => `${row.uid}/${event}/${limit}`) }];
    }),
  );
}

/** By the name under which it was told, the notifiers that were told: namespace/name. */
async function toldOf(tx: Transaction, candidates: readonly Candidate<Run>[]): Promise<Map<string, string[]>> {
  const told = new Map<string, string[]>();
  const keys = candidates.flatMap((one) => one.keys);
  if (keys.length === 0) return told;
  const rows = await tx.write
    .selectFrom('notifications')
    .select(['event_key', 'namespace', 'notifier'])
    .where(inList(tx, 'event_key', keys))
    .execute();
  for (const { event_key, namespace, notifier } of rows) {
    told.set(event_key, [...(told.get(event_key) ?? []), `${namespace}/${notifier}`]);
  }
  return told;
}

/** Those of these notifiers that keep incidents. */
async function pagersOf(tx: Transaction, notifiers: readonly string[]): Promise<Map<string, NotifierKey>> {
  const pagers = new Map<string, NotifierKey>();
  for (const id of notifiers) {
    const [namespace = '', notifier = ''] = id.split('/');
    const found = await tx.write
      .selectFrom('objects')
      .select('spec')
      .where('kind', '=', 'Notifier')
      .where('namespace', '=', namespace)
      .where('name', '=', notifier)
      .executeTakeFirst();
    const { webhook } = found === undefined ? {} : (JSON.parse(found.spec) as Notifier['spec']);
    if (webhook?.format === 'PagerDuty') pagers.set(id, { namespace, notifier });
  }
  return pagers;
}

/** Incidents of which another run is a part that goes on: its own end is theirs. */
async function staysOf(
  tx: Transaction,
  over: readonly Candidate[],
  limits: ReadonlyMap<string, ReadonlySet<number>>,
): Promise<ReadonlySet<string>> {
  const gone = new Set(over.map(({ row }) => row.uid));
  const tasks = [...new Set(over.map(({ row }) => row.task_uid))];
  const open = await tx.write
    .selectFrom('runs')
    .select(['uid', 'task_uid', 'slot'])
    .where('final', '=', 0)
    .where(inList(tx, 'task_uid', tasks))
    .execute();
  const others = candidatesOf(
    open.filter(({ uid }) => !gone.has(uid)),
    ['Late', 'LongerThan'],
    limits,
  );
  const told = await toldOf(
    tx,
    others.flatMap((one) => [one, { ...one, keys: [overKey(one.row, one.event)] }]),
  );
  const lasting = others.filter(
    (one) => !told.has(overKey(one.row, one.event)) && one.keys.some((key) => told.has(key)),
  );
  return new Set(lasting.map(({ row, event }) => incidentOf(row, event)));
}
