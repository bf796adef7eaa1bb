// For tests of the controllers: real centers on a real store and a real coordination server, with agents that register.
import { join } from 'node:path';
import type { Test } from 'tap';
import { Emitter, silentLogger, systemClock } from '../../base/index.js';
import { Controllers, type ControllersOptions } from '../../center/controllers/index.js';
import { openSqliteStore } from '../../center/store/index.js';
import type { Store } from '../../center/store/store.js';
import type { Stored } from '../../center/store/store-types.js';
import {
  AllocationWatcher,
  createCoordinationSession,
  type EmbeddedServer,
  Layout,
  Membership,
  startEmbeddedServer,
} from '../../coordination/index.js';
import { API_VERSION, type RunReport, runName, runUid, type Task } from '../../manifests/index.js';

const TICK_MS = 200;
/** Long enough for a machine that is busy with other things. */
const SESSION_MS = 4000;
/** Rounds follow one another soon: tests wait for them. */
const PERIODS = { clusters: 300, lost: 300, audit: 300, prune: 300 };
export const clock = systemClock;
const log = silentLogger;
export const layout = new Layout();

export interface World {
  readonly t: Test;
  readonly server: EmbeddedServer;
  readonly store: Store;
  readonly signal: AbortSignal;
  /** After each commit of the store and each round of a leader. */
  readonly news: Emitter<{ any: undefined }>;
}

export async function world(t: Test): Promise<World> {
  t.setTimeout(120_000);
  const dir = t.testdir();
  const server = await startEmbeddedServer({ dataDir: join(dir, 'zk'), host: '127.0.0.1', port: 0, tickMs: TICK_MS });
  const store = openSqliteStore({ path: join(dir, 'state.db'), clock, log, synchronous: 'NORMAL' });
  const signal = AbortSignal.timeout(110_000);
  await store.start(signal);
  // What was started last is stopped first: agents and centers before the store and the server.
  t.teardown(async () => {
    await store.stop();
    await server.stop();
  });
  const news = new Emitter<{ any: undefined }>();
  store.onChange(() => news.emit('any', undefined));
  return { t, server, store, signal, news };
}

async function connect({ t, server, signal }: World) {
  const session = createCoordinationSession({
    ...{ connectString: server.connectString, sessionTimeoutMs: SESSION_MS, clock, log },
  });
  await session.start(signal);
  t.teardown(() => session.stop());
  return session;
}

export async function center(world: World, centerId: string, options: Partial<ControllersOptions> = {}) {
  const session = await connect(world);
  const fixed = { session, layout, store: world.store, clock, log, centerId, periods: PERIODS };
  const controllers = new Controllers({ ...fixed, ...options });
  controllers.events.on('round', () => world.news.emit('any', undefined));
  world.t.teardown(() => controllers.stop());
  return { session, controllers };
}

/** An agent that registers; the center knows it, as after its first heartbeat, unless `known` is false. */
export async function agent(world: World, name: string, labels: Record<string, string> = {}, known = true) {
  if (known) await world.store.heartbeat(name, { cluster: 'default' }, labels, {});
  const session = await connect(world);
  const membership = new Membership({
    ...{ session, layout, agent: name, clock, log, heartbeatMs: SESSION_MS / 2 },
    registration: () => ({
      ...{ incarnation: `${name}-1`, bootId: 'boot', cluster: 'default', labels, hostname: name, version: '0' },
      ...{ tzdata: '2026a', holdUntil: null },
    }),
  });
  const allocation = new AllocationWatcher({ session, layout, agent: name, clock, log });
  await membership.start(world.signal);
  await allocation.start(world.signal);
  world.t.teardown(async () => {
    await membership.stop();
    await allocation.stop();
  });
  const owns = (count: number) =>
    allocation.entries.length === count
      ? Promise.resolve(allocation.entries)
      : allocation.events.next('changed', (entries) => entries.length === count, world.signal);
  return { name, session, membership, allocation, owns };
}

export function task(name: string, spec: Partial<Task['spec']> = {}): Task {
  return {
    apiVersion: API_VERSION,
    kind: 'Task',
    metadata: { name, namespace: 'default' },
    spec: {
      cluster: 'default',
      schedules: [{ name: 'default', every: '1h' }],
      run: { command: ['/bin/true'] },
      ...spec,
    },
  };
}

export async function apply({ store }: World, ...tasks: Task[]): Promise<Stored<Task>[]> {
  return (await store.apply(tasks, { user: 'test' })).map((outcome) => outcome.object as Stored<Task>);
}

/** Resolves when the stored task satisfies `accept`. */
export async function taskWith(
  world: World,
  name: string,
  accept: (task: Stored<Task>) => boolean,
): Promise<Stored<Task>> {
  const key = { kind: 'Task', namespace: 'default', name } as const;
  return eventually(world, async () => {
    const found = await world.store.get<Task>(key);
    return found !== undefined && accept(found) ? found : undefined;
  });
}

/** Looks after each piece of news until `look` finds something. */
export async function eventually<T>(world: World, look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const piece = new AbortController();
    const news = world.news.next('any', () => true, AbortSignal.any([world.signal, piece.signal]));
    news.catch(() => undefined); // not waited for when the look finds it
    const found = await look();
    if (found !== undefined) {
      piece.abort();
      return found;
    }
    await news;
  }
}

export function report(of: Stored<Task>, point: number, state: RunReport['state'], attempt = 1): RunReport {
  const key = { taskUid: of.metadata.uid, slot: '', point };
  return {
    ...{ uid: runUid(key), name: runName(of.metadata.name, key), namespace: 'default', task: of.metadata.name },
    ...{ taskUid: of.metadata.uid, slot: '', revision: 1, trigger: 'Schedule', schedule: 'default' },
    scheduledTime: point,
    state,
    attempts: [],
    attempt,
  };
}
