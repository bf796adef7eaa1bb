// What metrics count, on both databases.
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import type { Notifier, Task } from '../../manifests/index.js';
import { requirePostgres, startPostgres } from '../../test/support/postgres.js';
import { report, task } from '../../test/support/store-objects.js';
import { openPostgresStore, openSqliteStore, type Store } from './index.js';

const AT = Date.UTC(2026, 0, 1);
const fence = { epoch: 1 };
const options = { clock: systemClock, log: silentLogger };

async function counts(t: Test, store: Store): Promise<void> {
  await store.start(AbortSignal.timeout(30_000));
  t.teardown(() => store.stop());
  await store.raiseEpoch(1);
  t.same(await store.statistics(AT), { tasks: {}, overdueTasks: 0, openRuns: {}, agents: [], notifications: [] });

  const notifier: Notifier = {
    ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Notifier', metadata: { name: 'ops', namespace: 'default' } },
    spec: { email: { host: 'localhost', from: 'a@example.com', to: ['b@example.com'] } } as Notifier['spec'],
  };
  const told: Task = { ...task('a'), spec: { ...task('a').spec, notify: [{ notifier: 'ops' }] } };
  const applied = await store.apply([notifier, told, task('b'), task('c'), task('new')], { user: 'test' });
  const uid = applied[1]!.object.metadata.uid!;
  const say = (name: string, status: object) =>
    store.updateStatus<Task>({ kind: 'Task', namespace: 'default', name }, status as Task['status'], fence);
  const next = (ms: number) => new Date(AT + ms).toISOString();
  await say('a', { state: 'Active', nextTime: next(-1) });
  await say('b', { state: 'Active', nextTime: next(0) });
  await say('c', { state: 'Suspended', nextTime: next(-5000) });
  await store.acceptReports('one', [
    report(uid, AT, { state: 'Running' }),
    report(uid, AT + 1, { state: 'Running' }),
    report(uid, AT + 2, { state: 'Queued' }),
    report(uid, AT + 3, { state: 'Failed', endTime: AT + 4 }),
  ]);
  await store.heartbeat('one', { cluster: 'eu' }, {}, { state: 'Ready' });
  await store.heartbeat('two', { cluster: 'default' }, {}, {});
  const cordon = { kind: 'Agent', namespace: '', name: 'one' } as const;
  await store.update(cordon, (agent) => ({ ...agent, spec: { ...agent.spec, unschedulable: true } }) as never, {
    user: 'test',
  });
  const before = Date.now();
  const found = await store.statistics(AT);
  t.match(found, {
    tasks: { Active: 2, Suspended: 1, '': 1 },
    overdueTasks: 1,
    openRuns: { Running: 2, Queued: 1 },
    notifications: [{ namespace: 'default', notifier: 'ops', state: 'Pending', count: 1 }],
  });
  t.same(
    [...found.agents].sort((a, b) => (a.name < b.name ? -1 : 1)),
    [
      { name: 'one', cluster: 'eu', state: 'Ready', cordoned: true },
      { name: 'two', cluster: 'default', state: '', cordoned: false },
    ],
  );
  t.ok(Math.abs(found.notifications[0]!.oldest! - before) < 60_000, 'when it was written');
}

t.test('SQLite', (t) => counts(t, openSqliteStore({ path: join(t.testdir(), 'store.db'), ...options })));

t.test('PostgreSQL', async (t) => {
  if (!requirePostgres(t)) return;
  const server = await startPostgres();
  t.teardown(() => server.stop());
  await counts(t, openPostgresStore({ url: await server.createDatabase(), ...options }));
});
