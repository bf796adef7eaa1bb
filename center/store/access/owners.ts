import type { SqlDatabase } from '../database.js';
import type { StateSchema } from '../schema.js';
import type { Owner } from './access-book.js';
import { readGroups } from './issuer-groups.js';

type Reader = SqlDatabase<StateSchema>['read'];

/** A user or service account; undefined when it is gone, was made anew, or is disabled. */
export async function readOwner(
  db: Reader,
  uid: string,
  now: number,
): Promise<Exclude<Owner, { kind: 'File' | 'Agent' }> | undefined> {
  const row = await db.selectFrom('objects').select(['kind', 'name', 'spec']).where('uid', '=', uid).executeTakeFirst();
  if (row === undefined || (row.kind !== 'User' && row.kind !== 'ServiceAccount') || isDisabled(row.spec)) {
    return undefined;
  }
  const groups = row.kind === 'User' ? await readGroups(db, uid, now) : [];
  return { kind: row.kind, name: row.name, uid, ...(groups.length === 0 ? {} : { issuerGroups: groups }) };
}

export function isDisabled(spec: string): boolean {
  return (JSON.parse(spec) as { disabled?: boolean }).disabled === true;
}

export async function uidOf(db: Reader, kind: string, name: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('objects')
    .select('uid')
    .where('kind', '=', kind)
    .where('namespace', '=', '')
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.uid;
}
