// What the store keeps of the past of tasks, once on SQLite and once on PostgreSQL.
import t, { type Test } from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import type { Task } from '../../manifests/index.js';
import { requirePostgres, startPostgres } from '../../test/support/postgres.js';
import { openPostgresStore, openSqliteStore, type Store } from './index.js';

const user = { user: 'test' };
const common = { clock: systemClock, log: silentLogger };

function task(name: string, extra: Partial<Task['metadata']>, command: string[]): Task {
  return {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { name, namespace: 'default', ...extra },
    spec: { cluster: 'default', run: { command } },
  };
}

async function revisions(t: Test, store: Store) {
  await store.start(new AbortController().signal);
  t.teardown(() => store.stop());
  const apply = async (metadata: Partial<Task['metadata']>, command: string, who = 'ann') =>
    (await store.apply([task('a', metadata, [command])], { user: who }))[0]!.object.metadata;
  const because = (cause: string) => ({ annotations: { 'cloudtask.dev/change-cause': cause } });
  const { uid } = await apply({}, 'one');
  const before = store.resourceVersion;
  for (let i = 0; i < 100; i++) await apply({}, 'one', 'somebody else');
  t.same(
    [store.resourceVersion, (await store.revisions.ofTask(uid)).length],
    [before, 1],
    'G-06: the same again is nothing',
  );
  await apply({ labels: { team: 'x' } }, 'one');
  await apply(because('faster'), 'two', 'bob');
  await apply(because('much faster'), 'two', 'eve');
  await store.apply([task('a', {}, ['three'])], { user: 'bob', dryRun: true });
  t.match(
    await store.revisions.ofTask(uid),
    [
      { revision: 1, author: 'ann', cause: '', spec: { run: { command: ['one'] } } },
      { revision: 2, author: 'bob', cause: 'much faster', spec: { run: { command: ['two'] } } },
    ],
    'one for each specification, by whoever wrote it; a later cause speaks of it too',
  );

  for (let i = 3; i <= 30; i++) await apply({}, String(i));
  const kept = await store.revisions.ofTask(uid);
  t.same([kept.length, kept[0]!.revision, kept.at(-1)!.revision], [20, 11, 30], 'the latest twenty');
  await store.restores.leaveVersionsBehind({ resourceVersion: 0, revisions: {}, ageMs: 0 }, { epoch: 1 });
  const generation = (await store.getByUid('Task', uid))!.metadata.generation;
  t.match((await store.revisions.ofTask(uid)).at(-1), { revision: generation, spec: { run: { command: ['30'] } } });
  await apply({}, 'last');
  t.match(
    (await store.revisions.ofTask(uid)).slice(-2).map(({ spec }) => spec.run.command),
    [['30'], ['last']],
    'a generation that the restore guard gave away is no revision of its own',
  );
  await store.delete({ kind: 'Task', namespace: 'default', name: 'a' }, user);
  t.same(await store.revisions.ofTask(uid), []);
}

t.test('sqlite', (t) => revisions(t, openSqliteStore({ path: `${t.testdir()}/store.db`, ...common })));

t.test('postgres', async (t) => {
  if (!requirePostgres(t)) return;
  const server = await startPostgres();
  t.teardown(() => server.stop());
  await t.test('the same', async (t) =>
    revisions(t, openPostgresStore({ url: await server.createDatabase(), ...common })),
  );
});
