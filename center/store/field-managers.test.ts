// Ownership of fields as the store keeps it (decision 0012), on SQLite and on PostgreSQL.
import t, { type Test } from 'tap';
import { type CloudTaskError, silentLogger, systemClock } from '../../base/index.js';
import type { Task } from '../../manifests/index.js';
import { requirePostgres, startPostgres } from '../../test/support/postgres.js';
import { openPostgresStore, openSqliteStore } from './index.js';
import type { Store } from './store.js';
import type { Change, Stored, WriteAs } from './store-types.js';

const common = { clock: systemClock, log: silentLogger };
const key = { kind: 'Task', namespace: 'default', name: 'a' } as const;

function manifest(spec: object, metadata: object = {}): Task {
  return {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { name: 'a', namespace: 'default', ...metadata },
    spec: spec as Task['spec'],
  };
}
const run = { command: ['true'] };
const applyAs = (manager: string, force = false): WriteAs => ({
  manager,
  operation: 'Apply',
  ...(force ? { force } : {}),
});
const updateAs = (manager: string): WriteAs => ({ manager, operation: 'Update' });

async function apply(store: Store, task: Task, as?: WriteAs, user = 'ann') {
  const [outcome] = await store.apply([task], { user, ...(as === undefined ? {} : { as }) });
  return outcome! as unknown as { operation: string; object: Stored<Task> };
}
const owners = (task: Task) => task.metadata.managedFields?.map(({ manager, fields }) => [manager, ...fields]);

async function merging(t: Test, store: Store) {
  const changes: Change[] = [];
  store.onChange((batch) => changes.push(...batch));
  const first = await apply(store, manifest({ run, timeout: '10m' }, { labels: { team: 'x' } }), applyAs('ctask'));
  t.match(
    first.object.spec,
    { timeout: '10m', timeZone: 'UTC', concurrencyPolicy: 'Forbid' },
    'defaults are filled in',
  );
  t.match(first.object.metadata.managedFields, [{ manager: 'ctask', operation: 'Apply', user: 'ann' }]);
  t.same(owners(first.object), [['ctask', '/metadata/labels/team', '/spec/run/command', '/spec/timeout']]);
  const again = await apply(
    store,
    manifest({ run, timeout: '10m' }, { labels: { team: 'x' } }),
    applyAs('ctask'),
    'bob',
  );
  t.same([again.operation, again.object], ['unchanged', first.object], 'rule 7: nothing is written');

  const env = [{ name: 'MODE', value: 'full' }];
  const both = await apply(store, manifest({ run: { env } }), applyAs('ui'), 'bob');
  t.equal(both.operation, 'configured');
  t.equal(both.object.metadata.generation, 2);
  t.same(both.object.spec.run, { command: ['true'], env }, 'a part of a manifest is enough where others have the rest');
  const co = await apply(store, manifest({ run: { ...run, env } }), applyAs('ui'), 'bob');
  t.same([co.operation, co.object.metadata.generation], ['configured', 2], 'only ownership has changed');

  const conflict = (await apply(store, manifest({ run, timeout: '15m' }), applyAs('ui')).catch(
    (error) => error,
  )) as CloudTaskError;
  t.equal(
    conflict.message,
    'Apply failed with 1 conflict: conflict with "ctask" using cloudtask.dev/v1: .spec.timeout',
  );
  t.match(conflict, { code: 'CT_CONFLICT' });
  t.match(conflict.details.causes, [
    {
      reason: 'FieldManagerConflict',
      field: 'objects[0].spec.timeout',
      conflict: { manager: 'ctask', user: 'ann', yours: '15m', live: '10m' },
    },
  ]);
  const taken = await apply(store, manifest({ run: { env }, timeout: '15m' }), applyAs('ui', true), 'bob');
  t.same(owners(taken.object), [
    ['ctask', '/metadata/labels/team', '/spec/run/command'],
    ['ui', '/spec/run/env/{name=MODE}/name', '/spec/run/env/{name=MODE}/value', '/spec/timeout'],
  ]);
  const dropped = await apply(store, manifest({}), applyAs('ui'), 'bob');
  t.notOk('timeout' in dropped.object.spec);
  t.same(dropped.object.spec.run, { command: ['true'] });
  t.same(changes.length, 5, 'one change for each write, none for what was unchanged or refused');
  t.same((await store.list<Task>('Task')).items, [dropped.object], 'lists and changes have the owners too');
  t.same(changes.at(-1)?.object, dropped.object);
}

async function updating(t: Test, store: Store) {
  await apply(store, manifest({ run, timeout: '10m' }), applyAs('ctask'));
  const patched = await store.update<Task>(
    key,
    (task) => ({ ...task, spec: { ...task.spec, timeout: '20m', suspend: true } }),
    {
      user: 'bob',
      as: updateAs('ui'),
    },
  );
  t.same(owners(patched), [
    ['ctask', '/spec/run/command'],
    ['ui', '/spec/suspend', '/spec/timeout'],
  ]);
  t.match(patched.metadata.managedFields?.[1], { operation: 'Update', user: 'bob' });
  const conflict = (await apply(store, manifest({ run, timeout: '10m', suspend: false }), applyAs('ctask')).catch(
    (error) => error,
  )) as CloudTaskError;
  t.equal(
    conflict.message,
    'Apply failed with 2 conflicts: conflicts with "ui" using cloudtask.dev/v1:\n- .spec.timeout\n- .spec.suspend',
  );
  const kept = await apply(store, manifest({ run }), applyAs('ctask'));
  t.match(
    kept.object.spec,
    { timeout: '20m', suspend: true },
    'what the manifest does not say stays as the other has set it',
  );
  const dry = await store.update<Task>(key, (task) => ({ ...task, spec: { ...task.spec, timeout: '1m' } }), {
    ...{ user: 'bob', as: updateAs('ui'), dryRun: true },
  });
  t.equal(dry.spec.timeout, '1m');
  t.equal((await store.get<Task>(key))?.spec.timeout, '20m');
}

async function invalidTogether(t: Test, store: Store) {
  await apply(store, manifest({ run }), applyAs('ctask'));
  const both = [manifest({ run: { script: 'true' } }), manifest({ run }, { name: 'b' })];
  const error = (await store
    .apply(both, { user: 'ann', as: applyAs('ui') })
    .catch((caught) => caught)) as CloudTaskError;
  t.match(error, { code: 'CT_MANIFEST_INVALID' });
  t.match(error.details.causes, [{ field: 'objects[0].spec.run.script', reason: 'FieldValueForbidden' }]);
  t.equal((await store.list('Task')).items.length, 1, 'nothing of the batch is stored');
  const schedules = [{ cron: '@daily' }];
  const more = await apply(store, manifest({ schedules }), applyAs('ui'));
  t.same(more.object.spec.schedules, [{ name: 'default', cron: '@daily' }]);
  const two = (await apply(store, manifest({ schedules: [{ every: '5m' }] }), applyAs('ctask')).catch(
    (caught) => caught,
  )) as CloudTaskError;
  t.match(two, { code: 'CT_MANIFEST_INVALID' }, 'one schedule with cron by one and every by another');
}

async function unowned(t: Test, store: Store) {
  const old = await apply(store, manifest({ run, timeout: '10m', description: 'old' }));
  t.notOk('managedFields' in old.object.metadata, 'as objects were before there were managers');
  const first = await apply(store, manifest({ run, timeout: '5m' }), applyAs('ctask'));
  t.match(first.object.spec, { timeout: '5m', description: 'old' }, 'the first apply takes what it names');
  t.same(owners(first.object), [['ctask', '/spec/run/command', '/spec/timeout']]);
  const next = await apply(store, manifest({ run }), applyAs('ctask'));
  t.notOk('timeout' in next.object.spec);
}

const suite = { merging, updating, invalidTogether, unowned };

for (const [what, check] of Object.entries(suite)) {
  t.test(`sqlite: ${what}`, async (t) => {
    const store = openSqliteStore({ path: `${t.testdir()}/store.db`, ...common });
    await store.start(new AbortController().signal);
    t.teardown(() => store.stop());
    await check(t, store);
  });
}

t.test('postgres', async (t) => {
  if (!requirePostgres(t)) return;
  const server = await startPostgres();
  t.teardown(() => server.stop());
  for (const [what, check] of Object.entries(suite)) {
    await t.test(what, async (t) => {
      const store = openPostgresStore({ url: await server.createDatabase(), ...common });
      await store.start(new AbortController().signal);
      t.teardown(() => store.stop());
      await check(t, store);
    });
  }
});
