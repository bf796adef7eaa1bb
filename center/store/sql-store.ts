import { CloudTaskError, invariant } from '../../base/index.js';
import type { AnyObject, KindName, Run, RunReport, RunReportReply } from '../../manifests/index.js';
import { AccessCalls } from './access/access-calls.js';
import { AuditCalls } from './audit/audit-calls.js';
import type { AuditSource, AuditTrail } from './audit/audit-trail.js';
import { ChangeLog } from './change-log.js';
import { DependencyCalls } from './dependencies/dependency-calls.js';
import type { LeaderFence } from './leader-fence.js';
import { listText } from './list-reply.js';
import { LogCalls } from './log-calls.js';
import type { LogRepository } from './log-repository.js';
import { NotificationCalls } from './notifications/notification-calls.js';
import { withBlobs } from './packages/held-blobs.js';
import { PackageCalls } from './packages/package-calls.js';
import type { PackageRepository } from './packages/package-repository.js';
import { ParsedChange } from './parsed-change.js';
import { parsed, parsedOutcome } from './parsed-object.js';
import { pruneInSlices, trimLogs } from './prune-in-slices.js';
import { PRUNE_SLICE } from './prune-runs.js';
import type { RestoreBook } from './restore-book.js';
import { RestoreCalls } from './restore-calls.js';
import type { RevisionBook } from './revision-book.js';
import { RevisionCalls } from './revision-calls.js';
import { SecretCalls } from './secrets/secret-calls.js';
import type { SqlStoreOptions, StoreDatabase, StoreEngines } from './sql-store-options.js';
import type { StateRepository } from './state-repository.js';
import type { StoreStatistics } from './statistics.js';
import type { Store } from './store.js';
import type { StoredAmounts } from './store-facts.js';
import type {
  ApplyOptions,
  ApplyOutcome,
  CancelAsk,
  Change,
  DeleteOptions,
  LeaderRunVerdict,
  ListOptions,
  ListReply,
  ListText,
  NewEvent,
  NewRun,
  ObjectKey,
  OwedPoint,
  RunContinuation,
  RunSummary,
  Stored,
  StoredEdit,
  TokenRow,
  UpdateOptions,
} from './store-types.js';
import { compareAndSet } from './update.js';
import { WorkerChannel } from './worker/channel.js';
import type { WorkerItem } from './worker/protocol.js';

/** Events deleted per transaction. */
const EVENT_SLICE = 1000;

interface Parts {
  readonly state: WorkerChannel<StateRepository>;
  readonly logs: WorkerChannel<LogRepository>;
  readonly packages: () => Promise<WorkerChannel<PackageRepository>>;
  readonly changeLog: ChangeLog;
}

type LogListener = Parameters<Store['onLog']>[0];

/**
 * The store's end in the main thread. Each call is one message to the thread of a database, where the repositories are;
 * here are only the recent changes, and what needs both databases. Closed until `start`; closed for good after `stop`.
 */
export class SqlStore extends LogCalls implements Store {
  readonly name = 'store';
  readonly restores: RestoreBook;
  readonly revisions: RevisionBook;
  readonly audit: AuditTrail;
  readonly packages: PackageCalls;
  readonly secrets: SecretCalls;
  readonly access: AccessCalls;
  readonly dependencies: DependencyCalls;
  readonly notifications: NotificationCalls;
  private readonly options: SqlStoreOptions;
  private readonly engines: () => StoreEngines;
  private parts: Parts | undefined;
  private version = 0;
  private readonly changeListeners = new Set<(changes: readonly Change[]) => void>();
  private readonly logListeners = new Set<LogListener>();

  /** `engines` is asked at the start: it may make files. */
  constructor(options: SqlStoreOptions, engines: () => StoreEngines) {
    super(() => this.open.logs);
    this.options = options;
    this.engines = engines;
    this.restores = new RestoreCalls(() => this.open.state);
    this.revisions = new RevisionCalls(() => this.open.state);
    this.audit = new AuditCalls(() => this.open.state);
    this.packages = new PackageCalls(
      () => this.open.packages(),
      () => this.open.state,
    );
    this.dependencies = new DependencyCalls(() => this.open.state);
    this.notifications = new NotificationCalls(() => this.open.state);
    this.secrets = new SecretCalls(() => this.open.state, options.sealer);
    this.access = new AccessCalls(
      () => this.open.state,
      () => options.clock.now(),
    );
  }

  async start(): Promise<void> {
    invariant(this.parts === undefined, 'store-started-twice', 'a store is started once');
    const { clock, log, workerUrl } = this.options;
    const engines = this.engines();
    const early: WorkerItem[] = [];
    const options = {
      ...{ subject: engines.subject, now: () => clock.now() },
      news: (item: Parameters<typeof this.hear>[0]) =>
        this.parts === undefined ? void early.push(item) : this.hear(item),
      died: (err: unknown) => {
        log.error({ err, store: engines.subject }, 'the thread of the store ended');
        this.options.died?.(err);
      },
      ...(workerUrl === undefined ? {} : { workerUrl }),
    };
    const open = <R>(part: StoreDatabase) => {
      const observe = (ms: number, failed: boolean) => this.options.observe?.(part, ms, failed);
      return WorkerChannel.open<R>({ part, engine: engines[part] }, { ...options, observe });
    };
    const state = await open<StateRepository>('state');
    const logs = await open<LogRepository>('logs').catch(async (error: unknown) => {
      await state.close();
      throw error;
    });
    this.version = state.startVersion;
    const packages = () => open<PackageRepository>('packages');
    this.parts = { state, logs, packages, changeLog: new ChangeLog(state.startVersion) };
    for (const item of early) if (!('id' in item)) this.hear(item);
    log.info({ store: engines.subject, resourceVersion: this.version }, 'store opened');
  }

  async stop(): Promise<void> {
    await Promise.all([this.parts?.state.close(), this.parts?.logs.close(), this.packages.close()]);
  }

  // --- objects ---

  async get<T extends AnyObject>(key: ObjectKey): Promise<Stored<T> | undefined> {
    return parsed<T>(await this.open.state.call('get', key));
  }

  async getByUid<T extends AnyObject>(kind: KindName, uid: string): Promise<Stored<T> | undefined> {
    return parsed<T>(await this.open.state.call('getByUid', kind, uid));
  }

  async listByUid<T extends AnyObject>(kind: KindName, uids: readonly string[]): Promise<Stored<T>[]> {
    return (await this.open.state.call('listByUid', kind, uids)).map((text) => parsed<T>(text));
  }

  async list<T extends AnyObject>(kind: KindName, options: ListOptions = {}): Promise<ListReply<T>> {
    const { text, count: _, ...reply } = await this.listText(kind, options);
    return { ...reply, items: JSON.parse(`[${text}]`) as Stored<T>[] };
  }

  async listText(kind: KindName, options: ListOptions = {}): Promise<ListText> {
    const { state, changeLog } = this.open;
    return listText((...page) => state.call('list', ...page), changeLog, kind, options);
  }

  async apply(objects: readonly AnyObject[], options: ApplyOptions): Promise<ApplyOutcome[]> {
    return (await this.secrets.apply(objects, await withBlobs(this.packages, objects, options))).map(parsedOutcome);
  }

  update<T extends AnyObject>(
    key: ObjectKey,
    change: (object: Stored<T>) => T | undefined,
    options: UpdateOptions,
  ): Promise<Stored<T>> {
    return compareAndSet<T>(this, key, change, options);
  }

  async updateStatus<T extends AnyObject>(
    key: ObjectKey,
    status: T['status'],
    fence?: LeaderFence,
  ): Promise<Stored<T> | undefined> {
    return parsed<T>(await this.open.state.call('updateStatus', key, status ?? null, fence ?? null));
  }

  async delete(key: ObjectKey, options: DeleteOptions): Promise<Stored> {
    if (key.kind === 'Run') return this.deleteRun(key.namespace, key.name, options.audit);
    return parsed(await this.open.state.call('delete', key, options));
  }

  async finishDeletion(taskUid: string, fence: LeaderFence): Promise<void> {
    await this.open.state.call('finishDeletion', taskUid, fence);
  }

  async heartbeat(
    name: string,
    spec: { cluster: string },
    labels: Record<string, string>,
    status: Record<string, unknown>,
  ): Promise<Stored> {
    return parsed(await this.open.state.call('heartbeat', name, spec, labels, status));
  }

  // --- runs ---

  async createRun(run: NewRun, audit?: AuditSource): Promise<Stored<Run>> {
    return parsed<Run>(await this.open.state.call('createRun', run, audit ?? null));
  }

  async createRuns(runs: readonly NewRun[], audit?: AuditSource): Promise<Stored<Run>[]> {
    return (await this.open.state.call('createRuns', runs, audit ?? null)).map((text) => parsed<Run>(text));
  }

  async acceptReports(agent: string, reports: readonly RunReport[]): Promise<RunReportReply> {
    return this.open.state.call('acceptReports', agent, reports);
  }

  async requestCancel(namespace: string, name: string, ask?: CancelAsk, audit?: AuditSource): Promise<Stored<Run>> {
    return parsed<Run>(await this.open.state.call('requestCancel', namespace, name, ask ?? null, audit ?? null));
  }

  async assignRun(uid: string, agent: string, fence: LeaderFence): Promise<Stored<Run> | undefined> {
    return parsed<Run>(await this.open.state.call('assignRun', uid, agent, fence));
  }

  async continueRun(continuation: RunContinuation, fence: LeaderFence): Promise<Stored<Run> | undefined> {
    return parsed<Run>(await this.open.state.call('continueRun', continuation, fence));
  }

  async lostRuns(taskUids: readonly string[], since: number): Promise<Stored<Run>[]> {
    return (await this.open.state.call('lostRuns', taskUids, since)).map((text) => parsed<Run>(text));
  }

  async openRuns(filter: { agent?: string; taskUid?: string }): Promise<Stored<Run>[]> {
    return (await this.open.state.call('openRuns', filter)).map((text) => parsed<Run>(text));
  }

  async existingTimePoints(taskUid: string, slot: string, points: readonly number[]): Promise<Set<number>> {
    return this.open.state.call('existingTimePoints', taskUid, slot, points);
  }

  async finishedRuns(uids: readonly string[]): Promise<Set<string>> {
    return this.open.state.call('finishedRuns', uids);
  }

  async recordVerdicts(verdicts: readonly LeaderRunVerdict[], fence: LeaderFence): Promise<number> {
    return this.open.state.call('recordVerdicts', verdicts, fence);
  }

  async deleteRun(namespace: string, name: string, audit?: AuditSource): Promise<Stored<Run>> {
    const { state, logs } = this.open;
    const { uid, text } = await state.call('deleteRun', namespace, name, audit ?? null);
    await logs.call('deleteLogs', [uid]);
    return parsed<Run>(text);
  }

  async pruneRuns(taskUid: string, limits: { runs: number; olderThan: number }, fence: LeaderFence): Promise<number> {
    const { state } = this.open;
    const next = () => state.call('runsBeyondLimits', taskUid, limits);
    return pruneInSlices(this.open, { next, limit: Number.MAX_SAFE_INTEGER, marks: false, fence });
  }

  trimLogs(taskUid: string, bytes: number, fence: LeaderFence): Promise<number> {
    return trimLogs(this.open, taskUid, bytes, fence);
  }

  async pruneOrphanRuns(limit: number, fence: LeaderFence): Promise<number> {
    const { state } = this.open;
    const next = (left: number) => state.call('orphanRuns', Math.min(left, PRUNE_SLICE));
    return pruneInSlices(this.open, { next, limit, marks: true, fence });
  }

  async runSummaries(taskUids: readonly string[]): Promise<Map<string, RunSummary>> {
    return this.open.state.call('runSummaries', taskUids);
  }

  // --- audit marks ---

  async taskEdits(taskUids: readonly string[]): Promise<StoredEdit[]> {
    return this.open.state.call('taskEdits', taskUids);
  }

  async auditedUpTo(taskUid: string, slot: string): Promise<number | undefined> {
    return this.open.state.call('auditedUpTo', taskUid, slot);
  }

  async setAuditedUpTo(
    marks: readonly { taskUid: string; slot: string; upTo: number }[],
    fence: LeaderFence,
    owed: readonly OwedPoint[] = [],
  ): Promise<void> {
    await this.open.state.call('setAuditedUpTo', marks, fence, owed);
  }

  async owedPoints(limit: number): Promise<OwedPoint[]> {
    return this.open.state.call('owedPoints', limit);
  }

  async settleOwed(points: readonly OwedPoint[], fence: LeaderFence): Promise<void> {
    await this.open.state.call('settleOwed', points, fence);
  }

  // --- events ---

  async recordEvents(events: readonly NewEvent[]): Promise<void> {
    await this.open.state.call('recordEvents', events);
  }

  async pruneEvents(olderThan: number, fence: LeaderFence): Promise<number> {
    let total = 0;
    for (let removed = EVENT_SLICE; removed === EVENT_SLICE; total += removed) {
      removed = await this.open.state.call('pruneEvents', olderThan, EVENT_SLICE, fence);
    }
    return total;
  }

  // --- leadership fence, tokens ---

  async identity(): Promise<string> {
    return this.open.state.call('identity');
  }

  async amounts(): Promise<StoredAmounts> {
    return this.open.state.call('amounts');
  }

  async raiseEpoch(epoch: number): Promise<void> {
    await this.open.state.call('raiseEpoch', epoch);
  }

  async findToken(sha256: string): Promise<TokenRow | undefined> {
    return this.open.state.call('findToken', sha256);
  }

  async hasToken(subject: string): Promise<boolean> {
    return this.open.state.call('hasToken', subject);
  }

  async findSubject(subject: string): Promise<TokenRow | undefined> {
    return this.open.state.call('findSubject', subject);
  }

  async putToken(sha256: string, row: TokenRow): Promise<void> {
    await this.open.state.call('putToken', sha256, row);
  }

  statistics(overdueBefore: number): Promise<StoreStatistics> {
    return this.open.state.call('statistics', overdueBefore);
  }

  // --- changes ---

  get resourceVersion(): number {
    return this.open && this.version;
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

  /** News of a database's thread, in order of the commits. */
  private hear(item: Exclude<WorkerItem, { id: number }>): void {
    if ('appended' in item) {
      for (const position of item.appended) for (const listener of [...this.logListeners]) listener(position);
      return;
    }
    const changes = item.changes.map((change) => new ParsedChange(change));
    this.version = item.version;
    this.open.changeLog.add(changes);
    for (const listener of [...this.changeListeners]) listener(changes);
    for (const change of changes) change.forget();
  }
}
