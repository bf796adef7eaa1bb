// What the restore guard (rule R13) keeps in the store and asks of it.
import { keepFirstMarks } from './audit-marks.js';
import { inList, type SqlDatabase, type Upsert } from './database.js';
import { objectParameters, objectText, UPSERT_OBJECT } from './object-row.js';
import type { ConsumedPoint, FoundRestore, SeenVersions, StoreCheckpoint } from './restore-book.js';
import type { StateSchema } from './schema.js';
import { renumberCurrent } from './task-revisions.js';
import type { WriteTransaction } from './write-queue.js';

type Transaction = WriteTransaction<StateSchema>;
type Database = SqlDatabase<StateSchema>;

/** Restores that are remembered: who audits looks at the last few. */
const RESTORES_MAX = 20;
/** Rows rewritten at a time; between slices the event loop gets its turn. */
const SLICE = 500;
/** Changes that a checkpoint period (10 s) may have seen after the last checkpoint: 40,000 a second for some periods. */
const VERSIONS_SKIPPED = 2_000_000;
/** Edits of one task that may have been lost beyond the one that its trigger record names. */
const GENERATIONS_SKIPPED = 10;
/** The same where no record names it: one task is not edited more often than that in the long run. */
const MS_PER_GENERATION = 60_000;

const SKIPPED_FROM = 'versions_skipped_from';
const SKIPPED_TO = 'versions_skipped_to';

const UPSERT_CHECKPOINT: Upsert = {
  table: 'checkpoints',
  columns: ['id', 'number', 'mark', 'next_mark', 'time'],
  key: ['id'],
  update: ['number', 'mark', 'next_mark', 'time'],
};

export async function readCheckpoint(db: Database): Promise<StoreCheckpoint | undefined> {
  const row = await db.read.selectFrom('checkpoints').selectAll().executeTakeFirst();
  if (row === undefined) return undefined;
  return { number: row.number, mark: row.mark, nextMark: row.next_mark, time: row.time };
}

export async function writeCheckpoint(tx: Transaction, checkpoint: Omit<StoreCheckpoint, 'time'>): Promise<void> {
  const { number, mark, nextMark } = checkpoint;
  await tx.upsert(UPSERT_CHECKPOINT, [[1, number, mark, nextMark, tx.now]]);
}

/** Latest first. */
export async function readRestores(db: Database): Promise<FoundRestore[]> {
  const rows = await db.read.selectFrom('restores').selectAll().orderBy('id', 'desc').limit(RESTORES_MAX).execute();
  return rows.map(({ what, back_to, until }) => ({ what: what as FoundRestore['what'], backTo: back_to, until }));
}

export async function noteRestore(tx: Transaction, { what, backTo, until }: FoundRestore): Promise<void> {
  await tx.write.insertInto('restores').values({ what, back_to: backTo, until }).execute();
}

/** Per slot the latest time point that has a run row or was audited. */
export async function consumedPoints(db: Database, taskUids: readonly string[]): Promise<ConsumedPoint[]> {
  if (taskUids.length === 0) return [];
  const runs = db.read
    .selectFrom('runs')
    .select(({ fn }) => ['task_uid', 'slot', fn.max('scheduled_time').as('up_to')])
    .where(inList(db, 'task_uid', taskUids))
    .where('scheduled_time', 'is not', null)
    .groupBy(['task_uid', 'slot']);
  const marks = db.read
    .selectFrom('audit_marks')
    .select(['task_uid', 'slot', 'up_to'])
    .where(inList(db, 'task_uid', taskUids));
  const rows = [...(await runs.execute()), ...(await marks.execute())];
  return rows.map(({ task_uid, slot, up_to }) => ({ taskUid: task_uid, slot, upTo: Number(up_to) }));
}

/** The versions in between are noted: whoever reads changes one after the other takes a gap for changes that he missed. */
async function skipVersions(tx: Transaction, upTo: number): Promise<void> {
  const from = tx.nextVersion() - 1;
  tx.skipVersions(Math.max(from + 1, upTo));
  await tx.upsert({ table: 'counters', columns: ['name', 'value'], key: ['name'], update: ['value'] }, [
    [SKIPPED_FROM, from],
    [SKIPPED_TO, Math.max(from + 1, upTo) + 1],
  ]);
}

/** The latest gap in the versions: `from` was the last before it, `to` the first behind it. */
export async function skippedVersions(db: Database): Promise<{ from: number; to: number } | undefined> {
  const rows = await db.read
    .selectFrom('counters')
    .selectAll()
    .where('name', 'in', [SKIPPED_FROM, SKIPPED_TO])
    .execute();
  const value = (name: string) => rows.find((row) => row.name === name)?.value;
  const [from, to] = [value(SKIPPED_FROM), value(SKIPPED_TO)];
  return from === undefined || to === undefined ? undefined : { from, to };
}

/**
 * Makes what this store will say from now on different from all that it said between the backup and its restore: versions
 * and generations that somebody may remember are not used a second time.
 */
export async function leaveVersionsBehind(tx: Transaction, seen: SeenVersions): Promise<void> {
  await skipVersions(tx, seen.resourceVersion + VERSIONS_SKIPPED);
  const skipped = GENERATIONS_SKIPPED + Math.floor(Math.max(0, seen.ageMs) / MS_PER_GENERATION);
  for (let after = 0; ; ) {
    const rows = await tx.write
      .selectFrom('objects')
      .selectAll()
      .where('id', '>', after)
      .where((where) =>
        where.or([
          where('kind', '=', 'Task'),
          where.and([where('kind', '=', 'Cluster'), where('name', '=', 'default')]),
        ]),
      )
      .orderBy('id')
      .limit(SLICE)
      .execute();
    if (rows.length === 0) break;
    after = rows.at(-1)!.id;
    await keepFirstMarks(tx, rows);
    const next = rows.map((row) => {
      const revision = seen.revisions[row.uid] ?? 0;
      const generation = row.kind === 'Task' ? Math.max(row.generation, revision) + skipped : row.generation;
      return { ...row, generation, resource_version: tx.nextVersion() };
    });
    await tx.upsert(UPSERT_OBJECT, next.map(objectParameters));
    for (const [i, row] of next.entries()) {
      const { kind, resource_version: resourceVersion } = row;
      tx.changed({
        ...{ type: 'MODIFIED', resourceVersion, kind: kind as 'Task', object: objectText(row) },
        previous: objectText(rows[i]!),
      });
    }
    await tx.breathe();
  }
  await renumberCurrent(tx);
}
