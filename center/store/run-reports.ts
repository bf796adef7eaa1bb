import { isDeepStrictEqual } from 'node:util';
import {
  type Run,
  type RunReport,
  type RunReportReply,
  type RunState,
  runRank,
  runTransitions,
} from '../../manifests/index.js';
import type { AttributedReport } from './attributed-report.js';
import { inList, type SqlValue } from './database.js';
import { noteResults } from './dependencies/results.js';
import { type KeyedEvent, runEvents, upsertEvents } from './events.js';
import { lateWords } from './late-words.js';
import { noteRunNews } from './notifications/note-news.js';
import { noteBegun, noteEnded } from './notifications/note-over.js';
import { isOfTimePoint, LATE_MIN_MS, noteLateStarts } from './notifications/note-overdue.js';
import {
  progressOf,
  type RunRow,
  runParameters,
  runStatusOf,
  runText,
  runTextBefore,
  specOf,
  specOfReport,
  statusOfReport,
  UPSERT_RUN,
} from './run-row.js';
import type { StateSchema } from './schema.js';
import type { WriteTransaction } from './write-queue.js';

type Transaction = WriteTransaction<StateSchema>;

/** Rows merged and written at a time; between slices the event loop gets its turn. */
const SLICE = 250;

export interface MergeReply extends RunReportReply {
  /** Runs that the reports have changed. */
  readonly changed: number;
}

/**
 * Merges batches of reports into the runs (rule R10): by rank, and only along `runTransitions`; what is outranked is
 * accepted and changes nothing. Refused for good is a report about a run that is not stored and whose task does not exist.
 */
export async function mergeReports(
  tx: Transaction,
  batches: readonly (readonly AttributedReport[])[],
): Promise<MergeReply[]> {
  const all = batches.flat();
  const runs = await readRuns(tx, [...new Set(all.map(({ report }) => report.uid))]);
  const tasks = await knownTasks(tx, [...new Set(all.map(({ report }) => report.taskUid))]);
  const replies: MergeReply[] = [];
  const ended: AttributedReport[] = [];
  const results: RunRow[] = [];
  const late: RunRow[] = [];
  const notes: KeyedEvent[] = [];
  let rows: SqlValue[][] = [];
  const flush = async () => {
    if (rows.length > 0) await tx.upsert(UPSERT_RUN, rows);
    rows = [];
  };
  for (const batch of batches) {
    const accepted: string[] = [];
    const refused: { uid: string; reason: string }[] = [];
    let changed = 0;
    for (const { report, agent } of batch) {
      const before = runs.get(report.uid);
      if (before === undefined && !tasks.has(report.taskUid)) {
        refused.push({ uid: report.uid, reason: 'the task does not exist' });
        continue;
      }
      accepted.push(report.uid);
      if (before !== undefined && isFormer(before, agent)) {
        notes.push(...lateWords(before, report, agent, tx.now));
        continue;
      }
      const next =
        before === undefined
          ? insertRun(tx, report, agent, tasks.get(report.taskUid))
          : advanceRun(tx, before, report, agent);
      if (next === undefined) continue;
      changed += 1;
      runs.set(report.uid, next);
      if (isLateStart(before, report)) late.push(next);
      if (next.final === 1 && before?.state !== next.state) {
        ended.push({ report, agent });
        results.push(next);
      }
      if (rows.push(runParameters(next)) < SLICE) continue;
      await flush();
      await tx.breathe();
    }
    replies.push({ accepted, refused, changed });
  }
  await flush();
  await noteResults(tx, results);
  await noteBegun(tx, late);
  await noteLateStarts(tx, late);
  await noteEnded(tx, results);
  await noteRunNews(tx, results);
  await upsertEvents(tx, [...runEvents(ended, tx.now), ...notes]);
  return replies;
}

/** Its first process began later than at its time point; nobody has said so before. */
function isLateStart(before: RunRow | undefined, { trigger, startTime, scheduledTime }: RunReport): boolean {
  if (!isOfTimePoint(trigger)) return false;
  if (startTime === undefined || scheduledTime === null || startTime - scheduledTime < LATE_MIN_MS) return false;
  return before === undefined || runStatusOf(before).startTime === undefined;
}

/** `taskLabels`: those of the task as it is now, JSON; a run keeps them. */
function insertRun(tx: Transaction, report: RunReport, agent: string | null, taskLabels: string | undefined): RunRow {
  const row: RunRow = {
    uid: report.uid,
    namespace: report.namespace,
    name: report.name,
    task_uid: report.taskUid,
    slot: report.slot,
    scheduled_time: report.scheduledTime,
    created_time: tx.now,
    labels: taskLabels === undefined || taskLabels === '{}' ? null : taskLabels,
    ...progressOf(report, tx.now),
    agent,
    resource_version: tx.nextVersion(),
    spec: JSON.stringify(specOfReport(report)),
    status: JSON.stringify(statusOfReport(report, agent)),
  };
  tx.changed({ type: 'ADDED', resourceVersion: row.resource_version, kind: 'Run', object: runText(row) });
  return row;
}

/** The run is another agent's by now (run-continuation.ts), or that one decided it: what this one says comes too late. */
function isFormer(before: RunRow, agent: string | null): agent is string {
  return agent !== null && before.agent !== null && agent !== before.agent;
}

/** The row after the report; undefined when the report tells nothing new or comes too late. */
function advanceRun(tx: Transaction, before: RunRow, report: RunReport, agent: string | null): RunRow | undefined {
  const state = before.state as RunState;
  if (runRank(report.state, report.attempt) < before.rank) return undefined;
  const allowed: readonly RunState[] = runTransitions[state];
  if (report.state !== state && !allowed.includes(report.state)) return undefined;
  const status = JSON.stringify(statusOfReport(report, agent ?? before.agent));
  if (report.state === state && isDeepStrictEqual(runStatusOf(before), JSON.parse(status))) return undefined;
  // What a person asked for (arguments, cancellation) is not in reports, and a report never takes it away.
  const was = specOf(before);
  const spec: Run['spec'] = { ...was, ...specOfReport(report) };
  // An attempt that another agent makes after an edit runs what the task says by then; the time point was due by what the agent
  // of the first attempt has said. What the leader states in an agent's place is only known to be that of its moment.
  if (report.scheduledTime !== null && before.agent !== null) spec.revision = was.revision;
  const row: RunRow = {
    ...before,
    ...progressOf(report, tx.now),
    agent: agent ?? before.agent,
    resource_version: tx.nextVersion(),
    spec: JSON.stringify(spec),
    status,
  };
  tx.changed({
    type: 'MODIFIED',
    resourceVersion: row.resource_version,
    kind: 'Run',
    object: runText(row),
    previous: runTextBefore(before),
  });
  return row;
}

async function readRuns(tx: Transaction, uids: readonly string[]): Promise<Map<string, RunRow>> {
  const rows = await tx.write
    .selectFrom('runs')
    .selectAll()
    .where(inList(tx, 'uid', uids))
    .execute();
  return new Map(rows.map((row) => [row.uid, row]));
}

/** The labels, as JSON, of those of the tasks that exist. */
async function knownTasks(tx: Transaction, uids: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.write
    .selectFrom('objects')
    .select(['uid', 'labels'])
    .where(inList(tx, 'uid', uids))
    .where('kind', '=', 'Task')
    .execute();
  return new Map(rows.map(({ uid, labels }) => [uid, labels]));
}
