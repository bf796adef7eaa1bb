// Several stores on one PostgreSQL database, as several centers have them.
import t from 'tap';
import { CloudTaskError, silentLogger, systemClock } from '../../base/index.js';
import type { Task } from '../../manifests/index.js';
import { reportOf } from '../../test/support/api.js';
import { type Postgres, requirePostgres, startPostgres } from '../../test/support/postgres.js';
import { openPostgresStore } from './index.js';
import { postgresAddress } from './postgres/connection-url.js';
import { loadDriver } from './postgres/postgres-database.js';
import type { Store } from './store.js';
import type { Change } from './store-types.js';

const user = { user: 'test' };

async function open(url: string): Promise<Store> {
  const store = openPostgresStore({ url, clock: systemClock, log: silentLogger });
  await store.start(new AbortController().signal);
  return store;
}

function task(name: string, command = 'true'): Task {
  return {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { name, namespace: 'default' },
    spec: { cluster: 'default', run: { command: [command] } },
  };
}

/** Collects changes; `until` resolves when a version has been told. */
function collect(store: Store) {
  const changes: Change[] = [];
  const waiting: { version: number; resolve(): void }[] = [];
  const look = () => {
    for (const { version, resolve } of waiting) if (store.resourceVersion >= version) resolve();
  };
  store.onChange((batch) => {
    changes.push(...batch);
    look();
  });
  const until = (version: number) =>
    new Promise<void>((resolve) => {
      waiting.push({ version, resolve });
      look();
    });
  return { changes, until };
}

t.test('several stores on one database', async (t) => {
  if (!requirePostgres(t)) return;
  const server: Postgres = await startPostgres();
  t.teardown(() => server.stop());

  await t.test('how much there is, and the clock of the server', async (t) => {
    const store = await open(await server.createDatabase());
    t.teardown(() => store.stop());
    await store.apply([task('a'), task('b')], user);
    const amounts = await store.amounts();
    t.match(amounts, { engine: 'postgres', objects: { Task: 2 }, runs: 0, outbox: { pending: 0, failed: 0 } });
    t.ok(Math.abs(amounts.time! - systemClock.now()) < 5000, 'one machine, one clock');
    t.ok(amounts.bytes > 0);
  });

  await t.test('each is told the changes of all, in order of their versions', async (t) => {
    const url = await server.createDatabase();
    const [a, b] = await Promise.all([open(url), open(url)]);
    t.teardown(() => Promise.all([a.stop(), b.stop()]));
    const [seenByA, seenByB] = [collect(a), collect(b)];
    const base = Math.max(a.resourceVersion, b.resourceVersion);
    const write = async (store: Store, who: string) => {
      for (let i = 0; i < 40; i++) await store.apply([task(`${who}-${i}`), task(`${who}-${i}-too`)], user);
    };
    await Promise.all([write(a, 'a'), write(b, 'b')]);
    const last = base + 160;
    await Promise.all([seenByA.until(last), seenByB.until(last)]);
    const expected = Array.from({ length: 160 }, (_, i) => base + 1 + i);
    for (const { changes } of [seenByA, seenByB]) {
      t.same(
        changes.map(({ resourceVersion }) => resourceVersion).filter((version) => version > base),
        expected,
        'every version once, in order',
      );
    }
    t.same(
      seenByA.changes.map(({ object }) => object).slice(-160),
      seenByB.changes.map(({ object }) => object).slice(-160),
    );
    t.equal(a.changesSince('Task', base)?.length, 160);
    t.equal(b.changesSince('Task', base)?.length, 160);
    const list = await b.list('Task');
    t.equal(list.items.length, 160);
    t.equal(Number(list.resourceVersion), b.resourceVersion, 'a list shows nothing that has not been told');
  });

  await t.test('one of two that write on the same version conflicts', async (t) => {
    const url = await server.createDatabase();
    const [a, b] = await Promise.all([open(url), open(url)]);
    t.teardown(() => Promise.all([a.stop(), b.stop()]));
    const [{ object } = { object: undefined }] = await a.apply([task('x')], user);
    const version = object!.metadata.resourceVersion;
    const edit = (command: string) => {
      const wanted = task('x', command);
      return { ...wanted, metadata: { ...wanted.metadata, resourceVersion: version } };
    };
    const results = await Promise.allSettled([a.apply([edit('one')], user), b.apply([edit('two')], user)]);
    t.same(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    t.match(
      results.find(({ status }) => status === 'rejected'),
      { reason: { code: 'CT_CONFLICT' } },
    );
    await Promise.all([a, b].map((store) => store.apply([task('same')], user)));
    t.equal((await a.list('Task')).items.length, 2, 'the same object at the same time is one object');
    const key = { kind: 'Task', namespace: 'default', name: 'x' } as const;
    const count = (o: Task) => Number(o.metadata.annotations?.count ?? 0);
    const bump = (store: Store) =>
      store.update<Task>(
        key,
        (o) => ({ ...o, metadata: { ...o.metadata, annotations: { count: String(count(o) + 1) } } }),
        user,
      );
    await Promise.all([a, b, a, b, a, b].map(bump));
    t.equal(count((await b.get<Task>(key))!), 6, 'no update is lost');
  });

  await t.test('a deposed leader writes nothing, whichever center it was', async (t) => {
    const url = await server.createDatabase();
    const [a, b] = await Promise.all([open(url), open(url)]);
    t.teardown(() => Promise.all([a.stop(), b.stop()]));
    const key = { kind: 'Task', namespace: 'default', name: 'x' } as const;
    await a.apply([task('x')], user);
    await a.raiseEpoch(1);
    await a.updateStatus<Task>(key, { state: 'Active' }, { epoch: 1 });
    await b.raiseEpoch(2);
    await t.rejects(a.updateStatus<Task>(key, { state: 'Suspended' }, { epoch: 1 }), { code: 'CT_STALE_EPOCH' });
    await t.rejects(a.raiseEpoch(1), { code: 'CT_STALE_EPOCH' });
    t.equal((await b.get<Task>(key))?.status?.state, 'Active');
  });

  await t.test('logs: one stream through two centers', async (t) => {
    const url = await server.createDatabase();
    const [a, b] = await Promise.all([open(url), open(url)]);
    t.teardown(() => Promise.all([a.stop(), b.stop()]));
    const chunk = (streamOffset: number, text: string) => ({
      header: { runUid: 'r', attempt: 1, stream: 'stdout', streamOffset, time: 1, length: text.length } as const,
      payload: Buffer.from(text),
    });
    await a.appendLogs([chunk(0, 'hello ')]);
    const both = await Promise.all([a.appendLogs([chunk(6, 'world')]), b.appendLogs([chunk(6, 'world')])]);
    for (const { positions } of both) t.equal(positions[0]?.stdout, 11);
    const slice = await b.readLog('r', 1, 0, 100);
    t.equal(Buffer.concat(slice.pieces.map(({ bytes }) => bytes)).toString(), 'hello world', 'sent twice, stored once');
    const told = new Promise<number>((resolve) => b.onLog(({ bytes }) => resolve(bytes)));
    const grow = async () => {
      for (let offset = 11; ; offset += 1) {
        await a.appendLogs([chunk(offset, '!')]);
        if ((await Promise.race([told, Promise.resolve(0)])) > 0) return;
      }
    };
    await grow();
    t.ok((await told) > 11, 'who follows at the other center is woken');
  });

  await t.test('PostgreSQL is restarted: refused meanwhile, nothing acknowledged is lost', async (t) => {
    const url = await server.createDatabase();
    const [a, b] = await Promise.all([open(url), open(url)]);
    t.teardown(() => Promise.all([a.stop(), b.stop()]));
    const seen = collect(b);
    const [outcome] = await a.apply([task('x')], user);
    const acknowledged: string[] = [];
    const refusals = new Set<string>();
    let going = true;
    const report = async () => {
      for (let i = 0; going; i++) {
        const next = reportOf(outcome!.object, Date.UTC(2026, 0, 1) + i * 1000);
        await a.acceptReports('eu-1', [next]).then(
          () => acknowledged.push(next.uid),
          async (error: unknown) => {
            refusals.add(error instanceof CloudTaskError ? `${error.code} ${error.row.http}` : String(error));
            t.notMatch(String(error), 'secret-word');
            await systemClock.sleep(20);
          },
        );
      }
    };
    const reporting = report();
    await server.restart(async () => {
      await t.rejects(b.list('Task'), { code: 'CT_STORE_UNREACHABLE' });
      await t.rejects(a.apply([task('y')], user), { code: 'CT_STORE_UNREACHABLE' });
    });
    const before = acknowledged.length;
    while (acknowledged.length < before + 20) await systemClock.sleep(20);
    going = false;
    await reporting;
    t.same([...refusals], ['CT_STORE_UNREACHABLE 503']);
    const runs = await b.list('Run');
    const stored = new Set(runs.items.map(({ metadata }) => metadata.uid));
    t.same(
      acknowledged.filter((uid) => !stored.has(uid)),
      [],
    );
    await seen.until(Number(runs.resourceVersion));
    const versions = seen.changes.map(({ resourceVersion }) => resourceVersion);
    t.same(
      versions,
      versions.map((_, i) => versions[0]! + i),
      'the other center has missed no change',
    );
  });

  await t.test('a center that stops in mid-transaction holds the others up for seconds, not for ever', async (t) => {
    const url = await server.createDatabase();
    const store = await open(url);
    t.teardown(() => store.stop());
    const { driver, config } = await loadDriver(postgresAddress(url));
    const stopped = new driver.Client(config);
    const ended = new Promise<Error>((resolve) => stopped.on('error', resolve));
    await stopped.connect();
    await stopped.query('begin');
    await stopped.query("select value from counters where name = 'resource_version' for update");
    const began = systemClock.monotonic();
    const [outcome] = await store.apply([task('x')], user);
    t.equal(outcome?.operation, 'created');
    const waited = systemClock.monotonic() - began;
    t.ok(waited > 2000, `it waited ${Math.round(waited)} ms for the lock`);
    t.match(await ended, { code: '25P03' });
  });

  await t.test('a center that has missed changes for good refuses to go on', async (t) => {
    const url = await server.createDatabase();
    const told: string[] = [];
    const lines = { ...silentLogger, error: (_: unknown, sentence: string) => void told.push(sentence) };
    const store = openPostgresStore({ url, clock: systemClock, log: lines });
    await store.start(new AbortController().signal);
    t.teardown(() => store.stop());
    const changes: Change[] = [];
    store.onChange((batch) => changes.push(...batch));
    const { driver, config } = await loadDriver(postgresAddress(url));
    const other = new driver.Client(config);
    await other.connect();
    t.teardown(() => other.end());
    // As if others had committed ten changes while this center was away, and the first nine had been trimmed.
    const version = store.resourceVersion + 10;
    await other.query('begin');
    await other.query("update counters set value = $1 where name = 'resource_version'", [version]);
    await other.query("insert into change_log values ($1, 0, 'ADDED', 'Task', '{}', null)", [version]);
    await other.query('notify cloudtask_changes');
    await other.query('commit');
    const refusal = async () => {
      for (;;) {
        const error: unknown = await store.findToken('x').then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (error !== undefined) return error;
      }
    };
    t.match(await refusal(), { code: 'CT_STORE', details: { detail: 'the store is closed' } });
    t.same(changes, [], 'nobody is told half of it');
    t.same(told, ['the thread of the store ended']);
  });

  await t.test('a newer schema, a wrong address, a malformed URL are refused without the password', async (t) => {
    const url = await server.createDatabase();
    await (await open(url)).stop();
    const { default: pg } = await import('pg');
    const client = new pg.Client(url);
    await client.connect();
    await client.query('update schema_versions set version = 999');
    await client.end();
    await t.rejects(open(url), { code: 'CT_STORE_NEWER' });
    const gone = await open('postgres://ctask:secret-word@127.0.0.1:1/x').catch((error: unknown) => error);
    t.match(gone, { code: 'CT_STORE_UNREACHABLE', details: { subject: 'postgres://ctask@127.0.0.1:1/x' } });
    t.notMatch(String(gone), 'secret-word');
    for (const wrong of ['mysql://a:secret-word@b/c', 'secret-word', 'postgres://a:secret-word@b']) {
      t.throws(() => openPostgresStore({ url: wrong, clock: systemClock, log: silentLogger }), {
        code: 'CT_CONFIG_INVALID',
        message: /^((?!secret-word).)*$/,
      });
    }
  });
});
