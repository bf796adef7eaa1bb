// What an agent with a certificate may see and say: of the tasks that it has been given, and of no others. Agents that share one
// token are not told apart, so nothing of this is asked of them.
import { CloudTaskError } from '../../base/index.js';
import {
  type LogChunk,
  type Package,
  type Run,
  type RunReport,
  secretNames,
  type Task,
} from '../../manifests/index.js';
import type { Store, Stored } from '../store/index.js';
import type { Requester } from './requester.js';

type ScopeStore = Pick<Store, 'openRuns' | 'listByUid' | 'get' | 'access'>;

export interface AgentScopeOptions {
  readonly store: ScopeStore;
  /** Tasks of which the agent is allocated a slot; undefined while ZooKeeper does not answer. */
  allocated(agent: string): Promise<readonly string[] | undefined>;
}

export class AgentScope {
  private readonly options: AgentScopeOptions;

  constructor(options: AgentScopeOptions) {
    this.options = options;
  }

  /**
   * Those of the tasks that the agent may read now: it is allocated them, or has an open run of them. It is remembered that it was given
   * them. Throws CT_UNAVAILABLE when it cannot be known: who is told that a task is not there forgets it.
   */
  async readable(user: Requester | undefined, uids: readonly string[]): Promise<readonly string[]> {
    const agent = nameOf(user);
    if (agent === undefined || uids.length === 0) return uids;
    const own = await this.own(agent, uids);
    const found = uids.filter((uid) => own.has(uid));
    await this.options.store.access.giveTasks(agent, found);
    return found;
  }

  /** The package is one that a task of the agent names. Throws CT_FORBIDDEN. */
  async requirePackage(user: Requester | undefined, digest: string): Promise<void> {
    const agent = nameOf(user);
    if (agent === undefined) return;
    const { store } = this.options;
    const tasks = await store.listByUid<Task>('Task', [...(await this.own(agent))]);
    const named = new Map<string, { namespace: string; name: string }>();
    for (const { metadata, spec } of tasks) {
      const { package: used } = spec.run;
      if (used?.digest === digest) return;
      const { namespace = 'default' } = metadata;
      if (used !== undefined) named.set(`${namespace}/${used.name}`, { namespace, name: used.name });
    }
    // The version that a task named a moment ago.
    for (const key of named.values()) {
      const object = await store.get<Package>({ kind: 'Package', ...key });
      if (object?.status?.versions?.some((version) => version.digest === digest)) return;
    }
    throw new CloudTaskError('CT_FORBIDDEN', `no task of agent "${agent}" has the package ${digest}`);
  }

  /** The `namespace/name` of the secrets that tasks of the agent name; undefined for all. */
  async secrets(user: Requester | undefined): Promise<ReadonlySet<string> | undefined> {
    const agent = nameOf(user);
    if (agent === undefined) return undefined;
    const tasks = await this.options.store.listByUid<Task>('Task', [...(await this.own(agent))]);
    return new Set(
      tasks.flatMap(({ metadata, spec }) => secretNames(spec.run).map((name) => `${metadata.namespace}/${name}`)),
    );
  }

  /** Why the agent may not say this of a run; undefined for what it may. By index of the reports. */
  async reportProblems(user: Requester | undefined, reports: readonly RunReport[]): Promise<(string | undefined)[]> {
    const agent = nameOf(user);
    if (agent === undefined || reports.length === 0) return reports.map(() => undefined);
    const may = await this.given(
      agent,
      reports.map(({ taskUid }) => taskUid),
    );
    // The uid of a scheduled run says whose it is (report-check.ts); of the others the stored run does.
    const doubtful = reports.filter(({ taskUid, scheduledTime }) => scheduledTime === null || !may.has(taskUid));
    const runs = await this.runs(doubtful.map(({ uid }) => uid));
    return reports.map(({ uid, taskUid }) => {
      const run = runs.get(uid);
      if (run !== undefined && run.spec.taskUid !== taskUid) return 'the run is of another task';
      if (may.has(taskUid) || run?.status?.agent === agent) return undefined;
      return `agent "${agent}" has not been given the task`;
    });
  }

  /**
   * The chunks that the agent may add to logs; what is of a task that nobody knows any more is left out. Throws CT_FORBIDDEN for output of
   * an attempt of another agent.
   */
  async ownChunks(user: Requester | undefined, chunks: readonly LogChunk[]): Promise<readonly LogChunk[]> {
    const agent = nameOf(user);
    if (agent === undefined || chunks.length === 0) return chunks;
    const runs = await this.runs(chunks.map(({ header }) => header.runUid));
    const tasks = chunks.map(({ header }) => runs.get(header.runUid)?.spec.taskUid ?? header.taskUid ?? '');
    const may = await this.given(agent, tasks);
    return chunks.filter(({ header }, index) => {
      const { status } = runs.get(header.runUid) ?? {};
      const owner = status?.attempts?.find(({ number }) => number === header.attempt)?.agent;
      const own = owner === agent || (owner === undefined && status?.agent === agent);
      if (own || (owner === undefined && may.has(tasks[index]!))) return true;
      if (status === undefined) return false;
      throw new CloudTaskError('CT_FORBIDDEN', `run "${header.runUid}" is not of agent "${agent}"`);
    });
  }

  private async runs(uids: readonly string[]): Promise<Map<string, Stored<Run>>> {
    if (uids.length === 0) return new Map();
    const runs = await this.options.store.listByUid<Run>('Run', [...new Set(uids)]);
    return new Map(runs.map((run) => [run.metadata.uid, run]));
  }

  /** Tasks that the agent has been given now or before: what it did then it reports when it can. */
  private async given(agent: string, uids: readonly string[]): Promise<ReadonlySet<string>> {
    const all = [...new Set(uids)];
    const given = new Set(await this.options.store.access.givenTasks(agent, all));
    const further = all.filter((uid) => !given.has(uid));
    if (further.length === 0) return given;
    const own = await this.own(agent, further);
    const found = further.filter((uid) => own.has(uid));
    await this.options.store.access.giveTasks(agent, found);
    return new Set([...given, ...found]);
  }

  /** `wanted`: of these it must be known. */
  private async own(agent: string, wanted: readonly string[] = []): Promise<ReadonlySet<string>> {
    const { store } = this.options;
    const open = (await store.openRuns({ agent })).map(({ spec }) => spec.taskUid);
    const allocated = await this.options.allocated(agent);
    if (allocated !== undefined) return new Set([...open, ...allocated]);
    const known = new Set([...open, ...(await store.access.givenTasks(agent, wanted))]);
    if (wanted.length > 0 && wanted.every((uid) => known.has(uid))) return known;
    throw new CloudTaskError('CT_UNAVAILABLE', 'coordination does not say which tasks the agent has');
  }
}

/** undefined for those who are not told apart: agents that share a token, and administrators. */
function nameOf(user: Requester | undefined): string | undefined {
  return user?.agent?.name;
}
