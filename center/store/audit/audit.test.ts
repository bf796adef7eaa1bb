// The audit of writes, once on SQLite and once on PostgreSQL: what is written, that it is a chain, and that nothing but the
// pruning removes anything.
import t, { type Test } from 'tap';
import { FakeClock, silentLogger } from '../../../base/index.js';
import { AuditChain, type AuditEntry, changeHash, type Task } from '../../../manifests/index.js';
import { requirePostgres, startPostgres } from '../../../test/support/postgres.js';
import { openPostgresStore, openSqliteStore } from '../index.js';
import type { Store } from '../store.js';
import type { AuditSource } from './audit-trail.js';

const START = Date.UTC(2026, 0, 1);
const fence = { epoch: 1 };
const source = (verb: string): AuditSource => ({
  ...{ requestId: `r-${verb}`, user: 'admin', token: 'abc', as: 'jane', asGroups: ['g'], sourceIP: '10.0.0.1', verb },
});
const by = (verb: string) => ({ user: 'jane', audit: source(verb) });
const key = (name: string) => ({ kind: 'Task', namespace: 'default', name }) as const;

function task(name: string, command = 'true'): Task {
  return {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { name, namespace: 'default' },
    spec: { cluster: 'default', run: { command: [command] } },
  };
}

interface World {
  readonly store: Store;
  readonly clock: FakeClock;
  /** Runs one statement past the store, as somebody with access to the database would. */
  sql(text: string): Promise<void>;
}

async function entries(store: Store, filter: Parameters<Store['audit']['read']>[2] = {}): Promise<AuditEntry[]> {
  return [...(await store.audit.read(0, 1000, filter)).entries];
}

async function chainOf(store: Store): Promise<AuditChain> {
  const { anchor, entries } = await store.audit.read(0, 5000, {});
  const chain = new AuditChain(anchor);
  for (const entry of entries) chain.add(entry);
  return chain;
}

const lines = (list: readonly AuditEntry[]) =>
  list.map(({ verb, kind, name, status }) => `${verb} ${kind} ${name} ${status}`);

async function accepted(t: Test, { store }: World) {
  const [made] = await store.apply([task('a')], { ...by('create'), create: true });
  await store.apply([task('a'), task('b')], by('apply'));
  await store.apply([task('a', 'false')], by('apply'));
  await store.apply([task('a', 'false')], by('apply'));
  await store.apply([task('z')], { ...by('apply'), dryRun: true });
  await t.rejects(store.apply([task('c'), { ...task('d'), metadata: { name: 'd', namespace: 'nope' } }], by('apply')));
  await store.apply([task('quiet')], { user: '' });
  const run = await store.createRun(
    { taskUid: made!.object.metadata.uid, trigger: 'Manual', manualId: 'm', slot: '' },
    source('run'),
  );
  await store.requestCancel('default', run.metadata.name, undefined, source('cancel'));
  await store.requestCancel('default', run.metadata.name, undefined, source('cancel'));
  await store.delete({ kind: 'Run', namespace: 'default', name: run.metadata.name }, by('delete'));
  await store.delete(key('b'), { ...by('delete'), policy: 'Foreground' });
  await store.delete(key('b'), { ...by('delete'), policy: 'Foreground' });
  await store.raiseEpoch(1);
  const { uid } = (await store.get(key('b')))!.metadata;
  await store.finishDeletion(uid, fence);

  const all = await entries(store);
  t.same(lines(all), [
    'create Task a 201',
    'apply Task b 200',
    'apply Task a 200',
    `run Run ${run.metadata.name} 201`,
    `cancel Run ${run.metadata.name} 200`,
    `delete Run ${run.metadata.name} 200`,
    'delete Task b 202',
    'delete Task b 200',
  ]);
  t.match(all[0], { ...source('create'), namespace: 'default', time: new Date(START).toISOString(), sequence: 1 });
  t.equal(all[0]?.resourceVersion, made?.object.metadata.resourceVersion);
  const { requestId, user, sourceIP } = all.at(-1)!;
  t.same({ requestId, user, sourceIP }, { requestId: '', user: 'jane', sourceIP: '' }, 'the leader, on behalf of jane');
  t.equal((await store.revisions.deleted('default', 'b'))[0]?.author, 'jane');

  const shown = (object: { metadata: { labels?: object }; spec?: unknown }) =>
    JSON.stringify({ metadata: { labels: object.metadata.labels }, spec: object.spec });
  const changed = (await store.get<Task>(key('a')))!;
  t.equal(all[2]?.change, changeHash(shown(made!.object as never), shown(changed)), 'as anybody can compute it');
  const chain = await chainOf(store);
  t.same([chain.checked, chain.broken], [8, undefined]);
  t.equal(JSON.stringify(all).includes('false'), false, 'no values of objects');
}

async function refusedAndRead(t: Test, { store, clock }: World) {
  const refused = { ...source('delete'), kind: 'Task', namespace: 'default', name: 'x', status: 403 };
  await store.audit.refuse([refused, { ...refused, user: 'other', omitted: 3 }]);
  await clock.advance(3_600_000);
  await store.apply([task('a'), task('b'), task('c')], by('apply'));
  t.match(await entries(store, { user: 'other' }), [{ sequence: 2, status: 403, omitted: 3 }]);
  t.same(lines(await entries(store, { since: START + 1 })), [
    'apply Task a 200',
    'apply Task b 200',
    'apply Task c 200',
  ]);
  t.same(lines(await entries(store, { verb: 'delete', name: 'x', namespace: 'default', kind: 'Task' })).length, 2);
  t.same(await entries(store, { kind: 'Cluster' }), []);
  const page = await store.audit.read(2, 2, {});
  t.same([lines(page.entries), page.upTo, page.head.sequence], [['apply Task a 200', 'apply Task b 200'], 4, 5]);
  t.same((await store.audit.read(5, 2, {})).entries, []);
}

async function kept(t: Test, { store, clock, sql }: World) {
  await store.raiseEpoch(1);
  await store.apply([task('a'), task('b'), task('c')], by('apply'));
  await clock.advance(1000);
  await store.apply([task('d')], by('apply'));
  await t.rejects(sql("update audit_entries set username = 'nobody' where seq = 2"));
  await t.rejects(sql('delete from audit_entries where seq = 4'), 'the end');
  await t.rejects(sql('delete from audit_entries where seq = 1'), 'the beginning, before the anchor has moved');
  await t.rejects(sql("update audit_anchor set seq = 2, hash = 'x'"), 'an anchor that is no entry');
  await t.rejects(sql('delete from audit_anchor'));
  t.equal((await entries(store)).length, 4);

  await t.rejects(store.audit.prune(START + 1, 2, { epoch: 0 }), { code: 'CT_STALE_EPOCH' });
  t.equal(await store.audit.prune(START + 1, 2, fence), 2, 'in steps');
  t.equal(await store.audit.prune(START + 1, 2, fence), 1);
  t.equal(await store.audit.prune(START + 1, 2, fence), 0, 'what is young stays');
  const { anchor, entries: left } = await store.audit.read(0, 10, {});
  t.equal(anchor.sequence, 3);
  t.same(lines(left), ['apply Task d 200']);
  await t.rejects(sql("update audit_anchor set seq = 1, hash = 'x'"), 'it does not go back');
  t.equal(await store.audit.prune(START + 5000, 10, fence), 1);
  await store.apply([task('e')], by('apply'));
  const chain = await chainOf(store);
  t.same([chain.checked, chain.head.sequence, chain.broken], [1, 5, undefined], 'it goes on where it was');
}

async function broken(t: Test, { store, sql }: World, disarm: string) {
  await store.apply(
    ['a', 'b', 'c', 'd'].map((name) => task(name)),
    by('apply'),
  );
  await sql(disarm);
  await sql("update audit_entries set username = 'nobody' where seq = 3");
  t.match(await chainOf(store), { checked: 2, broken: { sequence: 3, why: /its hash is another/ } });
  await sql('delete from audit_entries where seq = 2');
  t.match(await chainOf(store), { checked: 1, broken: { sequence: 3, why: /missing/ } });
}

async function many(t: Test, { store }: World) {
  const objects = Array.from({ length: 2100 }, (_, i) => task(`t-${i}`));
  await store.apply(objects, by('apply'));
  const again = objects.map((object, i) => (i % 2 === 0 ? object : task(`t-${i}`, 'false')));
  await store.apply(again, by('apply'));
  // Writes that share a commit share the chain.
  await Promise.all(Array.from({ length: 20 }, (_, i) => store.apply([task(`s-${i}`)], by('create'))));
  const chain = await chainOf(store);
  t.same([chain.checked, chain.broken], [2100 + 1050 + 20, undefined], 'an entry for each that changed, in one chain');
}

t.test('sqlite', async (t) => {
  const open = async (t: Test): Promise<World> => {
    const path = `${t.testdir()}/store.db`;
    const clock = new FakeClock(START);
    const store = openSqliteStore({ path, clock, log: silentLogger });
    await store.start(new AbortController().signal);
    t.teardown(() => store.stop());
    const { default: Database } = await import('better-sqlite3');
    const raw = new Database(path);
    t.teardown(() => raw.close());
    return { store, clock, sql: async (text) => void raw.exec(text) };
  };
  const disarm = 'drop trigger audit_entries_unchanged; drop trigger audit_entries_kept';
  await suite(t, open, disarm);
});

t.test('postgres', async (t) => {
  if (!requirePostgres(t)) return;
  const server = await startPostgres();
  t.teardown(() => server.stop());
  const open = async (t: Test): Promise<World> => {
    const url = await server.createDatabase();
    const clock = new FakeClock(START);
    const store = openPostgresStore({ url, clock, log: silentLogger });
    await store.start(new AbortController().signal);
    t.teardown(() => store.stop());
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    t.teardown(() => client.end());
    return { store, clock, sql: async (text) => void (await client.query(text)) };
  };
  await suite(t, open, 'alter table audit_entries disable trigger all');
});

async function suite(t: Test, open: (t: Test) => Promise<World>, disarm: string) {
  await t.test('accepted writes', async (t) => accepted(t, await open(t)));
  await t.test('refused writes, and reading', async (t) => refusedAndRead(t, await open(t)));
  await t.test('append-only, but for the pruning', async (t) => kept(t, await open(t)));
  await t.test('a changed or missing entry is found', async (t) => broken(t, await open(t), disarm));
  await t.test('many objects', async (t) => many(t, await open(t)));
}
