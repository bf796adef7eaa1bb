// schema.sql is what the migrations come to: committed, so that a change of them shows as a change of tables.
// CTASK_TEST_UPDATE=1 writes it anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import t from 'tap';
import { migrate } from './migrate.js';
import { logMigrations, packageMigrations, stateMigrations } from './migrations/index.js';
import type { Migration } from './migrations/migration.js';

const FILE = fileURLToPath(new URL('./schema.sql', import.meta.url));

function dump(title: string, migrations: readonly Migration[]): string {
  const database = new Database(':memory:');
  migrate(database, migrations);
  const rows = database
    .prepare("select sql from sqlite_schema where sql is not null order by type = 'index', name")
    .all() as { sql: string }[];
  const version = database.pragma('user_version', { simple: true });
  database.close();
  return `-- ${title}: schema ${version}\n\n${rows.map(({ sql }) => `${sql};\n`).join('\n')}`;
}

t.test('schema.sql is what the migrations come to', async (t) => {
  const parts = [
    dump('store.db', stateMigrations),
    dump('store-logs.db', logMigrations),
    dump('store-packages.db', packageMigrations),
  ];
  const schema = parts.join('\n');
  if (process.env.CTASK_TEST_UPDATE === '1') writeFileSync(FILE, schema);
  t.equal(readFileSync(FILE, 'utf8'), schema);
});

t.test('migrations are numbered without gaps', async (t) => {
  for (const migrations of [stateMigrations, logMigrations, packageMigrations]) {
    t.same(
      migrations.map(({ version }) => version),
      migrations.map((_, i) => i + 1),
    );
  }
});
