// Puts a backup into new places. Everything is looked at first; then the store is staged, coordination written, and the store put in its
// place. A coordination without its store starts nothing, a store without its coordination would: so this order.
import { mkdir, readFile, rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { CloudTaskError, messageOf, systemClock, writeFileDurably } from '../../../base/index.js';
import { requireNoStore, type StoreTarget, stageStore } from '../../../center/store/copy/index.js';
import {
  type CoordinationCopy,
  type Coordinator,
  requireEmptyRoot,
  requireNoCenter,
  storeIdOf,
  writeCoordinationCopy,
} from '../../../coordination/index.js';
import { authOf, type CoordinationAuth, centerCoordinationAuth, readSecret } from '../coordination-secret.js';
import { invalid } from './archive.js';
import { type CheckedBackup, checkBackup, piecesOf } from './check-backup.js';
import { keyPath } from './make-backup.js';
import { coordinated, type Installation } from './places.js';
import { ArchiveReader } from './read-archive.js';
import type { Progress } from './say.js';

export interface RestoreOptions {
  /** Coordination was not lost, and stays as it is. */
  readonly keepCoordination: boolean;
  readonly signal: AbortSignal;
}

/**
 * All of it, or nothing that a center would take for an installation. Throws CT_BACKUP_INVALID, CT_NOT_FOUND, CT_STORE_NEWER,
 * CT_ALREADY_EXISTS, CT_LOCKED, CT_FOREIGN_ROOT, CT_COORDINATION, CT_STORE, CT_STORE_UNREACHABLE.
 */
export async function restoreBackup(
  path: string,
  installation: Installation,
  { keepCoordination, signal }: RestoreOptions,
  progress: Progress,
): Promise<CheckedBackup> {
  const backup = await checkBackup(path);
  progress.step(`${path} is whole: of ${backup.manifest.time}, ${backup.rows} rows`);
  if (backup.broken !== undefined)
    progress.step(
      `warning: the audit of writes was broken when the backup was made, at entry ${backup.broken.sequence}; it stays so`,
    );
  await requireNoStore(installation.store, backup.manifest);
  const keys = await newKeys(installation, backup);
  const auth = await authFor(installation, backup);
  const mayWrite = (coordinator: Coordinator, alone: boolean) =>
    requirePlace(coordinator, alone, installation, backup, keepCoordination);
  // Before the long work, so that a wrong place is said at once; and again before it is written to.
  if (!keepCoordination || installation.zookeeper !== undefined) await coordinated(installation, auth, mayWrite);
  const target = await stageStore(installation.store, backup.manifest);
  const written: string[] = [];
  try {
    await load(path, backup, target, signal, progress);
    signal.throwIfAborted();
    for (const [file, content] of keys) {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await writeFileDurably(file, content);
      written.push(file);
    }
    if (!keepCoordination) {
      await coordinated(installation, auth, async (coordinator, alone) => {
        await mayWrite(coordinator, alone);
        await writeCoordinationCopy(coordinator, installation.layout, copyOf(backup), storeFacts(backup));
      });
      progress.step(`coordination: ${backup.records.length} trigger records`);
    }
    await target.commit().catch((error: unknown) => {
      throw keepCoordination ? error : halfway(error);
    });
  } catch (error) {
    await target.abandon();
    for (const file of written) await rm(file, { force: true });
    throw error;
  }
  return backup;
}

async function requirePlace(
  coordinator: Coordinator,
  alone: boolean,
  { layout }: Installation,
  { manifest }: CheckedBackup,
  keepCoordination: boolean,
): Promise<void> {
  if (!alone) await requireNoCenter(coordinator, layout);
  if (!keepCoordination) return requireEmptyRoot(coordinator, layout);
  const storeId = await storeIdOf(coordinator, layout);
  if (storeId === '' || storeId === manifest.identity) return;
  throw new CloudTaskError(
    'CT_FOREIGN_ROOT',
    `the root ${layout.root} of coordination belongs to store ${storeId}; the backup is of store ${manifest.identity}`,
  );
}

async function load(
  path: string,
  { seal }: CheckedBackup,
  target: StoreTarget,
  signal: AbortSignal,
  progress: Progress,
): Promise<void> {
  const reader = new ArchiveReader(path);
  let rows = 0;
  for await (const piece of piecesOf(reader)) {
    signal.throwIfAborted();
    if (piece.what !== 'rows') continue;
    for (let start = 0; start < piece.rows.length; start += ROWS_PER_PUT)
      await target.put(piece.table, piece.rows.slice(start, start + ROWS_PER_PUT)).catch((error: unknown) => {
        throw refusedRows(error, piece.table.name);
      });
    rows += piece.rows.length;
    progress.meanwhile(rows);
  }
  if (reader.seal !== seal) throw invalid('the file was changed while it was read');
  await target.finish({ time: systemClock.now(), user: `local:${userName()}`, archive: seal });
}

/** With log output in them such rows are megabytes. */
const ROWS_PER_PUT = 100;

/** What the database says of a row that its tables do not take. */
function refusedRows(error: unknown, table: string): unknown {
  const code = String((error as { code?: unknown }).code ?? '');
  return code.startsWith('SQLITE_CONSTRAINT') || code === 'SQLITE_ERROR'
    ? invalid(`rows of ${table} do not fit: ${messageOf(error)}`, error)
    : error;
}

function copyOf({ root, records }: CheckedBackup): CoordinationCopy {
  return { ...(root ?? { storeId: '', epoch: 0 }), records };
}

function storeFacts({ manifest }: CheckedBackup) {
  const { identity, checkpoint, resourceVersion, time } = manifest;
  return { identity, checkpoint, resourceVersion, ageMs: systemClock.now() - Date.parse(time) };
}

/** Key files of the backup that are not there; one that is there with another content is a question for people. */
async function newKeys(installation: Installation, { keys }: CheckedBackup): Promise<Map<string, Buffer>> {
  const missing = new Map<string, Buffer>();
  for (const [name, content] of keys) {
    const path = keyPath(installation, name);
    const there = await contentOf(path);
    if (there === undefined) missing.set(path, content);
    else if (!there.equals(content)) {
      throw new CloudTaskError('CT_ALREADY_EXISTS', {
        detail: `${path} is there already, with another content than in the backup`,
        hint: 'move it away, or make sure that it is the one you want and take it out of the way until the restore is done',
      });
    }
  }
  return missing;
}

async function contentOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CloudTaskError('CT_CONFIG_INVALID', { subject: path, detail: messageOf(error), cause: error });
  }
}

/** The secret of this place; else of the backup; else, for an embedded server, a new one, as the first start of a center makes it. */
async function authFor(installation: Installation, { keys }: CheckedBackup): Promise<CoordinationAuth> {
  const { coordinationSecretFile: path, centerDir } = installation;
  const secret = (await readSecret(path)) ?? keys.get('coordination.secret')?.toString().trim();
  if (secret !== undefined) return authOf(secret);
  await mkdir(centerDir, { recursive: true, mode: 0o700 });
  return (await centerCoordinationAuth(Object.freeze({}), centerDir)).auth;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? ''); // a user without a name
  }
}

/** A center would not start on such a root without its store. */
function halfway(cause: unknown): CloudTaskError {
  return new CloudTaskError('CT_STORE', {
    detail: `coordination is restored, and the store could not be put in its place: ${messageOf(cause)}`,
    hint: 'mend that, and give the same command with --keep-coordination',
    cause,
  });
}
