// Runs of all slots of a task are made together.
import t, { type Test } from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import { requirePostgres, startPostgres } from '../../test/support/postgres.js';
import { task } from '../../test/support/store-objects.js';
import { openPostgresStore, openSqliteStore } from './index.js';
import type { Store } from './store.js';

const common = { clock: systemClock, log: silentLogger };
const SLOTS = 120;

async function together(t: Test, store: Store): Promise<void> {
  await store.start(new AbortController().signal);
  t.teardown(() => store.stop());
  const [made] = await store.apply([task('a')], { user: 'test' });
  const run = { taskUid: made!.object.metadata.uid!, trigger: 'Manual', manualId: 'm' } as const;
  const runs = Array.from({ length: SLOTS }, (_, i) => ({ ...run, slot: String(i) }));
  const audit = { requestId: 'r', user: 'ann', sourceIP: '', verb: 'run' };
  const lost = { ...run, taskUid: 'nope', slot: 'x' };
  await t.rejects(store.createRuns([...runs, lost], audit), { code: 'CT_NOT_FOUND' });
  t.same((await store.list('Run')).items, [], 'all or none');
  t.same((await store.audit.read(0, 500, {})).entries, []);
  const created = await store.createRuns(runs, audit);
  t.same(
    created.map(({ spec }) => spec.slot),
    runs.map(({ slot }) => slot),
  );
  t.equal((await store.audit.read(0, 500, {})).entries.length, SLOTS);
  const again = await store.createRuns([...runs, { ...run, slot: 'more' }], audit);
  t.same(again.slice(0, SLOTS), created, 'asking twice is asking once');
  t.equal((await store.list('Run')).items.length, SLOTS + 1);
}

t.test('sqlite', (t) => together(t, openSqliteStore({ path: `${t.testdir()}/store.db`, ...common })));

t.test('postgres', async (t) => {
  if (!requirePostgres(t)) return;
  const server = await startPostgres();
  t.teardown(() => server.stop());
  const url = await server.createDatabase();
  await t.test('on it', (t) => together(t, openPostgresStore({ url, ...common })));
});
