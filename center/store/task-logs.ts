// How many bytes of output a task has, and the removal of what is too much (spec.history.bytes). The sum is kept with every
// write, so that a look at it costs the same however long the past is; what is removed is found by an index, oldest first.
import { type RawBuilder, sql } from 'kysely';
import { formatBytes } from '../../base/index.js';
import { inList, type SqlDatabase } from './database.js';
import type { LogSchema } from './schema.js';
import type { WriteTransaction } from './write-queue.js';

type Transaction = WriteTransaction<LogSchema>;

/** Logs looked at, and removed, per step. */
const SLICE = 100;
const STDERR = 2;

export interface RemovableLog {
  readonly id: number;
  readonly runUid: string;
}

/** What is over a limit, and the logs that would go first. */
export interface LogExcess {
  readonly logs: readonly RemovableLog[];
  /** Go on after this id, when fewer of `logs` could go than was needed. */
  readonly last: number;
}

/** Rows in one order for all who write to the same database. */
export async function addTaskBytes(tx: Transaction, grown: ReadonlyMap<string, number>): Promise<void> {
  if (grown.size === 0) return;
  const values = [...grown].sort(([a], [b]) => (a < b ? -1 : 1)).map(([task_uid, bytes]) => ({ task_uid, bytes }));
  await tx.write
    .insertInto('task_logs')
    .values(values)
    .onConflict((conflict) =>
      conflict.column('task_uid').doUpdateSet({ bytes: sql<number>`task_logs.bytes + excluded.bytes` }),
    )
    .execute();
}

/** The logs for which `which` holds count no more; tasks without bytes are forgotten. Returns the logs, locked where others may
 * write, in the order of those who append. */
export async function forgetTaskBytes(tx: Transaction, which: RawBuilder<boolean>) {
  const query = tx.write
    .selectFrom('logs')
    .select(['id', 'task_uid', 'bytes'])
    .where(which)
    .orderBy('run_uid')
    .orderBy('attempt');
  const logs = await (tx.dialect.name === 'postgres' ? query.forUpdate() : query).execute();
  const gone = new Map<string, number>();
  for (const { task_uid, bytes } of logs) {
    if (task_uid !== null) gone.set(task_uid, (gone.get(task_uid) ?? 0) - bytes);
  }
  if (gone.size === 0) return logs;
  await addTaskBytes(tx, gone);
  await tx.write
    .deleteFrom('task_logs')
    .where(inList(tx, 'task_uid', [...gone.keys()]))
    .where('bytes', '<=', 0)
    .execute();
  return logs;
}

/** The oldest logs of a task whose removal brings it down to `limit` bytes, a slice of them, from those after `after` on. The
 * latest one is never among them. undefined: the task is within the limit. */
export async function logsOver(
  { read }: SqlDatabase<LogSchema>,
  taskUid: string,
  limit: number,
  after: number,
): Promise<LogExcess | undefined> {
  const total = await read.selectFrom('task_logs').select('bytes').where('task_uid', '=', taskUid).executeTakeFirst();
  let over = (total?.bytes ?? 0) - limit;
  if (over <= 0) return undefined;
  const rows = await read
    .selectFrom('logs')
    .select(['id', 'run_uid as runUid', 'bytes'])
    .where('task_uid', '=', taskUid)
    .where('id', '>', after)
    .orderBy('id')
    .limit(SLICE + 1)
    .execute();
  const logs: RemovableLog[] = [];
  for (const { id, runUid, bytes } of rows.slice(0, -1)) {
    if (over <= 0) break;
    logs.push({ id, runUid });
    over -= bytes;
  }
  return logs.length === 0 ? undefined : { logs, last: logs.at(-1)!.id };
}

/** Puts one line in the place of each log, which says why; what its agent sends later is dropped. */
export async function removeLogs(tx: Transaction, ids: readonly number[], limit: number): Promise<void> {
  const logs = await forgetTaskBytes(tx, inList(tx, 'id', ids));
  await tx.write
    .deleteFrom('log_chunks')
    .where(inList(tx, 'log_id', ids))
    .execute();
  for (const { id, bytes } of logs) {
    const why = `over the ${formatBytes(limit)} of history.bytes of the task`;
    const line = Buffer.from(`[ctask: ${bytes} bytes of output were removed: ${why}]\n`);
    await tx.write
      .insertInto('log_chunks')
      .values({ log_id: id, log_offset: 0, stream: STDERR, time: tx.now, bytes: line })
      .execute();
    await tx.write
      .updateTable('logs')
      .set({ bytes: line.length, ended: 1, task_uid: null })
      .where('id', '=', id)
      .execute();
  }
}
