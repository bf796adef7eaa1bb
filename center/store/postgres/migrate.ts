import type pg from 'pg';
import { CloudTaskError } from '../../../base/index.js';
import type { Migration } from '../sqlite/migrations/migration.js';

/** Any number that no other program of the database uses for its advisory locks: "ctask" in ASCII. */
const LOCK = 0x637461736b;

/**
 * Brings the tables of a part to the newest schema, under a lock: several centers may start at once. All that is missing
 * is one transaction. Throws CT_STORE_NEWER when a later CloudTask has been there, before anything is touched.
 */
export async function migrate(pool: pg.Pool, part: string, migrations: readonly Migration[]): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
    await client.query('create table if not exists schema_versions (part text primary key, version integer not null)');
    const { rows } = await client.query('select version from schema_versions where part = $1', [part]);
    const current = (rows[0] as { version: number } | undefined)?.version ?? 0;
    const newest = migrations.at(-1)?.version ?? 0;
    if (current > newest) {
      throw new CloudTaskError('CT_STORE_NEWER', `the store has schema ${current}; this version knows ${newest}`);
    }
    for (const { version, sql } of migrations) if (version > current) await client.query(sql);
    await client.query(
      'insert into schema_versions values ($1, $2) on conflict (part) do update set version = excluded.version',
      [part, newest],
    );
    await client.query('COMMIT');
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
}
