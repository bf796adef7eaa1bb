// The secrets that the tasks of this agent name: in memory, and sealed on its disk, so that it goes on firing while the center
// is away. The center says when one changes; whatever was missed is asked for when the stream of requests opens again.
import { Backoff, type Clock, type Logger, messageOf } from '../../base/index.js';
import {
  type AgentSecretsReply,
  type AgentSecretsRequest,
  SECRET_TASKS_MAX,
  secretNames,
  type Task,
} from '../../manifests/index.js';
import type { CenterClient } from '../center-client/center-client.js';
import { FormerValues } from './former-values.js';
import type { SealedFiles } from './sealed-files.js';

const PLACE = 'cache of secrets';
const RETRY_INITIAL_MS = 200;
const RETRY_MAX_MS = 5000;

export type SecretData = Readonly<Record<string, string>>;

export interface SecretCacheOptions {
  readonly files: SealedFiles;
  readonly client: Pick<CenterClient, 'sendJson'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What is on the disk. */
interface Saved {
  readonly tasks: readonly (readonly [uid: string, secrets: readonly string[]])[];
  readonly secrets: readonly (readonly [id: string, data: SecretData])[];
}

export class SecretCache {
  private readonly options: SecretCacheOptions;
  /** By uid of a task: ids of the secrets it names. Bounded by the tasks of this agent. */
  private tasks = new Map<string, readonly string[]>();
  /** By id, `namespace/name`. One that is named and not here does not exist, or was not fetched so far. */
  private secrets = new Map<string, SecretData>();
  /** Since the start, as the lines are that the agent has logged. */
  private readonly former = new FormerValues();
  /** Ids that do not exist, by the center's word. */
  private readonly missing = new Set<string>();
  private readonly ended = new AbortController();
  private refreshing: Promise<void> | undefined;
  private again = false;

  constructor(options: SecretCacheOptions) {
    this.options = options;
  }

  async open(): Promise<void> {
    const { files, log } = this.options;
    await files.open();
    try {
      const saved = JSON.parse(files.read(files.path('cache'), PLACE) ?? '{"tasks":[],"secrets":[]}') as Saved;
      this.tasks = new Map(saved.tasks);
      this.secrets = new Map(saved.secrets);
    } catch (error) {
      log.warn({ err: messageOf(error) }, 'cached secrets are damaged, fetching them again');
    }
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await this.refreshing;
  }

  get(namespace: string, name: string): SecretData | undefined {
    return this.secrets.get(idOf(namespace, name));
  }

  /** All values that are known here or were since the start; undefined when these are more than are remembered. */
  everKnown(): readonly string[] | undefined {
    const former = this.former.all();
    if (former === undefined) return undefined;
    const known = [...this.secrets.values()].flatMap((data) => Object.values(data));
    return [...new Set([...known, ...former])];
  }

  /** Whether the center has said that there is no such secret. */
  isMissing(namespace: string, name: string): boolean {
    return this.missing.has(idOf(namespace, name));
  }

  /** True when all that a task names is here. */
  has(task: Task): boolean {
    const { uid = '' } = task.metadata;
    const ids = idsOf(task);
    return ids.length === 0 || (this.tasks.has(uid) && ids.every((id) => this.secrets.has(id)));
  }

  /** Fetches what these tasks name; what cannot be fetched now is asked for until it is. */
  async fetch(tasks: Iterable<Task>, signal: AbortSignal): Promise<void> {
    const uids: string[] = [];
    for (const task of tasks) {
      const { uid = '' } = task.metadata;
      const ids = idsOf(task);
      if (ids.length === 0) {
        this.tasks.delete(uid);
        continue;
      }
      this.tasks.set(uid, ids);
      uids.push(uid);
    }
    if (uids.length === 0) return;
    try {
      await this.ask(uids, signal);
    } catch (error) {
      this.options.log.warn(
        { tasks: uids.length, err: messageOf(error) },
        'secrets could not be fetched, trying again',
      );
      void this.refresh();
    }
  }

  /** Somebody changed a secret. Resolves when it is known as it is now. */
  async changed(namespace: string, name: string): Promise<void> {
    const id = idOf(namespace, name);
    if ([...this.tasks.values()].some((ids) => ids.includes(id))) await this.refresh();
  }

  /** Asks for everything again until it is answered; resolves then, or at the end. Never rejects. */
  async refresh(): Promise<void> {
    this.again = true;
    if (this.ended.signal.aborted || this.tasks.size === 0) return;
    this.refreshing ??= this.refreshAll().finally(() => {
      this.refreshing = undefined;
    });
    await this.refreshing;
  }

  /** Forgets what only other tasks named. */
  keep(taskUids: ReadonlySet<string>): void {
    const gone = [...this.tasks.keys()].filter((uid) => !taskUids.has(uid));
    if (gone.length === 0) return;
    for (const uid of gone) this.tasks.delete(uid);
    const named = new Set([...this.tasks.values()].flat());
    for (const id of this.secrets.keys()) if (!named.has(id)) this.drop(id);
    for (const id of this.missing) if (!named.has(id)) this.missing.delete(id);
    void this.save();
  }

  private async refreshAll(): Promise<void> {
    const { clock, log } = this.options;
    const { signal } = this.ended;
    const backoff = new Backoff({ initialMs: RETRY_INITIAL_MS, maxMs: RETRY_MAX_MS });
    while (this.again && !signal.aborted) {
      this.again = false;
      try {
        await this.ask([...this.tasks.keys()], signal);
        backoff.reset();
      } catch (error) {
        if (signal.aborted) return;
        this.again = true;
        log.debug({ err: messageOf(error) }, 'secrets could not be fetched, trying again');
        await clock.sleep(backoff.next(), signal).catch(() => undefined); // aborted: the loop ends
      }
    }
  }

  private async ask(uids: readonly string[], signal: AbortSignal): Promise<void> {
    let changed = false;
    for (let start = 0; start < uids.length; start += SECRET_TASKS_MAX) {
      const request: AgentSecretsRequest = { uids: uids.slice(start, start + SECRET_TASKS_MAX) };
      const reply = await this.options.client.sendJson<AgentSecretsReply>('POST', 'secrets', request, signal);
      changed = this.take(request.uids, reply) || changed;
    }
    if (changed) await this.save();
  }

  private take(uids: readonly string[], { secrets }: AgentSecretsReply): boolean {
    const missing = new Set(uids.flatMap((uid) => this.tasks.get(uid) ?? []));
    let changed = false;
    for (const { namespace, name, data } of secrets) {
      const id = idOf(namespace, name);
      missing.delete(id);
      this.missing.delete(id);
      if (JSON.stringify(this.secrets.get(id)) === JSON.stringify(data)) continue;
      this.drop(id);
      this.secrets.set(id, data);
      changed = true;
    }
    for (const id of missing) {
      this.missing.add(id);
      changed = this.drop(id) || changed;
    }
    return changed;
  }

  /** Returns whether it was here. */
  private drop(id: string): boolean {
    this.former.add(Object.values(this.secrets.get(id) ?? {}));
    return this.secrets.delete(id);
  }

  /** A disk that is full keeps no task from firing: the values are in memory, and written with the next change. */
  private async save(): Promise<void> {
    const { files, log } = this.options;
    const saved: Saved = { tasks: [...this.tasks], secrets: [...this.secrets] };
    try {
      await files.replace(files.path('cache'), PLACE, JSON.stringify(saved));
    } catch (error) {
      log.warn({ err: messageOf(error) }, 'secrets could not be cached on disk');
    }
  }
}

function idOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

function idsOf({ metadata, spec }: Task): string[] {
  return secretNames(spec.run).map((name) => idOf(metadata.namespace ?? 'default', name));
}
