// Both clients for the tests of this folder: the bare library, which must show the defect, and ours, which must not.
import { EventEmitter, once } from 'node:events';
import library, { type LibraryClient } from 'node-zookeeper-client';
import { silentLogger, systemClock } from '../../../base/index.js';
import type { Coordinator, SessionState } from '../../coordinator.js';
import { openCoordinator } from '../zookeeper-coordinator.js';
import type { ZooKeeperSessionOptions } from '../zookeeper-session.js';

/** The part of a tap test that is needed here. */
interface Test {
  teardown(fn: () => unknown): void;
}

type Options = Partial<ZooKeeperSessionOptions> & { connectString: string };

/** Our client; closed when the test ends. */
export function ours(t: Test, options: Options): Coordinator {
  const coordinator = openCoordinator({ sessionTimeoutMs: 4000, clock: systemClock, log: silentLogger, ...options });
  t.teardown(() => coordinator.detach());
  return coordinator;
}

/** The bare library; its socket is destroyed and its reconnecting stopped when the test ends. */
export function bare(t: Test, connectString: string, sessionTimeout = 4000, spinDelay = 20): LibraryClient {
  const client = library.createClient(connectString, { sessionTimeout, spinDelay });
  t.teardown(() => silence(client));
  client.connect();
  return client;
}

/** The library has no way to stop for good (N10), so its way to connect is taken away. An attempt that is under way leaves a
 * timer of a whole session time-out, and one may come about within its spin delay still. */
export function silence(client: LibraryClient): void {
  const manager = client.connectionManager as unknown as {
    connect: () => void;
    socket?: { destroy(): void };
    connectTimeoutHandler?: NodeJS.Timeout;
    spinDelay: number;
  };
  manager.connect = () => undefined;
  const end = () => {
    clearTimeout(manager.connectTimeoutHandler);
    manager.socket?.destroy();
  };
  end();
  setTimeout(end, manager.spinDelay + 1);
}

/** The first time the coordinator is in `state` from now on; at once if it is. */
export function reached(coordinator: Coordinator, state: SessionState): Promise<void> {
  return new Promise((resolve) => {
    if (coordinator.state === state) return resolve();
    const off = coordinator.onState((now) => {
      if (now !== state) return;
      off();
      resolve();
    });
  });
}

/** Something that tests can wait for: `tick(name)` counts, `until(name, n)` resolves at the n-th. */
export class Counter {
  private readonly emitter = new EventEmitter();
  private readonly counts = new Map<string, number>();

  tick(name: string): void {
    this.counts.set(name, this.count(name) + 1);
    this.emitter.emit('tick');
  }

  count(name: string): number {
    return this.counts.get(name) ?? 0;
  }

  async until(name: string, n = 1): Promise<void> {
    while (this.count(name) < n) await once(this.emitter, 'tick');
  }
}

/** A few turns of the event loop: everything that has arrived is read, and what follows from it at once is done. */
export async function turns(n = 10): Promise<void> {
  for (let i = 0; i < n; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** What `promise` rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it should have been rejected');
}
