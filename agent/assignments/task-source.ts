import { type Logger, messageOf } from '../../base/index.js';
import {
  type AgentTasksReply,
  type AgentTasksRequest,
  REFUSED_TASKS_MAX,
  type RefusedTask,
} from '../../manifests/index.js';
import type { CenterClient } from '../center-client/center-client.js';
import type { LoadedTask } from '../schedule-loop/loaded-task.js';
import type { SecretCache } from '../secrets/secret-cache.js';
import type { TaskCache } from './task-cache.js';

/** Uids per request, as the protocol allows. */
const FETCH_MAX = 500;
/** Files read or written at a time. */
const FILES_IN_FLIGHT = 16;

/** Provides tasks at the generation that their trigger records name: from memory, disk or the center. */
export class TaskSource {
  private readonly cache: TaskCache;
  private readonly client: CenterClient;
  private readonly secrets: SecretCache;
  private readonly log: Logger;
  private readonly refusals = new Map<string, string>();

  constructor(options: { cache: TaskCache; client: CenterClient; secrets: SecretCache; log: Logger }) {
    this.cache = options.cache;
    this.client = options.client;
    this.secrets = options.secrets;
    this.log = options.log;
  }

  /**
   * The task of each uid, at least at the generation wanted if the center has it; what is cached otherwise. Missing in the
   * result: unknown here and to the center. Rejects when the center cannot be reached and something is needed from it;
   * `partial` then has been called with what there is.
   */
  async load(
    wanted: ReadonlyMap<string, number>,
    signal: AbortSignal,
    partial: (tasks: ReadonlyMap<string, LoadedTask>) => void,
  ): Promise<Map<string, LoadedTask>> {
    const tasks = new Map<string, LoadedTask>();
    const stale: string[] = [];
    await inBatches([...wanted], FILES_IN_FLIGHT, async ([uid, generation]) => {
      const cached = await this.cache.get(uid);
      if (cached !== undefined) tasks.set(uid, cached);
      if (cached?.generation !== generation) stale.push(uid);
    });
    if (stale.length > 0) partial(tasks);
    for (let start = 0; start < stale.length; start += FETCH_MAX) {
      await this.fetch(stale.slice(start, start + FETCH_MAX), tasks, signal);
    }
    const fetched = new Set(stale);
    const naming = [...tasks.values()].map(({ task }) => task);
    const needed = naming.filter((task) => fetched.has(task.metadata.uid ?? '') || !this.secrets.has(task));
    await this.secrets.fetch(needed, signal);
    return tasks;
  }

  /** Tasks that cannot be scheduled here. */
  get refused(): readonly RefusedTask[] {
    return [...this.refusals].map(([uid, message]) => ({ uid, message }));
  }

  /** Forgets refusals and secrets of tasks that are not this agent's any more. */
  keepOnly(taskUids: ReadonlySet<string>): void {
    this.secrets.keep(taskUids);
    for (const uid of this.refusals.keys()) if (!taskUids.has(uid)) this.refusals.delete(uid);
  }

  private refuse(uid: string, message: string): void {
    if (this.refusals.size < REFUSED_TASKS_MAX || this.refusals.has(uid)) this.refusals.set(uid, message);
  }

  private async fetch(uids: readonly string[], tasks: Map<string, LoadedTask>, signal: AbortSignal): Promise<void> {
    const request: AgentTasksRequest = { uids };
    const { items } = await this.client.sendJson<AgentTasksReply>('POST', 'tasks', request, signal);
    const missing = new Set(uids);
    await inBatches(items, FILES_IN_FLIGHT, async (task) => {
      try {
        const loaded = await this.cache.put(task);
        missing.delete(loaded.uid);
        this.refusals.delete(loaded.uid);
        tasks.set(loaded.uid, loaded);
      } catch (error) {
        this.refuse(task.metadata.uid ?? '', messageOf(error));
        // The status of the agent and an event say it to whoever has written the task.
        this.log.warn({ task: task.metadata.name, err: messageOf(error) }, 'task cannot be scheduled here');
      }
    });
    for (const uid of missing) {
      tasks.delete(uid);
      await this.cache.delete(uid);
    }
  }
}

async function inBatches<T>(items: readonly T[], size: number, work: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += size) {
    await Promise.all(items.slice(start, start + size).map(work));
  }
}
