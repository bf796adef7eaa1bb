import { existsSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { CloudTaskError } from '../../../base/index.js';
import type { SqlValue } from '../database.js';
import {
  type CopiedTable,
  copiedTables,
  identityText,
  type Rows,
  type StoreFacts,
  type StorePart,
  type StoreSource,
} from './store-copy.js';

/** Rows of log output are up to a megabyte each. */
const ROWS_PER_SLICE = 100;

/** Where the parts lie, without making anything; see storeFiles. */
export function sqliteFiles(path: string): Record<StorePart, string> {
  const base = path.replace(/\.(db|sqlite)$/, '');
  return { state: path, logs: `${base}-logs.db`, packages: `${base}-packages.db` };
}

/**
 * Each part is read in one transaction, begun before any row is read: a center that writes meanwhile is neither seen nor
 * held up (WAL); its WAL grows until the copy is made. Definitions come first: the bytes they refer to are there by then.
 * Throws CT_NOT_FOUND, CT_STORE.
 */
export function openSqliteSource(path: string, parts: readonly StorePart[]): StoreSource {
  const files = sqliteFiles(path);
  if (!holdsStore(path)) {
    throw new CloudTaskError('CT_NOT_FOUND', {
      detail: `there is no store in ${path}`,
      hint: "of 'ctask up': --up; of a center, its --data-dir or --store",
    });
  }
  const open = new Map<StorePart, Database.Database>();
  try {
    for (const part of parts) if (holdsStore(files[part])) open.set(part, snapshot(files[part]));
  } catch (cause) {
    for (const database of open.values()) database.close();
    throw new CloudTaskError('CT_STORE', { subject: path, detail: (cause as Error).message, cause });
  }
  return new SqliteSource(open);
}

/** A file of no bytes is one that was made and never used. */
export function holdsStore(path: string): boolean {
  return existsSync(path) && statSync(path).size > 0;
}

function snapshot(path: string): Database.Database {
  const database = new Database(path, { fileMustExist: true });
  database.pragma('query_only = 1');
  database.pragma('busy_timeout = 5000');
  database.exec('BEGIN');
  database.prepare('select count(*) from sqlite_schema').get(); // the first read is what the transaction sees from then on
  return database;
}

class SqliteSource implements StoreSource {
  readonly facts: StoreFacts;
  private readonly open: ReadonlyMap<StorePart, Database.Database>;

  constructor(open: ReadonlyMap<StorePart, Database.Database>) {
    this.open = open;
    const schema = { state: 0, packages: 0, logs: 0 };
    const columns = new Map<string, string[]>();
    const sequences: Record<string, number> = {};
    for (const [part, database] of open) {
      schema[part] = database.pragma('user_version', { simple: true }) as number;
      for (const [table, names] of columnsOf(database)) columns.set(table, names);
      Object.assign(sequences, sequencesOf(database));
    }
    const state = open.get('state')!;
    const counter = (name: string) =>
      state.prepare('select value from counters where name = ?').pluck().get(name) as number | undefined;
    this.facts = {
      ...{ engine: 'sqlite', schema, sequences, tables: copiedTables(columns, [...open.keys()]) },
      identity: identityText(counter('identity')),
      resourceVersion: counter('resource_version') ?? 0,
      checkpoint: Number(state.prepare('select number from checkpoints').pluck().get() ?? 0),
    };
  }

  async *rows({ part, name, columns }: CopiedTable): AsyncGenerator<Rows> {
    const database = this.open.get(part)!;
    const key = (
      database
        .prepare(`select name from pragma_table_info('${name}') where pk > 0 order by pk`)
        .pluck()
        .all() as string[]
    ).join(', ');
    const order = key === '' ? '' : ` order by ${key}`;
    let slice: SqlValue[][] = [];
    for (const row of database
      .prepare(`select ${columns.join(', ')} from ${name}${order}`)
      .raw()
      .iterate()) {
      slice.push(row as SqlValue[]);
      if (slice.length < ROWS_PER_SLICE) continue;
      yield slice;
      slice = [];
    }
    if (slice.length > 0) yield slice;
  }

  async close(): Promise<void> {
    for (const database of this.open.values()) database.close();
  }
}

/** Without columns that the database works out by itself. */
function columnsOf(database: Database.Database): Map<string, string[]> {
  const tables = database
    .prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'")
    .pluck()
    .all() as string[];
  const columns = database.prepare('select name from pragma_table_xinfo(?) where hidden = 0').pluck();
  return new Map(tables.map((table) => [table, columns.all(table) as string[]]));
}

function sequencesOf(database: Database.Database): Record<string, number> {
  const counted = database.prepare("select 1 from sqlite_schema where name = 'sqlite_sequence'").get();
  if (counted === undefined) return {};
  const rows = database.prepare('select name, seq from sqlite_sequence').all() as { name: string; seq: number }[];
  return Object.fromEntries(rows.map(({ name, seq }) => [name, seq]));
}
