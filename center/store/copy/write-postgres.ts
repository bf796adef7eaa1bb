import type pg from 'pg';
import { CloudTaskError } from '../../../base/index.js';
import { postgresError } from '../postgres/postgres-errors.js';
import { migrationsUpTo } from './newest-schema.js';
import { connectForCopy } from './read-postgres.js';
import { restoreEntry } from './restore-entry.js';
import {
  type CopiedTable,
  type RestoreEntry,
  type Rows,
  STORE_PARTS,
  type StoreFacts,
  type StorePart,
  type StorePlace,
  type StoreTarget,
} from './store-copy.js';

/** All of it is one transaction, tables included. Throws CT_ALREADY_EXISTS, CT_STORE, CT_STORE_UNREACHABLE. */
export async function stagePostgresStore(
  place: StorePlace & { kind: 'postgres' },
  facts: StoreFacts,
  schema: Readonly<Record<StorePart, number>>,
): Promise<StoreTarget> {
  const { client, shown } = await connectForCopy(place);
  const target = new PostgresTarget(client, shown, facts, schema);
  try {
    await target.begin();
  } catch (error) {
    await target.abandon();
    throw error;
  }
  return target;
}

/** Throws CT_ALREADY_EXISTS. */
export async function requireNoPostgresStore(place: StorePlace & { kind: 'postgres' }): Promise<void> {
  const { client, shown } = await connectForCopy(place);
  try {
    await requireNone(client, shown);
  } finally {
    await client.end();
  }
}

async function requireNone(client: pg.Client, shown: string): Promise<void> {
  const { rows } = await client.query("select to_regclass('schema_versions') as there");
  if (rows[0].there === null) return;
  throw new CloudTaskError('CT_ALREADY_EXISTS', {
    detail: `there is a store in ${shown} already`,
    hint: 'give an empty database: nothing is overwritten',
  });
}

class PostgresTarget implements StoreTarget {
  private readonly client: pg.Client;
  private readonly shown: string;
  private readonly facts: StoreFacts;
  private readonly schema: Readonly<Record<StorePart, number>>;
  private ended = false;

  constructor(client: pg.Client, shown: string, facts: StoreFacts, schema: Readonly<Record<StorePart, number>>) {
    this.client = client;
    this.shown = shown;
    this.facts = facts;
    this.schema = schema;
  }

  async begin(): Promise<void> {
    await this.run(async () => {
      await this.client.query('BEGIN');
      await requireNone(this.client, this.shown);
      await this.client.query('create table schema_versions (part text primary key, version integer not null)');
      for (const part of STORE_PARTS) {
        if (this.schema[part] === 0) continue;
        for (const { sql } of migrationsUpTo('postgres', part, this.schema[part])) await this.client.query(sql);
        await this.client.query('insert into schema_versions values ($1, $2)', [part, this.schema[part]]);
      }
      for (const table of await this.tables()) {
        await this.client.query(`alter table ${table} disable trigger user`);
        await this.client.query(`delete from ${table}`); // what migrations put there
      }
    });
  }

  async put({ name, columns }: CopiedTable, rows: Rows): Promise<void> {
    const names = columns.join(', ');
    const into = `insert into ${name} (${names}) overriding system value`;
    const bytes = rows[0]?.some((value) => value instanceof Uint8Array) ?? false;
    await this.run(async () => {
      if (bytes) {
        const tuple = (row: number) => `(${columns.map((_, i) => `$${row * columns.length + i + 1}`).join(', ')})`;
        await this.client.query(`${into} values ${rows.map((_, row) => tuple(row)).join(', ')}`, rows.flat());
        return;
      }
      const records = rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])));
      const text = `${into} select ${names} from json_populate_recordset(null::${name}, $1::json)`;
      await this.client.query(text, [JSON.stringify(records)]);
    });
  }

  async finish(entry: RestoreEntry): Promise<void> {
    await this.run(async () => {
      await this.writeEntry(entry);
      for (const table of await this.tables()) await this.client.query(`alter table ${table} enable trigger user`);
      await this.setSequences();
    });
  }

  async commit(): Promise<void> {
    await this.run(async () => {
      const { command } = await this.client.query('COMMIT');
      if (command !== 'COMMIT')
        throw new CloudTaskError('CT_STORE', { subject: this.shown, detail: 'the transaction was rolled back' });
    });
    await this.end();
  }

  /** The server rolls back when the connection is gone. */
  async abandon(): Promise<void> {
    await this.end();
  }

  private async end(): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    await this.client.end();
  }

  private async tables(): Promise<string[]> {
    const { rows } = await this.client.query(
      "select table_name as name from information_schema.tables where table_schema = current_schema() and table_type = 'BASE TABLE' and table_name <> 'schema_versions'",
    );
    const ours = new Set([...this.facts.tables.map(({ name }) => name), 'change_log', 'sessions']);
    return rows.map(({ name }) => name as string).filter((name) => ours.has(name));
  }

  private async writeEntry(entry: RestoreEntry): Promise<void> {
    const last = await this.client.query('select seq, hash from audit_entries order by seq desc limit 1');
    const head = last.rows[0] ?? (await this.client.query('select seq, hash from audit_anchor')).rows[0];
    const { columns, values } = restoreEntry(entry, head);
    const places = columns.map((_, i) => `$${i + 1}`).join(', ');
    await this.client.query(`insert into audit_entries (${columns.join(', ')}) values (${places})`, [...values]);
  }

  private async setSequences(): Promise<void> {
    const ours = new Set(this.facts.tables.map(({ name }) => name));
    const { rows } = await this.client.query(
      `select table_name as table, column_name as name, pg_get_serial_sequence(quote_ident(table_name), column_name) as sequence
       from information_schema.columns where table_schema = current_schema() and is_identity = 'YES'`,
    );
    for (const { table, name, sequence } of rows) {
      if (!ours.has(table)) continue;
      const last = this.facts.sequences[table] ?? 0;
      await this.client.query(
        `select setval($1, greatest((select coalesce(max(${name}), 0) from ${table}), $2::bigint, 1),
           greatest((select coalesce(max(${name}), 0) from ${table}), $2::bigint) > 0)`,
        [sequence, last],
      );
    }
  }

  /** In words of the store. */
  private async run(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw postgresError(error, this.shown) ?? error;
    }
  }
}
