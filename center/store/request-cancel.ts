import { formatDuration, parseDuration } from '../../base/index.js';
import {
  type RunReport,
  type RunState,
  type RunStatus,
  runRank,
  type TaskSpec,
  taskPolicy,
} from '../../manifests/index.js';
import { auditRun } from './audit/append-audit.js';
import type { AuditSource } from './audit/audit-trail.js';
import { noteResults } from './dependencies/results.js';
import { runEvents, upsertEvents } from './events.js';
import { iso } from './iso-time.js';
import type { ObjectText } from './repository-types.js';
import { type RunRow, runText, specOf } from './run-row.js';
import { requireRun, writeRun } from './runs.js';
import type { StateSchema } from './schema.js';
import type { CancelAsk } from './store-types.js';
import type { WriteTransaction } from './write-queue.js';

type Transaction = WriteTransaction<StateSchema>;

/** See `Store.requestCancel`. Throws CT_NOT_FOUND. */
export async function requestCancel(
  tx: Transaction,
  { namespace, name }: { namespace: string; name: string },
  ask: CancelAsk = {},
  audit?: AuditSource,
): Promise<ObjectText> {
  const row = await requireRun(tx, namespace, name);
  const text = await withCancel(tx, row, ask);
  const before = runText(row);
  if (text !== before) await auditRun(tx, { before, after: text }, audit);
  return text;
}

/** The same text when the run is over, or is cancelled already and gets no shorter grace. */
async function withCancel(tx: Transaction, row: RunRow, { gracePeriodMs, reason }: CancelAsk): Promise<ObjectText> {
  if (row.final === 1) return runText(row);
  const before = specOf(row);
  const grace = gracePeriodMs === undefined ? {} : { cancelGracePeriod: formatDuration(gracePeriodMs) };
  if (before.cancelRequestedTime !== undefined) {
    if (gracePeriodMs === undefined || gracePeriodMs >= (await graceOf(tx, before))) return runText(row);
    return writeRun(tx, { ...row, spec: JSON.stringify({ ...before, ...grace }) }, row);
  }
  const cancelReason = reason === undefined ? {} : { cancelReason: reason };
  const spec = JSON.stringify({ ...before, cancelRequestedTime: iso(tx.now), ...grace, ...cancelReason });
  if (row.state !== 'Pending' || row.agent !== null) return writeRun(tx, { ...row, spec }, row);
  return cancelled(tx, row, spec);
}

/** Nobody has the run: it ends here. */
async function cancelled(tx: Transaction, row: RunRow, spec: string): Promise<ObjectText> {
  const status = { state: 'Cancelled', reason: 'CancelledByUser', endTime: iso(tx.now) } satisfies RunStatus;
  const next: RunRow = {
    ...row,
    spec,
    state: 'Cancelled',
    rank: runRank('Cancelled', 0),
    final: 1,
    finish_time: tx.now,
    status: JSON.stringify(status),
  };
  const text = await writeRun(tx, next, row);
  await noteResults(tx, [next]);
  await upsertEvents(tx, runEvents([{ report: reportOf(next), agent: null }], tx.now));
  return text;
}

/** What holds by now, ms: what was asked for before, else the task's. */
async function graceOf(tx: Transaction, run: ReturnType<typeof specOf>): Promise<number> {
  const asked = parseDuration(run.cancelGracePeriod ?? '');
  if (asked !== undefined) return asked;
  const task = await tx.write
    .selectFrom('objects')
    .select('spec')
    .where('uid', '=', run.taskUid)
    .where('kind', '=', 'Task')
    .executeTakeFirst();
  // Of a task that is gone nothing is known: any grace period that is asked for counts.
  return task === undefined ? Number.POSITIVE_INFINITY : taskPolicy(JSON.parse(task.spec) as TaskSpec).gracePeriodMs;
}

function reportOf(row: RunRow): RunReport {
  const { task, taskUid, slot, revision, trigger } = specOf(row);
  const { uid, name, namespace } = row;
  return {
    ...{ uid, name, namespace, task, taskUid, slot, revision, trigger },
    scheduledTime: null,
    schedule: null,
    state: row.state as RunState,
    attempts: [],
    attempt: 0,
  };
}
