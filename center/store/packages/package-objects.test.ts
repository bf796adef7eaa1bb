// Which version of a package a task runs, and what keeps a package.
import { createHash } from 'node:crypto';
import t, { type Test } from 'tap';
import { isCloudTaskError, silentLogger, systemClock } from '../../../base/index.js';
import type { Package, Task } from '../../../manifests/index.js';
import { type Postgres, requirePostgres, startPostgres } from '../../../test/support/postgres.js';
import { openPostgresStore, openSqliteStore, type Store } from '../index.js';
import type { WriteAs } from '../store-types.js';
import { SWITCH_MANAGER } from './package-pins.js';

const user = { user: 'ada' };
const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

async function uploaded(store: Store, text: string): Promise<string> {
  const digest = digestOf(text);
  await store.packages.append(digest, 0, 'Zip', Uint8Array.from(Buffer.from(text)));
  await store.packages.complete(digest);
  return digest;
}

const pkg = (name: string, digest: string): Package => ({
  apiVersion: 'cloudtask.dev/v1',
  kind: 'Package',
  metadata: { name, namespace: 'default' },
  spec: { digest },
});

const task = (name: string, ref: { name: string; digest?: string }): Task => ({
  apiVersion: 'cloudtask.dev/v1',
  kind: 'Task',
  metadata: { name, namespace: 'default' },
  spec: { run: { command: ['bin/x'], package: ref } },
});

async function refused(promise: Promise<unknown>): Promise<{ code: string; fields: (string | undefined)[] }> {
  try {
    await promise;
  } catch (error) {
    if (isCloudTaskError(error)) {
      return { code: error.code, fields: (error.details.causes ?? []).map(({ field }) => field) };
    }
    throw error;
  }
  return { code: 'not refused', fields: [] };
}

const as = (manager: string, operation: WriteAs['operation'] = 'Apply'): { as: WriteAs } => ({
  as: { manager, operation },
});

async function suite(t: Test, store: Store) {
  const refOf = async (name: string) =>
    (await store.get<Task>({ kind: 'Task', namespace: 'default', name }))?.spec.run.package;
  const [one, two, three] = await Promise.all(['one', 'two', 'three'].map((text) => uploaded(store, text)));

  await t.test('a package needs its bytes; a task its package', async (t) => {
    t.same(await refused(store.apply([pkg('tool', digestOf('nothing'))], user)), {
      ...{ code: 'CT_MANIFEST_INVALID', fields: ['objects[0].spec.digest'] },
    });
    t.same(await refused(store.apply([task('t', { name: 'tool' })], user)), {
      ...{ code: 'CT_MANIFEST_INVALID', fields: ['objects[0].spec.run.package.name'] },
    });
    await store.apply([task('t', { name: 'tool' }), pkg('tool', one!)], user);
    t.same(await refOf('t'), { name: 'tool', digest: one }, 'both may come at once, in any order');
  });

  await t.test('the version is filled in once, and is nobody’s', async (t) => {
    await store.apply([pkg('tool', two!)], user);
    t.same(await refOf('t'), { name: 'tool', digest: one }, 'a new version changes no task');
    const again = await store.apply([task('t', { name: 'tool' })], { ...user, ...as('git') });
    t.equal(again[0]?.object.metadata.generation, 1, 'nor does the next apply');
    const same = await store.apply([task('t', { name: 'tool' })], { ...user, ...as('git') });
    t.equal(same[0]?.operation, 'unchanged');
    const owners = again[0]?.object.metadata.managedFields ?? [];
    t.notOk(owners.some(({ fields }) => fields.includes('/spec/run/package/digest')));
    await store.apply([task('u', { name: 'tool' })], { ...user, ...as('git') });
    t.same(await refOf('u'), { name: 'tool', digest: two }, 'a new task gets the current one');
  });

  await t.test('a version that is asked for must be one', async (t) => {
    t.same(await refused(store.apply([task('v', { name: 'tool', digest: three! })], user)), {
      ...{ code: 'CT_MANIFEST_INVALID', fields: ['objects[0].spec.run.package.digest'] },
    });
    await store.apply([task('v', { name: 'tool', digest: one! })], user);
    t.same(await refOf('v'), { name: 'tool', digest: one }, 'an earlier one, too');
  });

  await t.test('another package, another version', async (t) => {
    await store.apply([pkg('other', three!)], user);
    await store.apply([task('u', { name: 'other' })], { ...user, ...as('git', 'Update') });
    t.same(await refOf('u'), { name: 'other', digest: three });
    const key = { kind: 'Task', namespace: 'default', name: 'u' } as const;
    await store.update<Task>(
      key,
      (u) => ({ ...u, spec: { ...u.spec, run: { ...u.spec.run, package: { name: 'tool' } } } }),
      {
        ...user,
        ...as(SWITCH_MANAGER, 'Update'),
      },
    );
    t.same(await refOf('u'), { name: 'tool', digest: two });
  });

  await t.test('a package that tasks use stays; its versions are counted and bounded', async (t) => {
    const key = { kind: 'Package', namespace: 'default', name: 'tool' } as const;
    await t.rejects(store.delete(key, user), {
      code: 'CT_CONFLICT',
      message: /3 tasks use it: t, u, v/,
    });
    for (let i = 0; i < 22; i++) await store.apply([pkg('other', await uploaded(store, `other ${i}`))], user);
    const other = await store.get<Package>({ ...key, name: 'other' });
    const numbers = other?.status?.versions?.map(({ version }) => version);
    t.same([numbers?.length, numbers?.[0], numbers?.at(-1)], [20, 23, 4]);
    t.equal(other?.status?.versions?.[0]?.author, 'ada');
    for (const name of ['t', 'u', 'v']) await store.delete({ kind: 'Task', namespace: 'default', name }, user);
    await store.delete(key, user);
    t.equal(await store.get(key), undefined);
  });

  await t.test('bytes go when nobody refers to them any more, a day later', async (t) => {
    const later = Date.now() + 25 * 3_600_000;
    await store.raiseEpoch(3);
    const fence = { epoch: 3 };
    const there = async (...digests: (string | undefined)[]) =>
      (await store.packages.hold(digests.map(String))).map(({ digest }) => digest).sort();
    const past = await uploaded(store, 'past');
    await store.apply([pkg('past', past), task('r', { name: 'past' })], user);
    const key = { kind: 'Task', namespace: 'default', name: 'r' } as const;
    await store.update<Task>(key, (r) => ({ ...r, spec: { ...r.spec, run: { command: ['true'] } } }), user);
    await store.delete({ ...key, kind: 'Package', name: 'past' }, user);
    await t.rejects(store.packages.collect(later, { epoch: 2 }), { code: 'CT_STALE_EPOCH' });
    t.equal(await store.packages.collect(Date.now(), fence), 0, 'all of it is too young');
    const other = await store.get<Package>({ ...key, kind: 'Package', name: 'other' });
    const versions = other?.status?.versions?.map(({ digest }) => digest) ?? [];
    t.equal(await store.packages.collect(later, fence), 5, 'of versions and packages that are gone');
    t.same(await there(one, two, three, digestOf('other 0'), digestOf('other 1')), []);
    t.same(await there(...versions), [...versions].sort(), 'versions stay');
    t.same(await there(past), [past], 'and what a task can be undone to');
    await store.delete(key, user);
    t.equal(await store.packages.collect(later, fence), 1);
    t.same(await there(past), []);
  });
}

t.test('sqlite', async (t) => {
  const store = openSqliteStore({ path: `${t.testdir()}/store.db`, clock: systemClock, log: silentLogger });
  await store.start(new AbortController().signal);
  t.teardown(() => store.stop());
  await suite(t, store);
});

t.test('postgres', async (t) => {
  if (!requirePostgres(t)) return;
  const server: Postgres = await startPostgres();
  t.teardown(() => server.stop());
  const store = openPostgresStore({ url: await server.createDatabase(), clock: systemClock, log: silentLogger });
  await store.start(new AbortController().signal);
  t.teardown(() => store.stop());
  await suite(t, store);
});
