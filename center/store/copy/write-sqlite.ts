import { closeSync, existsSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { CloudTaskError, syncDirectory } from '../../../base/index.js';
import { migrate } from '../sqlite/migrate.js';
import { migrationsUpTo } from './newest-schema.js';
import { holdsStore, sqliteFiles } from './read-sqlite.js';
import { restoreEntry } from './restore-entry.js';
import {
  type CopiedTable,
  type RestoreEntry,
  type Rows,
  STORE_PARTS,
  type StoreFacts,
  type StorePart,
  type StoreTarget,
} from './store-copy.js';

interface Staged {
  readonly path: string;
  readonly staging: string;
  readonly database: Database.Database;
  /** Taken off while rows are put in: the audit refuses what its triggers do not know. */
  readonly triggers: readonly string[];
}

/** Also of what a store leaves beside its files when its center is killed: SQLite would write that over the restored rows.
 * Throws CT_ALREADY_EXISTS. */
export function requireNoSqliteStore(path: string): void {
  for (const file of Object.values(sqliteFiles(path))) {
    const rest = [`${file}-wal`, `${file}-journal`].find((name) => existsSync(name));
    if (!holdsStore(file) && rest === undefined) continue;
    throw new CloudTaskError('CT_ALREADY_EXISTS', {
      detail: holdsStore(file) ? `there is a store in ${file} already` : `${rest} of another store is there`,
      hint: 'move it away with its -wal, -shm and -journal, or give another --data-dir: nothing is overwritten',
    });
  }
}

/** New files beside those of the store, which get their names with `commit`: that of the definitions last. */
export function stageSqliteStore(
  path: string,
  facts: StoreFacts,
  schema: Readonly<Record<StorePart, number>>,
): StoreTarget {
  requireNoSqliteStore(path);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return new SqliteTarget(path, facts, schema);
}

class SqliteTarget implements StoreTarget {
  private readonly path: string;
  private readonly facts: StoreFacts;
  private readonly staged = new Map<StorePart, Staged>();
  private committed = false;

  constructor(path: string, facts: StoreFacts, schema: Readonly<Record<StorePart, number>>) {
    this.path = path;
    this.facts = facts;
    const files = sqliteFiles(path);
    for (const part of STORE_PARTS) if (schema[part] > 0) this.staged.set(part, stage(files[part], part, schema[part]));
  }

  async put({ part, name, columns }: CopiedTable, rows: Rows): Promise<void> {
    const { database } = this.of(part);
    const places = columns.map(() => '?').join(', ');
    const insert = database.prepare(`insert into ${name} (${columns.join(', ')}) values (${places})`);
    for (const row of rows) insert.run(...row);
  }

  async finish(entry: RestoreEntry): Promise<void> {
    this.writeEntry(entry);
    for (const { database, triggers } of this.staged.values()) {
      this.setSequences(database);
      for (const trigger of triggers) database.exec(trigger);
      database.exec('COMMIT');
      const broken = database.pragma('foreign_key_check') as { table: string }[];
      if (broken.length > 0)
        throw new CloudTaskError('CT_BACKUP_INVALID', `rows of ${broken[0]!.table} refer to rows that are not there`);
      database.close();
    }
  }

  async commit(): Promise<void> {
    requireNoSqliteStore(this.path);
    for (const { staging } of this.staged.values()) {
      const file = await open(staging, 'r+');
      await file.sync().finally(() => file.close());
    }
    // Without its definitions a store is none: they come last.
    for (const part of [...this.staged.keys()].reverse()) {
      const { staging, path } = this.of(part);
      await rename(staging, path);
    }
    this.committed = true;
    await syncDirectory(dirname(this.path));
  }

  async abandon(): Promise<void> {
    if (this.committed) return;
    for (const { database, staging } of this.staged.values()) {
      database.close();
      await rm(staging, { force: true });
    }
  }

  private of(part: StorePart): Staged {
    const staged = this.staged.get(part);
    if (staged === undefined)
      throw new CloudTaskError('CT_BACKUP_INVALID', `the backup has rows of ${part}, and says that it has none`);
    return staged;
  }

  private writeEntry(entry: RestoreEntry): void {
    const { database } = this.of('state');
    const head =
      database.prepare('select seq, hash from audit_entries order by seq desc limit 1').get() ??
      database.prepare('select seq, hash from audit_anchor').get();
    const { columns, values } = restoreEntry(entry, head as { seq: number; hash: string });
    database
      .prepare(`insert into audit_entries (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`)
      .run(...values);
  }

  private setSequences(database: Database.Database): void {
    const counted = database
      .prepare("select name from sqlite_schema where sql like '%AUTOINCREMENT%'")
      .pluck()
      .all() as string[];
    for (const table of counted) {
      const last = this.facts.sequences[table] ?? 0;
      const known = database.prepare('update sqlite_sequence set seq = max(seq, ?) where name = ?').run(last, table);
      if (known.changes === 0)
        database.prepare('insert into sqlite_sequence (name, seq) values (?, ?)').run(table, last);
    }
  }
}

function stage(path: string, part: StorePart, version: number): Staged {
  const staging = `${path}.restoring`;
  for (const file of [staging, `${staging}-journal`]) rmSync(file, { force: true }); // of one that was killed
  closeSync(openSync(staging, 'wx', 0o600));
  const database = new Database(staging);
  // It is thrown away when anything fails, and synced as a whole when nothing does.
  for (const pragma of ['journal_mode = MEMORY', 'synchronous = OFF', 'foreign_keys = 0']) database.pragma(pragma);
  if (part !== 'state') database.pragma('auto_vacuum = INCREMENTAL'); // see openPart
  migrate(database, migrationsUpTo('sqlite', part, version));
  database.exec('BEGIN');
  const found = database.prepare("select name, sql from sqlite_schema where type = 'trigger'").all() as {
    name: string;
    sql: string;
  }[];
  for (const { name } of found) database.exec(`drop trigger ${name}`);
  const tables = database
    .prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'")
    .pluck()
    .all();
  for (const table of tables) database.exec(`delete from ${table}`); // what migrations put there
  return { path, staging, database, triggers: found.map(({ sql }) => sql) };
}
