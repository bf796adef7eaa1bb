import { existsSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { CloudTaskError, messageOf } from '../../../base/index.js';
import { newest } from '../copy/newest-schema.js';
import { holdsStore, sqliteFiles } from '../copy/read-sqlite.js';
import { identityText, STORE_PARTS, type StorePart } from '../copy/store-copy.js';
import { AMOUNTS, type PartFacts, type StoreInspection } from './index.js';

/** Of each part: whoever has one problem more than this restores a backup in any case. */
const PROBLEMS_MAX = 5;
const BUSY_MS = 5000;
/** Codes that speak of what is in the file. All others say that it could not be looked at: rights, locks, a disk. */
const DAMAGED = /^SQLITE_(CORRUPT|NOTADB|FORMAT)/;

/** A file that is damaged is told of, not thrown. Throws CT_NOT_FOUND. */
export async function inspectSqlite(path: string): Promise<StoreInspection> {
  if (!holdsStore(path)) throw new CloudTaskError('CT_NOT_FOUND', `there is no store in ${path}`);
  const files = sqliteFiles(path);
  const parts = STORE_PARTS.filter((part) => holdsStore(files[part])).map((part) => inspectPart(part, files[part]));
  const { amounts, identity = '' } = readState(path) ?? {};
  const disk = await diskOf(path);
  return {
    ...{ engine: 'sqlite', version: versionOf(), shown: path, identity },
    bytes: parts.reduce((sum, part) => sum + (part.bytes ?? 0), 0),
    parts,
    ...(amounts === undefined ? {} : { amounts }),
    ...(disk === undefined ? {} : { disk }),
  };
}

function inspectPart(part: StorePart, file: string): PartFacts {
  const facts = { part, file, newest: newest('sqlite', part), bytes: sizeOf(file) + sizeOf(`${file}-wal`) };
  try {
    return using(file, (database) => ({
      ...facts,
      schema: database.pragma('user_version', { simple: true }) as number,
      problems: (database.pragma(`quick_check(${PROBLEMS_MAX})`) as { quick_check: string }[])
        .map(({ quick_check }) => quick_check)
        .filter((problem) => problem !== 'ok'),
    }));
  } catch (error) {
    const damaged = DAMAGED.test(sqliteCode(error));
    return { ...facts, schema: 0, ...(damaged ? { problems: [messageOf(error)] } : { unread: messageOf(error) }) };
  }
}

const sqliteCode = (error: unknown): string => (error instanceof Database.SqliteError ? error.code : '');

/** undefined for one that cannot be read: what is wrong with it has been found by then. */
function readState(path: string): Pick<StoreInspection, 'amounts' | 'identity'> | undefined {
  try {
    return using(path, (database) => ({
      identity: identityText(
        database.prepare("select value from counters where name = 'identity'").pluck().get() as number | undefined,
      ),
      amounts: database.prepare(AMOUNTS).get() as NonNullable<StoreInspection['amounts']>,
    }));
  } catch {
    return undefined;
  }
}

/** Leaves the files as they were. Read-only a database without a WAL would get one, which stays, of the wrong owner perhaps; and the
 * last to close one that could write would put what a center has left in its WAL into the database. */
function using<T>(file: string, read: (database: Database.Database) => T): T {
  const database = new Database(file, { fileMustExist: true, readonly: existsSync(`${file}-wal`) });
  try {
    database.pragma('query_only = 1');
    database.pragma(`busy_timeout = ${BUSY_MS}`);
    return read(database);
  } finally {
    database.close();
  }
}

function versionOf(): string {
  const database = new Database(':memory:');
  try {
    return database.prepare('select sqlite_version()').pluck().get() as string;
  } finally {
    database.close();
  }
}

const sizeOf = (file: string): number => (existsSync(file) ? statSync(file).size : 0);

async function diskOf(path: string): Promise<StoreInspection['disk']> {
  try {
    const { bsize, bavail, blocks } = await statfs(dirname(path));
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch {
    return undefined; // a file system that does not tell
  }
}
