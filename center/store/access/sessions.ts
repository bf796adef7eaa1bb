import type { SqlDatabase } from '../database.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';
import type { Credential, NewSession, SessionCredential } from './access-book.js';
import { readOwner } from './owners.js';
import { readToken } from './token-hashes.js';

/** A session that nobody used for so long is over. */
export const SESSION_IDLE_MS = 12 * 3_600_000;
/** How often a session that is used is written. */
export const SEEN_EVERY_MS = 5 * 60_000;

/** See AccessBook.session; `seen`: when it was written last, ms. */
export async function readSession(
  db: SqlDatabase<StateSchema>,
  sha256: string,
  now: number,
): Promise<(SessionCredential & { readonly seen: number }) | undefined> {
  const row = await db.read.selectFrom('sessions').selectAll().where('sha256', '=', sha256).executeTakeFirst();
  if (row === undefined || row.expires_time <= now || row.seen_time + SESSION_IDLE_MS <= now) return undefined;
  const { user_uid: uid, token_sha256: token, seen_time: seen } = row;
  const credential = uid === null ? await readToken(db, token ?? '', now) : await ofUser(db, uid, now);
  if (credential === undefined) return undefined;
  const mustChangePassword = uid !== null && (await mustChange(db, uid));
  const expires = Math.min(row.expires_time, credential.expires ?? row.expires_time);
  return { ...credential, seen, expires, mustChangePassword };
}

async function ofUser(db: SqlDatabase<StateSchema>, uid: string, now: number): Promise<Credential | undefined> {
  const owner = await readOwner(db.read, uid, now);
  return owner && { owner };
}

async function mustChange(db: SqlDatabase<StateSchema>, uid: string): Promise<boolean> {
  const row = await db.read
    .selectFrom('passwords')
    .select('must_change')
    .where('user_uid', '=', uid)
    .executeTakeFirst();
  return row?.must_change === 1;
}

/** Takes the opportunity to forget sessions that are over. */
export async function openSession(tx: WriteTransaction<StateSchema>, session: NewSession): Promise<void> {
  const { sha256, userUid, tokenSha256, expires, replaces } = session;
  await tx.write
    .deleteFrom('sessions')
    .where((where) =>
      where.or([where('expires_time', '<=', tx.now), where('seen_time', '<=', tx.now - SESSION_IDLE_MS)]),
    )
    .execute();
  if (replaces !== undefined) await closeSession(tx, replaces);
  await tx.write
    .insertInto('sessions')
    .values({
      ...{ sha256, user_uid: userUid ?? null, token_sha256: tokenSha256 ?? null },
      ...{ created_time: tx.now, seen_time: tx.now, expires_time: expires },
    })
    .execute();
}

export async function seeSession(tx: WriteTransaction<StateSchema>, sha256: string): Promise<void> {
  await tx.write.updateTable('sessions').set({ seen_time: tx.now }).where('sha256', '=', sha256).execute();
}

export async function closeSession(tx: WriteTransaction<StateSchema>, sha256: string): Promise<void> {
  await tx.write.deleteFrom('sessions').where('sha256', '=', sha256).execute();
}
