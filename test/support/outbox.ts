// A store with an outbox, on both databases: tasks that tell a notifier how they end, and what a leader takes.
import { join } from 'node:path';
import type { Test } from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import { openPostgresStore, openSqliteStore, type Store } from '../../center/store/index.js';
import type { Stored } from '../../center/store/store-types.js';
import type { AnyObject, Task } from '../../manifests/index.js';
import { requirePostgres, startPostgres } from './postgres.js';
import { report, task } from './store-objects.js';

export const fence = { epoch: 1 };
export const AT = Date.UTC(2026, 0, 1);
export const key = { namespace: 'default', notifier: 'ops' };
export const query = { ...key, groupWaitMs: 0, leaseMs: 60_000, giveUpBefore: 0 };

export const telling = (name: string, notify: Task['spec']['notify']): Task => {
  const plain = task(name);
  return { ...plain, spec: { ...plain.spec, ...(notify === undefined ? {} : { notify }) } };
};

/** Its clock is `ahead` of the time, ms. */
export class OutboxStore {
  readonly store: Store;
  private readonly times: { ahead: number };

  constructor(store: Store, times: { ahead: number }) {
    this.store = store;
    this.times = times;
  }

  readonly apply = async (...objects: AnyObject[]): Promise<Stored<Task>[]> =>
    (await this.store.apply(objects, { user: 'test' })).map(({ object }) => object as unknown as Stored<Task>);

  /** The n-th run of the task has ended. */
  readonly end = (of: Stored<Task>, n: number, state: 'Succeeded' | 'Failed' | 'Lost' | 'Skipped') =>
    this.store.acceptReports('a1', [
      report(of.metadata.uid, AT + n, { task: of.metadata.name, state, endTime: AT + n + 1 }),
    ]);

  readonly events = async () =>
    (await this.store.notifications.claim(query, fence)).batch?.notifications.map((one) => one.event);

  readonly later = (ms: number): void => {
    this.times.ahead += ms;
  };
}

export type Begin = (t: Test) => Promise<OutboxStore>;

/** The same tests on SQLite and on PostgreSQL. */
export function onBothDatabases(t: Test, tests: (t: Test, begin: Begin) => Promise<void>): void {
  const opened =
    (open: (t: Test, clock: typeof systemClock) => Promise<Store>): Begin =>
    async (t) => {
      const times = { ahead: 0 };
      const clock = new Proxy(systemClock, {
        get: (of, name) => (name === 'now' ? () => of.now() + times.ahead : Reflect.get(of, name).bind(of)),
      });
      const store = await open(t, clock);
      await store.start(AbortSignal.timeout(30_000));
      t.teardown(() => store.stop());
      await store.raiseEpoch(1);
      return new OutboxStore(store, times);
    };
  t.test('SQLite', (t) =>
    tests(
      t,
      opened(async (t, clock) =>
        openSqliteStore({ path: join(t.testdir(), 'state.db'), synchronous: 'NORMAL', clock, log: silentLogger }),
      ),
    ),
  );
  t.test('PostgreSQL', async (t) => {
    if (!requirePostgres(t)) return;
    const server = await startPostgres();
    t.teardown(() => server.stop());
    const open = opened(async (_, clock) =>
      openPostgresStore({ url: await server.createDatabase(), clock, log: silentLogger }),
    );
    await tests(t, open);
  });
}
