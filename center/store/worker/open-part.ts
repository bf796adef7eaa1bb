import { LocalFeed, readVersion } from '../change-feed.js';
import { LogRepository } from '../log-repository.js';
import type { LogSchema, StateSchema } from '../schema.js';
import { logMigrations, stateMigrations } from '../sqlite/migrations/index.js';
import { openSqlite } from '../sqlite/sqlite-database.js';
import { StateRepository } from '../state-repository.js';
import type { Host, Part } from './host.js';
import type { WorkerOptions } from './protocol.js';

/** Opens the database of a part and puts its repository in front of it. */
export async function openPart(options: WorkerOptions, host: Host): Promise<Part> {
  return options.part === 'state' ? openState(options, host) : openLogs(options, host);
}

async function openState({ engine }: WorkerOptions, host: Host): Promise<Part> {
  const { now } = host;
  const database = openSqlite<StateSchema>({ ...engine, migrations: stateMigrations });
  const version = await readVersion({ write: database.read }, false);
  const feed = new LocalFeed(version, (changes, reached) => host.tell({ changes, version: reached }));
  const methods = new StateRepository({ database, feed, now });
  await methods.prepare();
  return {
    version,
    methods,
    errorOf: (error) => database.errorOf(error),
    async close() {
      await methods.close();
      await feed.close();
      await database.close();
    },
  };
}

async function openLogs({ engine }: WorkerOptions, host: Host): Promise<Part> {
  const database = openSqlite<LogSchema>({
    ...engine,
    ...{ migrations: logMigrations, incrementalVacuum: true, cacheMiB: 8 },
  });
  const methods = new LogRepository({ database, now: host.now, appended: (appended) => host.tell({ appended }) });
  return {
    version: 0,
    methods,
    errorOf: (error) => database.errorOf(error),
    async close() {
      await methods.close();
      await database.close();
    },
  };
}
