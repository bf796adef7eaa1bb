// Manifests of the tasks this agent was allocated, on disk, so that it keeps firing while the center is away and after its
// own restart. They may hold what users would not show to others on the machine: 0600.
import { mkdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, type Logger, messageOf } from '../../base/index.js';
import { compileSchedules, scheduleSpecOf, sharingCalendars, type Task, taskPolicy } from '../../manifests/index.js';
import type { LoadedTask } from '../schedule-loop/loaded-task.js';
import type { TimerQueue } from '../schedule-loop/timer-queue.js';

/** What the disk refused is offered again after this. */
const RETRY_MS = 1000;

export interface TaskCacheOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly timers: TimerQueue;
  readonly log: Logger;
}

export class TaskCache {
  private readonly options: TaskCacheOptions;
  private readonly directory: string;
  private readonly loaded = new Map<string, LoadedTask>();
  /** Uids that the disk has not taken so far. Bounded by the tasks of this agent. */
  private readonly unsaved = new Set<string>();
  /** The last write of a task that is under way, by uid: one follows the other. */
  private readonly writes = new Map<string, Promise<void>>();
  private retrying = false;

  constructor(options: TaskCacheOptions) {
    this.options = options;
    this.directory = join(options.dataDir, 'tasks');
  }

  async open(): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
  }

  /** In memory, or from disk; undefined when it is in neither. */
  async get(uid: string): Promise<LoadedTask | undefined> {
    const known = this.loaded.get(uid);
    if (known !== undefined) return known;
    let text: string;
    try {
      text = await readFile(this.path(uid), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      return this.load(JSON.parse(text) as Task);
    } catch (error) {
      this.options.log.warn({ task: uid, err: messageOf(error) }, 'cached task is damaged, fetching it again');
      return undefined;
    }
  }

  /** Keeps a task that the center sent. Throws CT_SCHEDULE_INVALID for one that cannot be scheduled. A disk that is full
   * keeps no task from firing: it is known in memory, and written as soon as the disk takes it. Only a restart before that
   * would miss it. */
  async put(task: Task): Promise<LoadedTask> {
    const loaded = this.load(task);
    await this.save(loaded.uid);
    return loaded;
  }

  async delete(uid: string): Promise<void> {
    this.loaded.delete(uid);
    this.unsaved.delete(uid);
    await this.writes.get(uid);
    await unlink(this.path(uid)).catch(() => undefined); // it may never have been fetched
  }

  private async save(uid: string): Promise<void> {
    const write = (this.writes.get(uid) ?? Promise.resolve()).then(() => this.write(uid));
    this.writes.set(uid, write);
    await write;
    if (this.writes.get(uid) === write) this.writes.delete(uid);
  }

  /** As it is known by now. */
  private async write(uid: string): Promise<void> {
    const loaded = this.loaded.get(uid);
    if (loaded === undefined) return;
    const path = this.path(uid);
    try {
      // Renamed, so that a reader finds all of it; not fsynced: a task lost in a power cut is fetched again.
      await writeFile(`${path}.tmp`, JSON.stringify(loaded.task), { mode: 0o600 });
      await rename(`${path}.tmp`, path);
      this.unsaved.delete(uid);
    } catch (error) {
      if (!this.unsaved.has(uid)) {
        this.options.log.warn({ task: loaded.name, err: messageOf(error) }, 'the task could not be cached on disk');
      }
      this.unsaved.add(uid);
      this.retryLater();
    }
  }

  private retryLater(): void {
    if (this.retrying) return;
    this.retrying = true;
    this.options.timers.add(this.options.clock.now() + RETRY_MS, () => void this.retry());
  }

  /** One after the other, until the disk refuses one again. */
  private async retry(): Promise<void> {
    this.retrying = false;
    for (const uid of [...this.unsaved]) {
      await this.save(uid);
      if (this.unsaved.has(uid)) return;
    }
  }

  private load(given: Task): LoadedTask {
    const task = sharingCalendars(given);
    const { uid, generation, namespace, name } = task.metadata;
    if (uid === undefined || generation === undefined) throw new TypeError('not a stored task');
    const loaded: LoadedTask = {
      task,
      uid,
      generation,
      namespace: namespace ?? 'default',
      name,
      schedules: compileSchedules(scheduleSpecOf(task), uid),
      policy: taskPolicy(task.spec),
    };
    this.loaded.set(uid, loaded);
    return loaded;
  }

  private path(uid: string): string {
    return join(this.directory, `${uid}.json`);
  }
}
