// An installation of real processes that is backed up, destroyed and restored: a center, agents that may outlive it, and tasks whose
// processes testify for which time points they were started.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent, Event, Run } from '../../manifests/index.js';
import { type Running, User } from './ctask.js';
import { alive, descendants } from './processes.js';
import { freePort } from './zookeeper.js';

export interface BackupWorldOptions {
  /** Words that tell center, backup and restore where coordination and store are; none: embedded, SQLite. */
  readonly places?: readonly string[];
  /** Connect string of an ensemble; none: the embedded server of the center. */
  readonly zookeeper?: string;
}

/** Due each second, and everything that was missed runs: a cursor that lies back shows. */
const task = (name: string, witness: string) => `
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: ${name}}
spec:
  schedules: [{every: 1s}]
  run: {command: [/bin/sh, -c, 'echo "$CTASK_SCHEDULED_TIME" >> ${witness}']}
  concurrencyPolicy: Allow
  missedRunPolicy: RunAll
  history: {runs: 1000}
`;

/** So that what nobody reports any more is put down as Lost while the test looks. */
const CLUSTER = `apiVersion: cloudtask.dev/v1
kind: Cluster
metadata: {name: default}
spec: {lostAfter: 5s}
---`;

export class BackupWorld {
  readonly user = new User();
  private readonly options: BackupWorldOptions;
  private readonly ports: { readonly center: number; readonly coordination: number };
  private readonly agents = new Map<string, Running>();
  private center: Running | undefined;

  private constructor(options: BackupWorldOptions, ports: BackupWorld['ports']) {
    this.options = options;
    this.ports = ports;
  }

  static async open(t: { teardown(fn: () => unknown): void }, options: BackupWorldOptions = {}): Promise<BackupWorld> {
    const world = new BackupWorld(options, { center: await freePort(), coordination: await freePort() });
    t.teardown(() => world.user.go());
    return world;
  }

  path(...names: string[]): string {
    return join(this.user.home, ...names);
  }

  /** `dir`: its data directory. What lies in it is gone on with. `places` instead of those of the world. */
  async startCenter(dir: string, places: readonly string[] = this.options.places ?? []): Promise<void> {
    const ports = ['--port', String(this.ports.center), '--coordination-port', String(this.ports.coordination)];
    const center = this.user.start(['center', '--data-dir', this.path(dir), ...ports, '--id', 'c1', ...places]);
    await center.until(({ stderr }) => stderr.includes('center is ready'), 'the center is ready', 60_000);
    this.center = center;
    Object.assign(this.user.env, { CTASK_SERVER: this.url, CTASK_TOKEN_FILE: this.path(dir, 'admin.token') });
  }

  startAgent(name: string): Running {
    const zookeeper = this.options.zookeeper ?? this.embedded;
    const agent = this.user.start([
      ...['agent', '--name', name, '--data-dir', this.path(name), '--zookeeper', zookeeper, '--end-runs'],
      ...['--center', this.url, '--token-file', this.path('keys', 'agent.token')],
      ...['--coordination-secret-file', this.path('keys', 'coordination.secret')],
    ]);
    this.agents.set(name, agent);
    return agent;
  }

  /** Of the embedded server. */
  get embedded(): string {
    return `127.0.0.1:${this.ports.coordination}`;
  }

  /** The center and all that it started: nothing gets to write a last word. */
  async killCenter(): Promise<void> {
    await kill(this.center);
  }

  /** With its data. */
  async destroyCenter(dir: string): Promise<void> {
    await this.killCenter();
    rmSync(this.path(dir), { recursive: true });
  }

  /** The machine of an agent: its runners and processes too. */
  async destroyAgent(name: string): Promise<void> {
    await kill(this.agents.get(name));
    this.agents.delete(name);
    rmSync(this.path(name), { recursive: true });
  }

  async apply(...names: string[]): Promise<void> {
    const file = this.path('tasks.yaml');
    writeFileSync(file, CLUSTER + names.map((name) => task(name, this.witness(name))).join('---'));
    await this.user.ok(['apply', '-f', file]);
  }

  /** Time points that processes of the task were started for, as they wrote them. */
  starts(name: string): string[] {
    const path = this.witness(name);
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
  }

  /** Waits for `count` processes of each of the tasks. */
  async more(names: readonly string[], count: number): Promise<void> {
    const until = new Map(names.map((name) => [name, this.starts(name).length + count]));
    await this.eventually(`${count} more starts of ${names}`, () =>
      [...until].every(([name, total]) => this.starts(name).length >= total),
    );
  }

  async eventually(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
    for (const end = performance.now() + 90_000; !(await holds()); ) {
      if (performance.now() > end) throw new Error(`not within 90 s: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async settled(): Promise<string> {
    const { items } = await this.user.eventually<{ items: Event[] }>(
      ['get', 'events', '-A'],
      ({ items }) => items.some(({ spec }) => spec.reason === 'RestoreSettled'),
      90_000,
    );
    return items.find(({ spec }) => spec.reason === 'RestoreSettled')!.spec.message;
  }

  async runs(): Promise<Run[]> {
    return (await this.user.json<{ items: Run[] }>(['get', 'runs', '-A'])).items;
  }

  async agentNames(): Promise<string[]> {
    const { items } = await this.user.json<{ items: Agent[] }>(['get', 'agents']);
    return items.map(({ metadata }) => metadata.name);
  }

  private witness(name: string): string {
    return this.path(`${name}.witness`);
  }

  private get url(): string {
    return `http://127.0.0.1:${this.ports.center}`;
  }
}

async function kill(running: Running | undefined): Promise<void> {
  if (running === undefined) return;
  const pids = descendants(running.child.pid!).filter(alive);
  for (const pid of pids) process.kill(pid, 'SIGSTOP'); // none of them sees the others go
  running.child.kill('SIGKILL');
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  await running.done;
}
