import { sql } from 'kysely';
import { CloudTaskError } from '../../base/index.js';
import type { LogAppendReply, LogChunk, LogPosition, LogStream } from '../../manifests/index.js';
import { inList, type SqlDatabase, type SqlValue, type Upsert } from './database.js';
import type { LogSchema } from './schema.js';
import type { LogSlice } from './store-types.js';
import { addTaskBytes, forgetTaskBytes } from './task-logs.js';
import type { WriteTransaction } from './write-queue.js';

type Transaction = WriteTransaction<LogSchema>;

const STREAM_NUMBER: Record<LogStream, number> = { stdout: 1, stderr: 2 };
/** Pieces read at once; a log of tiny chunks is read in more steps, not in one big one. */
const PIECES_MAX = 4096;

interface LogRow {
  id: number;
  run_uid: string;
  attempt: number;
  stdout: number;
  stderr: number;
  bytes: number;
  ended: number;
  task_uid: string | null;
}

/**
 * Appends those chunks that go on exactly where their stream stands; others are dropped, and the reply's positions tell
 * the agent where to go on. So resending is harmless, and a gap cannot arise. Chunks after the end are dropped as well.
 */
export async function appendChunks(tx: Transaction, chunks: readonly LogChunk[]): Promise<LogAppendReply & Appended> {
  const logs = await openLogs(tx, chunks);
  const rows: SqlValue[][] = [];
  const touched = new Set<LogRow>();
  const grown = new Map<string, number>();
  for (const { header, payload } of chunks) {
    const log = logs.get(keyOf(header.runUid, header.attempt))!;
    if (log.ended === 1 || header.streamOffset !== log[header.stream]) continue;
    if (payload.length > 0) {
      rows.push([log.id, log.bytes, STREAM_NUMBER[header.stream], header.time, payload]);
      log.bytes += payload.length;
      if (log.task_uid !== null) grown.set(log.task_uid, (grown.get(log.task_uid) ?? 0) + payload.length);
    }
    log[header.stream] += header.gapBytes ?? payload.length;
    if (header.end === true) log.ended = 1;
    touched.add(log);
  }
  if (rows.length > 0) await tx.upsert(INSERT_CHUNK, rows);
  const updated = [...touched].map((log) => LOG_COLUMNS.map((column) => log[column]));
  if (updated.length > 0) await tx.upsert(UPDATE_LOG, updated);
  await addTaskBytes(tx, grown);
  return { positions: [...logs.values()].map(positionOf), appended: [...touched].map(lengthOf) };
}

export interface Appended {
  /** Attempts whose log has grown or ended. */
  readonly appended: readonly { runUid: string; attempt: number; bytes: number; ended: boolean }[];
}

const INSERT_CHUNK: Upsert = {
  table: 'log_chunks',
  columns: ['log_id', 'log_offset', 'stream', 'time', 'bytes'],
  key: [],
  update: [],
};
const LOG_COLUMNS = ['run_uid', 'attempt', 'stdout', 'stderr', 'bytes', 'ended'] as const;
const KEY = ['run_uid', 'attempt'] as const;
const INSERT_LOG: Upsert = { table: 'logs', columns: [...LOG_COLUMNS, 'task_uid'], key: KEY, update: [] };
const UPDATE_LOG: Upsert = { table: 'logs', columns: LOG_COLUMNS, key: KEY, update: LOG_COLUMNS.slice(2) };

/** The logs the chunks belong to, locked where others may write; those that are missing are made. */
async function openLogs(tx: Transaction, chunks: readonly LogChunk[]): Promise<Map<string, LogRow>> {
  const wanted = new Map(
    chunks.map(({ header: { runUid, attempt, taskUid = null } }) => [
      keyOf(runUid, attempt),
      [runUid, attempt, taskUid] as const,
    ]),
  );
  // One order of locks for all who write to the same database.
  const pairs = [...wanted.keys()].sort().map((key) => wanted.get(key)!);
  await tx.upsert(
    INSERT_LOG,
    pairs.map(([runUid, attempt, taskUid]) => [runUid, attempt, 0, 0, 0, 0, taskUid]),
  );
  const query = tx.write
    .selectFrom('logs')
    .selectAll()
    .where(inList(tx, 'run_uid', [...new Set(pairs.map(([runUid]) => runUid))]))
    .orderBy('run_uid')
    .orderBy('attempt');
  const rows: LogRow[] = await (tx.dialect.name === 'postgres' ? query.forUpdate() : query).execute();
  const logs = rows.map((row) => [keyOf(row.run_uid, row.attempt), row] as const);
  return new Map(logs.filter(([key]) => wanted.has(key)));
}

export async function readLogSlice(
  db: SqlDatabase<LogSchema>,
  runUid: string,
  attempt: number,
  offset: number,
  maxBytes: number,
): Promise<LogSlice> {
  const log = await logQuery(db, runUid, attempt).executeTakeFirst();
  if (log === undefined) return { offset, pieces: [], nextOffset: offset, ended: false };
  if (offset > log.bytes) {
    throw new CloudTaskError('CT_BAD_REQUEST', `offset ${offset} is beyond the end of the log, ${log.bytes}`);
  }
  if (offset === log.bytes) return { offset, pieces: [], nextOffset: offset, ended: log.ended === 1 };
  // The chunk that holds `offset` is the last one that begins at or before it.
  const chunks = await db.read
    .selectFrom('log_chunks')
    .select(['log_offset', 'stream', 'time', 'bytes'])
    .where('log_id', '=', log.id)
    .where(
      'log_offset',
      '>=',
      sql<number>`coalesce((select max(log_offset) from log_chunks where log_id = ${log.id} and log_offset <= ${offset}), 0)`,
    )
    .where('log_offset', '<', offset + maxBytes)
    .orderBy('log_offset')
    .limit(PIECES_MAX)
    .execute();
  const pieces: LogSlice['pieces'][number][] = [];
  let next = offset;
  for (const chunk of chunks) {
    const bytes = Buffer.from(chunk.bytes.buffer, chunk.bytes.byteOffset, chunk.bytes.byteLength);
    const from = next - chunk.log_offset;
    const part = bytes.subarray(from, from + offset + maxBytes - next);
    if (part.length === 0) continue;
    pieces.push({ stream: chunk.stream === 1 ? 'stdout' : 'stderr', time: chunk.time, bytes: part });
    next += part.length;
  }
  return { offset, pieces, nextOffset: next, ended: log.ended === 1 && next === log.bytes };
}

export async function logOffsetSince(
  db: SqlDatabase<LogSchema>,
  runUid: string,
  attempt: number,
  time: number,
): Promise<number> {
  const row = await db.read
    .selectFrom('log_chunks')
    .innerJoin('logs', 'logs.id', 'log_chunks.log_id')
    .select(({ fn }) => fn.min('log_offset').as('first'))
    .where('run_uid', '=', runUid)
    .where('attempt', '=', attempt)
    .where('time', '>=', time)
    .executeTakeFirst();
  return row?.first ?? (await logLength(db, runUid, attempt)).bytes;
}

export async function logLength(
  db: SqlDatabase<LogSchema>,
  runUid: string,
  attempt: number,
): Promise<{ bytes: number; ended: boolean }> {
  const log = await logQuery(db, runUid, attempt).executeTakeFirst();
  return { bytes: log?.bytes ?? 0, ended: log?.ended === 1 };
}

/** Deletes all logs of runs and gives some of the freed pages back to the file system. */
export async function deleteLogs(tx: Transaction, runUids: readonly string[]): Promise<void> {
  await forgetTaskBytes(tx, inList(tx, 'run_uid', runUids));
  await tx.write
    .deleteFrom('logs')
    .where(inList(tx, 'run_uid', runUids))
    .execute();
}

function logQuery(db: SqlDatabase<LogSchema>, runUid: string, attempt: number) {
  return db.read.selectFrom('logs').selectAll().where('run_uid', '=', runUid).where('attempt', '=', attempt);
}

function keyOf(runUid: string, attempt: number): string {
  return `${runUid}/${attempt}`;
}

function positionOf({ run_uid, attempt, stdout, stderr, ended }: LogRow): LogPosition {
  return { runUid: run_uid, attempt, stdout, stderr, ended: ended === 1 };
}

function lengthOf({ run_uid, attempt, bytes, ended }: LogRow): Appended['appended'][number] {
  return { runUid: run_uid, attempt, bytes, ended: ended === 1 };
}
