import { type Compilable, Kysely } from 'kysely';
import type pg from 'pg';
import type { CloudTaskError } from '../../../base/index.js';
import type { OpenTransaction, SqlDatabase, SqlRow, SqlValue, Upsert } from '../database.js';
import type { Migration } from '../sqlite/migrations/migration.js';
import type { PostgresAddress } from './connection-url.js';
import { migrate } from './migrate.js';
import { kyselyDialect, postgresDialect, type Queryable } from './postgres-dialect.js';
import { postgresError } from './postgres-errors.js';

/** Of one part of the store: one writes, the others read. */
const CONNECTIONS = 4;
/** A server that does not answer within this is not there. */
const CONNECT_MS = 5000;
/** Longer than any statement of ours takes; then the server ends it. */
const STATEMENT_MS = 30_000;
/** The same from this side, for a connection on which nothing arrives any more. */
const QUERY_MS = 35_000;
/** A center that stops in the middle of a transaction (SIGSTOP, a lost machine) holds the row that all writers need.
 * After this the server takes it away from it, and the others go on. */
const IDLE_IN_TRANSACTION_MS = 4000;
/** Rows per statement; PostgreSQL binds at most 65,535 values at once, and a document should stay within megabytes. */
const ROWS_PER_STATEMENT = 500;
const INT8 = 20;

/** What every connection of ours is opened with. The driver is loaded here: a center on SQLite needs none of it. */
export async function loadDriver(address: PostgresAddress): Promise<{ driver: typeof pg; config: pg.ClientConfig }> {
  const { default: driver } = await import('pg');
  const getTypeParser = ((oid: number, format?: 'text') =>
    oid === INT8 ? Number : driver.types.getTypeParser(oid, format)) as typeof driver.types.getTypeParser;
  return {
    driver,
    config: {
      connectionString: address.url,
      connectionTimeoutMillis: CONNECT_MS,
      statement_timeout: STATEMENT_MS,
      query_timeout: QUERY_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      keepAlive: true,
      application_name: 'cloudtask',
      types: { getTypeParser },
    },
  };
}

/** Connects, and brings the tables of a part up to date. Throws CT_STORE_NEWER, CT_STORE_UNREACHABLE, CT_STORE. */
export async function openPostgres<S>(
  address: PostgresAddress,
  part: string,
  migrations: readonly Migration[],
): Promise<SqlDatabase<S>> {
  const { driver, config } = await loadDriver(address);
  const pool = new driver.Pool({ ...config, max: CONNECTIONS });
  // A connection that breaks while nobody uses it: the pool has dropped it and makes another when it is needed.
  pool.on('error', () => undefined);
  // One that breaks while it is used: its statements are told. Without a listener the event would end the thread.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const database = new PostgresDatabase<S>(pool, address.shown);
  try {
    await migrate(pool, part, migrations);
  } catch (error) {
    await database.close();
    throw database.errorOf(error) ?? error;
  }
  return database;
}

class PostgresDatabase<S> implements SqlDatabase<S> {
  readonly dialect = postgresDialect;
  readonly read: Kysely<S>;
  private readonly pool: pg.Pool;
  private readonly shown: string;

  constructor(pool: pg.Pool, shown: string) {
    this.pool = pool;
    this.shown = shown;
    this.read = new Kysely<S>({ dialect: kyselyDialect(pool) });
  }

  async snapshot(...queries: readonly Compilable[]): Promise<SqlRow[][]> {
    const client = await this.pool.connect();
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      const results: SqlRow[][] = [];
      for (const query of queries) {
        const { sql, parameters } = query.compile();
        results.push((await client.query(sql, [...parameters])).rows as SqlRow[]);
      }
      await client.query('COMMIT');
      client.release();
      return results;
    } catch (error) {
      client.release(true); // whatever state it is in, nobody needs to know
      throw error;
    }
  }

  async begin(): Promise<OpenTransaction<S>> {
    const client = await this.pool.connect();
    try {
      await client.query('BEGIN');
    } catch (error) {
      client.release(true);
      throw error;
    }
    return transactionOn<S>(client);
  }

  errorOf(error: unknown): CloudTaskError | undefined {
    return postgresError(error, this.shown);
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

function transactionOn<S>(client: pg.PoolClient): OpenTransaction<S> {
  const exec = async (text: string) => void (await client.query(text));
  return {
    dialect: postgresDialect,
    write: new Kysely<S>({ dialect: kyselyDialect(client) }),
    upsert: (upsert, rows) => upsertRows(client, upsert, rows),
    savepoint: () => exec('SAVEPOINT job'),
    release: () => exec('RELEASE job'),
    undo: () => exec('ROLLBACK TO job; RELEASE job'),
    async commit() {
      // A transaction in which a statement failed unseen answers COMMIT with ROLLBACK, and without an error.
      const { command } = await client.query('COMMIT');
      if (command !== 'COMMIT')
        throw Object.assign(new Error('the transaction was rolled back'), { code: '40000', severity: 'ERROR' });
      client.release();
    },
    async rollback() {
      try {
        await client.query('ROLLBACK');
        client.release();
      } catch {
        client.release(true); // the server rolls back when the connection is gone
      }
    },
  };
}

async function upsertRows(client: Queryable, upsert: Upsert, rows: readonly (readonly SqlValue[])[]): Promise<void> {
  const once = lastOfEachKey(upsert, rows);
  const binary = once[0]?.some((value) => value instanceof Uint8Array) ?? false;
  for (let start = 0; start < once.length; start += ROWS_PER_STATEMENT) {
    const slice = once.slice(start, start + ROWS_PER_STATEMENT);
    if (binary) await client.query(upsertText(upsert, valuesOf(upsert, slice.length)), slice.flat());
    else await client.query(upsertText(upsert, recordsOf(upsert)), [asJson(upsert, slice)]);
  }
}

/** Many rows in one value: several times faster to bind and to plan than a value for each column of each row. */
function recordsOf({ table, columns }: Upsert): string {
  return `select ${columns.join(', ')} from json_populate_recordset(null::${table}, $1::json)`;
}

function asJson({ columns }: Upsert, rows: readonly (readonly SqlValue[])[]): string {
  return JSON.stringify(rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]]))));
}

/** Bytes have no form in JSON that would be worth the name. */
function valuesOf({ columns }: Upsert, rows: number): string {
  const width = columns.length;
  const tuple = (row: number) => `(${columns.map((_, column) => `$${row * width + column + 1}`).join(', ')})`;
  return `values ${Array.from({ length: rows }, (_, row) => tuple(row)).join(', ')}`;
}

/** PostgreSQL does not update a row twice in one statement. */
function lastOfEachKey({ columns, key }: Upsert, rows: readonly (readonly SqlValue[])[]): (readonly SqlValue[])[] {
  if (key.length === 0) return [...rows];
  const places = key.map((column) => columns.indexOf(column));
  return [...new Map(rows.map((row) => [JSON.stringify(places.map((place) => row[place])), row])).values()];
}

function upsertText({ table, columns, key, update, onlyGreater }: Upsert, rows: string): string {
  const set = update.map((column) => `${column} = excluded.${column}`).join(', ');
  const where = onlyGreater === undefined ? '' : ` where excluded.${onlyGreater} > ${table}.${onlyGreater}`;
  const action = set === '' ? 'nothing' : `update set ${set}${where}`;
  const conflict = key.length === 0 ? '' : ` on conflict (${key.join(', ')}) do ${action}`;
  return `insert into ${table} (${columns.join(', ')}) ${rows}${conflict}`;
}
