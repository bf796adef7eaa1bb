// Three Apache ZooKeeper servers that form an ensemble, each a process of its own on ports of its own.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { askZooKeeper, configuration, freePort, launchZooKeeper, type ZooKeeper } from './zookeeper.js';

export interface EnsembleOptions {
  readonly directory: string;
  readonly servers: number;
  readonly tickMs: number;
}

interface Ports {
  readonly client: number;
  readonly quorum: number;
  readonly election: number;
}

/** Ticks that a follower may be behind before it or the leader gives the other up. */
const SYNC_LIMIT = 4;
const INIT_LIMIT = 20;

export class Ensemble {
  readonly servers: (ZooKeeper | undefined)[] = [];
  private readonly options: EnsembleOptions;
  private readonly ports: Ports[] = [];

  constructor(options: EnsembleOptions) {
    this.options = options;
  }

  async start(): Promise<void> {
    for (let i = 0; i < this.options.servers; i++) {
      this.ports.push({ client: await freePort(), quorum: await freePort(), election: await freePort() });
    }
    await Promise.all(this.ports.map((_, i) => this.startServer(i)));
  }

  get clientPorts(): number[] {
    return this.ports.map(({ client }) => client);
  }

  get connectString(): string {
    return this.clientPorts.map((port) => `127.0.0.1:${port}`).join(',');
  }

  /** Where its transaction log is. */
  dataDir(index: number): string {
    return join(this.options.directory, `zookeeper-${index + 1}`);
  }

  /** Resolves when it has joined a quorum; so at least half of the others must run. */
  async startServer(index: number): Promise<void> {
    const dataDir = this.dataDir(index);
    await mkdir(join(dataDir, 'data'), { recursive: true });
    await writeFile(join(dataDir, 'data', 'myid'), String(index + 1));
    const members = this.ports.map(({ quorum, election }, i) => `server.${i + 1}=127.0.0.1:${quorum}:${election}`);
    const { client } = this.ports[index]!;
    this.servers[index] = await launchZooKeeper({
      dataDir,
      port: client,
      main: 'org.apache.zookeeper.server.quorum.QuorumPeerMain',
      // Log files are made 1 MB large, not 64: there is one more after every start.
      java: ['-Dzookeeper.preAllocSize=1024', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
      configuration: [
        configuration(dataDir, client, this.options.tickMs),
        `initLimit=${INIT_LIMIT}`,
        `syncLimit=${SYNC_LIMIT}`,
        ...members,
        '',
      ].join('\n'),
    });
  }

  /** Index of the server that leads now; undefined while none says so. */
  async leader(): Promise<number | undefined> {
    const answers = await Promise.all(this.clientPorts.map((port) => askZooKeeper(port, 'srvr')));
    const index = answers.findIndex((answer) => answer.includes('Mode: leader'));
    return index < 0 ? undefined : index;
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server?.kill()));
  }
}
