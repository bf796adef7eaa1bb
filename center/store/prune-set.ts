// Members of an applyset that are applied no more go in the same transaction (C-11, G-10).
import { CloudTaskError } from '../../base/index.js';
import { type Access, type AnyObject, APPLYSET, allows, type KindName, kinds, PRUNE } from '../../manifests/index.js';
import type { AuditSource } from './audit/audit-trail.js';
import { type ObjectRow, objectText } from './object-row.js';
import { deleteObject, isBuiltIn } from './objects.js';
import type { OutcomeText } from './repository-types.js';
import type { StateSchema } from './schema.js';
import type { ExpectedPrune } from './store-types.js';
import type { WriteTransaction } from './write-queue.js';

type Transaction = WriteTransaction<StateSchema>;

export interface PruneOptions {
  readonly user?: string;
  /** Of the apply; absent for one that is not audited. */
  readonly audit?: AuditSource;
  /** What the user may; absent for what the center does by itself. */
  readonly access?: Access;
  readonly applyset: string;
  /** What the caller was shown; anything else is CT_CONFLICT. */
  readonly expected?: readonly ExpectedPrune[];
}

/** Deletes the members of a set that are not in `applied`, tasks before what they live in. What must not be deleted is
 * `kept`. */
export async function pruneSet(
  tx: Transaction,
  applied: readonly AnyObject[],
  { user = '', audit, access, applyset, expected }: PruneOptions,
): Promise<OutcomeText[]> {
  const named = new Set(applied.map(({ kind, metadata }) => keyText(kind, metadata.namespace ?? '', metadata.name)));
  const rows = (await members(tx, applyset)).filter(
    ({ kind, namespace, name }) => !named.has(keyText(kind, namespace, name)),
  );
  const doomed = rows.filter((row) => !keeps(row));
  if (expected !== undefined) requireExpected(doomed, expected, applyset);
  const options = { user, ...(audit === undefined ? {} : { audit: { ...audit, verb: 'prune' } }) };
  const outcomes: OutcomeText[] = [];
  for (const row of rows) {
    const previous = objectText(row);
    if (keeps(row)) {
      outcomes.push({ operation: 'kept', object: previous });
      continue;
    }
    if (access !== undefined) requireDelete(row, user, access);
    const key = { kind: row.kind as KindName, namespace: row.namespace, name: row.name };
    outcomes.push({ operation: 'pruned', object: await deleteObject(tx, key, options), previous });
  }
  return outcomes;
}

/** Whoever may apply a set may not yet delete all that was ever in it. Throws CT_FORBIDDEN. */
function requireDelete({ kind, namespace, name }: ObjectRow, user: string, access: Access): void {
  if (allows(access, { verb: 'delete', kind, namespace: namespace === '' ? undefined : namespace })) return;
  const subject = `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
  throw new CloudTaskError('CT_FORBIDDEN', { subject, detail: `"${user}" may not delete it, and it would be pruned` });
}

async function members(tx: Transaction, applyset: string): Promise<ObjectRow[]> {
  const rows = await tx.write
    .selectFrom('objects')
    .selectAll()
    .where(tx.dialect.jsonText('labels', [APPLYSET]), '=', applyset)
    .orderBy('namespace')
    .orderBy('name')
    .execute();
  const place = ({ kind }: ObjectRow) => kinds.findIndex((row) => row.kind === kind);
  return rows.sort((a, b) => place(a) - place(b));
}

function keeps(row: ObjectRow): boolean {
  if (isBuiltIn(row)) return true;
  const { annotations } = JSON.parse(row.metadata) as { annotations?: Record<string, string> };
  return annotations?.[PRUNE] === 'disabled';
}

function requireExpected(doomed: readonly ObjectRow[], expected: readonly ExpectedPrune[], applyset: string): void {
  const versions = new Map(
    expected.map((one) => [keyText(one.kind, one.namespace ?? '', one.name), one.resourceVersion]),
  );
  const same = doomed.every(
    (row) => versions.get(keyText(row.kind, row.namespace, row.name)) === String(row.resource_version),
  );
  if (same && doomed.length === versions.size) return;
  throw new CloudTaskError('CT_CONFLICT', {
    detail: `what applyset "${applyset}" would lose has changed since the plan was made`,
    hint: 'make a new plan',
  });
}

const keyText = (kind: string, namespace: string, name: string): string => `${kind}/${namespace}/${name}`;
