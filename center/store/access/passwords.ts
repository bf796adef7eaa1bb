import { appendAudit } from '../audit/append-audit.js';
import type { AuditSource } from '../audit/audit-trail.js';
import type { SqlDatabase } from '../database.js';
import { notFound } from '../object-errors.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';
import type { NewPassword, StoredPassword } from './access-book.js';
import { isDisabled, uidOf } from './owners.js';

/** See AccessBook.password. */
export async function readPassword(db: SqlDatabase<StateSchema>, user: string): Promise<StoredPassword | undefined> {
  const row = await db.read
    .selectFrom('passwords as p')
    .innerJoin('objects as o', 'o.uid', 'p.user_uid')
    .select(['o.uid', 'o.spec', 'p.hash', 'p.must_change'])
    .where('o.kind', '=', 'User')
    .where('o.namespace', '=', '')
    .where('o.name', '=', user)
    .executeTakeFirst();
  if (row === undefined || isDisabled(row.spec)) return undefined;
  return { userUid: row.uid, hash: row.hash, mustChange: row.must_change === 1 };
}

/** See AccessBook.setPassword. */
export async function setPassword(
  tx: WriteTransaction<StateSchema>,
  { user, hash, mustChange, keep }: NewPassword,
  audit: AuditSource | undefined,
): Promise<void> {
  const uid = await uidOf(tx.write, 'User', user);
  if (uid === undefined) throw notFound({ kind: 'User', namespace: '', name: user });
  const values = { hash, changed_time: tx.now, must_change: mustChange ? 1 : 0 };
  await tx.write
    .insertInto('passwords')
    .values({ user_uid: uid, ...values })
    .onConflict((conflict) => conflict.column('user_uid').doUpdateSet(values))
    .execute();
  await tx.write
    .deleteFrom('sessions')
    .where('user_uid', '=', uid)
    .where('sha256', '!=', keep ?? '')
    .execute();
  if (audit !== undefined) await appendAudit(tx, [{ kind: 'User', namespace: '', name: user, status: 200 }], audit);
}
