// Sends a file as a version of a package, in pieces, as `ctask create package` does: what was cut goes on where it ended.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { ApiError } from '../api/api-error.js';
import type { PackageObject } from '../api/objects.js';
import { pathOf, request } from '../api/request.js';

export interface UploadProgress {
  readonly step: 'reading' | 'sending' | 'finishing';
  readonly bytes: number;
}

export interface PackageName {
  readonly namespace: string;
  readonly name: string;
}

interface Stored {
  readonly bytes: number;
  readonly complete: boolean;
}

const PIECE_BYTES = 4 * 1024 * 1024;
/** Little enough that the page stays smooth between two of them. */
const HASHED_BYTES = 512 * 1024;
const TRIES = 5;
const RETRY_MS = 1000;
const MERGE_PATCH = 'application/merge-patch+json';

/**
 * The package as it is with the file as its current version. Tasks keep the version that they have.
 * Throws ApiError; a center that is away for a moment is asked again.
 */
export async function uploadPackage(
  { namespace, name }: PackageName,
  file: File,
  onProgress: (progress: UploadProgress) => void,
  signal: AbortSignal,
): Promise<PackageObject> {
  const hex = await digestOf(file, (bytes) => onProgress({ step: 'reading', bytes }), signal);
  await sendBytes(`${pathOf('packages', namespace, name, 'uploads')}/${hex}`, file, onProgress, signal);
  return written({ namespace, name }, `sha256:${hex}`);
}

async function digestOf(file: File, onProgress: (bytes: number) => void, signal: AbortSignal): Promise<string> {
  const hash = sha256.create();
  for (let at = 0; at < file.size; at += HASHED_BYTES) {
    signal.throwIfAborted();
    hash.update(new Uint8Array(await file.slice(at, at + HASHED_BYTES).arrayBuffer()));
    onProgress(Math.min(at + HASHED_BYTES, file.size));
  }
  return bytesToHex(hash.digest());
}

async function sendBytes(
  path: string,
  file: File,
  onProgress: (progress: UploadProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  let stored = await request<Stored>(path, { signal });
  for (let failures = 0; !stored.complete; ) {
    const { bytes } = stored;
    const last = bytes + PIECE_BYTES >= file.size;
    onProgress({ step: last ? 'finishing' : 'sending', bytes });
    try {
      stored = await request<Stored>(path, {
        ...{ method: 'PUT', query: { offset: bytes, size: file.size }, signal },
        ...{ body: file.slice(bytes, bytes + PIECE_BYTES), contentType: 'application/octet-stream' },
      });
      failures = 0;
    } catch (error) {
      // Overtaken by another upload of the same file, or the center was away: it is asked how far it is.
      const again = error instanceof ApiError && (error.passing || error.status === 409);
      if (!again || ++failures >= TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      stored = await request<Stored>(path, { signal });
    }
  }
}

async function written({ namespace, name }: PackageName, digest: string): Promise<PackageObject> {
  const query = { fieldManager: 'ctask-console' };
  const spec = { digest };
  const fieldSelector = `metadata.name=${name}`;
  const { items } = await request<{ items: readonly unknown[] }>(pathOf('packages', namespace), {
    query: { fieldSelector },
  });
  if (items.length === 0) {
    const body = { apiVersion: 'cloudtask.dev/v1', kind: 'Package', metadata: { name, namespace }, spec };
    return request<PackageObject>(pathOf('packages', namespace), { method: 'POST', query, body });
  }
  return request<PackageObject>(pathOf('packages', namespace, name), {
    ...{ method: 'PATCH', query, body: { spec }, contentType: MERGE_PATCH },
  });
}
