// The keys of the values: which there are, what they seal, and which center can open them.
import { CloudTaskError } from '../../../base/index.js';
import { appendAudit } from '../audit/append-audit.js';
import type { AuditSource } from '../audit/audit-trail.js';
import type { SqlDatabase, Upsert } from '../database.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';
import { HOLDER_SILENT_MS, type KeyHolder, type KeyUse, type NumberedKey, type WrappedKey } from './secret-book.js';

type Transaction = WriteTransaction<StateSchema>;
type Reader = SqlDatabase<StateSchema>['read'];

export const SECRETS_KEY = 'SecretsKey';

const UPSERT_HOLDER: Upsert = {
  table: 'secret_key_holders',
  columns: ['center', 'key_ids', 'time'],
  key: ['center'],
  update: ['key_ids', 'time'],
};

/** See SecretBook.keys. */
export async function readSecretKeys(read: Reader): Promise<NumberedKey[]> {
  const rows = await read.selectFrom('secret_keys').selectAll().orderBy('id').execute();
  return rows.map(({ id, key_id: keyId, wrapped, marks }) => ({
    ...{ number: id, keyId, wrapped },
    ...(marks === null ? {} : { marks }),
  }));
}

/** See SecretBook.firstKey. */
export async function firstSecretKey(tx: Transaction, { keyId, wrapped }: WrappedKey): Promise<NumberedKey[]> {
  const there = await readSecretKeys(tx.write);
  if (there.length > 0) return there;
  await tx.write.insertInto('secret_keys').values({ id: 1, key_id: keyId, wrapped, marks: null }).execute();
  return [{ number: 1, keyId, wrapped }];
}

/** See SecretBook.nextKey. */
export async function nextSecretKey(
  tx: Transaction,
  { keyId, wrapped, marks = null }: Omit<WrappedKey, 'marks'> & { readonly marks?: string | null },
  after: number,
  audit: AuditSource | undefined,
): Promise<void> {
  const newest = (await readSecretKeys(tx.write)).at(-1);
  if (newest?.number !== after) throw conflict(keyId, 'the key was changed by somebody else meanwhile');
  if ((await droppedKeys(tx.write)).includes(keyId)) throw conflict(keyId, 'the key was dropped');
  const without = (await liveHolders(tx.write, tx.now)).filter(({ keyIds }) => !keyIds.includes(keyId));
  if (without.length > 0) {
    const centers = without.map(({ center }) => `"${center}"`).join(', ');
    throw conflict(keyId, `the key file of ${centers} does not hold the key, so nothing is sealed with it`, {
      hint: 'copy the key file to each center; it is noticed within ten seconds',
    });
  }
  await tx.write
    .insertInto('secret_keys')
    .values({ id: after + 1, key_id: keyId, wrapped, marks })
    .execute();
  await auditKey(tx, keyId, audit);
}

/** See SecretBook.forgetKeys. One transaction writes at a time, so that none adds a value meanwhile. */
export async function forgetSecretKeys(tx: Transaction): Promise<void> {
  const { write } = tx;
  await write
    .deleteFrom('secret_keys')
    .where('id', '<', ({ selectFrom }) =>
      selectFrom('secret_keys as newest').select(({ fn }) => fn.max('newest.id').as('id')),
    )
    .where('id', 'not in', ({ selectFrom }) => selectFrom('secret_values').select('key_number').distinct())
    .execute();
}

/** See SecretBook.use. */
export async function readKeyUse(read: Reader, now: number): Promise<KeyUse> {
  const counts = await read
    .selectFrom('secret_values')
    .select(({ fn }) => ['key_number', fn.countAll<number>().as('count')])
    .groupBy('key_number')
    .execute();
  const values = new Map(counts.map(({ key_number: number, count }) => [number, count]));
  const keys = (await readSecretKeys(read)).map(({ number, keyId }) => ({
    ...{ number, keyId },
    values: values.get(number) ?? 0,
  }));
  return { keys, holders: await liveHolders(read, now), dropped: await droppedKeys(read) };
}

/** See SecretBook.holds. */
export async function noteKeyHolder(tx: Transaction, center: string, keyIds: readonly string[]): Promise<string[]> {
  await tx.write
    .deleteFrom('secret_key_holders')
    .where('time', '<', tx.now - HOLDER_SILENT_MS)
    .execute();
  await tx.upsert(UPSERT_HOLDER, [[center, JSON.stringify(keyIds), tx.now]]);
  return droppedKeys(tx.write);
}

export async function forgetKeyHolder(tx: Transaction, center: string): Promise<void> {
  await tx.write.deleteFrom('secret_key_holders').where('center', '=', center).execute();
}

/** See SecretBook.drop. */
export async function dropSecretKey(tx: Transaction, keyId: string, audit: AuditSource | undefined): Promise<void> {
  const { keys, holders, dropped } = await readKeyUse(tx.write, tx.now);
  const used = keys.filter((key) => key.keyId === keyId);
  if (used.length > 0) {
    const count = used.reduce((sum, { values }) => sum + values, 0);
    const newest = used.some(({ number }) => number === keys.at(-1)?.number);
    const why = newest ? 'new values are sealed with the key' : `${count} values are still sealed with the key`;
    throw conflict(keyId, why, {
      hint: newest ? 'ctask secrets-key rotate' : 'wait until they are sealed anew; see ctask secrets-key status',
    });
  }
  if (dropped.includes(keyId)) return;
  if (!holders.some(({ keyIds }) => keyIds.includes(keyId))) {
    throw new CloudTaskError('CT_NOT_FOUND', {
      subject: `key ${keyId}`,
      detail: 'no center has such a key in its file',
    });
  }
  await tx.write.insertInto('dropped_secret_keys').values({ key_id: keyId, time: tx.now }).execute();
  await auditKey(tx, keyId, audit);
}

async function auditKey(tx: Transaction, name: string, audit: AuditSource | undefined): Promise<void> {
  if (audit !== undefined) await appendAudit(tx, [{ kind: SECRETS_KEY, namespace: '', name, status: 200 }], audit);
}

async function liveHolders(read: Reader, now: number): Promise<KeyHolder[]> {
  const rows = await read
    .selectFrom('secret_key_holders')
    .selectAll()
    .where('time', '>=', now - HOLDER_SILENT_MS)
    .orderBy('center')
    .execute();
  return rows.map(({ center, key_ids, time }) => ({ center, keyIds: JSON.parse(key_ids) as string[], time }));
}

async function droppedKeys(read: Reader): Promise<string[]> {
  const rows = await read.selectFrom('dropped_secret_keys').select('key_id').orderBy('key_id').execute();
  return rows.map(({ key_id }) => key_id);
}

function conflict(keyId: string, detail: string, more: { hint?: string } = {}): CloudTaskError {
  return new CloudTaskError('CT_CONFLICT', { subject: `key ${keyId}`, detail, ...more });
}
