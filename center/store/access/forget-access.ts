import { type ObjectRow, objectText } from '../object-row.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';

type Transaction = WriteTransaction<StateSchema>;

/** With a user or service account go its password, sessions and tokens; with a token its SHA-256; with an agent its certificates. */
export async function forgetAccess(tx: Transaction, { kind, uid, name }: ObjectRow): Promise<void> {
  if (kind === 'Agent') {
    await tx.write.deleteFrom('agent_identities').where('agent', '=', name).execute();
    await tx.write.deleteFrom('agent_tasks').where('agent', '=', name).execute();
  }
  if (kind === 'Task') await tx.write.deleteFrom('agent_tasks').where('task_uid', '=', uid).execute();
  if (kind === 'Token') {
    await tx.write.deleteFrom('join_tokens').where('token_uid', '=', uid).execute();
    await tx.write.deleteFrom('token_hashes').where('token_uid', '=', uid).execute();
    return;
  }
  if (kind !== 'User' && kind !== 'ServiceAccount') return;
  await tx.write.deleteFrom('passwords').where('user_uid', '=', uid).execute();
  await tx.write.deleteFrom('sessions').where('user_uid', '=', uid).execute();
  await tx.write.deleteFrom('issuer_identities').where('user_uid', '=', uid).execute();
  const tokens = await tx.write
    .selectFrom('objects as o')
    .innerJoin('token_hashes as h', 'h.token_uid', 'o.uid')
    .selectAll('o')
    .where('h.owner_uid', '=', uid)
    .execute();
  await tx.write.deleteFrom('token_hashes').where('owner_uid', '=', uid).execute();
  for (const row of tokens) {
    await tx.write.deleteFrom('objects').where('uid', '=', row.uid).execute();
    const version = tx.nextVersion();
    const object = objectText({ ...row, resource_version: version });
    tx.changed({ type: 'DELETED', resourceVersion: version, kind: 'Token', object, previous: objectText(row) });
  }
}
