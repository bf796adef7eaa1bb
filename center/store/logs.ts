import { sql } from 'kysely';
import { CloudTaskError } from '../../base/index.js';
import type { LogAppendReply, LogChunk, LogPosition, LogStream } from '../../manifests/index.js';
import { readTogether, type SqlDatabase } from './database.js';
import type { LogSchema } from './schema.js';
import type { LogSlice } from './store.js';
import type { SqlValue } from './worker-protocol.js';
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
}

/**
 * Appends those chunks that go on exactly where their stream stands; others are dropped, and the reply's positions tell
 * the agent where to go on. So resending is harmless, and a gap cannot arise. Chunks after the end are dropped as well.
 */
export async function appendChunks(tx: Transaction, chunks: readonly LogChunk[]): Promise<LogAppendReply & Appended> {
  const logs = await openLogs(tx, chunks);
  const rows: SqlValue[][] = [];
  const touched = new Set<LogRow>();
  for (const { header, payload } of chunks) {
    const log = logs.get(keyOf(header.runUid, header.attempt))!;
    if (log.ended === 1 || header.streamOffset !== log[header.stream]) continue;
    if (payload.length > 0) {
      rows.push([log.id, log.bytes, STREAM_NUMBER[header.stream], header.time, payload]);
      log.bytes += payload.length;
    }
    log[header.stream] += header.gapBytes ?? payload.length;
    if (header.end === true) log.ended = 1;
    touched.add(log);
  }
  const inserted = rows.length > 0 ? tx.channel.many(INSERT_CHUNK, rows) : undefined;
  const updated = [...touched].map((log) => [log.stdout, log.stderr, log.bytes, log.ended, log.id]);
  await Promise.all([inserted, updated.length > 0 ? tx.channel.many(UPDATE_LOG, updated) : undefined]);
  return { positions: [...logs.values()].map(positionOf), appended: [...touched].map(lengthOf) };
}

export interface Appended {
  /** Attempts whose log has grown or ended. */
  readonly appended: readonly { runUid: string; attempt: number; bytes: number; ended: boolean }[];
}

const INSERT_CHUNK = 'insert into log_chunks (log_id, log_offset, stream, time, bytes) values (?, ?, ?, ?, ?)';
const UPDATE_LOG = 'update logs set stdout = ?, stderr = ?, bytes = ?, ended = ? where id = ?';
const INSERT_LOG = `insert into logs (run_uid, attempt, stdout, stderr, bytes, ended) values (?, ?, 0, 0, 0, 0)
  on conflict (run_uid, attempt) do nothing`;

/** The logs the chunks belong to; those that are missing are made. */
async function openLogs(tx: Transaction, chunks: readonly LogChunk[]): Promise<Map<string, LogRow>> {
  const wanted = new Map(
    chunks.map(({ header: { runUid, attempt } }) => [keyOf(runUid, attempt), [runUid, attempt] as const]),
  );
  const pairs = [...wanted.values()];
  const [, result] = await Promise.all([
    tx.channel.many(INSERT_LOG, pairs),
    tx.channel.all(
      'write',
      `select logs.* from json_each(?) wanted join logs
        on run_uid = wanted.value ->> '$[0]' and attempt = wanted.value ->> '$[1]'`,
      [JSON.stringify(pairs)],
    ),
  ]);
  const rows = result.rows as unknown as LogRow[];
  return new Map(rows.map((row) => [keyOf(row.run_uid, row.attempt), row]));
}

export async function readLogSlice(
  db: SqlDatabase<LogSchema>,
  runUid: string,
  attempt: number,
  offset: number,
  maxBytes: number,
): Promise<LogSlice> {
  const [logs] = await readTogether(db.channel, logQuery(db, runUid, attempt));
  const log = logs?.[0] as unknown as LogRow | undefined;
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
  await tx.channel.all('write', 'delete from logs where run_uid in (select value from json_each(?))', [
    JSON.stringify(runUids),
  ]);
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
