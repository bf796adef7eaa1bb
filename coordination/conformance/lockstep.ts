import { CreateFlag, WatchMode } from '../jute/codes.js';
import type { AclRecord } from '../jute/records.js';
import type { MultiRequestItem } from '../jute/requests.js';
import type { Random } from './random.js';
import { type Event, RawClient, type Reply } from './raw-client.js';
import { Sameness } from './sameness.js';
import * as shape from './shapes.js';

/** Few names and shallow paths, so that operations meet each other. */
const NAMES = ['a', 'b', 'c', 'd'] as const;
const BAD_PATHS = ['', 'a', '/a/', '/a//b', '/./a', '/zookeeper/config', '/'] as const;
const SESSIONS = 4;
const SESSION_TIMEOUT_MS = 20_000;
const DIGEST_ENTRY: AclRecord = { permissions: 31, scheme: 'auth', id: '' };

interface Pair {
  readonly left: RawClient;
  readonly right: RawClient;
}

export interface LockstepResult {
  readonly steps: number;
  /** What was done last and how the replies differ; undefined when they never did. */
  readonly difference: string | undefined;
  /** How often each kind of step was taken, for judging what a run has covered. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Does the same random steps on two servers, one at a time, and compares every reply and every event of every client. */
export async function lockstep(
  ports: { readonly left: number; readonly right: number },
  random: Random,
  steps: number,
): Promise<LockstepResult> {
  const run = new Lockstep(ports, random);
  try {
    return await run.run(steps);
  } finally {
    await run.end();
  }
}

class Lockstep {
  private readonly ports: { readonly left: number; readonly right: number };
  private readonly random: Random;
  private readonly sameness = new Sameness();
  private readonly clients: Pair[] = [];
  /** Clients whose next events may come in any order: ephemeral nodes of a closed session go in no particular one. */
  private readonly unordered = new Set<number>();
  private readonly counts: Record<string, number> = {};

  constructor(ports: { readonly left: number; readonly right: number }, random: Random) {
    this.ports = ports;
    this.random = random;
  }

  async run(steps: number): Promise<LockstepResult> {
    let difference: string | undefined;
    for (let i = 0; i < SESSIONS && difference === undefined; i++) difference = await this.open(i);
    let done = 0;
    for (; done < steps && difference === undefined; done++) {
      const index = this.random.below(SESSIONS);
      const { name, take } = this.step(index);
      this.counts[name] = (this.counts[name] ?? 0) + 1;
      difference = await take();
      if (difference !== undefined) difference = `step ${done}, client ${index}, ${name}: ${difference}`;
    }
    difference ??= await this.compareTree('/r');
    return { steps: done, difference, counts: this.counts };
  }

  async end(): Promise<void> {
    for (const { left, right } of this.clients) await Promise.all([left.drop(), right.drop()]);
  }

  /** Every node that is left, with data and Stat. */
  private async compareTree(path: string): Promise<string | undefined> {
    const difference =
      (await this.both(0, (c) => c.request(shape.getData(path)))) ??
      (await this.both(0, (c) => c.request(shape.getChildren2(path))));
    if (difference !== undefined) return `${path} at the end: ${difference}`;
    const names = (await this.clients[0]!.left.request(shape.getChildren(path))).body?.children ?? [];
    await this.clients[0]!.right.request(shape.getChildren(path));
    for (const name of names) {
      const below = await this.compareTree(`${path}/${name}`);
      if (below !== undefined) return below;
    }
    return undefined;
  }

  private step(index: number): { name: string; take: () => Promise<string | undefined> } {
    const dice = this.random.below(200);
    if (dice < 2) return { name: 'closeSession', take: () => this.close(index) };
    if (dice < 4) return { name: 'reconnect', take: () => this.reconnect(index) };
    if (dice < 6) {
      const user = this.random.pick(['bob:x', 'eve:y']);
      return { name: `auth ${user}`.split(':')[0]!, take: () => this.both(index, (c) => c.auth('digest', user)) };
    }
    if (dice < 8) return { name: 'ping', take: () => this.both(index, (c) => c.ping()) };
    const { name, request } = this.operation();
    return { name, take: () => this.both(index, (c) => c.request(request)) };
  }

  private operation(): { name: string; request: shape.RequestShape<unknown> } {
    const { random } = this;
    const path = this.path();
    const version = this.version();
    const watch = random.chance(40);
    const weighted: readonly [number, string, () => shape.RequestShape<unknown>][] = [
      [18, 'create', () => shape.create(this.newPath(), this.createOptions())],
      [6, 'create2', () => shape.create2(this.newPath(), this.createOptions())],
      [14, 'delete', () => shape.remove(path, version)],
      [14, 'setData', () => shape.setData(path, this.data(), version)],
      [10, 'exists', () => shape.exists(path, watch)],
      [10, 'getData', () => shape.getData(path, watch)],
      [6, 'getChildren', () => shape.getChildren(path, watch)],
      [6, 'getChildren2', () => shape.getChildren2(path, watch)],
      [3, 'getACL', () => shape.getAcl(path)],
      [2, 'setACL', () => shape.setAcl(path, this.acl(), version)],
      [2, 'sync', () => shape.sync(path)],
      [14, 'multi', () => shape.multi(...this.items())],
      [2, 'addWatch', () => shape.addWatch(path, random.pick([WatchMode.persistent, WatchMode.persistentRecursive]))],
      [2, 'setWatches', () => shape.setWatches({ data: [path], exist: [this.path()], child: [this.path()] })],
    ];
    let left = random.below(weighted.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, name, make] of weighted) {
      left -= weight;
      if (left < 0) return { name, request: make() };
    }
    throw new Error('the weights add up');
  }

  private items(): MultiRequestItem[] {
    return Array.from({ length: 1 + this.random.below(5) }, () => {
      const kind = this.random.below(4);
      if (kind === 0) return shape.item.create(this.newPath(), this.createOptions());
      if (kind === 1) return shape.item.remove(this.path(), this.version());
      if (kind === 2) return shape.item.setData(this.path(), this.data(), this.version());
      return shape.item.check(this.path(), this.version());
    });
  }

  private path(): string {
    if (this.random.chance(1)) return this.random.pick(BAD_PATHS);
    const depth = this.random.chance(10) ? 0 : 1 + this.random.below(2);
    return `/r${Array.from({ length: depth }, () => `/${this.random.pick(NAMES)}`).join('')}`;
  }

  private newPath(): string {
    return this.random.chance(15) ? `${this.path()}/s-` : this.path();
  }

  private createOptions(): shape.CreateOptions {
    const { random } = this;
    const flags = (random.chance(30) ? CreateFlag.ephemeral : 0) | (random.chance(15) ? CreateFlag.sequential : 0);
    return { data: this.data(), flags: random.chance(1) ? 12 : flags, acl: random.chance(4) ? this.acl() : shape.OPEN };
  }

  private acl(): readonly AclRecord[] {
    const { random } = this;
    if (random.chance(60)) return shape.OPEN;
    if (random.chance(30)) return [{ ...DIGEST_ENTRY, permissions: 1 + random.below(31) }];
    if (random.chance(20)) return [];
    // Never without the right to administer, or the tree would freeze bit by bit.
    return [{ permissions: 16 | random.below(32), scheme: 'world', id: 'anyone' }];
  }

  private data(): string | null {
    return this.random.chance(5) ? null : 'x'.repeat(this.random.below(40));
  }

  private version(): number {
    return this.random.chance(60) ? -1 : this.random.below(4);
  }

  private async both(index: number, ask: (client: RawClient) => Promise<Reply>): Promise<string | undefined> {
    const { left, right } = this.clients[index]!;
    const [a, b] = await Promise.all([ask(left), ask(right)]);
    const ordered = !this.unordered.delete(index);
    return this.sameness.reply(comparable(a, ordered), comparable(b, ordered));
  }

  private async open(index: number, resume?: Pair): Promise<string | undefined> {
    const connect = async (port: number, old: RawClient | undefined) => {
      const identity = old === undefined ? {} : { sessionId: old.sessionId, password: old.response.password };
      const client = await RawClient.connect(port, { timeoutMs: SESSION_TIMEOUT_MS, ...identity });
      if (client === undefined) throw new Error('refused');
      return client;
    };
    const left = await connect(this.ports.left, resume?.left);
    const right = await connect(this.ports.right, resume?.right);
    this.clients[index] = { left, right };
    return (
      this.sameness.session(left.sessionId, right.sessionId) ??
      (await this.both(index, (client) => client.request(shape.create('/r'))))
    );
  }

  private async close(index: number): Promise<string | undefined> {
    const { left, right } = this.clients[index]!;
    for (let i = 0; i < SESSIONS; i++) this.unordered.add(i);
    const difference = await this.both(index, (client) => client.closeSession());
    await Promise.all([left.closed, right.closed]);
    return difference ?? (await this.open(index));
  }

  private async reconnect(index: number): Promise<string | undefined> {
    const pair = this.clients[index]!;
    await Promise.all([pair.left.drop(), pair.right.drop()]);
    return this.open(index, pair);
  }
}

/** Identities of one client are a set in ZooKeeper, so what `auth` expands to has no order. */
function comparable(reply: Reply, ordered: boolean): Reply {
  const body = reply.body as { acl?: AclRecord[] } | undefined;
  const acl = body?.acl && [...body.acl].sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1));
  const events = ordered ? reply.events : inOrder(reply.events);
  return { ...reply, body: acl === undefined ? reply.body : { ...body, acl }, events };
}

function inOrder(events: readonly Event[]): Event[] {
  return [...events].sort((a, b) => (a.path === b.path ? a.type - b.type : a.path < b.path ? -1 : 1));
}
