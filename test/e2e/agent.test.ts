// Center and agent together, in one process, over real coordination, HTTP, SQLite and processes.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { type Agent, createAgent } from '../../agent/index.js';
import { silentLogger, systemClock } from '../../base/index.js';
import { type Center, createCenter } from '../../center/index.js';
import { type EmbeddedServer, startEmbeddedServer } from '../../coordination/index.js';
import { API_VERSION, type Run, type RunReport, type TaskSpec } from '../../manifests/index.js';

const RUNNER = fileURLToPath(new URL('../../agent/runner/main.ts', import.meta.url));

class World {
  readonly directory: string;
  readonly server: EmbeddedServer;
  center!: Center;
  agent!: Agent;
  private port = 0;
  private token = '';

  constructor(directory: string, server: EmbeddedServer) {
    this.directory = directory;
    this.server = server;
  }

  static async open(t: { teardown(fn: () => unknown): void }): Promise<World> {
    const directory = await mkdtemp(join(tmpdir(), 'ctask-e2e-'));
    const dataDir = join(directory, 'coordination');
    const server = await startEmbeddedServer({ dataDir, host: '127.0.0.1', port: 0, tickMs: 500 });
    const world = new World(directory, server);
    await world.startCenter();
    const { agentTokenFile } = world.center;
    const token = (await readFile(agentTokenFile, 'utf8')).trim();
    world.agent = createAgent({
      ...{ dataDir: join(directory, 'agent'), name: 'a1', cluster: 'default', labels: {}, runnerEntry: runner() },
      center: { urls: [world.center.url], token: () => token },
      coordination: world.coordination(),
      ...{ clock: systemClock, log: silentLogger },
    });
    await world.agent.start(new AbortController().signal);
    t.teardown(() => world.close());
    return world;
  }

  async startCenter(): Promise<void> {
    this.center = createCenter({
      ...{ dataDir: join(this.directory, 'center'), host: '127.0.0.1', port: this.port, centerId: 'c1' },
      coordination: this.coordination(),
      ...{ clock: systemClock, log: silentLogger },
    });
    await this.center.start(new AbortController().signal);
    this.port = Number(new URL(this.center.url).port);
    this.token = (await readFile(this.center.adminTokenFile, 'utf8')).trim();
  }

  async call(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' };
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${this.center.url}/apis/cloudtask.dev/v1/${path}`, { method, headers, ...init });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }

  async apply(name: string, spec: Partial<TaskSpec> & Pick<TaskSpec, 'run'>): Promise<void> {
    const object = { apiVersion: API_VERSION, kind: 'Task', metadata: { name, namespace: 'default' }, spec };
    await this.call('POST', 'apply', { objects: [object] });
  }

  async run(report: { name: string }): Promise<Run> {
    return (await (await this.call('GET', `namespaces/default/runs/${report.name}`)).json()) as Run;
  }

  /** Resolves when the run is over and its log complete. */
  async log(name: string): Promise<string> {
    return (await this.call('GET', `namespaces/default/runs/${name}/log?follow=1`)).text();
  }

  async close(): Promise<void> {
    await this.agent.end();
    await this.center.stop();
    await this.server.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  private coordination() {
    return { connectString: this.server.connectString, sessionTimeoutMs: 4000, root: '/cloudtask' };
  }
}

const runner = () => [process.execPath, '--import=tsx', RUNNER];
const ended = (report: RunReport) => report.endTime !== undefined;

t.test('an applied task fires; its run and its log are at the center', async (t) => {
  const world = await World.open(t);
  await world.apply('hello', { schedules: [{ every: '1s' }], run: { script: 'echo hello $CTASK_TASK' } });
  const report = await world.agent.events.next('reported', ended);
  const run = await world.run(report);
  t.match(run, {
    spec: { task: 'hello', trigger: 'Schedule' },
    status: { state: 'Succeeded', agent: 'a1', exitCode: 0 },
  });
  t.equal(await world.log(report.name), 'hello hello\n');
});

t.test('a run on demand: started, followed, cancelled', async (t) => {
  const world = await World.open(t);
  await world.apply('work', { run: { script: 'echo begin; sleep 30' }, gracePeriod: '1s' });
  await world.agent.events.next('allocationApplied', ({ slots }) => slots === 1);
  const started = world.agent.events.next('started');
  const run = (await (await world.call('POST', 'namespaces/default/tasks/work/run', {})).json()) as Run;
  await started;
  const log = world.log(run.metadata.name);
  const end = world.agent.events.next('reported', ended);
  await world.call('POST', `namespaces/default/runs/${run.metadata.name}/cancel`, {});
  await end;
  t.match(await world.run(run.metadata), { status: { state: 'Cancelled' } });
  t.match(await log, /^(begin\n)?$/);
});

t.test('the center restarts: the agent fires meanwhile, and nothing is lost', async (t) => {
  const world = await World.open(t);
  await world.apply('hello', { schedules: [{ every: '1s' }], run: { script: 'echo $CTASK_SCHEDULED_TIME' } });
  await world.agent.events.next('reported', ended);
  await world.center.stop();
  const away = [await world.agent.events.next('ended'), await world.agent.events.next('ended')];
  await world.startCenter();
  for (const report of away) {
    let run: Run | undefined;
    while (run?.status?.state !== 'Succeeded') {
      run = await world.run(report).catch(() => undefined);
      if (run === undefined) await world.agent.events.next('reported');
    }
    t.equal(await world.log(report.name), `${new Date(report.scheduledTime ?? 0).toISOString()}\n`);
  }
});
