// A center and several agents as separate processes against a ZooKeeper server, and tasks that testify: each run appends
// one line to a witness file by itself, so that what is counted is not what CloudTask recorded about itself.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Task } from '../../manifests/index.js';
import { type Running, User } from './ctask.js';

export interface FleetOptions {
  /** Connect string of the ZooKeeper server. */
  readonly zookeeper: string;
  readonly agents: number;
  /** Seconds between time points → number of tasks. */
  readonly tasks: Readonly<Record<number, number>>;
}

export class Fleet {
  readonly user = new User();
  readonly agents = new Map<string, Running>();
  center!: Running;
  url!: string;
  private readonly options: FleetOptions;
  private readonly witness: string;

  constructor(options: FleetOptions) {
    this.options = options;
    this.witness = join(this.user.home, 'witness');
    writeFileSync(this.witness, '');
  }

  get adminTokenFile(): string {
    return join(this.user.home, 'center', 'admin.token');
  }

  async start(): Promise<void> {
    await this.startCenter(0);
    Object.assign(this.user.env, { CTASK_SERVER: this.url, CTASK_TOKEN_FILE: this.adminTokenFile });
    await Promise.all(Array.from({ length: this.options.agents }, (_, i) => this.startAgent(`a${i + 1}`)));
    await this.user.eventually<{ items: { status?: { state?: string } }[] }>(
      ['get', 'agents'],
      ({ items }) => items.filter((agent) => agent.status?.state === 'Ready').length === this.options.agents,
    );
  }

  /** Port 0 for any; the center keeps its data, so that it can be started again. */
  async startCenter(port: number): Promise<void> {
    const args = [
      'center',
      '--data-dir',
      join(this.user.home, 'center'),
      '--port',
      String(port),
      '--zookeeper',
      this.options.zookeeper,
    ];
    this.center = this.user.start(args);
    await this.center.until(({ stderr }) => stderr.includes('center is ready'), 'center becomes ready');
    this.url = /"url":"([^"]+)"/.exec(this.center.stderr)![1]!;
  }

  async startAgent(name: string, more: readonly string[] = []): Promise<void> {
    const agent = this.user.start([
      'agent',
      '--name',
      name,
      '--data-dir',
      join(this.user.home, 'agents', name),
      '--center',
      this.url,
      '--token-file',
      join(this.user.home, 'center', 'agent.token'),
      '--zookeeper',
      this.options.zookeeper,
      ...more,
    ]);
    this.agents.set(name, agent);
    await agent.until(({ stderr }) => stderr.includes('agent is ready'), `agent ${name} becomes ready`);
  }

  /** Applies the tasks and resolves when each has an owner. */
  async apply(): Promise<Task[]> {
    const documents = Object.entries(this.options.tasks).flatMap(([seconds, count]) =>
      Array.from({ length: count }, (_, i) => this.manifest(`every${seconds}-${i}`, Number(seconds))),
    );
    await this.user.ok(['apply', '-f', '-'], { input: documents.join('---\n') });
    const { items } = await this.user.eventually<{ items: Task[] }>(['get', 'tasks'], ({ items }) =>
      items.every((task) => (task.status?.allocations?.length ?? 0) === 1),
    );
    return items;
  }

  private manifest(name: string, seconds: number): string {
    const line = 'echo "$CTASK_TASK $CTASK_SCHEDULED_TIME $CTASK_ATTEMPT" >> "$WITNESS"';
    return [
      'apiVersion: cloudtask.dev/v1',
      'kind: Task',
      `metadata: {name: ${name}}`,
      'spec:',
      `  schedules: [{every: ${seconds}s}]`,
      '  run:',
      `    command: ["/bin/sh", "-c", ${JSON.stringify(line)}]`,
      `    env: [{name: WITNESS, value: ${JSON.stringify(this.witness)}}]`,
      '  concurrencyPolicy: Allow',
      '  history: {runs: 1000}',
      '',
    ].join('\n');
  }

  /** What the API answers to a GET, as text. */
  async fetch(path: string): Promise<string> {
    const token = readFileSync(this.adminTokenFile, 'utf8').trim();
    const response = await fetch(`${this.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    const text = await response.text();
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${text}`);
    return text;
  }

  /** Lines of the witness file: task, time point (ms), attempt. */
  testimony(): { task: string; point: number; attempt: number }[] {
    const lines = readFileSync(this.witness, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => {
      const [task, time, attempt] = line.split(' ');
      return { task: task!, point: Date.parse(time!), attempt: Number(attempt) };
    });
  }

  /** As when the power of its machine fails, but for the task processes: agent and runner are gone at once. */
  async lose(name: string): Promise<void> {
    await this.agents.get(name)?.end('SIGKILL');
    this.endRunner(name);
  }

  /** The runner outlives its agent, and for a while its last run: its lock file says who it is. */
  private endRunner(name: string): void {
    const directory = join(this.user.home, 'agents', name, 'runner');
    if (!existsSync(directory)) return;
    for (const file of readdirSync(directory).filter((entry) => entry.endsWith('.lock'))) {
      const { pid } = JSON.parse(readFileSync(join(directory, file), 'utf8')) as { pid: number };
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
  }

  async stop(): Promise<void> {
    for (const [name, agent] of this.agents) {
      await agent.end('SIGINT');
      this.endRunner(name);
    }
    await this.center?.end('SIGINT');
    await this.user.go();
  }
}

export interface Count {
  readonly expected: number;
  /** `task@time` of time points without, and with more than one, witness. */
  readonly missing: string[];
  readonly duplicate: string[];
}

/** Holds the testimony against the time points in (from, to] of tasks named `every<seconds>-<i>`. Plain arithmetic: it
 * shares nothing with the scheduler. */
export function count(
  testimony: { task: string; point: number }[],
  tasks: readonly string[],
  from: number,
  to: number,
): Count {
  const seen = new Map<string, number>();
  for (const { task, point } of testimony) {
    const key = `${task}@${new Date(point).toISOString()}`;
    seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  const missing: string[] = [];
  let expected = 0;
  for (const task of tasks) {
    const step = Number(/^every(\d+)-/.exec(task)![1]) * 1000;
    for (let point = Math.floor(from / step) * step + step; point <= to; point += step) {
      expected += 1;
      const key = `${task}@${new Date(point).toISOString()}`;
      if (!seen.has(key)) missing.push(key);
    }
  }
  return { expected, missing, duplicate: [...seen].filter(([, times]) => times > 1).map(([key]) => key) };
}
