import { createHash } from 'node:crypto';
import { CloudTaskError } from '../../../base/index.js';
import { inList, type SqlDatabase } from '../database.js';
import type { PackageSchema } from '../schema.js';
import { WriteQueue } from '../write-queue.js';
import {
  addBlob,
  addChunks,
  type BlobRow,
  dropBlob,
  findBlob,
  lockBlob,
  readChunks,
  sweepDropped,
} from './package-blobs.js';
import { PACKAGE_SLICE_BYTES, type PackageBlob, type PackageFormat } from './package-store.js';

export interface PackageRepositoryOptions {
  readonly database: SqlDatabase<PackageSchema>;
  /** Wall time, ms. */
  readonly now: () => number;
}

/** The bytes of packages; see `PackageStore`. It lives in the thread of the database. */
export class PackageRepository {
  private readonly database: SqlDatabase<PackageSchema>;
  private readonly queue: WriteQueue<PackageSchema>;

  constructor({ database, now }: PackageRepositoryOptions) {
    this.database = database;
    this.queue = new WriteQueue({ database, now });
  }

  close(): Promise<void> {
    return this.queue.close();
  }

  async find(digest: string): Promise<PackageBlob | undefined> {
    const row = await findBlob(this.database, digest);
    return row === undefined ? undefined : told(row);
  }

  append(digest: string, offset: number, format: PackageFormat | undefined, bytes: Uint8Array): Promise<PackageBlob> {
    return this.queue.run(async (tx) => {
      if (offset === 0 && format !== undefined) await addBlob(tx, digest, format);
      const blob = await lockBlob(tx, digest);
      if (blob?.complete || (blob?.bytes ?? 0) !== offset) throw misplaced(digest, blob, offset);
      if (blob === undefined) throw misplaced(digest, blob, offset);
      return told(await addChunks(tx, blob, bytes));
    });
  }

  async complete(digest: string): Promise<PackageBlob> {
    const before = await findBlob(this.database, digest);
    if (before === undefined) throw unknown(digest);
    if (before.complete) return told(before);
    const actual = await this.digestOf(before);
    return this.queue.run(async (tx) => {
      const blob = await lockBlob(tx, digest);
      if (blob === undefined) throw unknown(digest);
      if (blob.id !== before.id || blob.bytes !== before.bytes) throw misplaced(digest, blob, before.bytes);
      if (actual === digest) {
        await tx.write.updateTable('package_blobs').set({ complete: 1 }).where('id', '=', blob.id).execute();
        return told({ ...blob, complete: true });
      }
      await dropBlob(tx, digest);
      return { ...told(blob), digest: actual };
    });
  }

  async read(digest: string, offset: number): Promise<{ bytes: Uint8Array }> {
    const blob = await findBlob(this.database, digest);
    if (blob?.complete !== true) throw unknown(digest);
    return { bytes: await readChunks(this.database, blob.id, offset, PACKAGE_SLICE_BYTES) };
  }

  hold(digests: readonly string[]): Promise<PackageBlob[]> {
    return this.queue.run(async (tx) => {
      const found: PackageBlob[] = [];
      // One order of locks for all who write to the same database.
      for (const digest of [...new Set(digests)].sort()) {
        const blob = await lockBlob(tx, digest);
        if (blob?.complete === true) found.push(told(blob));
      }
      return found;
    });
  }

  async idleSince(before: number, limit: number): Promise<string[]> {
    const rows = await this.database.read
      .selectFrom('package_blobs')
      .select('digest')
      .where('touched', '<', before)
      .where('digest', 'not like', 'dropped:%')
      .orderBy('touched')
      .limit(limit)
      .execute();
    return rows.map(({ digest }) => digest);
  }

  drop(digest: string, before: number): Promise<boolean> {
    return this.queue.run(async (tx) => {
      const idle = await tx.write
        .updateTable('package_blobs')
        .set({ complete: 0 }) // takes the lock of the row; it is about to go
        .where(inList(tx, 'digest', [digest]))
        .where('touched', '<', before)
        .executeTakeFirst();
      if (idle.numUpdatedRows === 0n) return false;
      await dropBlob(tx, digest);
      return true;
    });
  }

  sweep(): Promise<boolean> {
    return this.queue.run(sweepDropped);
  }

  /** In slices, each a statement of its own: uploads and downloads get their turns. */
  private async digestOf(blob: BlobRow): Promise<string> {
    const hash = createHash('sha256');
    for (let at = 0; ; ) {
      const bytes = await readChunks(this.database, blob.id, at, PACKAGE_SLICE_BYTES);
      if (bytes.length === 0) return `sha256:${hash.digest('hex')}`;
      hash.update(bytes);
      at += bytes.length;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
}

function told({ digest, format, bytes, complete }: BlobRow): PackageBlob {
  return { digest, format, bytes, complete };
}

function unknown(subject: string): CloudTaskError {
  return new CloudTaskError('CT_NOT_FOUND', { subject, detail: 'the store has no such bytes' });
}

function misplaced(subject: string, blob: BlobRow | undefined, offset: number): CloudTaskError {
  const there = blob?.complete === true ? 'all bytes are there' : `${blob?.bytes ?? 0} bytes are there`;
  return new CloudTaskError('CT_CONFLICT', { subject, detail: `${there}; these begin at ${offset}` });
}
