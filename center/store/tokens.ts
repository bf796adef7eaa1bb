import type { SqlDatabase } from './database.js';
import type { StateSchema } from './schema.js';
import type { TokenRow } from './store-types.js';
import type { WriteTransaction } from './write-queue.js';

export async function findToken(db: SqlDatabase<StateSchema>, sha256: string): Promise<TokenRow | undefined> {
  const row = await db.read
    .selectFrom('tokens')
    .select(['subject', 'role'])
    .where('sha256', '=', sha256)
    .executeTakeFirst();
  return row as TokenRow | undefined;
}

export async function hasToken(db: SqlDatabase<StateSchema>, subject: string): Promise<boolean> {
  const row = await db.read.selectFrom('tokens').select('sha256').where('subject', '=', subject).executeTakeFirst();
  return row !== undefined;
}

/** Who has a token as `subject`. */
export async function findSubject(db: SqlDatabase<StateSchema>, subject: string): Promise<TokenRow | undefined> {
  const row = await db.read
    .selectFrom('tokens')
    .select(['subject', 'role'])
    .where('subject', '=', subject)
    .executeTakeFirst();
  return row as TokenRow | undefined;
}

/** Adds a token; a subject has one, so an earlier one of the same subject stops working. */
export async function putToken(tx: WriteTransaction<StateSchema>, sha256: string, row: TokenRow): Promise<void> {
  await tx.write.deleteFrom('tokens').where('subject', '=', row.subject).execute();
  await tx.write
    .insertInto('tokens')
    .values({ sha256, ...row })
    .onConflict((oc) => oc.column('sha256').doUpdateSet(row))
    .execute();
}
