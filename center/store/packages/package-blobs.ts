// Rows of blobs and of their chunks. A blob that is dropped loses its digest at once and its chunks in slices, since
// thousands of them in one transaction would hold up an upload.
import type { SqlDatabase, SqlValue, Upsert } from '../database.js';
import type { PackageSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';
import type { PackageBlob, PackageFormat } from './package-store.js';

type Transaction = WriteTransaction<PackageSchema>;

/** One row. Small enough for the page cache, large enough that its row costs nothing. */
const CHUNK_BYTES = 256 * 1024;
/** Chunks deleted in one transaction: 16 MiB. */
const SWEEP_CHUNKS = 64;

const INSERT_CHUNKS: Upsert = {
  table: 'package_chunks',
  columns: ['blob_id', 'blob_offset', 'bytes'],
  key: [],
  update: [],
};

export type BlobRow = PackageBlob & { readonly id: number };

export async function findBlob(
  db: Pick<SqlDatabase<PackageSchema>, 'read'>,
  digest: string,
): Promise<BlobRow | undefined> {
  const row = await db.read
    .selectFrom('package_blobs')
    .select(['id', 'format', 'bytes', 'complete'])
    .where('digest', '=', digest)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return { id: row.id, digest, format: row.format as PackageFormat, bytes: row.bytes, complete: row.complete === 1 };
}

/** The same inside a transaction: nobody else can change it before the end. */
export async function lockBlob(tx: Transaction, digest: string): Promise<BlobRow | undefined> {
  // A write, so that another center that shares the database waits here.
  await tx.write.updateTable('package_blobs').set({ touched: tx.now }).where('digest', '=', digest).execute();
  return findBlob({ read: tx.write }, digest);
}

export async function addBlob(tx: Transaction, digest: string, format: PackageFormat): Promise<void> {
  await tx.write
    .insertInto('package_blobs')
    .values({ digest, format, bytes: 0, complete: 0, touched: tx.now })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function addChunks(tx: Transaction, blob: BlobRow, bytes: Uint8Array): Promise<BlobRow> {
  const rows: SqlValue[][] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    const { buffer, byteOffset } = bytes;
    rows.push([
      blob.id,
      blob.bytes + at,
      Buffer.from(buffer, byteOffset + at, Math.min(CHUNK_BYTES, bytes.length - at)),
    ]);
  }
  if (rows.length > 0) await tx.upsert(INSERT_CHUNKS, rows);
  const length = blob.bytes + bytes.length;
  await tx.write.updateTable('package_blobs').set({ bytes: length }).where('id', '=', blob.id).execute();
  return { ...blob, bytes: length };
}

/** From `offset` on, in a buffer of its own; none at the end. */
export async function readChunks(
  db: Pick<SqlDatabase<PackageSchema>, 'read'>,
  blobId: number,
  offset: number,
  maxBytes: number,
): Promise<Uint8Array> {
  const chunks = await db.read
    .selectFrom('package_chunks')
    .select(['blob_offset', 'bytes'])
    .where('blob_id', '=', blobId)
    // The chunk that holds `offset` begins at most its own length before it.
    .where('blob_offset', '>', offset - CHUNK_BYTES)
    .where('blob_offset', '<', offset + maxBytes)
    .orderBy('blob_offset')
    .execute();
  const parts: Uint8Array[] = [];
  let next = offset;
  for (const { blob_offset, bytes } of chunks) {
    const part = bytes.subarray(Math.max(0, next - blob_offset), offset + maxBytes - blob_offset);
    if (blob_offset > next || part.length === 0) continue;
    parts.push(part);
    next += part.length;
  }
  const whole = new Uint8Array(next - offset);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The digest is free from now on. */
export async function dropBlob(tx: Transaction, digest: string): Promise<void> {
  const row = await findBlob({ read: tx.write }, digest);
  if (row === undefined) return;
  await tx.write
    .updateTable('package_blobs')
    .set({ digest: `dropped:${row.id}`, complete: 0 })
    .where('id', '=', row.id)
    .execute();
}

/** See PackageStore.sweep. */
export async function sweepDropped(tx: Transaction): Promise<boolean> {
  const blob = await tx.write
    .selectFrom('package_blobs')
    .select('id')
    .where('digest', 'like', 'dropped:%')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  if (blob === undefined) return false;
  const chunks = await tx.write
    .selectFrom('package_chunks')
    .select('blob_offset')
    .where('blob_id', '=', blob.id)
    .orderBy('blob_offset')
    .limit(SWEEP_CHUNKS)
    .execute();
  const last = chunks.at(-1);
  if (last === undefined) await tx.write.deleteFrom('package_blobs').where('id', '=', blob.id).execute();
  else
    await tx.write
      .deleteFrom('package_chunks')
      .where('blob_id', '=', blob.id)
      .where('blob_offset', '<=', last.blob_offset)
      .execute();
  return true;
}
