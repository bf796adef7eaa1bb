// What the restore guard keeps in the store, once on SQLite and once on PostgreSQL.
import t, { type Test } from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import type { AnyObject, Task } from '../../manifests/index.js';
import { reportOf, taskManifest } from '../../test/support/api.js';
import { requirePostgres, startPostgres } from '../../test/support/postgres.js';
import { openPostgresStore, openSqliteStore } from './index.js';
import type { Store } from './store.js';
import type { Stored } from './store-types.js';

const common = { clock: systemClock, log: silentLogger };
const user = { user: 'test' };
const fence = { epoch: 3 };
const at = Date.UTC(2026, 0, 1);

async function apply(store: Store, ...names: string[]): Promise<Stored<Task>[]> {
  const tasks = names.map((name) => ({ ...taskManifest(name), metadata: { name, namespace: 'default' } }) as AnyObject);
  return (await store.apply(tasks, user)).map(({ object }) => object as Stored<Task>);
}

async function suite(t: Test, store: Store): Promise<void> {
  const { restores } = store;
  await store.raiseEpoch(3);
  t.equal(await restores.epoch(), 3);

  t.equal(await restores.checkpoint(), undefined);
  await restores.setCheckpoint({ number: 1, mark: 'a', nextMark: 'b' }, fence);
  await restores.setCheckpoint({ number: 2, mark: 'b', nextMark: 'c' }, fence);
  t.match(await restores.checkpoint(), { number: 2, mark: 'b', nextMark: 'c' });
  await t.rejects(restores.setCheckpoint({ number: 3, mark: 'c', nextMark: 'd' }, { epoch: 2 }), {
    code: 'CT_STALE_EPOCH',
  });

  await restores.note({ what: 'store', backTo: 1, until: 2 }, fence);
  await restores.note({ what: 'coordination', backTo: 3, until: 4 }, fence);
  t.strictSame(await restores.found(), [
    { what: 'coordination', backTo: 3, until: 4 },
    { what: 'store', backTo: 1, until: 2 },
  ]);

  const [a, b, c] = (await apply(store, 'a', 'b', 'c')) as [Stored<Task>, Stored<Task>, Stored<Task>];
  await store.acceptReports('a1', [reportOf(a, at), reportOf(a, at + 1000)]);
  await store.setAuditedUpTo([{ taskUid: b.metadata.uid, slot: '', upTo: at }], fence);
  const consumed = await restores.consumedPoints([a, b, c].map(({ metadata }) => metadata.uid));
  t.strictSame(
    new Map(consumed.map(({ taskUid, upTo }) => [taskUid, upTo])),
    new Map([
      [a.metadata.uid, at + 1000],
      [b.metadata.uid, at],
    ]),
  );

  await store.delete({ kind: 'Task', namespace: 'default', name: 'c' }, user);
  await restores.buryTasks(['unknown'], fence);
  const buried = await restores.buriedTasks([a, c].map(({ metadata }) => metadata.uid).concat('unknown'));
  t.strictSame(buried, new Set([c.metadata.uid, 'unknown']), 'a deletion leaves a tombstone');
  await restores.pruneTombstones(at, fence);
  t.equal((await restores.buriedTasks([c.metadata.uid])).size, 1);
  await restores.pruneTombstones(systemClock.now() + 1000, fence);
  t.equal((await restores.buriedTasks([c.metadata.uid])).size, 0);

  await restores.leaveVersionsBehind({ resourceVersion: 10_000, revisions: { [a.metadata.uid]: 7 }, ageMs: 0 }, fence);
  const [newA, newB] = await Promise.all(
    ['a', 'b'].map((name) => store.get<Task>({ kind: 'Task', namespace: 'default', name })),
  );
  t.ok((newA?.metadata.generation ?? 0) > 7, 'beyond the revision that was seen');
  t.ok((newB?.metadata.generation ?? 0) > 1);
  t.ok(Number(newA?.metadata.resourceVersion) > 10_000);
  t.ok(store.resourceVersion > 10_000);
  t.equal(await store.auditedUpTo(b.metadata.uid, ''), at, 'marks stay');
  t.equal(await store.auditedUpTo(a.metadata.uid, ''), Date.parse(a.metadata.creationTimestamp), 'or begin');
  t.same((await store.list('Task')).items.length, 2, 'lists go on, at the new version');
  await apply(store, 'd');
  t.same((await store.list('Task')).items.length, 3);
}

t.test('sqlite', async (t) => {
  const store = openSqliteStore({ path: `${t.testdir()}/store.db`, ...common });
  await store.start(new AbortController().signal);
  t.teardown(() => store.stop());
  await suite(t, store);
});

t.test('postgres', async (t) => {
  if (!requirePostgres(t)) return;
  const server = await startPostgres();
  t.teardown(() => server.stop());
  const url = await server.createDatabase();
  const [store, other] = [openPostgresStore({ url, ...common }), openPostgresStore({ url, ...common })];
  await store.start(new AbortController().signal);
  await other.start(new AbortController().signal);
  t.teardown(() => Promise.all([store.stop(), other.stop()]));
  const seen = new Promise<void>((resolve) => {
    other.onChange((changes) => {
      if (changes.some(({ object }) => object.metadata.name === 'd')) resolve();
    });
  });
  await suite(t, store);
  await seen;
  t.ok(other.resourceVersion > 10_000, 'another center follows over the gap in the versions');
});
