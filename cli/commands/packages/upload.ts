// Sends a file in pieces. Each is durable when it is answered, so an upload that was cut goes on where it ended.
import { promises as fs } from 'node:fs';
import { CloudTaskError, formatBytes, isCloudTaskError } from '../../../base/index.js';
import type { Api } from '../../client/api.js';
import { resourcePath } from '../../client/paths.js';
import type { Progress } from '../../output/progress.js';
import type { PackageFile } from './package-file.js';

/** Some tens of round trips for a large package, and a slow line sends a piece within the time of a request. */
const PIECE_BYTES = 4 * 1024 * 1024;
/** A piece over a slow line; and after the last one the center reads all of them again. */
const EXTRA_MS = 110_000;
/** Another upload of the same file may be under way: it is asked so often where that one is. */
const OVERTAKEN_MAX = 1000;
const BAR_CHARS = 24;

interface Stored {
  readonly bytes: number;
  readonly complete: boolean;
}

/** True when there was nothing to send. Throws what the center says. */
export async function uploadFile(
  api: Api,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  file: PackageFile,
  progress: Progress,
): Promise<boolean> {
  const path = `${resourcePath('packages', namespace, name, 'uploads')}/${file.digest.slice('sha256:'.length)}`;
  let stored = await api.get<Stored>(path);
  if (stored.complete) return true;
  const handle = await fs.open(file.path);
  try {
    for (let overtaken = 0; !stored.complete; ) {
      progress.show(bar(stored.bytes, file.bytes));
      const piece = Buffer.alloc(Math.min(PIECE_BYTES, file.bytes - stored.bytes));
      const { bytesRead } = await handle.read(piece, 0, piece.length, stored.bytes);
      if (bytesRead < piece.length) throw new CloudTaskError('CT_BAD_REQUEST', `${file.path} has become shorter`);
      try {
        stored = await send(api, path, stored.bytes, file.bytes, piece);
      } catch (error) {
        if (!isCloudTaskError(error, 'CT_CONFLICT') || ++overtaken > OVERTAKEN_MAX) throw error;
        stored = await api.get<Stored>(path);
      }
    }
  } finally {
    progress.clear();
    await handle.close();
  }
  return false;
}

function send(api: Api, path: string, offset: number, size: number, piece: Buffer): Promise<Stored> {
  return api.send<Stored>('PUT', path, {
    query: { offset: String(offset), size: String(size) },
    ...{ body: piece, contentType: 'application/octet-stream', extraTimeMs: EXTRA_MS, repeatable: true },
  });
}

function bar(done: number, all: number): string {
  const full = Math.round((BAR_CHARS * done) / all);
  const percent = String(Math.floor((100 * done) / all)).padStart(3);
  return `uploading [${'#'.repeat(full).padEnd(BAR_CHARS)}] ${percent} %  ${formatBytes(done)} of ${formatBytes(all)}`;
}
