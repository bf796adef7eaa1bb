// An agent with everything around it, for tests: embedded coordination, a recording center, and the test itself as leader,
// which writes trigger records and allocation lists.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Agent, createAgent } from '../../agent/index.js';
import {
  type Clock,
  Emitter,
  type Logger,
  newUid,
  type RecentLines,
  silentLogger,
  systemClock,
} from '../../base/index.js';
import {
  type AclEntry,
  type AllocationEntry,
  type CoordinationSession,
  createCoordinationSession,
  decodeTriggerRecord,
  type EmbeddedServer,
  encodeAllocation,
  encodeTriggerRecord,
  Layout,
  startEmbeddedServer,
  type TriggerRecord,
} from '../../coordination/index.js';
import type { Task, TaskSpec } from '../../manifests/index.js';
import type { AgentProcessOptions } from './agent-process.js';
import { RecordingCenter } from './recording-center.js';

const RUNNER = fileURLToPath(new URL('../../agent/runner/main.ts', import.meta.url));

const AGENT_PROCESS = fileURLToPath(new URL('./agent-process.ts', import.meta.url));

export type AgentLine = { readonly event: string } & Readonly<Record<string, unknown>>;
export interface AgentProcess {
  readonly child: ChildProcess;
  /** The next one that is printed from now on. */
  line(event: string, accept?: (line: AgentLine) => boolean): Promise<AgentLine>;
}

export interface Teardown {
  teardown(fn: () => unknown): void;
}

export interface AgentBenchOptions {
  readonly log?: Logger;
  readonly recentLines?: RecentLines;
  readonly clock?: Clock;
  readonly runners?: number;
  readonly holdMs?: number;
  readonly capacity?: number;
  readonly runAs?: readonly string[];
  readonly maxRunning?: number;
  readonly cgroups?: string;
  /** Of the coordination server, which grants sessions of 20 ticks at most. */
  readonly tickMs?: number;
  /** Of the agents, 4000 unless given; at most 10,000. */
  readonly sessionTimeoutMs?: number;
}

export class AgentBench {
  readonly layout = new Layout();
  readonly center = new RecordingCenter();
  readonly directory: string;
  readonly server: EmbeddedServer;
  readonly session: CoordinationSession;
  private readonly options: AgentBenchOptions;
  private readonly agents: Agent[] = [];
  private readonly children: ChildProcess[] = [];
  private readonly entries = new Map<string, Map<string, AllocationEntry>>();

  private constructor(
    directory: string,
    server: EmbeddedServer,
    session: CoordinationSession,
    options: AgentBenchOptions,
  ) {
    this.directory = directory;
    this.server = server;
    this.session = session;
    this.options = options;
  }

  static async open(t: Teardown, options: AgentBenchOptions = {}): Promise<AgentBench> {
    const directory = await mkdtemp(join(tmpdir(), 'ctask-agent-'));
    const server = await startEmbeddedServer({
      dataDir: join(directory, 'coordination'),
      host: '127.0.0.1',
      port: 0,
      tickMs: options.tickMs ?? 500,
    });
    const session = createCoordinationSession({
      connectString: server.connectString,
      sessionTimeoutMs: 4000,
      clock: systemClock,
      log: silentLogger,
    });
    await session.start(new AbortController().signal);
    const bench = new AgentBench(directory, server, session, options);
    await bench.center.start();
    t.teardown(() => bench.close());
    return bench;
  }

  dataDir(name: string): string {
    return join(this.directory, name);
  }

  /** `connectString`: another way to the coordination server, e.g. through a proxy. */
  async agent(name = 'a1', start = true, connectString = this.server.connectString): Promise<Agent> {
    const { cgroups } = this.options;
    const agent = createAgent({
      dataDir: this.dataDir(name),
      name,
      cluster: 'default',
      labels: {},
      center: { urls: [this.center.url], token: () => 'ct_test' },
      coordination: { connectString, sessionTimeoutMs: this.options.sessionTimeoutMs ?? 4000, root: '/cloudtask' },
      runnerEntry: [process.execPath, '--import=tsx', RUNNER],
      clock: this.options.clock ?? systemClock,
      log: this.options.log ?? silentLogger,
      ...(this.options.recentLines === undefined ? {} : { recentLines: this.options.recentLines }),
      ...(this.options.runners === undefined ? {} : { runners: this.options.runners }),
      ...(this.options.holdMs === undefined ? {} : { holdMs: this.options.holdMs }),
      ...(this.options.maxRunning === undefined ? {} : { maxRunning: this.options.maxRunning }),
      ...(this.options.capacity === undefined ? {} : { capacity: this.options.capacity }),
      ...(this.options.runAs === undefined ? {} : { runAs: this.options.runAs }),
      ...(cgroups === undefined ? {} : { cgroups: { directory: cgroups, words: cgroups } }),
    });
    this.agents.push(agent);
    if (start) await agent.start(new AbortController().signal);
    return agent;
  }

  /** An agent as a process of its own. Resolves when it is ready; `line` waits for an event it prints. */
  async agentProcess(name = 'a1'): Promise<AgentProcess> {
    const options: AgentProcessOptions = {
      ...{ dataDir: this.dataDir(name), name, center: this.center.url },
      connectString: this.server.connectString,
      runnerEntry: [process.execPath, '--import=tsx', RUNNER],
      ...(this.options.maxRunning === undefined ? {} : { maxRunning: this.options.maxRunning }),
    };
    const child = spawn(process.execPath, ['--import=tsx', AGENT_PROCESS, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.children.push(child);
    const lines = new Emitter<{ line: AgentLine }>();
    createInterface(child.stdout!).on('line', (text) => lines.emit('line', JSON.parse(text) as AgentLine));
    const line: AgentProcess['line'] = (event, accept = () => true) =>
      lines.next('line', (each) => each.event === event && accept(each));
    await line('ready');
    return { child, line };
  }

  task(spec: Partial<TaskSpec> & Pick<TaskSpec, 'run'>, name = `task-${this.center.tasks.size}`): Task {
    const uid = newUid();
    const task: Task = {
      apiVersion: 'cloudtask.dev/v1',
      kind: 'Task',
      metadata: {
        ...{ name, namespace: 'default', uid, generation: 1, resourceVersion: '1' },
        creationTimestamp: new Date().toISOString(),
      },
      spec: { schedules: [], ...spec },
    };
    this.center.tasks.set(uid, task);
    return task;
  }

  uid(task: Task): string {
    return task.metadata.uid ?? '';
  }

  /** As the leader does: records, then lists. */
  async allocate(
    agent: string,
    tasks: readonly Task[],
    record: Partial<TriggerRecord> = {},
    acl?: readonly AclEntry[],
  ): Promise<void> {
    const coordinator = this.session.current;
    const list = this.entries.get(agent) ?? new Map<string, AllocationEntry>();
    this.entries.set(agent, list);
    const created: Promise<unknown>[] = [];
    for (const task of tasks) {
      const uid = this.uid(task);
      const full: TriggerRecord = {
        ...{ owner: agent, ownerEpoch: 1, revision: task.metadata.generation ?? 1, suspended: false },
        ...{ cursor: Date.now(), attempt: 0, claimId: '', blockedBy: null },
        ...record,
      };
      const path = this.layout.trigger(uid, '');
      created.push(
        coordinator
          .ensurePath(path.slice(0, path.lastIndexOf('/')))
          .then(() => coordinator.create(path, encodeTriggerRecord(full), 'persistent', acl)),
      );
      const { revision, ownerEpoch, suspended } = full;
      list.set(uid, { taskUid: uid, slot: '', revision, ownerEpoch, suspended });
    }
    await Promise.all(created);
    await this.writeList(agent);
  }

  async record(task: Task): Promise<TriggerRecord> {
    return decodeTriggerRecord((await this.session.current.getData(this.layout.trigger(this.uid(task), ''))).data);
  }

  /** A change by the leader: read, change, compare-and-set; then the lists. */
  async change(task: Task, change: Partial<TriggerRecord>, agent = 'a1'): Promise<void> {
    const path = this.layout.trigger(this.uid(task), '');
    for (;;) {
      const { data, stat } = await this.session.current.getData(path);
      const next = { ...decodeTriggerRecord(data), ...change };
      try {
        await this.session.current.setData(path, encodeTriggerRecord(next), stat.version);
      } catch (error) {
        if ((error as { kind?: string }).kind === 'badVersion') continue;
        throw error;
      }
      const { revision, ownerEpoch, suspended } = next;
      for (const list of this.entries.values()) list.delete(this.uid(task));
      const list = this.entries.get(next.owner ?? agent) ?? new Map<string, AllocationEntry>();
      this.entries.set(next.owner ?? agent, list);
      list.set(this.uid(task), { taskUid: this.uid(task), slot: '', revision, ownerEpoch, suspended });
      for (const name of this.entries.keys()) await this.writeList(name);
      return;
    }
  }

  async close(): Promise<void> {
    for (const child of this.children) child.kill('SIGKILL');
    await Promise.all(this.agents.map((agent) => agent.end()));
    await this.session.stop();
    await this.center.stop();
    await this.server.stop();
    await rm(this.directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  private async writeList(agent: string): Promise<void> {
    const coordinator = this.session.current;
    await coordinator.ensurePath(this.layout.allocation(agent));
    const chunks = encodeAllocation([...(this.entries.get(agent)?.values() ?? [])]);
    const { children } = await coordinator.getChildren(this.layout.allocation(agent));
    for (const name of children) {
      if (name !== 'rev') await coordinator.delete(`${this.layout.allocation(agent)}/${name}`, -1);
    }
    for (const [index, chunk] of chunks.entries()) {
      await coordinator.create(this.layout.allocationChunk(agent, index), chunk);
    }
    const rev = this.layout.allocationRev(agent);
    const stat = await coordinator.exists(rev);
    if (stat === undefined) await coordinator.create(rev, Buffer.alloc(0));
    else await coordinator.setData(rev, Buffer.alloc(0), stat.version);
  }
}
