// An installation in one process whose parts can be stopped, copied and put back: embedded coordination, a center, agents.
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Agent, createAgent } from '../../agent/index.js';
import { silentLogger, systemClock } from '../../base/index.js';
import { type Center, createCenter } from '../../center/index.js';
import {
  type Coordinator,
  createCoordinationSession,
  type EmbeddedServer,
  Layout,
  readTriggerRecord,
  startEmbeddedServer,
  type TriggerRecord,
} from '../../coordination/index.js';
import type { Event, Run, Task } from '../../manifests/index.js';

const RUNNER = fileURLToPath(new URL('../../agent/runner/main.ts', import.meta.url));
const SESSION_MS = 2000;
const clock = systemClock;
const log = silentLogger;

export class RestoreWorld {
  private readonly directory: string;
  private readonly agents = new Map<string, Agent>();
  private server: EmbeddedServer | undefined;
  private center: Center | undefined;
  private ports = { coordination: 0, center: 0 };

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async open(t: { teardown(fn: () => unknown): void }): Promise<RestoreWorld> {
    const world = new RestoreWorld(await mkdtemp(join(tmpdir(), 'ctask-restore-')));
    t.teardown(() => world.close());
    return world;
  }

  async startCoordination(): Promise<void> {
    const { coordination: port } = this.ports;
    this.server = await startEmbeddedServer({
      ...{ dataDir: join(this.directory, 'coordination'), host: '127.0.0.1', port, tickMs: 200 },
    });
    this.ports.coordination = this.server.port;
  }

  async stopCoordination(): Promise<void> {
    await this.server?.stop();
    this.server = undefined;
  }

  async startCenter(): Promise<void> {
    const center = createCenter({
      ...{ dataDir: join(this.directory, 'center'), host: '127.0.0.1', port: this.ports.center, clock, log },
      coordination: { connectString: this.connectString, sessionTimeoutMs: SESSION_MS, root: '/cloudtask' },
      centerId: 'c1',
    });
    await center.start(new AbortController().signal);
    this.center = center;
    this.ports.center = Number(new URL(center.url).port);
  }

  async stopCenter(): Promise<void> {
    await this.center?.stop();
    this.center = undefined;
  }

  /** Does not wait for the agent to be ready: after a restore that takes a while. */
  startAgent(name: string): Agent {
    const agent = createAgent({
      ...{ dataDir: join(this.directory, name), name, cluster: 'default', labels: {}, clock, log },
      center: { urls: [this.url], token: () => this.token('agent') },
      coordination: { connectString: this.connectString, sessionTimeoutMs: SESSION_MS, root: '/cloudtask' },
      runnerEntry: [process.execPath, '--import=tsx', RUNNER],
    });
    this.agents.set(name, agent);
    agent.start(new AbortController().signal).catch(() => undefined); // it may be stopped while it starts
    return agent;
  }

  async detachAgent(name: string): Promise<void> {
    await this.agents.get(name)?.detach();
    this.agents.delete(name);
  }

  async leaveAgent(name: string): Promise<void> {
    await this.agents.get(name)?.stop();
    this.agents.delete(name);
  }

  /** `what`: coordination, or center (the store). It must be stopped. */
  backup(what: 'coordination' | 'center'): void {
    cpSync(join(this.directory, what), join(this.directory, `${what}-backup`), { recursive: true });
  }

  restore(what: 'coordination' | 'center'): void {
    rmSync(join(this.directory, what), { recursive: true });
    cpSync(join(this.directory, `${what}-backup`), join(this.directory, what), { recursive: true });
  }

  lose(what: 'coordination'): void {
    rmSync(join(this.directory, what), { recursive: true });
  }

  async apply(...objects: object[]): Promise<void> {
    await this.call('POST', 'apply', { objects });
  }

  async list<T extends Task | Run | Event>(kinds: string): Promise<T[]> {
    return (await this.call<{ items: T[] }>('GET', `${kinds}?limit=500`)).items;
  }

  async delete(path: string): Promise<void> {
    await this.call('DELETE', path);
  }

  witness(name: string): string {
    return join(this.directory, `${name}.witness`);
  }

  /** A task that is due each second and appends its time point to a file. */
  task(name: string, spec: object = {}): object {
    return {
      apiVersion: 'cloudtask.dev/v1',
      kind: 'Task',
      metadata: { name, namespace: 'default' },
      spec: {
        schedules: [{ every: '1s' }],
        run: { command: ['/bin/sh', '-c', `echo "$CTASK_SCHEDULED_TIME" >> ${this.witness(name)}`] },
        concurrencyPolicy: 'Allow',
        missedRunPolicy: 'RunAll',
        history: { runs: 1000 },
        ...spec,
      },
    };
  }

  /** Time points (ms) that the processes of a task were started for, as they wrote them. */
  starts(name: string): number[] {
    const path = this.witness(name);
    if (!existsSync(path)) return [];
    return readFileSync(path, 'utf8').split('\n').filter(Boolean).map(Date.parse);
  }

  async eventually<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
    const until = clock.monotonic() + 60_000;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (clock.monotonic() > until) throw new Error(`not within a minute: ${what}`);
      await clock.sleep(100);
    }
  }

  /** The trigger record of a task, as coordination has it. */
  async record(taskUid: string): Promise<TriggerRecord | undefined> {
    return this.coordinated(async (coordinator) => {
      return (await readTriggerRecord(coordinator, new Layout().trigger(taskUid, '')))?.record;
    });
  }

  /** With a session of its own. */
  private async coordinated<T>(look: (coordinator: Coordinator) => Promise<T>): Promise<T> {
    const session = createCoordinationSession({
      ...{ connectString: this.connectString, sessionTimeoutMs: SESSION_MS, clock, log },
    });
    await session.start(AbortSignal.timeout(20_000));
    try {
      return await look(session.current);
    } finally {
      await session.stop();
    }
  }

  /**
   * Resolves when an agent has seen more than a backup of before has. What it goes by is its heartbeat, and that alone: what was
   * missed is caught up on within one.
   */
  async seesMore(agent: string): Promise<void> {
    await this.coordinated(async (coordinator) => {
      const beat = async () => (await coordinator.exists(new Layout().heartbeat(agent)))?.version ?? -1;
      const first = await beat();
      await this.eventually('three more heartbeats', async () => ((await beat()) >= first + 3 ? true : undefined));
    });
  }

  get connectString(): string {
    return `127.0.0.1:${this.ports.coordination}`;
  }

  private get url(): string {
    return `http://127.0.0.1:${this.ports.center}`;
  }

  private token(role: 'admin' | 'agent'): string {
    return readFileSync(join(this.directory, 'center', `${role}.token`), 'utf8').trim();
  }

  private async call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.url}/apis/cloudtask.dev/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token('admin')}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  }

  private async close(): Promise<void> {
    await Promise.all([...this.agents.values()].map((agent) => agent.end()));
    await this.stopCenter();
    await this.stopCoordination();
    await rm(this.directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
