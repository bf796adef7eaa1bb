// How a task goes (C-18, A-11, A-12), once on SQLite and once on PostgreSQL.
import t, { type Test } from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import type { Run, Task } from '../../manifests/index.js';
import { reportOf } from '../../test/support/api.js';
import { requirePostgres, startPostgres } from '../../test/support/postgres.js';
import { openPostgresStore, openSqliteStore, type Store } from './index.js';

const user = { user: 'test' };
const common = { clock: systemClock, log: silentLogger };
const fence = { epoch: 1 };

const task = (name: string): Task => ({
  apiVersion: 'cloudtask.dev/v1',
  kind: 'Task',
  metadata: { name, namespace: 'default' },
  spec: { cluster: 'default', run: { command: ['true'] } },
});
const key = (name: string) => ({ kind: 'Task', namespace: 'default', name }) as const;

async function deletions(t: Test, store: Store) {
  await store.start(new AbortController().signal);
  t.teardown(() => store.stop());
  const runs = async () => (await store.list<Run>('Run')).items;
  const withRuns = async (name: string) => {
    const [outcome] = await store.apply([task(name)], user);
    const now = Date.now();
    const open = reportOf(outcome!.object, now - 1000);
    const ended = reportOf(outcome!.object, now - 2000, { state: 'Succeeded', endTime: now });
    await store.acceptReports('eu-1', [open, ended]);
    return { uid: outcome!.object.metadata.uid, open };
  };

  await t.test('foreground: it stays as it is until its runs have ended', async (t) => {
    const { uid } = await withRuns('front');
    const going = await store.delete(key('front'), { ...user, policy: 'Foreground' });
    t.match(going.metadata, { generation: 2, finalizers: ['cloudtask.dev/cancel-runs'] });
    t.type(going.metadata.deletionTimestamp, 'string');
    const again = await store.delete(key('front'), user);
    t.equal(again.metadata.resourceVersion, going.metadata.resourceVersion, 'asked twice is asked once');
    await t.rejects(store.apply([task('front')], user), { code: 'CT_CONFLICT', message: /is being deleted/ });
    const manual = { taskUid: uid, trigger: 'Manual', manualId: 'm', slot: '' } as const;
    await t.rejects(store.createRun(manual), { code: 'CT_CONFLICT' });
    await store.finishDeletion(uid, fence);
    t.equal(await store.get(key('front')), undefined);
    t.ok((await store.restores.buriedTasks([uid])).has(uid));
    await store.finishDeletion(uid, fence);
    const [anew] = await store.apply([task('front')], user);
    t.not(anew!.object.metadata.uid, uid);
    await store.finishDeletion(anew!.object.metadata.uid, fence);
    t.ok(await store.get(key('front')), 'one that was not deleted stays');
  });

  await t.test('background: it goes at once, also when it waited for its runs', async (t) => {
    await withRuns('back');
    await store.delete(key('back'), { ...user, policy: 'Foreground' });
    await store.delete(key('back'), { ...user, policy: 'Background' });
    t.equal(await store.get(key('back')), undefined);
    await store.pruneOrphanRuns(100, fence);
    t.same(
      (await runs()).map(({ status }) => status?.state),
      ['Running', 'Running'],
      'ended runs follow',
    );
  });

  await t.test('what was deleted is remembered for a while', async (t) => {
    const metadata = { labels: { team: 'x' }, annotations: { note: 'y' } };
    for (const command of ['one', 'two']) {
      const object = { ...task('slip'), spec: { cluster: 'default', run: { command: [command] } } };
      await store.apply([{ ...object, metadata: { ...object.metadata, ...metadata } }], user);
      await store.delete(key('slip'), user);
    }
    const found = await store.revisions.deleted('default', 'slip');
    t.match(found, [
      { ...metadata, name: 'slip', author: 'test', spec: { run: { command: ['two'] } } },
      { spec: { run: { command: ['one'] } } },
    ]);
    t.ok((await store.revisions.deleted('default')).length > 2);
    t.same(await store.revisions.deleted('elsewhere'), []);
    await store.revisions.forgetDeleted(found[0]!.time, fence);
    t.ok((await store.revisions.deleted('default')).every(({ time }) => time >= found[0]!.time));
    await store.revisions.forgetDeleted(Date.now() + 1, fence);
    t.same(await store.revisions.deleted('default'), []);
  });

  await t.test('orphan: its runs stay, and are nobody’s', async (t) => {
    const { open } = await withRuns('orphans');
    const changes: string[] = [];
    store.onChange((batch) => changes.push(...batch.map(({ type, kind }) => `${type} ${kind}`)));
    await store.delete(key('orphans'), { ...user, policy: 'Orphan' });
    t.same(changes, ['MODIFIED Run', 'MODIFIED Run', 'DELETED Task']);
    await store.acceptReports('eu-1', [{ ...open, state: 'Succeeded', endTime: Date.now() }]);
    await store.pruneOrphanRuns(100, fence);
    const kept = (await runs()).filter(({ spec }) => spec.taskUid === open.taskUid);
    t.equal(kept.length, 2);
    for (const run of kept) t.match(run, { metadata: { ownerReferences: undefined }, status: { state: 'Succeeded' } });
    const old = { ...reportOf({ ...task('x'), metadata: { name: 'x', uid: open.taskUid } }, 1), uid: open.uid };
    t.match(await store.acceptReports('eu-1', [old]), { accepted: [open.uid] }, 'late reports are still heard');
  });
}

t.test('sqlite', (t) => deletions(t, openSqliteStore({ path: `${t.testdir()}/store.db`, ...common })));

t.test('postgres', async (t) => {
  if (!requirePostgres(t)) return;
  const server = await startPostgres();
  t.teardown(() => server.stop());
  await t.test('the same', async (t) =>
    deletions(t, openPostgresStore({ url: await server.createDatabase(), ...common })),
  );
});
