// Alarms, on both databases: what is told when one begins, and when it is over, known to be so or not.
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { FakeClock } from '../../../base/fake-clock.js';
import { silentLogger } from '../../../base/index.js';
import { API_VERSION, type Cluster } from '../../../manifests/index.js';
import { requirePostgres, startPostgres } from '../../../test/support/postgres.js';
import { openPostgresStore, openSqliteStore, type Store } from '../index.js';
import type { Alarm, AlarmEvent } from './notification-book.js';

const HOUR = 3_600_000;
const fence = { epoch: 1 };
const cluster: Cluster = {
  ...{ apiVersion: API_VERSION, kind: 'Cluster', metadata: { name: 'default' } },
  spec: { notify: [{ notifier: 'ops' }] },
};

const alarmOf = (event: AlarmEvent, name: string): Alarm => ({
  ...{
    key: `${event}/${name}`,
    event,
    to: { all: true },
    subject: `center ${name}`,
    message: 'it is so',
    commands: [],
  },
  regarding: { kind: 'Cluster', name: 'default' },
});

async function alarms(t: Test, open: (t: Test, clock: FakeClock) => Promise<Store>): Promise<void> {
  const begin = async (t: Test) => {
    const clock = new FakeClock();
    const store = await open(t, clock);
    await store.start(AbortSignal.timeout(30_000));
    t.teardown(() => store.stop());
    await store.raiseEpoch(fence.epoch);
    await store.apply([cluster], { user: 'x' });
    const { notifications } = store;
    /** What has been told since it was asked for the last time. */
    const told = async () => {
      const query = {
        namespace: 'cloudtask-system',
        notifier: 'ops',
        groupWaitMs: 0,
        leaseMs: 60_000,
        giveUpBefore: 0,
      };
      const { batch } = await notifications.claim(query, fence);
      if (batch === undefined) return [];
      await notifications.settle(batch.id, { sent: true }, fence);
      return batch.notifications.map(({ event, facts }) => ({ event, ...facts }));
    };
    return { clock, notifications, told };
  };
  const lost = alarmOf('CenterLost', 'c1');
  const silent = alarmOf('NothingFires', 'installation');

  await t.test('told once, and over once; also both at once', async (t) => {
    const { notifications, told } = await begin(t);
    const away = alarmOf('StoreUnreachable', 'c1');
    await notifications.noteAlarms({ raised: [lost, silent], over: [away.key] });
    await notifications.noteAlarms({ raised: [lost], over: [] });
    t.same((await notifications.alarms()).sort(), [lost.key, silent.key]);
    t.match(await told(), [{ event: 'CenterLost' }, { event: 'NothingFires' }]);
    await notifications.noteAlarms({ raised: [away], over: [away.key, lost.key] });
    await notifications.noteAlarms({ raised: [], over: [lost.key] });
    t.match(await told(), [
      { event: 'StoreUnreachable' },
      { event: 'Resolved', resolves: 'StoreUnreachable' },
      { event: 'Resolved', resolves: 'CenterLost', seen: undefined },
    ]);
    t.same((await notifications.alarms()).sort(), [silent.key]);
    t.same(await told(), []);
  });

  await t.test('what no center has found for long is forgotten; what a leader finds is not', async (t) => {
    const { clock, notifications, told } = await begin(t);
    const begun = clock.now();
    const task = alarmOf('NoEligibleAgent', 'uid');
    await notifications.noteAlarms({ raised: [lost, silent, task], over: [] }, fence);
    await clock.advance(HOUR);
    await notifications.noteAlarms({ raised: [silent], over: [] });
    await told();
    await notifications.forgetAlarms(begun, fence);
    t.equal((await notifications.alarms()).length, 3);
    await clock.advance(HOUR);
    await notifications.forgetAlarms(begun + HOUR, fence);
    t.match(await told(), [
      { event: 'Resolved', resolves: 'CenterLost', since: begun, time: begun + 2 * HOUR, seen: begun },
    ]);
    t.same((await notifications.alarms()).sort(), [task.key, silent.key]);
    await notifications.noteAlarms({ raised: [lost], over: [] });
    t.match(await told(), [{ event: 'CenterLost', since: begun + 2 * HOUR }], 'found again, it is told again');
    await t.rejects(notifications.forgetAlarms(clock.now(), { epoch: 0 }), { code: 'CT_STALE_EPOCH' });
  });
}

t.test('SQLite', (t) =>
  alarms(t, async (t, clock) =>
    openSqliteStore({ path: join(t.testdir(), 'state.db'), synchronous: 'NORMAL', clock, log: silentLogger }),
  ),
);

t.test('PostgreSQL', async (t) => {
  if (!requirePostgres(t)) return;
  const server = await startPostgres();
  t.teardown(() => server.stop());
  await alarms(t, async (_t, clock) =>
    openPostgresStore({ url: await server.createDatabase(), clock, log: silentLogger }),
  );
});
