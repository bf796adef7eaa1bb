import { type Clock, CloudTaskError } from '../../base/index.js';
import type { SqlDatabase } from './database.js';
import type { Change } from './store.js';

/** Jobs that share one commit. Beyond this the first of them would wait noticeably for the last. */
const JOBS_PER_COMMIT = 64;
/** Jobs that may wait. Reached only when the disk cannot follow; callers are then told to come again. */
const WAITING_MAX = 10_000;

/** What a job has in hand while its transaction is open. */
export interface WriteTransaction<S> extends SqlDatabase<S> {
  /** Wall time of the transaction, ms. */
  readonly now: number;
  /** The next resourceVersion: consecutive, and final only with the commit. */
  nextVersion(): number;
  /** Notes a change to be published after the commit. */
  changed(change: Change): void;
  /** Called after the commit, in order of commits, before the caller's promise resolves. */
  afterCommit(fn: () => void): void;
  /** Everything the job wrote is undone at its end; it still resolves (dry run). */
  discard(): void;
}

type Job<S, T> = (transaction: WriteTransaction<S>) => Promise<T>;
interface Waiting<S> {
  readonly job: Job<S, unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** The version counter of the database; absent for one without changes to publish. */
export interface VersionCounter {
  current: number;
  /** Writes the counter inside the open transaction. */
  save(value: number): Promise<void>;
}

export interface WriteQueueOptions<S> {
  readonly database: SqlDatabase<S>;
  readonly clock: Clock;
  readonly versions?: VersionCounter;
  publish?(changes: readonly Change[]): void;
}

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
    // One turn later, so that callers of the same turn share the first commit as well.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) await this.commit(this.waiting.splice(0, JOBS_PER_COMMIT));
    this.draining = undefined;
  }

  private async commit(jobs: readonly Waiting<S>[]): Promise<void> {
    const { database, versions } = this.options;
    const { channel } = database;
    const group = new Group(this.options);
    const settled: (() => void)[] = [];
    try {
      await channel.exec('BEGIN IMMEDIATE');
      for (const job of jobs) settled.push(await group.runJob(job));
      if (versions !== undefined && group.version !== versions.current) await versions.save(group.version);
      await channel.exec('COMMIT');
    } catch (error) {
      // Nothing of this group is stored, whichever statement failed. A rollback that fails means that SQLite has rolled
      // back by itself, or that the worker is gone and the transaction with it.
      await channel.exec('ROLLBACK').catch(() => undefined);
      for (const job of jobs) job.reject(error);
      return;
    }
    if (versions !== undefined) versions.current = group.version;
    if (group.changes.length > 0) this.options.publish?.(group.changes);
    for (const fn of group.hooks) fn();
    for (const settle of settled) settle();
  }
}

/** The jobs of one transaction, and what they have done so far. */
class Group<S> {
  version: number;
  changes: Change[] = [];
  hooks: (() => void)[] = [];
  private readonly options: WriteQueueOptions<S>;

  constructor(options: WriteQueueOptions<S>) {
    this.options = options;
    this.version = options.versions?.current ?? 0;
  }

  /** Runs one job and returns what to do after the commit. */
  async runJob(waiting: Waiting<S>): Promise<() => void> {
    const { database, clock } = this.options;
    const before = { version: this.version, changes: this.changes.length, hooks: this.hooks.length };
    let discarded = false;
    const transaction: WriteTransaction<S> = {
      ...database,
      now: clock.now(),
      nextVersion: () => ++this.version,
      changed: (change) => void this.changes.push(change),
      afterCommit: (fn) => void this.hooks.push(fn),
      discard: () => {
        discarded = true;
      },
    };
    const undo = async () => {
      this.version = before.version;
      this.changes.length = before.changes;
      this.hooks.length = before.hooks;
      await database.channel.exec('ROLLBACK TO job; RELEASE job');
    };
    await database.channel.exec('SAVEPOINT job');
    try {
      const value = await waiting.job(transaction);
      if (discarded) await undo();
      else await database.channel.exec('RELEASE job');
      return () => waiting.resolve(value);
    } catch (error) {
      await undo();
      return () => waiting.reject(error);
    }
  }
}
