// What the runs of tasks come to, for their status: what is open, how the latest ended, and how many were skipped since.
import type { RunState } from '../../manifests/index.js';
import { inList, type SqlDatabase } from './database.js';
import type { StateSchema } from './schema.js';
import type { LastFinished, RunSummary } from './store-types.js';

type Database = SqlDatabase<StateSchema>;

/** Latest finished runs per task among which the last to end is looked for: runs that overlap end out of order. */
const RECENT_FINISHED = 10;
/** More than so many Skipped ones are not told apart. */
const SKIPPED_MAX = 100;
/** Latest runs among which those of one group are looked for: all of two groups of the most shards that a task may have. */
const RECENT_OF_GROUPS = 2048;
/** Tasks summarised per statement, so that one call does not hold others up for long. */
const SLICE = 1000;

export async function runSummaries(db: Database, taskUids: readonly string[]): Promise<Map<string, RunSummary>> {
  const summaries = new Map<string, RunSummary>();
  for (let start = 0; start < taskUids.length; start += SLICE) {
    await summarise(db, taskUids.slice(start, start + SLICE), summaries);
  }
  return summaries;
}

async function summarise(db: Database, uids: readonly string[], summaries: Map<string, RunSummary>): Promise<void> {
  const open = await db.read
    .selectFrom('runs')
    .select(['task_uid', 'state'])
    .where('final', '=', 0)
    .where(inList(db, 'task_uid', uids))
    .execute();
  const states = new Map<string, RunState[]>();
  for (const { task_uid, state } of open) states.set(task_uid, [...(states.get(task_uid) ?? []), state as RunState]);
  const finished = await db.dialect.lastFinished(uids, RECENT_FINISHED, SKIPPED_MAX).execute(db.read);
  for (const { uid, last, skipped } of finished.rows) {
    const openStates = states.get(uid) ?? [];
    const common = { open: openStates.length, openStates, skipped };
    if (last === null) summaries.set(uid, common);
    else summaries.set(uid, { ...common, lastFinished: await worstOf(db, uid, JSON.parse(last) as FoundLast) });
  }
}

type FoundLast = LastFinished & { readonly id: number; readonly group: string | null };

/** Of several runs of the same time point, or request, the worst is what somebody should look at; it stands with the run's own end. */
async function worstOf(db: Database, taskUid: string, { id: _, group, ...last }: FoundLast): Promise<LastFinished> {
  if (group === null) return last;
  const ofGroup = await db.read
    .selectFrom((from) =>
      from
        .selectFrom('runs')
        .select(['name', 'state', 'finish_time', 'final', 'spec'])
        .where('task_uid', '=', taskUid)
        .orderBy('id', 'desc')
        .limit(RECENT_OF_GROUPS)
        .as('recent'),
    )
    .select(['name', 'state', 'finish_time'])
    .where('final', '=', 1)
    .where(db.dialect.jsonText('spec', ['group']), '=', group)
    .execute();
  let worst = last;
  for (const { name, state, finish_time } of ofGroup) {
    const one = { name, state: state as RunState, time: finish_time ?? last.time };
    const worse = badness(one.state) - badness(worst.state);
    if (worse > 0 || (worse === 0 && one.time > worst.time)) worst = one;
  }
  return worst;
}

const FROM_BAD_TO_WORSE: readonly RunState[] = ['Succeeded', 'Cancelled', 'Missed', 'TimedOut', 'Failed', 'Lost'];

/** -1: it was not to run. */
function badness(state: RunState): number {
  return FROM_BAD_TO_WORSE.indexOf(state);
}
