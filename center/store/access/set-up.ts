import { type AnyObject, API_VERSION } from '../../../manifests/index.js';
import { applyObjects } from '../apply-objects.js';
import type { SqlDatabase } from '../database.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';
import { setPassword } from './passwords.js';

const DONE = 'set_up';

export async function isSetUp(db: SqlDatabase<StateSchema>['read']): Promise<boolean> {
  const done = await db.selectFrom('counters').select('value').where('name', '=', DONE).executeTakeFirst();
  return done !== undefined;
}

/** See AccessBook.setUp. */
export async function setUp(tx: WriteTransaction<StateSchema>, user: string, hash: string): Promise<boolean> {
  if (await isSetUp(tx.write)) return false;
  await tx.write.insertInto('counters').values({ name: DONE, value: 1 }).execute();
  const users = await tx.write.selectFrom('objects').select('uid').where('kind', '=', 'User').executeTakeFirst();
  if (users !== undefined) return false;
  const object = (kind: string, name: string, spec: object) =>
    ({ apiVersion: API_VERSION, kind, metadata: { name }, spec }) as AnyObject;
  const admins = { role: 'admin', subjects: [{ kind: 'User', name: user }] };
  await applyObjects(tx, [object('User', user, {}), object('ClusterRoleBinding', 'administrators', admins)], {});
  await setPassword(tx, { user, hash, mustChange: true }, undefined);
  return true;
}
