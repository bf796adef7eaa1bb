// values at rest.
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import type { AnyObject } from '../../manifests/index.js';
import { requirePostgres, startPostgres } from '../../test/support/postgres.js';
import { openPostgresStore, openSqliteStore, type Store } from '../store/index.js';
import { addKey } from './key-file.js';
import { SecretKeeper } from './secret-keeper.js';

const PLACES = [{ namespace: 'default', name: 'a' }];

function secret(name: string, stringData: Record<string, string>): AnyObject {
  return {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Secret',
    metadata: { name, namespace: 'default' },
    spec: { stringData },
  };
}

async function open(t: Test, directory: string, url?: string): Promise<{ store: Store; keeper: SecretKeeper }> {
  const keeper: SecretKeeper = new SecretKeeper({ keyFile: join(directory, 'secrets.key'), book: () => store.secrets });
  const options = { clock: systemClock, log: silentLogger, sealer: keeper };
  const store: Store =
    url === undefined
      ? openSqliteStore({ path: join(directory, 'store.db'), ...options })
      : openPostgresStore({ url, ...options });
  await store.start(new AbortController().signal);
  t.teardown(() => store.stop());
  return { store, keeper };
}

t.test('what is sealed opens again, also after a restart', async (t) => {
  const directory = t.testdir();
  const first = await open(t, directory);
  await first.keeper.start();
  await first.store.apply([secret('a', { url: 'ünïcode', empty: '' })], { user: 'ann' });
  await first.store.stop();
  const { store, keeper } = await open(t, directory);
  await keeper.start();
  const values = await store.secrets.values(PLACES);
  t.same([...(await keeper.unseal(values))], [['default/a', { url: 'ünïcode', empty: '' }]]);

  const [one, two] = values;
  const swapped = { ...one!, sealed: two!.sealed };
  await t.rejects(keeper.unseal([swapped]), { code: 'CT_STORE' }, 'a ciphertext opens in its own place only');
  const elsewhere = { ...one!, name: 'b' };
  await t.rejects(keeper.unseal([elsewhere]), { code: 'CT_STORE' });
  const changed = { ...one!, sealed: `A${one!.sealed.slice(1)}` };
  if (changed.sealed !== one!.sealed) await t.rejects(keeper.unseal([changed]), { code: 'CT_STORE' });
});

t.test('a center without the right key does not start on a store with secrets', async (t) => {
  const directory = t.testdir();
  const first = await open(t, directory);
  await first.keeper.start();
  await first.store.apply([secret('a', { url: 'x' })], { user: 'ann' });
  await first.store.stop();
  const path = join(directory, 'secrets.key');
  rmSync(path);
  const without = await open(t, directory);
  await t.rejects(without.keeper.start(), { code: 'CT_CONFIG_INVALID', message: /is missing/ });
  await t.rejects(without.store.apply([secret('b', { url: 'y' })], { user: 'ann' }), { code: 'CT_UNAVAILABLE' });
  await addKey(path);
  await t.rejects(without.keeper.start(), { code: 'CT_CONFIG_INVALID', message: /sealed with key .* and this is key/ });
});

t.test('without a sealer the store refuses values', async (t) => {
  const store = openSqliteStore({ path: join(t.testdir(), 'store.db'), clock: systemClock, log: silentLogger });
  await store.start(new AbortController().signal);
  t.teardown(() => store.stop());
  await t.rejects(store.apply([secret('a', { url: 'x' })], { user: 'ann' }), /comes to the store sealed/);
  t.equal(await store.get({ kind: 'Secret', namespace: 'default', name: 'a' }), undefined);
});

t.test('centers that share a store share the key, or one of them has no secrets', async (t) => {
  if (!requirePostgres(t)) return;
  const server = await startPostgres();
  t.teardown(() => server.stop());
  await t.test('on PostgreSQL', async (t) => {
    const directory = t.testdir({ a: {}, b: {} });
    const url = await server.createDatabase();
    const a = await open(t, join(directory, 'a'), url);
    const b = await open(t, join(directory, 'b'), url);
    await a.keeper.start();
    await b.keeper.start();
    await a.store.apply([secret('a', { url: 'x' })], { user: 'ann' });
    const values = await b.store.secrets.values(PLACES);
    await t.rejects(b.keeper.unseal(values), { code: 'CT_UNAVAILABLE', message: /secrets\.key/ });
    await t.rejects(b.store.apply([secret('b', { url: 'y' })], { user: 'ann' }), { code: 'CT_UNAVAILABLE' });
    copyFileSync(join(directory, 'a', 'secrets.key'), join(directory, 'b', 'secrets.key'));
    t.same([...(await b.keeper.unseal(values))], [['default/a', { url: 'x' }]], 'as soon as the file is there');
    await b.store.apply([secret('a', { url: 'y' })], { user: 'ann' });
    t.same([...(await a.keeper.unseal(await a.store.secrets.values(PLACES)))], [['default/a', { url: 'y' }]]);
  });
});
