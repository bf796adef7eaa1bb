import { CloudTaskError } from '../../base/index.js';
import type { OpenTransaction, SqlDatabase } from './database.js';
import type { ChangeText } from './repository-types.js';

/** Jobs that share one commit. Beyond this the first of them would wait noticeably for the last. */
const JOBS_PER_COMMIT = 64;
/** Jobs that may wait. Reached only when the disk cannot follow; callers are then told to come again. */
const WAITING_MAX = 10_000;

/** What a job has in hand while its transaction is open. */
export interface WriteTransaction<S> extends Pick<OpenTransaction<S>, 'dialect' | 'write' | 'upsert'> {
  /** Wall time of the transaction, ms. */
  readonly now: number;
  /** The next resourceVersion: consecutive, and final only with the commit. */
  nextVersion(): number;
  /** The next resourceVersion will be greater than this one. Only together with at least one change. */
  skipVersions(upTo: number): void;
  /** Notes a change to be published after the commit. */
  changed(change: ChangeText): void;
  /** Called after the commit, in order of commits, before the caller's promise resolves. */
  afterCommit(fn: () => void): void;
  /** Everything the job wrote is undone at its end; it still resolves (dry run). */
  discard(): void;
  /** A turn of the event loop: a long job takes it between its slices, so that readers get theirs. */
  breathe(): Promise<void>;
}

type Job<S, T> = (transaction: WriteTransaction<S>) => Promise<T>;
interface Waiting<S> {
  readonly job: Job<S, unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** The resourceVersion, kept in the database; absent for one without changes to publish. */
export interface Versioning<S> {
  /** The latest version. Nobody else can take the next one until the transaction ends. */
  read(transaction: OpenTransaction<S>): Promise<number>;
  /** Writes the version that the changes have led to, inside the open transaction. */
  save(transaction: OpenTransaction<S>, version: number, changes: readonly ChangeText[]): Promise<void>;
  /** Called after the commit; callers learn of it when this is done. `base` is the version before the changes. */
  publish(base: number, changes: readonly ChangeText[]): Promise<void> | void;
}

export interface WriteQueueOptions<S> {
  readonly database: SqlDatabase<S>;
  /** Wall time, ms. */
  readonly now: () => number;
  readonly versioning?: Versioning<S>;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * Group commit: jobs run strictly one after another, and those that wait when a transaction begins share it, each behind
 * a savepoint of its own, so that one that fails takes nothing else with it. A job's promise settles after the commit.
 * States: idle (nothing runs) → draining (a transaction is open or about to be) → idle; closed is final.
 */
export class WriteQueue<S> {
  private readonly options: WriteQueueOptions<S>;
  private readonly waiting: Waiting<S>[] = [];
  private draining: Promise<void> | undefined;
  private closed = false;

  constructor(options: WriteQueueOptions<S>) {
    this.options = options;
  }

  run<T>(job: Job<S, T>): Promise<T> {
    if (this.closed) return Promise.reject(new CloudTaskError('CT_STORE', 'the store is closed'));
    if (this.waiting.length >= WAITING_MAX) {
      return Promise.reject(new CloudTaskError('CT_UNAVAILABLE', 'the store is overloaded'));
    }
    return new Promise<T>((resolve, reject) => {
      this.waiting.push({ job, resolve: resolve as (value: unknown) => void, reject });
      this.draining ??= this.drain();
    });
  }

  /** Refuses new jobs and resolves when those accepted are committed. */
  async close(): Promise<void> {
    this.closed = true;
    await this.draining;
  }

  private async drain(): Promise<void> {
    // One turn later, so that the calls of one message share the first commit; and one turn between commits, so that what
    // has arrived meanwhile shares the next, and readers are answered.
    await turn();
    while (this.waiting.length > 0) {
      await this.commit(this.waiting.splice(0, JOBS_PER_COMMIT));
      await turn();
    }
    this.draining = undefined;
  }

  private async commit(jobs: readonly Waiting<S>[]): Promise<void> {
    const { database, versioning } = this.options;
    const settled: (() => void)[] = [];
    let transaction: OpenTransaction<S> | undefined;
    let base = 0;
    let group: Group<S>;
    try {
      transaction = await database.begin();
      base = (await versioning?.read(transaction)) ?? 0;
      group = new Group(this.options, transaction, base);
      for (const job of jobs) settled.push(await group.runJob(job));
      if (group.version !== base) await versioning?.save(transaction, group.version, group.changes);
      await transaction.commit();
    } catch (error) {
      // Nothing of this group is stored, whichever statement failed. (A COMMIT whose reply is lost may have been carried
      // out: its callers are told of the failure, and what they send again finds itself there.)
      await transaction?.rollback();
      for (const job of jobs) job.reject(error);
      return;
    }
    await versioning?.publish(base, group.changes);
    for (const fn of group.hooks) fn();
    for (const settle of settled) settle();
  }
}

/** The jobs of one transaction, and what they have done so far. */
class Group<S> {
  version: number;
  readonly changes: ChangeText[] = [];
  readonly hooks: (() => void)[] = [];
  private readonly options: WriteQueueOptions<S>;
  private readonly transaction: OpenTransaction<S>;

  constructor(options: WriteQueueOptions<S>, transaction: OpenTransaction<S>, version: number) {
    this.options = options;
    this.transaction = transaction;
    this.version = version;
  }

  /** Runs one job and returns what to do after the commit. */
  async runJob(waiting: Waiting<S>): Promise<() => void> {
    const { transaction } = this;
    const { dialect, write } = transaction;
    const before = { version: this.version, changes: this.changes.length, hooks: this.hooks.length };
    let discarded = false;
    const undo = async () => {
      this.version = before.version;
      this.changes.length = before.changes;
      this.hooks.length = before.hooks;
      await transaction.undo();
    };
    await transaction.savepoint();
    try {
      const value = await waiting.job({
        ...{ dialect, write, breathe: turn },
        upsert: (upsert, rows) => transaction.upsert(upsert, rows),
        now: this.options.now(),
        nextVersion: () => ++this.version,
        skipVersions: (upTo) => {
          this.version = Math.max(this.version, upTo);
        },
        changed: (change) => void this.changes.push(change),
        afterCommit: (fn) => void this.hooks.push(fn),
        discard: () => {
          discarded = true;
        },
      });
      if (discarded) await undo();
      else await transaction.release();
      return () => waiting.resolve(value);
    } catch (error) {
      await undo();
      return () => waiting.reject(error);
    }
  }
}
