// Values are sealed anew with the newest key, a slice at a time.
import type { SqlDatabase } from '../database.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';
import type { ResealedValue, StaleValue } from './secret-book.js';

type Reader = SqlDatabase<StateSchema>['read'];

/** See SecretBook.staleValues. */
export async function readStaleValues(read: Reader, limit: number): Promise<StaleValue[]> {
  return read
    .selectFrom('secret_values as v')
    .innerJoin('objects as o', 'o.uid', 'v.secret_uid')
    .select([
      'v.secret_uid as uid',
      'o.namespace',
      'o.name',
      'v.key',
      'v.mark',
      'v.sealed',
      'v.key_number as keyNumber',
    ])
    .where('v.key_number', '<', ({ selectFrom }) => selectFrom('secret_keys').select(({ fn }) => fn.max('id').as('id')))
    .orderBy('v.key_number')
    .limit(limit)
    .execute();
}

/** See SecretBook.reseal. What was written meanwhile stays: it is sealed with the newest key, or its turn comes. */
export async function resealValues(tx: WriteTransaction<StateSchema>, values: readonly ResealedValue[]): Promise<void> {
  for (const { uid, key, sealed, resealed, keyNumber } of values) {
    await tx.write
      .updateTable('secret_values')
      .set({ sealed: resealed, key_number: keyNumber })
      .where('secret_uid', '=', uid)
      .where('key', '=', key)
      .where('sealed', '=', sealed)
      .execute();
  }
}
