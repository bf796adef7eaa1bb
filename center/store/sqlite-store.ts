import { type Clock, CloudTaskError, invariant, type Logger } from '../../base/index.js';
import type {
  AnyObject,
  KindName,
  LogAppendReply,
  LogChunk,
  Run,
  RunReport,
  RunReportReply,
} from '../../manifests/index.js';
import { applyObjects } from './apply-objects.js';
import { auditedUpTo, deleteAuditMarks, setAuditMarks } from './audit-marks.js';
import { ChangeLog } from './change-log.js';
import { openDatabase, type SqlDatabase } from './database.js';
import { raiseEpoch, requireEpoch } from './epochs.js';
import { deleteOldEvents, keyedEvent, upsertEvents } from './events.js';
import { listObjects } from './list-objects.js';
import { listNewestFirst } from './list-runs.js';
import { appendChunks, deleteLogs, logLength, logOffsetSince, readLogSlice } from './logs.js';
import { logMigrations, stateMigrations } from './migrations/index.js';
import {
  deleteObject,
  ensureBuiltIns,
  getObject,
  getObjectByUid,
  getObjectsByUid,
  heartbeatAgent,
  updateObject,
  updateObjectStatus,
} from './objects.js';
import { orphanRuns, runsBeyondLimits } from './prune-runs.js';
import { ReportQueue } from './report-queue.js';
import { mergeReports } from './run-reports.js';
import type { RunRow } from './run-row.js';
import {
  assignRun,
  createRun,
  deleteRun,
  existingTimePoints,
  finishedRuns,
  getRun,
  getRunByUid,
  openRuns,
  removeRuns,
  requestCancel,
  runSummaries,
} from './runs.js';
import type { LogSchema, StateSchema } from './schema.js';
import type {
  ApplyOutcome,
  Change,
  LeaderFence,
  LeaderRunVerdict,
  ListOptions,
  ListReply,
  LogSlice,
  NewEvent,
  NewRun,
  ObjectKey,
  RunSummary,
  Store,
  Stored,
  TokenRow,
} from './store.js';
import { storeFiles } from './store-files.js';
import { findToken, putToken } from './tokens.js';
import { type VersionCounter, WriteQueue, type WriteTransaction } from './write-queue.js';

/** Events deleted per transaction. */
const EVENT_SLICE = 1000;

export interface SqliteStoreOptions {
  /** File of the database of definitions and runs; logs and lock lie beside it. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Of definitions and runs; FULL unless given. Logs are always NORMAL. */
  readonly synchronous?: 'FULL' | 'NORMAL';
  /** The worker's program, when it is not beside this file. */
  readonly workerUrl?: URL;
}

/** The store on two SQLite files, each behind a worker thread of its own. Closed until `start`; closed for good after `stop`. */
export function openSqliteStore(options: SqliteStoreOptions): Store {
  return new SqliteStore(options);
}

interface Parts {
  readonly state: SqlDatabase<StateSchema>;
  readonly logs: SqlDatabase<LogSchema>;
  readonly stateQueue: WriteQueue<StateSchema>;
  readonly logQueue: WriteQueue<LogSchema>;
  readonly reportQueue: ReportQueue;
  readonly versions: VersionCounter;
  readonly changeLog: ChangeLog;
}

type LogListener = Parameters<Store['onLog']>[0];

class SqliteStore implements Store {
  readonly name = 'store';
  private readonly options: SqliteStoreOptions;
  private parts: Parts | undefined;
  private readonly changeListeners = new Set<(changes: readonly Change[]) => void>();
  private readonly logListeners = new Set<LogListener>();

  constructor(options: SqliteStoreOptions) {
    this.options = options;
  }

  async start(): Promise<void> {
    invariant(this.parts === undefined, 'store-started-twice', 'a store is started once');
    const { path, clock, log, synchronous = 'FULL', workerUrl } = this.options;
    const files = storeFiles(path);
    const worker = workerUrl === undefined ? {} : { workerUrl };
    const state = await openDatabase<StateSchema>({
      path: files.state,
      lockPath: files.lock,
      synchronous,
      migrations: stateMigrations,
      ...worker,
    });
    const logs = await openDatabase<LogSchema>({
      path: files.logs,
      synchronous: 'NORMAL',
      migrations: logMigrations,
      incrementalVacuum: true,
      cacheMiB: 8,
      ...worker,
    }).catch(async (error: unknown) => {
      await state.channel.close();
      throw error;
    });
    const versions = await readVersions(state);
    const changeLog = new ChangeLog(versions.current);
    changeLog.onChange((changes) => {
      for (const listener of [...this.changeListeners]) listener(changes);
    });
    const publish = (changes: readonly Change[]) => changeLog.publish(changes);
    const stateQueue = new WriteQueue({ database: state, clock, versions, publish });
    this.parts = {
      ...{ state, logs, versions, changeLog },
      stateQueue,
      reportQueue: new ReportQueue(stateQueue),
      logQueue: new WriteQueue({ database: logs, clock }),
    };
    await this.write(ensureBuiltIns);
    log.info({ path: files.state, resourceVersion: versions.current }, 'store opened');
  }

  async stop(): Promise<void> {
    const { parts } = this;
    if (parts === undefined) return;
    await Promise.all([parts.stateQueue.close(), parts.logQueue.close()]);
    await Promise.all([parts.state.channel.close(), parts.logs.channel.close()]);
  }

  // --- objects ---

  async get<T extends AnyObject>(key: ObjectKey): Promise<Stored<T> | undefined> {
    const { state } = this.open;
    if (key.kind === 'Run') return (await getRun(state, key.namespace, key.name)) as Stored<T> | undefined;
    if (key.kind !== 'Event') return getObject<T>(state, key);
    const fields = [{ field: 'metadata.name', operator: '=', value: key.name }] as const;
    const { items } = await listNewestFirst(state, 'Event', { namespace: key.namespace, fields, limit: 1 });
    return items[0] as Stored<T> | undefined;
  }

  async getByUid<T extends AnyObject>(kind: KindName, uid: string): Promise<Stored<T> | undefined> {
    const { state } = this.open;
    if (kind === 'Run') return (await getRunByUid(state, uid)) as Stored<T> | undefined;
    return getObjectByUid<T>(state, kind, uid);
  }

  async listByUid<T extends AnyObject>(kind: KindName, uids: readonly string[]): Promise<Stored<T>[]> {
    return getObjectsByUid<T>(this.open.state, kind, uids);
  }

  async list<T extends AnyObject>(kind: KindName, options: ListOptions = {}): Promise<ListReply<T>> {
    const { state, changeLog } = this.open;
    if (kind !== 'Run' && kind !== 'Event') return listObjects<T>(state, changeLog, kind, options);
    return (await listNewestFirst(state, kind, options)) as unknown as ListReply<T>;
  }

  apply(
    objects: readonly AnyObject[],
    options: { user: string; dryRun?: boolean; create?: boolean },
  ): Promise<ApplyOutcome[]> {
    return this.write((tx) => {
      if (options.dryRun) tx.discard();
      return applyObjects(tx, objects, options);
    });
  }

  update<T extends AnyObject>(key: ObjectKey, change: (object: Stored<T>) => T | undefined): Promise<Stored<T>> {
    return this.write((tx) => updateObject(tx, key, change));
  }

  updateStatus<T extends AnyObject>(
    key: ObjectKey,
    status: T['status'],
    fence?: LeaderFence,
  ): Promise<Stored<T> | undefined> {
    return this.write(async (tx) => {
      await requireEpoch(tx, fence);
      return updateObjectStatus<T>(tx, key, status);
    });
  }

  delete(key: ObjectKey, options: { user: string; uid?: string; resourceVersion?: string }): Promise<Stored> {
    if (key.kind === 'Run') return this.deleteRun(key.namespace, key.name);
    return this.write((tx) => deleteObject(tx, key, options));
  }

  heartbeat(
    name: string,
    spec: { cluster: string },
    labels: Record<string, string>,
    status: Record<string, unknown>,
  ): Promise<Stored> {
    return this.write((tx) => heartbeatAgent(tx, name, spec, labels, status));
  }

  // --- runs ---

  createRun(run: NewRun): Promise<Stored<Run>> {
    return this.write((tx) => createRun(tx, run));
  }

  async acceptReports(agent: string, reports: readonly RunReport[]): Promise<RunReportReply> {
    return this.open.reportQueue.accept(agent, reports);
  }

  requestCancel(namespace: string, name: string): Promise<Stored<Run>> {
    return this.write((tx) => requestCancel(tx, namespace, name));
  }

  assignRun(uid: string, agent: string, fence: LeaderFence): Promise<Stored<Run> | undefined> {
    return this.write(async (tx) => {
      await requireEpoch(tx, fence);
      return assignRun(tx, uid, agent);
    });
  }

  async openRuns(filter: { agent?: string; taskUid?: string }): Promise<Stored<Run>[]> {
    return openRuns(this.open.state, filter);
  }

  async existingTimePoints(taskUid: string, slot: string, points: readonly number[]): Promise<Set<number>> {
    return existingTimePoints(this.open.state, taskUid, slot, points);
  }

  async finishedRuns(uids: readonly string[]): Promise<Set<string>> {
    return finishedRuns(this.open.state, uids);
  }

  recordVerdicts(verdicts: readonly LeaderRunVerdict[], fence: LeaderFence): Promise<number> {
    return this.write(async (tx) => {
      await requireEpoch(tx, fence);
      return (await mergeReports(tx, [verdicts]))[0]!.changed;
    });
  }

  async deleteRun(namespace: string, name: string): Promise<Stored<Run>> {
    const run = await this.write((tx) => deleteRun(tx, namespace, name));
    await this.open.logQueue.run((tx) => deleteLogs(tx, [run.metadata.uid]));
    return run;
  }

  pruneRuns(taskUid: string, limits: { runs: number; olderThan: number }, fence: LeaderFence): Promise<number> {
    const next = () => runsBeyondLimits(this.open.state, taskUid, limits);
    return this.prune(next, Number.MAX_SAFE_INTEGER, async (tx, rows) => {
      await requireEpoch(tx, fence);
      if (rows.length > 0) await removeRuns(tx, rows);
    });
  }

  pruneOrphanRuns(limit: number, fence: LeaderFence): Promise<number> {
    const next = () => orphanRuns(this.open.state, limit);
    return this.prune(next, limit, async (tx, rows) => {
      await requireEpoch(tx, fence);
      if (rows.length === 0) return;
      await removeRuns(tx, rows);
      await deleteAuditMarks(tx, [...new Set(rows.map((row) => row.task_uid))]);
    });
  }

  async runSummaries(taskUids: readonly string[]): Promise<Map<string, RunSummary>> {
    return runSummaries(this.open.state, taskUids);
  }

  // --- audit marks, events ---

  async auditedUpTo(taskUid: string, slot: string): Promise<number | undefined> {
    return auditedUpTo(this.open.state, taskUid, slot);
  }

  setAuditedUpTo(marks: readonly { taskUid: string; slot: string; upTo: number }[], fence: LeaderFence): Promise<void> {
    return this.write(async (tx) => {
      await requireEpoch(tx, fence);
      await setAuditMarks(tx, marks);
    });
  }

  recordEvents(events: readonly NewEvent[]): Promise<void> {
    return this.write((tx) => upsertEvents(tx, events.map(keyedEvent)));
  }

  async pruneEvents(olderThan: number, fence: LeaderFence): Promise<number> {
    let total = 0;
    for (;;) {
      const removed = await this.write(async (tx) => {
        await requireEpoch(tx, fence);
        return deleteOldEvents(tx, olderThan, EVENT_SLICE);
      });
      total += removed;
      if (removed < EVENT_SLICE) return total;
    }
  }

  // --- logs ---

  async appendLogs(chunks: readonly LogChunk[]): Promise<LogAppendReply> {
    if (chunks.length === 0) return { positions: [] };
    return this.open.logQueue.run(async (tx) => {
      const { positions, appended } = await appendChunks(tx, chunks);
      tx.afterCommit(() => {
        for (const position of appended) for (const listener of [...this.logListeners]) listener(position);
      });
      return { positions };
    });
  }

  async readLog(runUid: string, attempt: number, offset: number, maxBytes: number): Promise<LogSlice> {
    return readLogSlice(this.open.logs, runUid, attempt, offset, maxBytes);
  }

  async logOffsetSince(runUid: string, attempt: number, time: number): Promise<number> {
    return logOffsetSince(this.open.logs, runUid, attempt, time);
  }

  async logLength(runUid: string, attempt: number): Promise<{ bytes: number; ended: boolean }> {
    return logLength(this.open.logs, runUid, attempt);
  }

  // --- leadership fence, tokens ---

  raiseEpoch(epoch: number): Promise<void> {
    return this.write((tx) => raiseEpoch(tx, epoch));
  }

  async findToken(sha256: string): Promise<TokenRow | undefined> {
    return findToken(this.open.state, sha256);
  }

  putToken(sha256: string, row: TokenRow): Promise<void> {
    return this.write((tx) => putToken(tx, sha256, row));
  }

  // --- changes ---

  get resourceVersion(): number {
    return this.open.versions.current;
  }

  changesSince(kind: KindName, version: number): readonly Change[] | undefined {
    return this.open.changeLog.since(kind, version);
  }

  onChange(listener: (changes: readonly Change[]) => void): () => void {
    this.changeListeners.add(listener);
    return () => void this.changeListeners.delete(listener);
  }

  onLog(listener: LogListener): () => void {
    this.logListeners.add(listener);
    return () => void this.logListeners.delete(listener);
  }

  private get open(): Parts {
    if (this.parts === undefined) throw new CloudTaskError('CT_STORE', 'the store is not open');
    return this.parts;
  }

  private async write<T>(job: (tx: WriteTransaction<StateSchema>) => Promise<T>): Promise<T> {
    return this.open.stateQueue.run(job);
  }

  /** Removes runs in slices. Logs go first: a crash in between leaves a run without log, which the next pruning finds,
   * and never a log that nothing points to. `remove` without rows only checks that the caller may. */
  private async prune(
    next: () => Promise<RunRow[]>,
    limit: number,
    remove: (tx: WriteTransaction<StateSchema>, rows: readonly RunRow[]) => Promise<void>,
  ): Promise<number> {
    let total = 0;
    while (total < limit) {
      const rows = await next();
      if (rows.length === 0) break;
      const uids = rows.map(({ uid }) => uid);
      await this.write((tx) => remove(tx, []));
      await this.open.logQueue.run((tx) => deleteLogs(tx, uids));
      await this.write((tx) => remove(tx, rows));
      total += rows.length;
    }
    return total;
  }
}

async function readVersions(state: SqlDatabase<StateSchema>): Promise<VersionCounter> {
  const row = await state.read
    .selectFrom('counters')
    .select('value')
    .where('name', '=', 'resource_version')
    .executeTakeFirstOrThrow();
  return {
    current: row.value,
    save: async (value) => {
      await state.write.updateTable('counters').set({ value }).where('name', '=', 'resource_version').execute();
    },
  };
}
