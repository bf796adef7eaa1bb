// Manifests of the tasks this agent was allocated, on disk, so that it keeps firing while the center is away and after its
// own restart. They may hold what users would not show to others on the machine: 0600.
import { mkdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Logger, messageOf } from '../../base/index.js';
import { compileSchedules, type Task, taskPolicy } from '../../manifests/index.js';
import type { LoadedTask } from '../schedule-loop/slot.js';

export class TaskCache {
  private readonly directory: string;
  private readonly log: Logger;
  private readonly loaded = new Map<string, LoadedTask>();

  constructor(dataDir: string, log: Logger) {
    this.directory = join(dataDir, 'tasks');
    this.log = log;
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
      this.log.warn({ task: uid, err: messageOf(error) }, 'cached task is damaged, fetching it again');
      return undefined;
    }
  }

  /** Keeps a task that the center sent. Throws CT_SCHEDULE_INVALID for one that cannot be scheduled. A disk that is full
   * keeps no task from firing: it is known in memory, and only a restart while the center is away would miss it. */
  async put(task: Task): Promise<LoadedTask> {
    const loaded = this.load(task);
    const path = this.path(loaded.uid);
    try {
      // Renamed, so that a reader finds all of it; not fsynced: a task lost in a power cut is fetched again.
      await writeFile(`${path}.tmp`, JSON.stringify(task), { mode: 0o600 });
      await rename(`${path}.tmp`, path);
    } catch (error) {
      this.log.warn({ task: loaded.name, err: messageOf(error) }, 'the task could not be cached on disk');
    }
    return loaded;
  }

  async delete(uid: string): Promise<void> {
    this.loaded.delete(uid);
    await unlink(this.path(uid)).catch(() => undefined); // it may never have been fetched
  }

  private load(task: Task): LoadedTask {
    const { uid, generation, namespace, name } = task.metadata;
    if (uid === undefined || generation === undefined) throw new TypeError('not a stored task');
    const loaded: LoadedTask = {
      task,
      uid,
      generation,
      namespace: namespace ?? 'default',
      name,
      schedules: compileSchedules(task.spec, uid),
      policy: taskPolicy(task.spec),
    };
    this.loaded.set(uid, loaded);
    return loaded;
  }

  private path(uid: string): string {
    return join(this.directory, `${uid}.json`);
  }
}
