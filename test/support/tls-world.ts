// A center with an authority of its own, as the built program runs it, and agents that join it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { type Running, User } from './ctask.js';
import { askTls, type Shown, type TlsAnswer } from './tls-ask.js';

export class TlsWorld {
  readonly user: User;
  readonly center: Running;
  readonly url: string;
  readonly zookeeper: string;
  readonly caFile: string;
  readonly dataDir: string;

  private constructor(user: User, center: Running, ready: Record<string, string>) {
    this.user = user;
    this.center = center;
    this.url = ready.url!;
    this.zookeeper = ready.zookeeper!;
    this.caFile = ready.caFile!;
    this.dataDir = ready.dataDir!;
    const { env } = user;
    Object.assign(env, {
      CTASK_SERVER: this.url,
      CTASK_CACERT: this.caFile,
      CTASK_TOKEN_FILE: join(this.dataDir, 'admin.token'),
    });
  }

  static async start(t: Test, flags: readonly string[] = []): Promise<TlsWorld> {
    const user = new User();
    t.teardown(() => user.go());
    const dataDir = join(user.home, 'center');
    const where = ['--data-dir', dataDir, '--port', '0', '--coordination-port', '0'];
    const center = user.start(['center', ...where, '--tls', ...flags]);
    const line = ({ stdout, stderr }: Running) =>
      `${stdout}\n${stderr}`.split('\n').find((text) => text.includes('"center is ready"'));
    await center.until((running) => line(running) !== undefined, 'the center is ready', 60_000);
    return new TlsWorld(user, center, JSON.parse(line(center)!) as Record<string, string>);
  }

  async joinToken(...flags: string[]): Promise<string> {
    return (await this.user.ok(['create', 'token', '--agent', ...flags])).trim();
  }

  agentDir(name: string): string {
    return join(this.user.home, name);
  }

  /** An agent, without waiting for anything. */
  startAgent(name: string, flags: readonly string[] = [], dataDir = this.agentDir(name)): Running {
    const where = ['--center', this.url, '--zookeeper', this.zookeeper, '--data-dir', dataDir];
    return this.user.start(['agent', '--name', name, ...where, ...flags]);
  }

  /** An agent that is there. */
  async agent(name: string, flags: readonly string[] = []): Promise<Running> {
    const agent = this.startAgent(name, flags);
    await agent.until(
      ({ stdout, stderr }) => `${stdout}${stderr}`.includes('agent is ready'),
      `${name} is ready`,
      60_000,
    );
    return agent;
  }

  /** What an agent has in its data directory. */
  credentials(name: string): Required<Pick<Shown, 'cert' | 'key'>> {
    const pem = readFileSync(join(this.agentDir(name), 'tls', 'agent.pem'), 'utf8');
    const at = pem.indexOf('-----BEGIN CERTIFICATE-----');
    return { key: pem.slice(0, at), cert: pem.slice(at) };
  }

  /** See askTls. */
  ask(method: string, path: string, shown: Shown, body?: unknown, opened?: () => void): Promise<TlsAnswer> {
    return askTls({ url: this.url, caFile: this.caFile, shown, method, path, body, opened });
  }
}
