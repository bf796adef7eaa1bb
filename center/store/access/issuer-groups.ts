import type { SqlDatabase } from '../database.js';
import type { StateSchema } from '../schema.js';

/** What an issuer said of somebody's groups counts for so long: whoever uses tokens logs in once a week. */
export const ISSUER_GROUPS_MS = 7 * 86_400_000;

/** See AccessBook.issuerGroups. */
export async function readGroups(db: SqlDatabase<StateSchema>['read'], uid: string, now: number): Promise<string[]> {
  const rows = await db
    .selectFrom('issuer_identities')
    .select('groups')
    .where('user_uid', '=', uid)
    .where('login_time', '>', now - ISSUER_GROUPS_MS)
    .execute();
  return rows.flatMap(({ groups }) => JSON.parse(groups) as string[]);
}
