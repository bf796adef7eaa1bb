// Sets of objects in the store (C-11, G-09, G-10), once on SQLite and once on PostgreSQL.
import t, { type Test } from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import type { AnyObject, Task } from '../../manifests/index.js';
import { requirePostgres, startPostgres } from '../../test/support/postgres.js';
import { openPostgresStore, openSqliteStore, type Store } from './index.js';

const user = { user: 'test' };
const common = { clock: systemClock, log: silentLogger };

const task = (name: string, metadata: Partial<Task['metadata']> = {}): Task => ({
  apiVersion: 'cloudtask.dev/v1',
  kind: 'Task',
  metadata: { name, namespace: 'default', ...metadata },
  spec: { cluster: 'default', run: { command: ['true'] } },
});
const key = (name: string) => ({ kind: 'Task', namespace: 'default', name }) as const;

async function sets(t: Test, store: Store) {
  await store.start(new AbortController().signal);
  t.teardown(() => store.stop());
  const apply = async (objects: AnyObject[], options: object = {}) =>
    (await store.apply(objects, { ...user, ...options })).map(
      ({ operation, object }) => `${object.metadata.name} ${operation}`,
    );
  const prod = { applyset: 'prod' };
  const prune = { ...prod, prune: {} };

  t.same(await apply([task('a'), task('b')], prod), ['a created', 'b created']);
  t.same(await apply([task('a')]), ['a unchanged'], 'without a set it stays in its own');
  await t.rejects(apply([task('c'), task('a')], { applyset: 'test' }), {
    ...{ code: 'CT_CONFLICT', message: /belongs to applyset "prod" and cannot be applied with applyset "test"/ },
  });
  t.equal(await store.get(key('c')), undefined, 'all or nothing');
  await t.rejects(apply([task('c', { labels: { 'cloudtask.dev/applyset': 'prod' } })]), {
    code: 'CT_MANIFEST_INVALID',
  });

  t.same(await apply([task('a')], { ...prune, dryRun: true }), ['a unchanged', 'b pruned']);
  const stale = {
    ...prod,
    prune: { expected: [{ kind: 'Task', namespace: 'default', name: 'b', resourceVersion: '1' }] },
  };
  await t.rejects(apply([task('a')], stale), { code: 'CT_CONFLICT' });
  t.ok(await store.get(key('b')));
  t.same(await apply([task('a')], prune), ['a unchanged', 'b pruned']);
  t.equal(await store.get(key('b')), undefined);

  await apply([task('kept', { annotations: { 'cloudtask.dev/prune': 'disabled' } })], prod);
  t.same(await apply([task('a')], prune), ['a unchanged', 'kept kept']);
  const { metadata, ...kept } = (await store.get<Task>(key('kept')))!;
  await store.update<Task>(key('kept'), () => ({ ...kept, metadata: { ...metadata, labels: {} } }), user);
  t.same(await apply([], prune), ['a pruned'], 'who replaces an object without the label takes it out of the set');
  t.same(await apply([task('kept')], { applyset: 'test' }), ['kept configured']);
}

t.test('sqlite', (t) => sets(t, openSqliteStore({ path: `${t.testdir()}/store.db`, ...common })));

t.test('postgres', async (t) => {
  if (!requirePostgres(t)) return;
  const server = await startPostgres();
  t.teardown(() => server.stop());
  await t.test('the same', async (t) => sets(t, openPostgresStore({ url: await server.createDatabase(), ...common })));
});
