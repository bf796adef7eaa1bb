// How the latest run of a task ended, on SQLite and on PostgreSQL.
import t, { type Test } from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import { type RunReport, runName, runUid } from '../../manifests/index.js';
import { requirePostgres, startPostgres } from '../../test/support/postgres.js';
import { report, task } from '../../test/support/store-objects.js';
import { openPostgresStore, openSqliteStore } from './index.js';
import type { Store } from './store.js';

const user = { user: 'test' };
const common = { clock: systemClock, log: silentLogger };
const POINT = Date.UTC(2026, 0, 1);

const ended = (uid: string, point: number, state: RunReport['state'], endTime: number) => {
  const attempts = [{ number: 1, state, agent: 'a1' }] as RunReport['attempts'];
  return report(uid, point, { state, endTime, attempts });
};

const unrun = (uid: string, point: number, state: 'Skipped' | 'Missed') =>
  report(uid, point, { state, endTime: point, attempts: [], attempt: 0, reason: 'ConcurrencyForbid' });

function inSlot(run: RunReport, slot: string): RunReport {
  const key = { taskUid: run.taskUid, slot, point: run.scheduledTime! };
  return { ...run, slot, uid: runUid(key), name: runName('a', key) };
}

async function skipped(t: Test, store: Store, uid: string) {
  const tell = (...reports: RunReport[]) => store.acceptReports('a1', reports);
  const look = async () => (await store.runSummaries([uid])).get(uid);
  t.same(await look(), { open: 0, openStates: [], skipped: 0 });
  await tell(unrun(uid, POINT, 'Skipped'));
  t.same(await look(), { open: 0, openStates: [], skipped: 1 }, 'nothing has run');
  await tell(ended(uid, POINT + 10, 'Failed', POINT + 15));
  t.match(await look(), { lastFinished: { state: 'Failed', time: POINT + 15 }, skipped: 0 });
  await tell(...Array.from({ length: 30 }, (_, i) => unrun(uid, POINT + 20 + i, 'Skipped')));
  t.match(await look(), { lastFinished: { state: 'Failed', time: POINT + 15 }, skipped: 30 }, 'they do not hide it');
  await tell(unrun(uid, POINT + 60, 'Missed'), unrun(uid, POINT + 70, 'Skipped'));
  t.match(await look(), { lastFinished: { state: 'Missed' }, skipped: 1 }, 'what was missed should have run');
  await tell(ended(uid, POINT + 65, 'Succeeded', POINT + 90), ended(uid, POINT + 80, 'Failed', POINT + 85));
  t.match(await look(), { lastFinished: { state: 'Succeeded', time: POINT + 90 }, skipped: 0 }, 'the last to end');
  await tell(...Array.from({ length: 150 }, (_, i) => unrun(uid, POINT + 100 + i, 'Skipped')));
  t.match(await look(), { lastFinished: { state: 'Succeeded' }, skipped: 100 }, 'a hundred say enough');
}

async function groups(t: Test, store: Store, uid: string) {
  const shards = (point: number, ...states: RunReport['state'][]) =>
    states.map((state, i) => inSlot(ended(uid, point, state, point + 10 + i), String(i)));
  const look = async () => (await store.runSummaries([uid])).get(uid)?.lastFinished;
  const first = shards(POINT, 'Succeeded', 'Failed', 'Cancelled', 'Succeeded');
  await store.acceptReports('a1', first);
  t.same(await look(), { name: first[1]!.name, state: 'Failed', time: POINT + 11 }, 'the worst of the time point');
  const second = shards(POINT + 1000, 'Succeeded', 'Succeeded');
  await store.acceptReports('a1', second);
  t.match(await look(), { name: second[1]!.name, state: 'Succeeded' }, 'of several that are as bad the last one');
  await store.acceptReports('a1', [inSlot(unrun(uid, POINT + 1000, 'Skipped'), '2')]);
  t.match(await look(), { state: 'Succeeded' }, 'what was not to run is not worse');
  const running = inSlot(report(uid, POINT + 1000), '3');
  await store.acceptReports('a1', [running]);
  t.match(await look(), { state: 'Succeeded' }, 'what goes on has not ended');
  await store.acceptReports('a1', [inSlot(ended(uid, POINT + 1000, 'TimedOut', POINT + 2000), '3')]);
  t.match(await look(), { name: running.name, state: 'TimedOut', time: POINT + 2000 });
}

const suite = { skipped, groups };

async function runSuite(t: Test, open: (t: Test) => Promise<Store>) {
  for (const [what, run] of Object.entries(suite)) {
    await t.test(what, async (t) => {
      const store = await open(t);
      await store.start(new AbortController().signal);
      t.teardown(() => store.stop());
      const [{ object } = { object: undefined }] = await store.apply([task('a')], user);
      await run(t, store, object!.metadata.uid);
    });
  }
}

t.test('sqlite', (t) => runSuite(t, async (t) => openSqliteStore({ path: `${t.testdir()}/store.db`, ...common })));

t.test('postgres', async (t) => {
  if (!requirePostgres(t)) return;
  const server = await startPostgres();
  t.teardown(() => server.stop());
  await runSuite(t, async () => openPostgresStore({ url: await server.createDatabase(), ...common }));
});
