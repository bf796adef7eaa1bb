// Entries are appended inside the transaction of the write that they tell of: neither is there without the other, and none
// is lost when the center dies. The order of the chain is that of the commits: one transaction writes at a time, since on
// PostgreSQL each holds the row of the version counter, and on SQLite there is one writer.
import { type AuditAnchor, changeHash, type Run } from '../../../manifests/index.js';
import type { SqlDatabase } from '../database.js';
import { iso } from '../iso-time.js';
import type { ObjectRow } from '../object-row.js';
import type { ObjectText } from '../repository-types.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';
import { APPEND_ENTRY, type AuditedObject, linked } from './audit-row.js';
import type { AuditSource } from './audit-trail.js';

type Transaction = WriteTransaction<StateSchema>;
type Content = Pick<ObjectRow, 'labels' | 'metadata' | 'spec'>;

/** What a write did to one object. */
export interface WrittenObject {
  readonly before: ObjectRow | undefined;
  readonly row: ObjectRow;
}

/** Of several objects that one request is about, `source` is common to all. */
export async function appendAudit(
  tx: Transaction,
  drafts: readonly AuditedObject[],
  source: AuditSource,
): Promise<void> {
  if (drafts.length === 0) return;
  let { sequence, hash: previousHash } = await readHead(tx.write);
  const time = tx.now;
  const isoTime = iso(time);
  const rows = drafts.map((draft) => {
    sequence += 1;
    const { hash, parameters } = linked(source, draft, { sequence, time, isoTime, previousHash });
    previousHash = hash;
    return parameters;
  });
  await tx.upsert(APPEND_ENTRY, rows);
}

/** The latest entry; the anchor when all are pruned, or none was ever written. */
export async function readHead(db: SqlDatabase<StateSchema>['read']): Promise<AuditAnchor> {
  const last = await db
    .selectFrom('audit_entries')
    .select(['seq', 'hash'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last === undefined ? readAnchor(db) : { sequence: last.seq, hash: last.hash };
}

export async function readAnchor(db: SqlDatabase<StateSchema>['read']): Promise<AuditAnchor> {
  const { seq, hash } = await db.selectFrom('audit_anchor').select(['seq', 'hash']).executeTakeFirstOrThrow();
  return { sequence: seq, hash };
}

/** Objects that were created or changed. A creation is answered 201, but for an apply of several. */
export async function auditWritten(
  tx: Transaction,
  written: readonly WrittenObject[],
  source: AuditSource | undefined,
): Promise<void> {
  if (source === undefined) return;
  const created = source.verb === 'apply' ? 200 : 201;
  const drafts = written.map(({ before, row }) => ({
    ...aboutObject(row),
    status: before === undefined ? created : 200,
    change: changeOf(before, row),
  }));
  await appendAudit(tx, drafts, source);
}

/** An object that is gone, or that begins to go (202). */
export async function auditDeleted(
  tx: Transaction,
  row: ObjectRow,
  { version, begun = false }: { version: number; begun?: boolean },
  source: AuditSource | undefined,
): Promise<void> {
  if (source === undefined) return;
  const about = { ...aboutObject(row), resourceVersion: version, status: begun ? 202 : 200 };
  await appendAudit(tx, [{ ...about, change: changeOf(row, begun ? row : undefined) }], source);
}

/** A run that was made (`before` absent), cancelled, or deleted (`deleted`, as it was told last). */
export async function auditRun(
  tx: Transaction,
  { before, after, deleted }: { before?: ObjectText; after?: ObjectText; deleted?: ObjectText },
  source: AuditSource | undefined,
): Promise<void> {
  if (source === undefined) return;
  const was = runOf(before ?? deleted);
  const is = runOf(after);
  const { namespace, name, resourceVersion } = JSON.parse((after ?? deleted)!).metadata as Run['metadata'];
  const about = { kind: 'Run', namespace: namespace ?? '', name, status: was === null ? 201 : 200 };
  const draft = { ...about, resourceVersion: Number(resourceVersion), change: changeHash(was, is) };
  await appendAudit(tx, [draft], source);
}

function runOf(text: ObjectText | undefined): string | null {
  if (text === undefined) return null;
  const { metadata, spec } = JSON.parse(text) as Run;
  const { labels, ownerReferences } = metadata;
  return JSON.stringify({ metadata: { labels, ownerReferences }, spec });
}

function aboutObject({ kind, namespace, name, resource_version: resourceVersion }: ObjectRow) {
  return { kind, namespace, name, resourceVersion };
}

function changeOf(before: Content | undefined, after: Content | undefined): string {
  return changeHash(before === undefined ? null : contentOf(before), after === undefined ? null : contentOf(after));
}

/** All of these are JSON in fixed orders already. */
function contentOf({ labels, metadata, spec }: Content): string {
  if (labels === '{}') return `{"metadata":${metadata},"spec":${spec}}`;
  return `{"metadata":{"labels":${labels}${metadata === '{}' ? '' : `,${metadata.slice(1, -1)}`}},"spec":${spec}}`;
}
