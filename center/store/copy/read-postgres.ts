import type pg from 'pg';
import { CloudTaskError } from '../../../base/index.js';
import type { SqlValue } from '../database.js';
import { postgresAddress } from '../postgres/connection-url.js';
import { loadDriver } from '../postgres/postgres-database.js';
import { postgresError } from '../postgres/postgres-errors.js';
import {
  type CopiedTable,
  copiedTables,
  identityText,
  type Rows,
  type StoreFacts,
  type StorePart,
  type StorePlace,
  type StoreSource,
} from './store-copy.js';

/** Rows of log output are up to a megabyte each. */
const ROWS_PER_SLICE = 100;

/** A connection for one long transaction: the time limits of a center's short ones do not hold. Throws CT_STORE_UNREACHABLE. */
export async function connectForCopy(
  place: StorePlace & { kind: 'postgres' },
): Promise<{ client: pg.Client; shown: string }> {
  const { url, shown } = postgresAddress(place.url, place.password);
  const { driver, config } = await loadDriver({ url, shown });
  const { query_timeout: _, ...rest } = config;
  const client = new driver.Client({ ...rest, statement_timeout: 0, idle_in_transaction_session_timeout: 0 });
  client.on('error', () => undefined); // its next statement says so
  try {
    await client.connect();
  } catch (error) {
    throw postgresError(error, shown) ?? error;
  }
  return { client, shown };
}

/** One transaction that sees one commit (repeatable read). Throws CT_NOT_FOUND, CT_STORE, CT_STORE_UNREACHABLE. */
export async function openPostgresSource(
  place: StorePlace & { kind: 'postgres' },
  parts: readonly StorePart[],
): Promise<StoreSource> {
  const { client, shown } = await connectForCopy(place);
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    return new PostgresSource(client, await factsOf(client, shown, parts), shown);
  } catch (error) {
    await client.end();
    throw postgresError(error, shown) ?? error;
  }
}

async function factsOf(client: pg.Client, shown: string, parts: readonly StorePart[]): Promise<StoreFacts> {
  const rowsOf = async <T>(text: string) => (await client.query(text)).rows as T[];
  const [there] = await rowsOf<{ there: string | null }>("select to_regclass('schema_versions') as there");
  if (there?.there === null) throw new CloudTaskError('CT_NOT_FOUND', `there is no store in ${shown}`);
  const schema = { state: 0, packages: 0, logs: 0 };
  for (const { part, version } of await rowsOf<{ part: StorePart; version: number }>(
    'select part, version from schema_versions',
  ))
    if (parts.includes(part)) schema[part] = version;
  const columns = new Map<string, string[]>();
  const sequences: Record<string, number> = {};
  const found = await rowsOf<{ table: string; name: string; sequence: string | null }>(`
    select c.table_name as table, c.column_name as name,
      case when c.is_identity = 'YES' then pg_get_serial_sequence(quote_ident(c.table_name), c.column_name) end as sequence
    from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = current_schema() and t.table_type = 'BASE TABLE' and c.is_generated = 'NEVER'
    order by c.table_name, c.ordinal_position`);
  for (const { table, name, sequence } of found) {
    columns.set(table, [...(columns.get(table) ?? []), name]);
    if (sequence === null) continue;
    const [last] = await rowsOf<{ last: number }>(
      `select case when is_called then last_value else 0 end as last from ${sequence}`,
    );
    sequences[table] = last?.last ?? 0;
  }
  const counters = await rowsOf<{ name: string; value: number }>('select name, value from counters');
  const counter = (name: string) => counters.find((row) => row.name === name)?.value;
  const [checkpoint] = await rowsOf<{ number: number }>('select number from checkpoints');
  return {
    ...{ engine: 'postgres', schema, sequences, tables: copiedTables(columns, parts) },
    identity: identityText(counter('identity')),
    resourceVersion: counter('resource_version') ?? 0,
    checkpoint: checkpoint?.number ?? 0,
  };
}

class PostgresSource implements StoreSource {
  readonly facts: StoreFacts;
  private readonly client: pg.Client;
  private readonly shown: string;

  constructor(client: pg.Client, facts: StoreFacts, shown: string) {
    this.client = client;
    this.facts = facts;
    this.shown = shown;
  }

  async *rows({ name, columns }: CopiedTable): AsyncGenerator<Rows> {
    try {
      const { rows: keys } = await this.client.query(
        `select a.attname as name from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
         where i.indrelid = to_regclass($1) and i.indisprimary order by array_position(i.indkey::int[], a.attnum::int)`,
        [name],
      );
      const key = keys.map(({ name }) => name).join(', ');
      const order = key === '' ? '' : ` order by ${key}`;
      await this.client.query(`declare copied cursor for select ${columns.join(', ')} from ${name}${order}`);
      for (;;) {
        const { rows } = await this.client.query({ text: `fetch ${ROWS_PER_SLICE} from copied`, rowMode: 'array' });
        if (rows.length === 0) break;
        yield rows as SqlValue[][];
      }
      await this.client.query('close copied');
    } catch (error) {
      throw postgresError(error, this.shown) ?? error;
    }
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}
