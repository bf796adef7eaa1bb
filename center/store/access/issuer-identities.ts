// Users who log in at an issuer (OIDC) instead of with a password (decision 0029).
import { CloudTaskError } from '../../../base/index.js';
import { type AnyObject, API_VERSION } from '../../../manifests/index.js';
import { applyObjects } from '../apply-objects.js';
import type { AuditSource } from '../audit/audit-trail.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';
import type { IssuerIdentity } from './access-book.js';
import { isDisabled, uidOf } from './owners.js';

type Transaction = WriteTransaction<StateSchema>;

/** See AccessBook.userOfIssuer. */
export async function userOfIssuer(
  tx: Transaction,
  identity: IssuerIdentity,
  audit: AuditSource,
): Promise<{ uid: string; name: string }> {
  const user = (await known(tx, identity)) ?? (await make(tx, identity, audit));
  const values = { user_uid: user.uid, groups: JSON.stringify(identity.groups), login_time: tx.now };
  await tx.write
    .insertInto('issuer_identities')
    .values({ issuer: identity.issuer, subject: identity.subject, ...values })
    .onConflict((conflict) => conflict.columns(['issuer', 'subject']).doUpdateSet(values))
    .execute();
  return user;
}

async function known(
  tx: Transaction,
  { issuer, subject }: IssuerIdentity,
): Promise<{ uid: string; name: string } | undefined> {
  const row = await tx.write
    .selectFrom('issuer_identities as i')
    .innerJoin('objects as o', 'o.uid', 'i.user_uid')
    .select(['o.uid', 'o.name', 'o.spec'])
    .where('i.issuer', '=', issuer)
    .where('i.subject', '=', subject)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (isDisabled(row.spec)) throw new CloudTaskError('CT_FORBIDDEN', `the user "${row.name}" is disabled`);
  return { uid: row.uid, name: row.name };
}

/** A name is never taken over: bindings may give it more than the issuer knows of. */
async function make(
  tx: Transaction,
  { name, displayName, email }: IssuerIdentity,
  audit: AuditSource,
): Promise<{ uid: string; name: string }> {
  if ((await uidOf(tx.write, 'User', name)) !== undefined) {
    throw new CloudTaskError('CT_FORBIDDEN', `there is a user "${name}" already, who is somebody else`);
  }
  const spec = { ...(displayName === undefined ? {} : { displayName }), ...(email === undefined ? {} : { email }) };
  const user = { apiVersion: API_VERSION, kind: 'User', metadata: { name }, spec } as AnyObject;
  await applyObjects(tx, [user], { create: true, user: audit.user, audit: { ...audit, verb: 'create' } });
  return { uid: (await uidOf(tx.write, 'User', name))!, name };
}
