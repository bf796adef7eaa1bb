import { type Compilable, Kysely, type RawBuilder, sql } from 'kysely';
import { workerDialect } from './kysely-dialect.js';
import { WorkerChannel } from './worker-channel.js';
import type { Migration, SqlValue } from './worker-protocol.js';

// - WAL: readers never wait for the writer, and a commit is one append.
// - synchronous: FULL syncs the WAL with each commit, so that what was acknowledged survives a power cut; NORMAL syncs at
//   checkpoints only: a killed process loses nothing, a power cut may lose the last moments, which agents send again.
// - foreign_keys is off in SQLite unless asked for.
// - busy_timeout: this process is the only writer; the wait is for a backup tool or shell that looks in.
// - wal_autocheckpoint: 4,000 pages of 4 KiB. The usual 1,000 make a checkpoint fall into every few large batches.
// - journal_size_limit: a WAL that one large apply grew is cut back at the next checkpoint.
const COMMON = [
  'journal_mode = WAL',
  'foreign_keys = 1',
  'busy_timeout = 5000',
  'wal_autocheckpoint = 4000',
  'journal_size_limit = 67108864',
  'temp_store = MEMORY',
];

export interface DatabaseOptions {
  readonly path: string;
  readonly synchronous: 'FULL' | 'NORMAL';
  readonly migrations: readonly Migration[];
  readonly lockPath?: string;
  /** Freed pages are given back to the file system in steps; for a database that shrinks and grows by whole logs. */
  readonly incrementalVacuum?: boolean;
  readonly cacheMiB?: number;
  readonly workerUrl?: URL;
}

/** One SQLite file behind a worker thread: `read` sees the last commit, `write` belongs to the write queue. */
export interface SqlDatabase<S> {
  readonly read: Kysely<S>;
  readonly write: Kysely<S>;
  readonly channel: WorkerChannel;
}

export async function openDatabase<S>(options: DatabaseOptions): Promise<SqlDatabase<S>> {
  const { path, synchronous, migrations, lockPath, incrementalVacuum = false, cacheMiB = 32 } = options;
  const pragmas = [
    ...(incrementalVacuum ? ['auto_vacuum = INCREMENTAL'] : []), // only works before the first table
    ...COMMON,
    `synchronous = ${synchronous}`,
    `cache_size = -${cacheMiB * 1024}`,
  ];
  const channel = await WorkerChannel.open(
    { path, pragmas, migrations, ...(lockPath === undefined ? {} : { lockPath }) },
    options.workerUrl,
  );
  return {
    channel,
    read: new Kysely<S>({ dialect: workerDialect(channel, 'read') }),
    write: new Kysely<S>({ dialect: workerDialect(channel, 'write') }),
  };
}

/** `column in (values)` as one statement text however many values there are, so that it stays compiled. */
export function inList(column: string, values: readonly (string | number)[]): RawBuilder<boolean> {
  return sql<boolean>`${sql.ref(column)} in (select value from json_each(${JSON.stringify(values)}))`;
}

/** Runs queries on the last commit, all on the same one: they travel in one message and nothing is committed between. */
export async function readTogether(
  channel: WorkerChannel,
  ...queries: readonly Compilable[]
): Promise<(readonly Record<string, unknown>[])[]> {
  const compiled = queries.map((query) => query.compile());
  const results = await Promise.all(
    compiled.map((query) => channel.all('read', query.sql, query.parameters as readonly SqlValue[])),
  );
  return results.map((result) => result.rows);
}
