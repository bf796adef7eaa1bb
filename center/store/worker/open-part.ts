import { type ChangeFeed, LocalFeed, readVersion } from '../change-feed.js';
import type { SqlDatabase } from '../database.js';
import { LogRepository } from '../log-repository.js';
import { PackageRepository } from '../packages/package-repository.js';
import { LogNotices } from '../postgres/log-notices.js';
import * as postgres from '../postgres/migrations.js';
import { openPostgres } from '../postgres/postgres-database.js';
import { SharedFeed } from '../postgres/shared-feed.js';
import type { LogSchema, PackageSchema, StateSchema } from '../schema.js';
import { logMigrations, packageMigrations, stateMigrations } from '../sqlite/migrations/index.js';
import { openSqlite } from '../sqlite/sqlite-database.js';
import { StateRepository } from '../state-repository.js';
import type { Host, Part } from './host.js';
import type { WorkerOptions } from './protocol.js';

/** Opens the database of a part and puts its repository in front of it. */
export async function openPart(options: WorkerOptions, host: Host): Promise<Part> {
  switch (options.part) {
    case 'state':
      return openState(options, host);
    case 'logs':
      return openLogs(options, host);
    case 'packages':
      return openPackages(options, host);
  }
}

async function openState({ engine }: WorkerOptions, host: Host): Promise<Part> {
  const database =
    engine.kind === 'sqlite'
      ? openSqlite<StateSchema>({ ...engine, migrations: stateMigrations })
      : await openPostgres<StateSchema>(engine.address, 'state', postgres.stateMigrations);
  const version = await readVersion({ write: database.read }, false);
  const feed = openFeed(engine, database, host, version);
  const methods = new StateRepository({ database, feed, now: host.now });
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

function openFeed(
  engine: WorkerOptions['engine'],
  database: SqlDatabase<StateSchema>,
  host: Host,
  position: number,
): ChangeFeed {
  const publish = (changes: Parameters<ConstructorParameters<typeof LocalFeed>[1]>[0], version: number) =>
    host.tell({ changes, version });
  if (engine.kind === 'sqlite') return new LocalFeed(position, publish);
  const { address } = engine;
  const feed = new SharedFeed({ database, address, position, publish, broken: endThread });
  feed.start();
  return feed;
}

/** Ends the thread with an error that its owner sees. */
function endThread(error: Error): void {
  setImmediate(() => {
    throw error;
  });
}

async function openLogs({ engine }: WorkerOptions, host: Host): Promise<Part> {
  const { now } = host;
  const appended: ConstructorParameters<typeof LogRepository>[0]['appended'] = (positions) =>
    host.tell({ appended: positions });
  if (engine.kind === 'sqlite') {
    const options = { ...engine, migrations: logMigrations, incrementalVacuum: true, cacheMiB: 8 };
    const database = openSqlite<LogSchema>(options);
    return bytesPart(database, new LogRepository({ database, now, appended }));
  }
  const database = await openPostgres<LogSchema>(engine.address, 'logs', [postgres.logChunks, postgres.bytesOfTasks]);
  const notices = new LogNotices(engine.address, appended);
  notices.start();
  const announce: LogNotices['announce'] = (tx, positions) => notices.announce(tx, positions);
  const methods = new LogRepository({ database, now, appended, announce });
  return bytesPart(database, methods, () => notices.close());
}

async function openPackages({ engine }: WorkerOptions, { now }: Host): Promise<Part> {
  const database =
    engine.kind === 'sqlite'
      ? openSqlite<PackageSchema>({ ...engine, migrations: packageMigrations, incrementalVacuum: true, cacheMiB: 8 })
      : await openPostgres<PackageSchema>(engine.address, 'packages', [postgres.packageBlobs]);
  return bytesPart(database, new PackageRepository({ database, now }));
}

/** A part that has no changes to tell. */
function bytesPart<S>(
  database: SqlDatabase<S>,
  methods: LogRepository | PackageRepository,
  before?: () => Promise<void>,
): Part {
  return {
    version: 0,
    methods,
    errorOf: (error) => database.errorOf(error),
    async close() {
      await methods.close();
      await before?.();
      await database.close();
    },
  };
}
