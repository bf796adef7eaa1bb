import { CloudTaskError } from '../../../base/index.js';
import * as postgres from '../postgres/migrations.js';
import * as sqlite from '../sqlite/migrations/index.js';
import type { Migration } from '../sqlite/migrations/migration.js';
import type { StoreFacts, StorePart } from './store-copy.js';

type Engine = StoreFacts['engine'];

const MIGRATIONS: Readonly<Record<Engine, Readonly<Record<StorePart, readonly Migration[]>>>> = {
  sqlite: { state: sqlite.stateMigrations, logs: sqlite.logMigrations, packages: sqlite.packageMigrations },
  postgres: {
    state: postgres.stateMigrations,
    logs: [postgres.logChunks, postgres.bytesOfTasks],
    packages: [postgres.packageBlobs],
  },
};

/** Those that bring an empty database to the schema of the copy. */
export function migrationsUpTo(engine: Engine, part: StorePart, version: number): readonly Migration[] {
  return MIGRATIONS[engine][part].filter((migration) => migration.version <= version);
}

/** What this version brings a part to. */
export const newest = (engine: Engine, part: StorePart): number => MIGRATIONS[engine][part].at(-1)?.version ?? 0;

/** Schemas that a copy from `facts` gets in a store of this kind. Throws CT_STORE_NEWER, CT_BACKUP_INVALID. */
export function schemaFor(engine: Engine, facts: StoreFacts): Record<StorePart, number> {
  const schema = { ...facts.schema };
  for (const part of Object.keys(schema) as StorePart[]) {
    const [was, known] = [schema[part], newest(facts.engine, part)];
    if (was > known) {
      throw new CloudTaskError('CT_STORE_NEWER', {
        detail: `the backup has schema ${was} of ${part}; this version knows ${known}`,
        hint: 'use a ctask that is as new as the center that the backup was made of',
      });
    }
    if (was === 0 || engine === facts.engine) continue;
    if (was < known) {
      throw new CloudTaskError('CT_BACKUP_INVALID', {
        detail: `the backup is of an older store (schema ${was} of ${part}, now ${known}), which only a database of its own kind takes`,
        hint: `restore it to ${facts.engine === 'sqlite' ? 'SQLite' : 'PostgreSQL'}, start a center on it, and make a new backup`,
      });
    }
    schema[part] = newest(engine, part);
  }
  return schema;
}
