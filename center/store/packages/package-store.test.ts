// The bytes of packages, once on SQLite and once on PostgreSQL, through the store and its thread.
import { createHash, randomBytes } from 'node:crypto';
import t, { type Test } from 'tap';
import { FakeClock, silentLogger } from '../../../base/index.js';
import { type Postgres, requirePostgres, startPostgres } from '../../../test/support/postgres.js';
import { openPostgresStore, openSqliteStore, type PackageStore, type Store } from '../index.js';

/** Opens a store on an empty database, or another one on the same; stopped at the end of the test. */
type Open = (clock: FakeClock) => Promise<Store>;

const MiB = 1024 * 1024;
const digestOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
/** In memory of its own: it changes hands. */
const own = (bytes: ArrayLike<number>) => Uint8Array.from(bytes);

async function readAll(packages: PackageStore, digest: string, from = 0): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for (let at = from; ; ) {
    const part = await packages.read(digest, at);
    if (part.length === 0) return Buffer.concat(parts);
    parts.push(part);
    at += part.length;
  }
}

async function suite(t: Test, open: Open) {
  const clock = new FakeClock(Date.parse('2026-01-01T00:00:00Z'));
  const { packages } = await open(clock);
  const bytes = randomBytes(5 * MiB + 12_345);
  const digest = digestOf(bytes);

  await t.test('bytes come in pieces and are read back from anywhere', async (t) => {
    t.equal(await packages.find(digest), undefined);
    const cuts = [0, 1, 300_000, 300_001, 4 * MiB, bytes.length];
    for (const [i, from] of cuts.slice(0, -1).entries()) {
      const piece = own(bytes.subarray(from, cuts[i + 1]));
      const blob = await packages.append(digest, from, from === 0 ? 'TarGz' : undefined, piece);
      t.same(blob, { digest, format: 'TarGz', bytes: cuts[i + 1], complete: false });
    }
    await t.rejects(packages.read(digest, 0), { code: 'CT_NOT_FOUND' }, 'nobody reads what is not verified');
    t.same(await packages.hold([digest]), [], 'nor refers to it');
    t.same(await packages.complete(digest), { digest, format: 'TarGz', bytes: bytes.length, complete: true });
    t.ok((await readAll(packages, digest)).equals(bytes));
    for (const from of [1, 299_999, 300_000, 4 * MiB + 1, bytes.length - 1, bytes.length]) {
      t.ok((await readAll(packages, digest, from)).equals(bytes.subarray(from)), `from ${from}`);
    }
    t.same(await packages.hold([digest, 'sha256:none']), [await packages.find(digest)]);
    t.equal((await packages.complete(digest)).complete, true, 'asked again, it is the same');
  });

  await t.test('bytes that do not go on where the others ended are refused', async (t) => {
    const other = digestOf(own([1, 2, 3]));
    await t.rejects(packages.append(other, 2, undefined, own([3])), { code: 'CT_CONFLICT' });
    await packages.append(other, 0, 'Zip', own([1]));
    await t.rejects(packages.append(other, 0, 'Zip', own([1])), { code: 'CT_CONFLICT' });
    const both = await Promise.allSettled([1, 2].map(() => packages.append(other, 1, undefined, own([2]))));
    t.same(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], 'two uploads at once: one of them');
    t.equal((await packages.append(other, 2, undefined, own([3]))).bytes, 3);
    await packages.complete(other);
    await t.rejects(packages.append(other, 3, undefined, own([4])), { code: 'CT_CONFLICT' });
  });

  await t.test('bytes of another digest are thrown away', async (t) => {
    const wrong = digestOf(own([9]));
    await packages.append(wrong, 0, 'Zip', own([8]));
    await t.rejects(packages.complete(wrong), { code: 'CT_BAD_REQUEST' });
    t.equal(await packages.find(wrong), undefined);
    await packages.append(wrong, 0, 'Zip', own([9]));
    t.equal((await packages.complete(wrong)).complete, true, 'and the right ones may come at once');
    while (await packages.sweep()) t.pass('swept');
    t.ok((await readAll(packages, wrong)).equals(Buffer.from([9])), 'what was dropped took nothing else with it');
  });

  await t.test('what nobody holds can be dropped', async (t) => {
    await clock.advance(60_000);
    const before = clock.now();
    t.ok((await packages.idleSince(before, 10)).includes(digest));
    t.same(await packages.idleSince(before - 60_000, 10), [], 'all is younger than this');
    await packages.hold([digest]);
    t.notOk((await packages.idleSince(before, 10)).includes(digest));
    t.equal(await packages.drop(digest, before), false, 'held meanwhile');
    t.ok((await readAll(packages, digest)).equals(bytes));
    t.equal(await packages.drop(digest, before + 1), true);
    t.equal(await packages.find(digest), undefined);
    let slices = 0;
    while (await packages.sweep()) slices++;
    t.equal(slices, 2, 'its chunks, then its row');
    t.same(await packages.idleSince(before + 1, 10).then((left) => left.includes(digest)), false);
  });
}

t.test('sqlite', async (t) => {
  const path = `${t.testdir()}/store.db`;
  await suite(t, async (clock) => {
    const store = openSqliteStore({ path, clock, log: silentLogger });
    await store.start(new AbortController().signal);
    t.teardown(() => store.stop());
    return store;
  });
});

t.test('postgres', async (t) => {
  if (!requirePostgres(t)) return;
  const server: Postgres = await startPostgres();
  t.teardown(() => server.stop());
  const url = await server.createDatabase();
  await suite(t, async (clock) => {
    const store = openPostgresStore({ url, clock, log: silentLogger });
    await store.start(new AbortController().signal);
    t.teardown(() => store.stop());
    return store;
  });
});

t.test('an upload goes on after a restart; a stopped store refuses', async (t) => {
  const options = { path: `${t.testdir()}/store.db`, clock: new FakeClock(0), log: silentLogger };
  const bytes = randomBytes(1000);
  const digest = digestOf(bytes);
  const first = openSqliteStore(options);
  await first.start(new AbortController().signal);
  await first.packages.append(digest, 0, 'Zip', own(bytes.subarray(0, 600)));
  await first.stop();
  await t.rejects(first.packages.find(digest), { code: 'CT_STORE' });
  const second = openSqliteStore(options);
  await second.start(new AbortController().signal);
  t.teardown(() => second.stop());
  t.equal((await second.packages.find(digest))?.bytes, 600);
  await second.packages.append(digest, 600, undefined, own(bytes.subarray(600)));
  t.equal((await second.packages.complete(digest)).complete, true);
});
