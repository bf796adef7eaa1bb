// Everything that faults are done to: three ZooKeeper servers, centers and agents as processes, and between them proxies
// that can lose what passes.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endRunners } from '../support/end-runners.js';
import { type Postgres, startPostgres } from '../support/postgres.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { freePort } from '../support/zookeeper.js';
import { Ensemble } from '../support/zookeeper-ensemble.js';
import { Member } from './member.js';

export interface WorldOptions {
  readonly directory: string;
  readonly agents: number;
  /** One keeps its store in SQLite; several share a PostgreSQL server. */
  readonly centers: number;
  /** The last agent gets a disk of its own that can be filled. Needs root. */
  readonly smallDisk: boolean;
}

const TICK_MS = 1_000;
const SMALL_DISK_BYTES = 48 << 20;
const READY_MS = 60_000;

/** A process and the proxies through which it reaches the others. */
export interface Node {
  readonly member: Member;
  readonly toZooKeeper: readonly TcpProxy[];
  /** Of agents only. */
  readonly toCenter: readonly TcpProxy[];
  readonly dataDir: string;
}

export class World {
  readonly ensemble: Ensemble;
  readonly agents = new Map<string, Node>();
  readonly centers = new Map<string, Node>();
  readonly urls: string[] = [];
  private readonly options: WorldOptions;
  private readonly proxies: TcpProxy[] = [];
  private smallDisk: string | undefined;
  private database: string | undefined;
  postgres: Postgres | undefined;

  constructor(options: WorldOptions) {
    this.options = options;
    this.ensemble = new Ensemble({ directory: options.directory, servers: 3, tickMs: TICK_MS });
  }

  get witness(): string {
    return join(this.options.directory, 'witness');
  }

  /** Name of the agent whose disk can be filled. */
  get agentOfSmallDisk(): string | undefined {
    return this.smallDisk === undefined ? undefined : `a${this.options.agents}`;
  }

  token(): string {
    return readFileSync(join(this.options.directory, 'centers', 'c1', 'admin.token'), 'utf8').trim();
  }

  async start(): Promise<void> {
    const { directory, agents, centers } = this.options;
    mkdirSync(join(directory, 'logs'), { recursive: true });
    writeFileSync(this.witness, '');
    await this.ensemble.start();
    if (centers > 1) {
      this.postgres = await startPostgres();
      this.database = await this.postgres.createDatabase();
    }
    const ports: number[] = [];
    for (let i = 1; i <= centers; i++) ports.push(await this.startCenter(`c${i}`));
    if (this.options.smallDisk) this.mountSmallDisk(`a${agents}`);
    for (let i = 1; i <= agents; i++) await this.startAgent(`a${i}`, ports);
  }

  private async startCenter(name: string): Promise<number> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const dataDir = join(this.options.directory, 'centers', name);
    this.shareTokens(dataDir);
    const toZooKeeper = await this.proxiesToZooKeeper();
    const member = this.member(name, 'center is ready', [
      ...['center', '--id', name, '--data-dir', dataDir, '--port', String(port)],
      ...['--zookeeper', addresses(toZooKeeper)],
      ...(this.database === undefined ? [] : ['--store', this.database]),
    ]);
    this.centers.set(name, { member, toZooKeeper, toCenter: [], dataDir });
    this.urls.push(url);
    member.start();
    await member.ready(READY_MS);
    return port;
  }

  /** Centers on one store have the same tokens; whoever sets them up copies the files of the first one. */
  private shareTokens(dataDir: string): void {
    const first = [...this.centers.values()][0]?.dataDir;
    if (first === undefined) return;
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    for (const file of ['admin.token', 'agent.token', 'coordination.secret'])
      copyFileSync(join(first, file), join(dataDir, file));
  }

  private async startAgent(name: string, centerPorts: readonly number[]): Promise<void> {
    const dataDir = join(this.options.directory, 'agents', name);
    const toZooKeeper = await this.proxiesToZooKeeper();
    const toCenter = await this.proxiesTo(centerPorts);
    const member = this.member(name, 'agent is ready', [
      ...['agent', '--name', name, '--data-dir', dataDir, '--zookeeper', addresses(toZooKeeper)],
      ...['--center', toCenter.map(({ address }) => `http://${address}`).join(',')],
      ...['--token-file', join(this.options.directory, 'centers', 'c1', 'agent.token')],
    ]);
    this.agents.set(name, { member, toZooKeeper, toCenter, dataDir });
    member.start();
    await member.ready(READY_MS);
  }

  private member(name: string, readyText: string, args: readonly string[]): Member {
    const logFile = join(this.options.directory, 'logs', `${name}.log`);
    const { PATH, HOME } = process.env;
    return new Member({ name, args, env: { PATH, HOME, NODE_ENV: 'production', NO_COLOR: '1' }, logFile, readyText });
  }

  private proxiesToZooKeeper(): Promise<TcpProxy[]> {
    return this.proxiesTo(this.ensemble.clientPorts);
  }

  private async proxiesTo(ports: readonly number[]): Promise<TcpProxy[]> {
    const proxies = await Promise.all(ports.map((port) => TcpProxy.start({ port })));
    this.proxies.push(...proxies);
    return proxies;
  }

  private mountSmallDisk(agent: string): void {
    const directory = join(this.options.directory, 'agents', agent);
    mkdirSync(directory, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_DISK_BYTES}`, 'tmpfs', directory]);
    this.smallDisk = directory;
  }

  /** Takes what is left of the small disk; the returned function gives it back. */
  fillDisk(): () => void {
    const file = join(this.smallDisk!, 'ballast');
    try {
      writeFileSync(file, Buffer.alloc(SMALL_DISK_BYTES));
    } catch {
      // ENOSPC is what this is for: what fitted is written.
    }
    return () => rmSync(file, { force: true });
  }

  /** Exits that nobody asked for, of all processes. */
  get unexpectedExits(): string[] {
    return [...this.centers.values(), ...this.agents.values()].flatMap(({ member }) => member.unexpected);
  }

  async stop(): Promise<void> {
    for (const { member, dataDir } of [...this.agents.values(), ...this.centers.values()]) {
      member.signal('SIGCONT');
      await member.end('SIGKILL');
      endRunners(dataDir);
    }
    await this.ensemble.stop();
    await this.postgres?.stop();
    await Promise.all(this.proxies.map((proxy) => proxy.stop()));
    if (this.smallDisk !== undefined) execFileSync('umount', ['-l', this.smallDisk]);
  }
}

function addresses(proxies: readonly TcpProxy[]): string {
  return proxies.map(({ address }) => address).join(',');
}
