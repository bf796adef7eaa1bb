import type Database from 'better-sqlite3';
import { CloudTaskError } from '../../../base/index.js';
import type { Migration } from './migrations/migration.js';

/**
 * Brings the database to the newest schema: each migration in a transaction of its own together with its number, which
 * is PRAGMA user_version. Throws CT_STORE_NEWER when a later CloudTask has written the database, before
 * anything is touched.
 */
export function migrate(database: Database.Database, migrations: readonly Migration[]): void {
  const current = database.pragma('user_version', { simple: true }) as number;
  const newest = migrations.at(-1)?.version ?? 0;
  if (current > newest) {
    throw new CloudTaskError('CT_STORE_NEWER', `the store has schema ${current}; this version knows ${newest}`);
  }
  for (const { version, sql } of migrations) {
    if (version <= current) continue;
    database.transaction(() => {
      database.exec(sql);
      database.pragma(`user_version = ${version}`);
    })();
  }
}
