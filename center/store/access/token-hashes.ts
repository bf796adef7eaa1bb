// Tokens of users: an ordinary object each, so that they are listed, watched and taken away as all objects are; its secret
// is known by the SHA-256 beside it.
import { newUid } from '../../../base/index.js';
import type { TokenScope } from '../../../manifests/index.js';
import { auditWritten } from '../audit/append-audit.js';
import type { AuditSource } from '../audit/audit-trail.js';
import type { SqlDatabase } from '../database.js';
import { iso } from '../iso-time.js';
import { notFound } from '../object-errors.js';
import { type ObjectRow, objectParameters, objectText, UPSERT_OBJECT } from '../object-row.js';
import { updateObjectStatus } from '../objects.js';
import type { ObjectText } from '../repository-types.js';
import type { StateSchema } from '../schema.js';
import { findToken } from '../tokens.js';
import type { WriteTransaction } from '../write-queue.js';
import type { Credential, NewJoinToken, NewToken } from './access-book.js';
import { readOwner, uidOf } from './owners.js';

/** Random hex digits at the end of a token's name. */
const SUFFIX_CHARS = 8;

/** See AccessBook.token. */
export async function readToken(
  db: SqlDatabase<StateSchema>,
  sha256: string,
  now: number,
): Promise<Credential | undefined> {
  const ofFile = await findToken(db, sha256);
  if (ofFile !== undefined) return { owner: { kind: 'File', name: ofFile.subject, role: ofFile.role } };
  const row = await db.read
    .selectFrom('token_hashes as h')
    .innerJoin('objects as o', 'o.uid', 'h.token_uid')
    .select(['o.name', 'o.spec', 'h.owner_uid'])
    .where('h.sha256', '=', sha256)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { scope, expires: text } = JSON.parse(row.spec) as { scope?: TokenScope; expires: string };
  const expires = Date.parse(text);
  if (expires <= now) return undefined;
  const owner = await readOwner(db.read, row.owner_uid, now);
  return owner && { owner, token: row.name, expires, ...(scope === undefined ? {} : { scope }) };
}

/** See AccessBook.tokenUsed. */
export async function noteTokenUse(tx: WriteTransaction<StateSchema>, name: string, everyMs: number): Promise<void> {
  const row = await tx.write
    .selectFrom('objects')
    .select('status')
    .where('kind', '=', 'Token')
    .where('namespace', '=', '')
    .where('name', '=', name)
    .executeTakeFirst();
  if (row === undefined) return;
  const { lastUsedTime } = JSON.parse(row.status ?? '{}') as { lastUsedTime?: string };
  if (lastUsedTime !== undefined && tx.now - Date.parse(lastUsedTime) < everyMs) return;
  await updateObjectStatus(tx, { kind: 'Token', namespace: '', name }, { lastUsedTime: iso(tx.now) });
}

/** See AccessBook.createToken. */
export async function createToken(
  tx: WriteTransaction<StateSchema>,
  { sha256, owner, description, scope, expires, user }: NewToken,
  audit: AuditSource | undefined,
): Promise<ObjectText> {
  const ownerUid = await uidOf(tx.write, owner.kind, owner.name);
  if (ownerUid === undefined) throw notFound({ kind: owner.kind, namespace: '', name: owner.name });
  const spec = {
    ...{ owner, expires: iso(expires), createdBy: user },
    ...(description === undefined ? {} : { description }),
    ...(scope === undefined ? {} : { scope }),
  };
  const { uid, object } = await writeToken(tx, owner.name, spec, audit);
  await tx.write.insertInto('token_hashes').values({ sha256, token_uid: uid, owner_uid: ownerUid }).execute();
  return object;
}

/** See AccessBook.createJoinToken. No request is taken with its secret: it is in a table of its own. */
export async function createJoinToken(
  tx: WriteTransaction<StateSchema>,
  { sha256, cluster, uses, description, expires, user }: NewJoinToken,
  audit: AuditSource | undefined,
): Promise<ObjectText> {
  const spec = {
    ...{ owner: { kind: 'Agents', name: cluster }, expires: iso(expires), createdBy: user, uses },
    ...(description === undefined ? {} : { description }),
  };
  const { uid, name, object } = await writeToken(tx, 'join', spec, audit);
  await tx.write
    .insertInto('join_tokens')
    .values({ sha256, token_uid: uid, token: name, cluster, uses_left: uses, expires_time: expires })
    .execute();
  return object;
}

async function writeToken(
  tx: WriteTransaction<StateSchema>,
  prefix: string,
  spec: object,
  audit: AuditSource | undefined,
): Promise<{ readonly uid: string; readonly name: string; readonly object: ObjectText }> {
  const version = tx.nextVersion();
  const uid = newUid();
  const name = `${prefix}-${uid.replaceAll('-', '').slice(-SUFFIX_CHARS)}`;
  const row: ObjectRow = {
    ...{ uid, kind: 'Token', namespace: '', name },
    ...{ resource_version: version, created_version: version, generation: 1, created_time: tx.now },
    ...{ labels: '{}', metadata: '{}', spec: JSON.stringify(spec), status: null, reported_labels: null },
    ...{ deletion_time: null, managed: null, deletion_author: null },
  };
  await tx.upsert(UPSERT_OBJECT, [objectParameters(row)]);
  const object = objectText(row);
  tx.changed({ type: 'ADDED', resourceVersion: version, kind: 'Token', object });
  await auditWritten(tx, [{ before: undefined, row }], audit);
  return { uid, name, object };
}
