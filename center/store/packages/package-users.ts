// Which tasks use a package: what keeps it from being deleted.
import { CloudTaskError } from '../../../base/index.js';
import type { ObjectRow } from '../object-row.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';

/** Tasks that a refusal names. */
const NAMED_MAX = 5;

/** Throws CT_CONFLICT, which names the tasks. */
export async function requireUnused(tx: WriteTransaction<StateSchema>, row: ObjectRow): Promise<void> {
  const path = tx.dialect.jsonText('spec', ['run', 'package', 'name']);
  const rows = await tx.write
    .selectFrom('objects')
    .select('name')
    .where('kind', '=', 'Task')
    .where('namespace', '=', row.namespace)
    .where(path, '=', row.name)
    .orderBy('name')
    .execute();
  if (rows.length === 0) return;
  const names = rows.slice(0, NAMED_MAX).map(({ name }) => name);
  const more = rows.length > names.length ? ` and ${rows.length - names.length} more` : '';
  throw new CloudTaskError('CT_CONFLICT', {
    subject: `Package ${row.namespace}/${row.name}`,
    detail: `${rows.length === 1 ? 'a task uses' : `${rows.length} tasks use`} it: ${names.join(', ')}${more}`,
    hint: 'let them run something else, or delete them first',
  });
}
