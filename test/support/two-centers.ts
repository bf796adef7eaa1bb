// Two centers that share a store, as processes of their own.
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as elapse } from 'node:timers/promises';
import type { Running, User } from './ctask.js';
import { freePort } from './zookeeper.js';

/** Clients know both addresses. */
export class TwoCenters {
  private readonly user: User;
  private readonly store: string;
  private readonly zookeeper: string;
  private readonly running = new Map<string, Running>();
  private readonly ports = new Map<string, number>();

  constructor(user: User, store: string, zookeeper: string) {
    this.user = user;
    this.store = store;
    this.zookeeper = zookeeper;
  }

  get urls(): string {
    return [...this.ports.values()].map((port) => `http://127.0.0.1:${port}`).join(',');
  }

  agentDir(name: string): string {
    return join(this.user.home, 'agents', name);
  }

  async start(): Promise<void> {
    await this.restart('c1');
    mkdirSync(join(this.user.home, 'c2'), { mode: 0o700 });
    for (const file of ['admin.token', 'agent.token', 'coordination.secret']) {
      copyFileSync(join(this.user.home, 'c1', file), join(this.user.home, 'c2', file));
    }
    await this.restart('c2');
    const tokenFile = join(this.user.home, 'c1', 'admin.token');
    Object.assign(this.user.env, { CTASK_SERVER: this.urls, CTASK_TOKEN_FILE: tokenFile });
  }

  async restart(name: string): Promise<void> {
    const port = this.ports.get(name) ?? (await freePort());
    this.ports.set(name, port);
    const center = this.user.start([
      ...['center', '--id', name, '--data-dir', join(this.user.home, name), '--port', String(port)],
      ...['--store', this.store, '--zookeeper', this.zookeeper],
    ]);
    this.running.set(name, center);
    await center.until(({ stderr }) => stderr.includes('center is ready'), `center ${name} is ready`);
  }

  startAgent(name: string): Running {
    return this.user.start([
      ...['agent', '--name', name, '--data-dir', this.agentDir(name), '--center', this.urls],
      ...['--token-file', join(this.user.home, 'c1', 'agent.token'), '--zookeeper', this.zookeeper],
    ]);
  }

  /** The center that leads, other than `not`, as soon as there is one. */
  async leader(not?: string): Promise<string> {
    const token = readFileSync(join(this.user.home, 'c1', 'admin.token'), 'utf8').trim();
    const deadline = performance.now() + 30_000;
    while (performance.now() < deadline) {
      for (const [name, port] of this.ports) {
        const headers = { authorization: `Bearer ${token}` };
        const answer = await fetch(`http://127.0.0.1:${port}/version`, { headers }).catch(() => undefined);
        const { leader } = answer?.ok === true ? ((await answer.json()) as { leader?: string }) : {};
        if (leader === name && name !== not) return name;
      }
      await elapse(50);
    }
    throw new Error('no center leads');
  }

  async kill(name: string): Promise<void> {
    await this.running.get(name)!.end('SIGKILL');
  }
}
