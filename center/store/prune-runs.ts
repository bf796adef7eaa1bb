import { sql } from 'kysely';
import type { SqlDatabase } from './database.js';
import type { StateSchema } from './schema.js';

/** Runs deleted per transaction: reports must not wait behind a task with a long past. */
export const PRUNE_SLICE = 500;

/** Rule R12: a scheduled run that the audit has not passed yet stays, or the audit would call its time point lost. */
const AUDITED = sql<boolean>`(scheduled_time is null or scheduled_time <= (
  select up_to from audit_marks where audit_marks.task_uid = runs.task_uid and audit_marks.slot = runs.slot))`;

/** Records of time points that did not run. They have a share of the history of their own: the many of one outage must not
 * push out the runs before it. */
const UNRUN = ['Skipped', 'Missed'] as const;

/** Uids of finished runs of a task beyond its `runs` newest, or ended before `olderThan`; oldest first, a slice of them. The limit
 * holds for runs that ran and for those that did not, each by itself. */
export async function runsBeyondLimits(
  db: SqlDatabase<StateSchema>,
  taskUid: string,
  limits: { runs: number; olderThan: number },
): Promise<string[]> {
  const { read } = db;
  const oldestKept = (operator: 'in' | 'not in') =>
    read
      .selectFrom('runs')
      .select('id')
      .where('task_uid', '=', taskUid)
      .where('final', '=', 1)
      .where('state', operator, UNRUN)
      .orderBy('id', 'desc')
      .limit(1)
      .offset(Math.max(0, limits.runs - 1));
  const rows = await read
    .selectFrom('runs')
    .select('uid')
    .where('task_uid', '=', taskUid)
    .where('final', '=', 1)
    .where(AUDITED)
    .where(({ eb, or, and }) =>
      or([
        and([eb('state', 'not in', UNRUN), eb('id', '<', oldestKept('not in'))]),
        and([eb('state', 'in', UNRUN), eb('id', '<', oldestKept('in'))]),
        eb('finish_time', '<', limits.olderThan),
      ]),
    )
    .orderBy('id')
    .limit(PRUNE_SLICE)
    .execute();
  return rows.map(({ uid }) => uid);
}

/** Uids of finished runs whose task is gone, a slice of them. Those that were to stay go when they ended before `keptSince`. */
export async function orphanRuns(db: SqlDatabase<StateSchema>, limit: number, keptSince: number): Promise<string[]> {
  const rows = await db.read
    .selectFrom('runs')
    .select('uid')
    .where('final', '=', 1)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('objects').select('objects.id').whereRef('objects.uid', '=', 'runs.task_uid'))),
    )
    .where(({ eb, or }) => or([eb('orphaned', '=', 0), eb('finish_time', '<', keptSince)]))
    .orderBy('id')
    .limit(Math.min(limit, PRUNE_SLICE))
    .execute();
  return rows.map(({ uid }) => uid);
}
