// The key of secrets changes while people write, centers die and key files differ; values and their marks stay.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import type { AnyObject } from '../../manifests/index.js';
import { requirePostgres, startPostgres } from '../../test/support/postgres.js';
import { openPostgresStore, openSqliteStore, type Store } from '../store/index.js';
import { addKey, readKeyFile } from './key-file.js';
import { KeyRotation } from './key-rotation.js';
import { SecretKeeper } from './secret-keeper.js';

const COUNT = 450;

function secret(name: string, stringData: Record<string, string>): AnyObject {
  return {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Secret',
    metadata: { name, namespace: 'default' },
    spec: { stringData },
  };
}

class Center {
  readonly keyFile: string;
  readonly store: Store;
  readonly keeper: SecretKeeper;
  readonly rotation: KeyRotation;
  leads = true;

  constructor(directory: string, center: string, url?: string, clock = systemClock) {
    this.keyFile = join(directory, 'secrets.key');
    const keys = { keyFile: this.keyFile, book: () => this.store.secrets };
    this.keeper = new SecretKeeper(keys);
    const options = { clock, log: silentLogger, sealer: this.keeper };
    this.store =
      url === undefined
        ? openSqliteStore({ path: join(directory, 'store.db'), ...options })
        : openPostgresStore({ url, ...options });
    this.rotation = new KeyRotation({
      ...{ ...keys, ring: this.keeper.ring, center, clock, log: silentLogger },
      leads: () => this.leads,
    });
  }

  async start(t: Test): Promise<this> {
    await this.store.start(new AbortController().signal);
    t.teardown(() => this.stop());
    await this.rotation.start();
    await this.keeper.start();
    return this;
  }

  async stop(): Promise<void> {
    await this.rotation.stop();
    await this.store.stop();
  }

  async write(...values: string[]): Promise<void> {
    const objects = values.map((value) => secret(`s-${value}`, { value }));
    await this.store.apply(objects, { user: 'ann' });
  }

  async plain(...names: string[]): Promise<string[]> {
    const values = await this.store.secrets.values(names.map((name) => ({ namespace: 'default', name: `s-${name}` })));
    const opened = await this.keeper.unseal(values);
    return names.map((name) => opened.get(`default/s-${name}`)?.value ?? '');
  }

  async marks(): Promise<unknown[]> {
    const { items } = await this.store.list('Secret');
    return items.map(({ metadata, spec }) => [metadata.name, metadata.resourceVersion, spec]);
  }

  /** Until all values are sealed with the newest key and the others are forgotten. */
  async settled(): Promise<void> {
    while ((await this.rotation.use()).keys.length > 1) await systemClock.sleep(5);
  }
}

const numbers = Array.from({ length: COUNT }, (_, i) => String(i));

t.test('values are sealed anew while people write, and the old key opens none of them', async (t) => {
  const directory = t.testdir();
  const center = await new Center(directory, 'a').start(t);
  await t.rejects(center.rotation.rotate(), { code: 'CT_CONFLICT', message: /no secret was ever written/ });
  await center.write(...numbers);
  const before = await center.marks();
  const [old] = (await readKeyFile(center.keyFile))!;
  const oldFile = readFileSync(center.keyFile);
  await t.rejects(center.rotation.drop(old!.id), {
    code: 'CT_CONFLICT',
    message: /new values are sealed with the key/,
  });
  center.leads = false;
  await center.rotation.rotate();
  const began = await center.rotation.use();
  t.same(
    began.keys.map(({ values }) => values),
    [COUNT, 0],
  );
  await t.rejects(center.rotation.drop(old!.id), { code: 'CT_CONFLICT', message: /450 values are still sealed/ });
  t.same(await center.plain(...numbers), numbers, 'both keys open');
  center.leads = true;
  const rewritten = numbers.slice(0, 50);
  await center.rotation.rotate(); // again, before the first change is done
  await Promise.all(rewritten.map((number) => center.write(number)));
  await center.settled();
  t.same(await center.plain(...numbers), numbers);
  t.same(await center.marks(), before, 'no object changed');
  const { keys } = await center.rotation.use();
  t.match(keys, [{ values: COUNT }], 'one key is left');

  await center.rotation.drop(old!.id);
  const left = (await readKeyFile(center.keyFile))!;
  t.notOk(left.some(({ id }) => id === old!.id));
  await center.stop();
  const again = await new Center(directory, 'a').start(t);
  t.same(await again.plain(...numbers), numbers);
  await again.stop();
  writeFileSync(center.keyFile, oldFile);
  await t.rejects(new Center(directory, 'a').start(t), { code: 'CT_CONFIG_INVALID' }, 'the old key is of no use');
});

t.test('a write that was sealed before its key was forgotten is sealed again', async (t) => {
  const center = await new Center(t.testdir(), 'a').start(t);
  await center.write('x');
  const sealed = await center.keeper.seal([secret('s-y', { value: 'y' })]);
  await center.rotation.rotate();
  await center.settled();
  const late = { ...center.keeper, seal: async () => sealed };
  const values = await center.store.secrets.staleValues(10);
  t.same(values, []);
  let calls = 0;
  const { seal } = center.keeper;
  // As if the seal had begun before the change, and only the first time.
  center.keeper.seal = (async (objects: readonly AnyObject[]) =>
    calls++ === 0 ? late.seal() : seal.call(center.keeper, objects)) as typeof seal;
  await center.write('y');
  t.equal(calls, 2);
  t.same(await center.plain('y'), ['y']);
});

t.test('a value that was damaged keeps its key, and holds up no other', async (t) => {
  const center = await new Center(t.testdir(), 'a').start(t);
  await center.write('x', 'y');
  const [x] = await center.store.secrets
    .staleValues(0)
    .then(() => center.store.secrets.values([{ namespace: 'default', name: 's-x' }]));
  const { metadata } = (await center.store.get({ kind: 'Secret', namespace: 'default', name: 's-x' }))!;
  const damaged = `A${x!.sealed.slice(1)}` === x!.sealed ? `B${x!.sealed.slice(1)}` : `A${x!.sealed.slice(1)}`;
  await center.store.secrets.reseal([
    { uid: metadata.uid!, key: 'value', sealed: x!.sealed, resealed: damaged, keyNumber: 1 },
  ]);
  await center.rotation.rotate();
  while ((await center.rotation.use()).keys[0]!.values > 1) await systemClock.sleep(5);
  t.same(
    (await center.rotation.use()).keys.map(({ values }) => values),
    [1, 1],
  );
  t.same(await center.plain('y'), ['y']);
});

t.test('two centers on PostgreSQL', async (t) => {
  if (!requirePostgres(t)) return;
  const server = await startPostgres();
  t.teardown(() => server.stop());
  const directory = t.testdir({ a: {}, b: {} });
  const url = await server.createDatabase();
  const a = await new Center(join(directory, 'a'), 'a', url).start(t);
  await a.write(...numbers);
  copyFileSync(a.keyFile, join(directory, 'b', 'secrets.key'));
  const b = new Center(join(directory, 'b'), 'b', url);
  b.leads = false;
  await b.start(t);
  const before = await a.marks();
  await t.rejects(a.rotation.rotate(), { code: 'CT_CONFLICT', message: /center "b" would not have one/ });
  const old = (await readKeyFile(a.keyFile))![0]!;
  await addKey(a.keyFile);
  await t.rejects(a.rotation.rotate(), { code: 'CT_CONFLICT', message: /the key file of "b" does not hold the key/ });
  t.equal((await a.rotation.use()).keys.length, 1, 'nothing is sealed with it');
  copyFileSync(a.keyFile, b.keyFile);
  await b.rotation.use(); // it looks every ten seconds, or when it is asked
  await a.rotation.rotate();
  await Promise.all(numbers.slice(0, 50).map((number) => (Number(number) % 2 === 0 ? a : b).write(number)));
  await a.settled();
  t.same(await b.plain(...numbers), numbers);
  t.same(await b.marks(), before);
  await b.write('new');
  t.same(await a.plain('new'), ['new']);
  await a.rotation.drop(old.id);
  t.notOk((await readKeyFile(a.keyFile))!.some(({ id }) => id === old.id));
  t.match(
    (await a.rotation.use()).holders,
    [{ center: 'a' }, { center: 'b', keyIds: [old.id, /./] }],
    'b has it still',
  );
  await b.rotation.drop(old.id);
  t.notOk((await readKeyFile(b.keyFile))!.some(({ id }) => id === old.id));
});
