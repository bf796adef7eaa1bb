// Which tasks name a calendar: those that follow its changes, and that keep it from being deleted.
import { CloudTaskError } from '../../../base/index.js';
import { calendarReferences, type Task } from '../../../manifests/index.js';
import type { ObjectRow } from '../object-row.js';
import type { StateSchema } from '../schema.js';
import type { WriteTransaction } from '../write-queue.js';

type Transaction = WriteTransaction<StateSchema>;

/** Rows read at a time; between pages the event loop gets its turn. */
const PAGE = 500;
/** Tasks that a refusal names. */
const NAMED_MAX = 5;

/** The tasks of a namespace that name calendars, in pages. */
export async function* tasksWithCalendars(tx: Transaction, namespace: string): AsyncGenerator<readonly ObjectRow[]> {
  for (let after = ''; ; ) {
    const rows = await tx.write
      .selectFrom('objects')
      .selectAll()
      .where('kind', '=', 'Task')
      .where('namespace', '=', namespace)
      .where('name', '>', after)
      // A cheap look: other texts may have these letters, and whoever reads the row sees that.
      .where('spec', 'like', '%"calendars":[%')
      .orderBy('name')
      .limit(PAGE)
      .execute();
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.name;
    await tx.breathe();
  }
}

/** Throws CT_CONFLICT, which names the tasks. */
export async function requireUnusedCalendar(tx: Transaction, row: ObjectRow): Promise<void> {
  const users: string[] = [];
  for await (const rows of tasksWithCalendars(tx, row.namespace)) {
    for (const { name, spec } of rows) {
      if (calendarReferences(JSON.parse(spec) as Task['spec']).some((one) => one.name === row.name)) users.push(name);
    }
  }
  if (users.length === 0) return;
  const names = users.slice(0, NAMED_MAX);
  const more = users.length > names.length ? ` and ${users.length - names.length} more` : '';
  throw new CloudTaskError('CT_CONFLICT', {
    subject: `Calendar ${row.namespace}/${row.name}`,
    detail: `${users.length === 1 ? 'a task names' : `${users.length} tasks name`} it: ${names.join(', ')}${more}`,
    hint: 'take it out of their schedules, or delete them first',
  });
}
