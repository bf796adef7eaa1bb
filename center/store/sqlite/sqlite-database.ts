import Database from 'better-sqlite3';
import { type Compilable, Kysely } from 'kysely';
import { CloudTaskError } from '../../../base/index.js';
import type { OpenTransaction, SqlDatabase, SqlRow, SqlValue, Upsert } from '../database.js';
import { migrate } from './migrate.js';
import type { Migration } from './migrations/migration.js';
import { SqliteConnection } from './sqlite-connection.js';
import { kyselyDialect, sqliteDialect } from './sqlite-dialect.js';

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

export interface SqliteOptions {
  readonly path: string;
  readonly synchronous: 'FULL' | 'NORMAL';
  readonly migrations: readonly Migration[];
  /** A file whose lock says that this process owns the database; none for a database that its owner guards already. */
  readonly lockPath?: string;
  /** Freed pages are given back to the file system in steps; for a database that shrinks and grows by whole logs. */
  readonly incrementalVacuum?: boolean;
  readonly cacheMiB?: number;
}

/** Opens and migrates one SQLite file in this thread. Throws CT_STORE_NEWER, CT_LOCKED, and what SQLite throws. */
export function openSqlite<S>(options: SqliteOptions): SqlDatabase<S> {
  const { path, synchronous, migrations, lockPath, incrementalVacuum = false, cacheMiB = 32 } = options;
  const guard = lockPath === undefined ? undefined : lock(lockPath);
  const connect = (writes: boolean): SqliteConnection => {
    const database = new Database(path);
    if (incrementalVacuum) database.pragma('auto_vacuum = INCREMENTAL'); // only works before the first table
    for (const pragma of COMMON) database.pragma(pragma);
    database.pragma(`synchronous = ${synchronous}`);
    database.pragma(`cache_size = -${cacheMiB * 1024}`);
    return new SqliteConnection(database, writes);
  };
  const write = connect(true);
  migrate(write.database, migrations);
  const read = connect(false);
  read.database.pragma('query_only = 1');
  return new SqliteDatabase<S>(path, write, read, guard);
}

/** Takes the lock that another center on the same data directory would need, for as long as this process lives: the
 * kernel drops it however the process ends. */
function lock(path: string): Database.Database {
  const database = new Database(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw new CloudTaskError('CT_LOCKED', { subject: path, detail: 'another process uses the store', cause });
  }
  return database;
}

/** Two connections to one file: one writes, the other sees the last commit while a transaction is open on the first. */
class SqliteDatabase<S> implements SqlDatabase<S> {
  readonly dialect = sqliteDialect;
  readonly read: Kysely<S>;
  private readonly path: string;
  private readonly readConnection: SqliteConnection;
  private readonly writeConnection: SqliteConnection;
  private readonly guard: Database.Database | undefined;
  private readonly transaction: OpenTransaction<S>;

  constructor(path: string, write: SqliteConnection, read: SqliteConnection, guard: Database.Database | undefined) {
    this.path = path;
    this.readConnection = read;
    this.writeConnection = write;
    this.guard = guard;
    this.read = new Kysely<S>({ dialect: kyselyDialect(read) });
    this.transaction = transactionOn<S>(write);
  }

  /** Without a turn in between: nothing can be committed meanwhile. */
  async snapshot(...queries: readonly Compilable[]): Promise<SqlRow[][]> {
    return queries.map((query) => {
      const { sql, parameters } = query.compile();
      return this.readConnection.execute(sql, parameters).rows;
    });
  }

  async begin(): Promise<OpenTransaction<S>> {
    this.writeConnection.database.exec('BEGIN IMMEDIATE');
    return this.transaction;
  }

  errorOf(error: unknown): CloudTaskError | undefined {
    const code = (error as { code?: unknown } | null)?.code;
    if (typeof code !== 'string' || !code.startsWith('SQLITE_') || !(error instanceof Error)) return undefined;
    return new CloudTaskError('CT_STORE', { detail: `${error.message} (${code})`, subject: this.path });
  }

  async close(): Promise<void> {
    this.readConnection.database.close();
    this.writeConnection.database.close();
    this.guard?.close();
  }
}

function transactionOn<S>(connection: SqliteConnection): OpenTransaction<S> {
  const exec = async (text: string) => void connection.database.exec(text);
  return {
    dialect: sqliteDialect,
    write: new Kysely<S>({ dialect: kyselyDialect(connection) }),
    upsert: async (upsert, rows) => connection.many(upsertText(upsert), rows as readonly (readonly SqlValue[])[]),
    savepoint: () => exec('SAVEPOINT job'),
    release: () => exec('RELEASE job'),
    undo: () => exec('ROLLBACK TO job; RELEASE job'),
    commit: () => exec('COMMIT'),
    async rollback() {
      if (connection.database.inTransaction) await exec('ROLLBACK').catch(() => undefined); // SQLite did it by itself
    },
  };
}

const texts = new WeakMap<Upsert, string>();

function upsertText(upsert: Upsert): string {
  let text = texts.get(upsert);
  if (text === undefined) {
    const { table, columns, key, update, onlyGreater } = upsert;
    const set = update.map((column) => `${column} = excluded.${column}`).join(', ');
    const where = onlyGreater === undefined ? '' : ` where excluded.${onlyGreater} > ${table}.${onlyGreater}`;
    const conflict =
      key.length === 0
        ? ''
        : ` on conflict (${key.join(', ')}) do ${set === '' ? 'nothing' : `update set ${set}${where}`}`;
    text = `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})${conflict}`;
    texts.set(upsert, text);
  }
  return text;
}
