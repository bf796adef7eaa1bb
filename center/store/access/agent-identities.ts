// Which agents have joined: a certificate of the authority counts as long as it is of the joining that is written here.
import { CloudTaskError, newUid } from '../../../base/index.js';
import { inList, type SqlDatabase } from '../database.js';
import { heartbeatAgent } from '../objects.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';
import type { AgentIdentity, Joining } from './access-book.js';

type Transaction = WriteTransaction<StateSchema>;
type Reader = SqlDatabase<StateSchema>['read'];

export async function readAuthority(db: Reader): Promise<string | undefined> {
  const row = await db.selectFrom('authorities').select('pin').where('id', '=', 1).executeTakeFirst();
  return row?.pin;
}

/** See AccessBook.claimAuthority. */
export async function claimAuthority(tx: Transaction, pin: string): Promise<string> {
  const known = await readAuthority(tx.write);
  if (known === undefined) await tx.write.insertInto('authorities').values({ id: 1, pin }).execute();
  return known ?? pin;
}

/** See AccessBook.agentIdentity. */
export async function readIdentity(db: Reader, agent: string, identity: string): Promise<AgentIdentity | undefined> {
  const row = await db
    .selectFrom('agent_identities')
    .select('cluster')
    .where('agent', '=', agent)
    .where('identity', '=', identity)
    .executeTakeFirst();
  return row && { agent, identity, cluster: row.cluster };
}

/** See AccessBook.joinAgent. */
export async function joinAgent(
  tx: Transaction,
  { agent, cluster, tokenSha256, tokenName, keySha256, expires }: Joining,
): Promise<AgentIdentity> {
  const token = await tx.write
    .selectFrom('join_tokens')
    .selectAll()
    .where('sha256', '=', tokenSha256)
    .where('token', '=', tokenName)
    .executeTakeFirst();
  if (token === undefined) throw new CloudTaskError('CT_UNAUTHORIZED', 'the join token is not valid');
  if (token.expires_time <= tx.now) throw new CloudTaskError('CT_UNAUTHORIZED', 'the join token has expired');
  if (token.cluster !== cluster) {
    throw new CloudTaskError('CT_FORBIDDEN', `the join token is for agents of cluster "${token.cluster}"`);
  }
  const row = await tx.write.selectFrom('agent_identities').selectAll().where('agent', '=', agent).executeTakeFirst();
  // The answer was lost, or the agent before it had kept it: the same key gets the same again, and no use is counted.
  if (row?.key_sha256 === keySha256 && row.token_uid === token.token_uid) {
    await noteCertificate(tx, agent, expires);
    return { agent, identity: row.identity, cluster };
  }
  if (row !== undefined && row.expires_time > tx.now) {
    throw new CloudTaskError('CT_FORBIDDEN', {
      detail: `an agent "${agent}" has joined already`,
      hint: `whoever may, takes its certificate out of force: ctask delete agent ${agent}`,
    });
  }
  if (token.uses_left < 1) throw new CloudTaskError('CT_UNAUTHORIZED', 'the join token has been used up');
  await tx.write
    .updateTable('join_tokens')
    .set({ uses_left: token.uses_left - 1 })
    .where('sha256', '=', tokenSha256)
    .execute();
  const identity = newUid();
  const values = {
    ...{ identity, cluster, key_sha256: keySha256, token_uid: token.token_uid },
    ...{ joined_time: tx.now, expires_time: expires },
  };
  await tx.write
    .insertInto('agent_identities')
    .values({ agent, ...values })
    .onConflict((conflict) => conflict.column('agent').doUpdateSet(values))
    .execute();
  // There from now on, so that it can be deleted, and its certificate with it, before it has said anything.
  const known = await tx.write
    .selectFrom('objects')
    .select('uid')
    .where('kind', '=', 'Agent')
    .where('namespace', '=', '')
    .where('name', '=', agent)
    .executeTakeFirst();
  if (known === undefined) await heartbeatAgent(tx, agent, { cluster }, {}, {});
  return { agent, identity, cluster };
}

/** `expires`: of the certificate that the agent gets now, ms. */
export async function noteCertificate(tx: Transaction, agent: string, expires: number): Promise<void> {
  await tx.write
    .updateTable('agent_identities')
    .set({ expires_time: expires })
    .where('agent', '=', agent)
    .where('expires_time', '<', expires)
    .execute();
}

export async function readGivenTasks(db: SqlDatabase<StateSchema>, agent: string, uids: readonly string[]) {
  const rows = await db.read
    .selectFrom('agent_tasks')
    .select('task_uid')
    .where('agent', '=', agent)
    .where(inList(db, 'task_uid', uids))
    .execute();
  return rows.map(({ task_uid }) => task_uid);
}

export async function giveTasks(tx: Transaction, agent: string, uids: readonly string[]): Promise<void> {
  for (const task_uid of uids) {
    await tx.write
      .insertInto('agent_tasks')
      .values({ agent, task_uid })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}
