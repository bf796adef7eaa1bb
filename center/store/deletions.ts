// How a task goes (C-18, A-11, A-12): at once, with its runs after it; at once, its runs kept; or when its runs have been
// ended, which the leader sees to.
import { CloudTaskError } from '../../base/index.js';
import { auditDeleted } from './audit/append-audit.js';
import type { AuditSource } from './audit/audit-trail.js';
import { type ObjectRow, objectParameters, objectText, UPSERT_OBJECT } from './object-row.js';
import type { ObjectText } from './repository-types.js';
import { type RunRow, runText, runTextBefore } from './run-row.js';
import type { StateSchema } from './schema.js';
import { keepEdits } from './task-edits.js';
import type { WriteTransaction } from './write-queue.js';

type Transaction = WriteTransaction<StateSchema>;

/** Runs marked at a time; between slices the event loop gets its turn. */
const SLICE = 500;

/** Marks the task as going. Its generation grows, so that the leader takes it out of force; it stays until `finish`. */
export async function beginDeletion(
  tx: Transaction,
  row: ObjectRow,
  author: string,
  audit: AuditSource | undefined,
): Promise<ObjectText> {
  if (row.deletion_time !== null) return objectText(row);
  const next = {
    ...row,
    deletion_time: tx.now,
    deletion_author: author,
    generation: row.generation + 1,
    resource_version: tx.nextVersion(),
  };
  await tx.upsert(UPSERT_OBJECT, [objectParameters(next)]);
  await keepEdits(tx, [row]);
  const object = objectText(next);
  tx.changed({
    ...{ type: 'MODIFIED', kind: 'Task', object, previous: objectText(row) },
    resourceVersion: next.resource_version,
  });
  await auditDeleted(tx, row, { version: next.resource_version, begun: true }, audit);
  return object;
}

/** A task that is going is not changed any more. Throws CT_CONFLICT. */
export function requireStaying(row: ObjectRow | undefined): void {
  if (row === undefined || row.deletion_time === null) return;
  throw new CloudTaskError('CT_CONFLICT', {
    subject: `${row.kind} ${row.namespace}/${row.name}`,
    detail: 'it is being deleted',
    hint: 'wait until it is gone, or delete it with --cascade=background, which does not wait for its runs',
  });
}

/** The runs of a task that goes are nobody's: they stay until they are old. */
export async function orphanRunsOf(tx: Transaction, taskUid: string): Promise<void> {
  for (let after = 0; ; ) {
    const rows = await tx.write
      .selectFrom('runs')
      .selectAll()
      .where('task_uid', '=', taskUid)
      .where('id', '>', after)
      .orderBy('id')
      .limit(SLICE)
      .execute();
    if (rows.length === 0) return;
    after = rows.at(-1)!.id;
    for (const before of rows) await orphan(tx, before);
    await tx.breathe();
  }
}

async function orphan(tx: Transaction, before: RunRow): Promise<void> {
  const row = { ...before, orphaned: 1, resource_version: tx.nextVersion() };
  const { orphaned, resource_version } = row;
  await tx.write.updateTable('runs').set({ orphaned, resource_version }).where('uid', '=', row.uid).execute();
  tx.changed({
    ...{ type: 'MODIFIED', kind: 'Run', object: runText(row), previous: runTextBefore(before) },
    resourceVersion: resource_version,
  });
}
