// Copies of stores with something of everything in them, from either database into either, and what is refused.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import t, { type Test } from 'tap';
import { silentLogger, systemClock } from '../../../base/index.js';
import { AuditChain } from '../../../manifests/index.js';
import { requirePostgres, startPostgres } from '../../../test/support/postgres.js';
import { report, task } from '../../../test/support/store-objects.js';
import { openPostgresStore, openSqliteStore, type Store } from '../index.js';
import { migrate } from '../sqlite/migrate.js';
import { stateMigrations } from '../sqlite/migrations/index.js';
import { openStoreSource, requireNoStore, STORE_PARTS, type StorePlace, stageStore } from './index.js';

const common = { clock: systemClock, log: silentLogger };
const user = {
  user: 'test',
  audit: { requestId: 'r1', user: 'jane', sourceIP: '127.0.0.1', verb: 'apply' },
};
const ENTRY = { time: Date.UTC(2026, 0, 2), user: 'local:root', archive: 'a'.repeat(64) };

async function directory(t: Test): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'ctask-copy-'));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function opened(place: StorePlace): Promise<Store> {
  const store =
    place.kind === 'sqlite'
      ? openSqliteStore({ ...common, path: place.path })
      : openPostgresStore({ ...common, url: place.url });
  await store.start(new AbortController().signal);
  return store;
}

async function fill(store: Store): Promise<void> {
  await store.identity();
  await store.raiseEpoch(3);
  await store.restores.setCheckpoint({ number: 7, mark: 'a', nextMark: 'b' }, { epoch: 3 });
  const [first] = await store.apply(
    [task('a'), task('b'), task('ünïcode', {}, ['echo', "'; drop table runs; --\n\u2028"])],
    user,
  );
  await store.delete({ kind: 'Task', namespace: 'default', name: 'b' }, user);
  const { uid } = first!.object.metadata;
  const done = report(uid!, Date.UTC(2026, 0, 1), { state: 'Succeeded', endTime: Date.UTC(2026, 0, 1, 1) });
  await store.acceptReports('a1', [done]);
  const payload = Buffer.from([0, 255, 10, 128, 39]);
  const header = { runUid: done.uid, taskUid: uid!, attempt: 1, stream: 'stdout', streamOffset: 0, time: 1 } as const;
  await store.appendLogs([{ header: { ...header, length: payload.length }, payload }]);
  await store.packages.append(`sha256:${'0'.repeat(64)}`, 0, 'Zip', new Uint8Array(payload));
}

async function copied(from: StorePlace, to: StorePlace): Promise<void> {
  const source = await openStoreSource(from, STORE_PARTS);
  await requireNoStore(to, source.facts);
  const target = await stageStore(to, source.facts);
  for (const table of source.facts.tables) {
    // As an archive has them: text, and back.
    for await (const rows of source.rows(table)) await target.put(table, rows);
  }
  await target.finish(ENTRY);
  await target.commit();
  await target.abandon(); // does nothing any more
  await source.close();
}

/** All rows by table; the audit without what the restore added. */
async function contentOf(place: StorePlace): Promise<Record<string, unknown[]>> {
  const source = await openStoreSource(place, STORE_PARTS);
  const content: Record<string, unknown[]> = {};
  for (const table of source.facts.tables) {
    const all: Record<string, unknown>[] = [];
    for await (const rows of source.rows(table))
      for (const row of rows)
        all.push(Object.fromEntries(table.columns.map((column, i) => [column, plain(row[i])]).sort()));
    content[table.name] = all.filter(({ verb }) => verb !== 'restore');
  }
  await source.close();
  return content;
}

const plain = (value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value);

/** A copy works as the store did: what was counted is counted on, and the chain of the audit holds. */
async function works(t: Test, place: StorePlace): Promise<void> {
  const store = await opened(place);
  const before = store.resourceVersion;
  const page = await store.audit.read(0, 100, {});
  const chain = new AuditChain(page.anchor);
  for (const entry of page.entries) t.ok(chain.add(entry), `entry ${entry.sequence} holds: ${chain.broken?.why}`);
  t.match(page.entries.at(-1), { verb: 'restore', user: 'local:root', change: ENTRY.archive });
  const [made] = await store.apply([task('later')], user);
  t.ok(Number(made!.object.metadata.resourceVersion) > before);
  t.match(await store.restores.checkpoint(), { number: 7, mark: 'a', nextMark: 'b' });
  await t.rejects(store.audit.prune(0, 10, { epoch: 2 }), { code: 'CT_STALE_EPOCH' }, 'the epoch is there');
  await store.stop();
}

t.test('SQLite to SQLite, while it is written', async (t) => {
  const dir = await directory(t);
  const [from, to] = [`${dir}/store.db`, `${dir}/new/store.db`].map((path) => ({ kind: 'sqlite', path }) as const);
  const store = await opened(from!);
  await fill(store);
  const source = await openStoreSource(from!, STORE_PARTS);
  await store.apply([task('unseen')], user);
  const objects = source.facts.tables.find(({ name }) => name === 'objects')!;
  const names: unknown[] = [];
  for await (const rows of source.rows(objects)) names.push(...rows.map((row) => row[objects.columns.indexOf('name')]));
  t.ok(names.includes('ünïcode'));
  t.notOk(names.includes('unseen'), 'what is written after the beginning is not in it');
  await source.close();
  await copied(from!, to!);
  t.strictSame(await contentOf(to!), await contentOf(from!));
  await store.stop();
  t.strictSame(
    (await readdir(`${dir}/new`)).sort(),
    ['store-logs.db', 'store-packages.db', 'store.db'],
    'nothing is left of the staging',
  );
  await works(t, to!);
});

t.test('from one database into the other and back', async (t) => {
  if (!requirePostgres(t)) return;
  const server = await startPostgres();
  t.teardown(() => server.stop());
  const dir = await directory(t);
  const sqlite = [`${dir}/store.db`, `${dir}/back.db`].map((path) => ({ kind: 'sqlite', path }) as const);
  const postgres = [];
  for (let i = 0; i < 2; i++) postgres.push({ kind: 'postgres', url: await server.createDatabase() } as const);
  const store = await opened(sqlite[0]!);
  await fill(store);
  await store.stop();
  const content = await contentOf(sqlite[0]!);
  await copied(sqlite[0]!, postgres[0]!);
  t.strictSame(await contentOf(postgres[0]!), content);
  await copied(postgres[0]!, postgres[1]!);
  await copied(postgres[1]!, sqlite[1]!);
  t.strictSame(await contentOf(sqlite[1]!), content);
  for (const place of [postgres[0]!, sqlite[1]!]) await works(t, place);
  const { facts, close } = await openStoreSource(sqlite[1]!, STORE_PARTS).then((source) => ({
    facts: source.facts,
    close: () => source.close(),
  }));
  await t.rejects(requireNoStore(postgres[0]!, facts), { code: 'CT_ALREADY_EXISTS' });
  await t.rejects(stageStore(postgres[0]!, facts), { code: 'CT_ALREADY_EXISTS' });
  await close();
});

t.test('what cannot be a copy leaves nothing', async (t) => {
  const dir = await directory(t);
  const place = { kind: 'sqlite', path: `${dir}/store.db` } as const;
  await t.rejects(openStoreSource(place, STORE_PARTS), { code: 'CT_NOT_FOUND', details: { hint: /--up/ } });
  const store = await opened(place);
  await fill(store);
  await store.stop();
  const source = await openStoreSource(place, STORE_PARTS);
  t.teardown(() => source.close());
  const { facts } = source;
  await t.rejects(requireNoStore(place, facts), { code: 'CT_ALREADY_EXISTS' });
  const to = { kind: 'sqlite', path: `${dir}/new/store.db` } as const;
  await t.rejects(stageStore(to, { ...facts, schema: { ...facts.schema, state: 999 } }), { code: 'CT_STORE_NEWER' });
  await t.rejects(
    stageStore(
      { kind: 'postgres', url: 'postgres://127.0.0.1:1/x' },
      { ...facts, schema: { ...facts.schema, state: 3 } },
    ),
    { code: 'CT_BACKUP_INVALID' },
    'an older one goes to its own kind of database first',
  );
  const target = await stageStore(to, facts);
  const chunks = facts.tables.find(({ name }) => name === 'log_chunks')!;
  await target.put(chunks, [[99, 0, 1, 1, Buffer.from('x')]]);
  await target.put(facts.tables.find(({ name }) => name === 'audit_anchor')!, [[1, 0, '0'.repeat(64)]]);
  await t.rejects(target.finish(ENTRY), { code: 'CT_BACKUP_INVALID' }, 'output of no run');
  await target.abandon();
  t.strictSame(await readdir(`${dir}/new`), []);
});

t.test('a copy of an older store gets the schema of its time, and is migrated by the next start', async (t) => {
  const dir = await directory(t);
  const old = { kind: 'sqlite', path: `${dir}/store.db` } as const;
  const database = new Database(old.path);
  migrate(
    database,
    stateMigrations.filter(({ version }) => version <= 17),
  );
  database.exec(
    "insert into checkpoints values (1, 7, 'a', 'b', 0); update counters set value = 3 where name = 'epoch'",
  );
  database.close();
  const to = { kind: 'sqlite', path: `${dir}/new/store.db` } as const;
  await copied(old, to);
  await works(t, to);
});
