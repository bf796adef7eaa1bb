// How much there is in the store, for people who ask how it is. Reads only.
import { sql } from 'kysely';
import type { SqlDatabase } from './database.js';
import type { StateSchema } from './schema.js';

/** Times are wall time, ms. */
export interface StoredAmounts {
  readonly engine: 'sqlite' | 'postgres';
  /** Clock of the database server; absent where it is that of the center. */
  readonly time?: number;
  readonly bytes: number;
  readonly objects: Readonly<Record<string, number>>;
  readonly runs: number;
  readonly openRuns: number;
  readonly events: number;
  readonly auditEntries: number;
  readonly outbox: {
    readonly pending: number;
    readonly retried: number;
    readonly oldest?: number;
    readonly failed: number;
  };
  readonly agentCertificates: readonly { readonly agent: string; readonly expires: number }[];
}

type Db = SqlDatabase<StateSchema>;

export async function readAmounts(database: Db): Promise<StoredAmounts> {
  const { read } = database;
  const kinds = await read
    .selectFrom('objects')
    .select(['kind', sql<number>`count(*)`.as('count')])
    .groupBy('kind')
    .orderBy('kind')
    .execute();
  const agents = await read.selectFrom('agent_identities').select(['agent', 'expires_time']).orderBy('agent').execute();
  return {
    ...(await ofServer(database)),
    objects: Object.fromEntries(kinds.map(({ kind, count }) => [kind, Number(count)])),
    runs: await countOf(database, 'runs'),
    openRuns: Number(
      (
        await read
          .selectFrom('runs')
          .select(sql<number>`count(*)`.as('count'))
          .where('final', '=', 0)
          .executeTakeFirst()
      )?.count ?? 0,
    ),
    events: await countOf(database, 'events'),
    auditEntries: await countOf(database, 'audit_entries'),
    outbox: await ofOutbox(database),
    agentCertificates: agents.map(({ agent, expires_time }) => ({ agent, expires: Number(expires_time) })),
  };
}

async function countOf({ read }: Db, table: 'runs' | 'events' | 'audit_entries'): Promise<number> {
  const row = await read.selectFrom(table).select(sql<number>`count(*)`.as('count')).executeTakeFirst();
  return Number(row?.count ?? 0);
}

async function ofServer({ dialect, read }: Db): Promise<Pick<StoredAmounts, 'engine' | 'time' | 'bytes'>> {
  if (dialect.name === 'sqlite') {
    const { rows } = await sql<{ bytes: number }>`
      select page_count * page_size as bytes from pragma_page_count(), pragma_page_size()`.execute(read);
    return { engine: 'sqlite', bytes: Number(rows[0]?.bytes ?? 0) };
  }
  const { rows } = await sql<{ bytes: number; time: number }>`
    select pg_database_size(current_database())::float8 as bytes,
      (extract(epoch from clock_timestamp()) * 1000)::float8 as time`.execute(read);
  return { engine: 'postgres', time: Math.round(Number(rows[0]?.time)), bytes: Number(rows[0]?.bytes ?? 0) };
}

async function ofOutbox({ read }: Db): Promise<StoredAmounts['outbox']> {
  const rows = await read
    .selectFrom('notifications')
    .select([
      'state',
      sql<number>`count(*)`.as('count'),
      sql<number>`sum(case when attempts > 0 then 1 else 0 end)`.as('tried'),
      sql<number>`min(created_time)`.as('oldest'),
    ])
    .groupBy('state')
    .execute();
  const of = (state: string) => rows.find((row) => row.state === state);
  const pending = of('Pending');
  return {
    pending: Number(pending?.count ?? 0),
    retried: Number(pending?.tried ?? 0),
    ...(pending === undefined ? {} : { oldest: Number(pending.oldest) }),
    failed: Number(of('Failed')?.count ?? 0),
  };
}
