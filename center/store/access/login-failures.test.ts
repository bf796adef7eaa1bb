import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import t, { type Test } from 'tap';
import { FakeClock, silentLogger } from '../../../base/index.js';
import { openSqliteStore, type Store } from '../index.js';

async function openStore(t: Test, clock: FakeClock): Promise<Store> {
  const store = openSqliteStore({ path: `${t.testdir()}/store.db`, clock, log: silentLogger });
  await store.start(new AbortController().signal);
  t.teardown(() => store.stop());
  return store;
}

/** Seconds to wait, or 0. */
async function tryOnce({ access }: Store, address: string, user?: string): Promise<number> {
  return Math.ceil((await access.beginLogin({ address, ...(user === undefined ? {} : { user }) })) / 1000);
}

t.test('a user name waits twice as long each time, from whichever address', async (t) => {
  const clock = new FakeClock();
  const limits = await openStore(t, clock);
  for (let i = 0; i < 5; i++) t.equal(await tryOnce(limits, `10.0.0.${i}`, 'ann'), 0);
  for (const seconds of [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]) {
    t.equal(await tryOnce(limits, '10.0.1.1', 'ann'), seconds);
    await clock.advance(seconds * 1000 - 1);
    t.equal(await tryOnce(limits, '10.0.1.1', 'ann'), 1, 'not before');
    await clock.advance(1);
    t.equal(await tryOnce(limits, `10.0.2.${seconds}`, 'ann'), 0);
  }
  t.equal(await tryOnce(limits, '10.0.1.1', 'ben'), 0, 'others are not concerned');
  await clock.advance(3_600_000);
  for (let i = 0; i < 5; i++) t.equal(await tryOnce(limits, '10.0.3.1', 'ann'), 0, 'forgotten after an hour');
});

t.test('a success forgives the user, and the address that one try', async (t) => {
  const limits = await openStore(t, new FakeClock());
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < 4; i++) t.equal(await tryOnce(limits, '10.0.0.1', 'ann'), 0);
    t.equal(await tryOnce(limits, '10.0.0.1', 'ann'), 0);
    await limits.access.loginSucceeded({ address: '10.0.0.1', user: 'ann' });
  }
  // 16 of its tries have failed.
  for (let i = 0; i < 4; i++) t.equal(await tryOnce(limits, '10.0.0.1', `user-${i}`), 0);
  t.equal(await tryOnce(limits, '10.0.0.1', 'ben'), 1, 'who tries many users is held by the address');
  t.equal(await tryOnce(limits, '10.0.0.1'), 1, 'with a token, too');
  t.equal(await tryOnce(limits, '10.0.0.2', 'ben'), 0);
});

t.test('a clock that is set back makes nobody wait longer', async (t) => {
  const clock = new FakeClock();
  const store = await openStore(t, clock);
  for (let i = 0; i < 6; i++) await tryOnce(store, '10.0.0.1', 'ann');
  t.equal(await tryOnce(store, '10.0.0.2', 'ann'), 1);
  clock.stepWall(-3_600_000);
  t.equal(await tryOnce(store, '10.0.0.2', 'ann'), 1, 'not an hour');
});

t.test('what is remembered is bounded, and says nobody’s name', async (t) => {
  const store = await openStore(t, new FakeClock());
  const path = `${t.testdirName}/store.db`;
  await tryOnce(store, '10.0.0.1', 'the password of ann');
  await Promise.all(Array.from({ length: 6_500 }, (_, i) => tryOnce(store, `10.1.${i >> 8}.${i & 255}`, `user-${i}`)));
  const database = new Database(path, { readonly: true });
  const { rows } = database.prepare('select count(*) as rows from login_failures').get() as { rows: number };
  database.close();
  t.ok(rows > 9_000 && rows <= 11_000, `${rows} rows`);
  t.notOk([path, `${path}-wal`].some((file) => readFileSync(file, 'latin1').includes('password of ann')));
});
