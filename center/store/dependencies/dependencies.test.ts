import { join } from 'node:path';
import t, { type Test } from 'tap';
import { silentLogger, systemClock } from '../../../base/index.js';
import { type Run, runUid, type Task, type TaskAfter } from '../../../manifests/index.js';
import { requirePostgres, startPostgres } from '../../../test/support/postgres.js';
import { report, task } from '../../../test/support/store-objects.js';
import { openPostgresStore, openSqliteStore, type Store } from '../index.js';
import type { Stored } from '../store-types.js';
import type { Cause, DependencyStep } from './dependency-book.js';

const fence = { epoch: 1 };
const AT = Date.UTC(2026, 0, 1);

/** A store of either kind; on PostgreSQL the tests run a second time. */
type Open = (t: Test) => Promise<Store>;

async function begin(t: Test, open: Open) {
  const store = await open(t);
  await store.start(AbortSignal.timeout(30_000));
  t.teardown(() => store.stop());
  await store.raiseEpoch(1);
  const apply = async (...tasks: Task[]) =>
    (await store.apply(tasks, { user: 'test' })).map(({ object }) => object as Stored<Task>);
  return { store, apply };
}

function waiting(name: string, ...names: string[]): Task {
  return after(name, { tasks: names.map((one) => ({ name: one })) });
}

function after(name: string, given: TaskAfter): Task {
  const plain = task(name);
  return { ...plain, spec: { ...plain.spec, after: given } };
}

const end = (of: Stored<Task>, point: number, state: 'Succeeded' | 'Failed' | 'Skipped' | 'Lost' = 'Succeeded') =>
  report(of.metadata.uid, point, { task: of.metadata.name, state, endTime: point + 1000 });

async function dependencies(t: Test, open: Open): Promise<void> {
  await t.test('circles are refused with their path, over what is stored and what is given', async (t) => {
    const { store, apply } = await begin(t, open);
    const circle = (path: string) => ({
      code: 'CT_MANIFEST_INVALID',
      message: new RegExp(`spec\\.after: .* in a circle: ${path}`),
    });
    await t.rejects(apply(waiting('a', 'b'), waiting('b', 'c'), waiting('c', 'a')), circle('a -> b -> c -> a'));
    t.equal(await store.get({ kind: 'Task', namespace: 'default', name: 'a' }), undefined, 'nothing is stored');
    await apply(waiting('a', 'b'), waiting('b', 'c'));
    await t.rejects(apply(task('x'), waiting('c', 'a')), {
      ...circle('c -> a -> b -> c'),
      details: { causes: [{ field: 'objects[1].spec.after', reason: 'DependencyCircle' }] },
    });
    await t.rejects(store.apply([waiting('c', 'a')], { user: 'test', dryRun: true }), circle('c -> a -> b -> c'));
    await t.rejects(
      store.update<Task>(
        { kind: 'Task', namespace: 'default', name: 'b' },
        (b) => ({ ...b, spec: { ...b.spec, after: { tasks: [{ name: 'a' }] } } }),
        { user: 'x' },
      ),
      circle('b -> a -> b'),
    );
    // The edge that closed it goes in the same batch that turns it round.
    await apply(task('a'), waiting('c', 'a'));
    await store.delete({ kind: 'Task', namespace: 'default', name: 'b' }, { user: 'test' });
    await apply(waiting('a', 'b'));
    await t.rejects(apply(waiting('b', 'c')), circle('b -> c -> a -> b'), 'by name, also when it comes back');
  });

  await t.test('a result is noted with the end of the run, when somebody waits for it', async (t) => {
    const { store, apply } = await begin(t, open);
    const [a, b] = await apply(task('a'), task('b'), waiting('c', 'a'));
    await store.acceptReports('a1', [
      end(a!, AT),
      end(b!, AT),
      end(a!, AT + 1, 'Skipped'),
      report(a!.metadata.uid, AT + 2),
    ]);
    const results = await store.dependencies.results(0, 10);
    t.match(results, [{ task: 'a', state: 'Succeeded', namespace: 'default', slot: '', point: AT, scheduledTime: AT }]);
    t.equal(results.length, 1, 'not of b, not of what did not run or has not ended');
    await store.acceptReports('a1', [{ ...end(a!, AT + 3, 'Lost'), reason: 'Restored' }]);
    await store.acceptReports('a1', [end(a!, AT)]);
    t.equal((await store.dependencies.results(0, 10)).length, 1, 'a report that comes again tells nothing');
    const run = await store.createRun({ taskUid: a!.metadata.uid, trigger: 'Manual', manualId: 'm', slot: '' });
    await store.requestCancel('default', run.metadata.name);
    t.match(await store.dependencies.results(results[0]!.id, 10), [
      { uid: run.metadata.uid, state: 'Cancelled', point: 'm' },
    ]);
  });

  await t.test('a cause makes one run of a task, once, whatever is asked again', async (t) => {
    const { store, apply } = await begin(t, open);
    const [a, c] = await apply(task('a'), waiting('c', 'a'));
    await store.acceptReports('a1', [end(a!, AT)]);
    const [result] = await store.dependencies.results(0, 10);
    const cause = result as Cause;
    const taskUid = c!.metadata.uid;
    const start: DependencyStep = { kind: 'Start', taskUid, cause, causes: [cause], slots: [''] };
    await t.rejects(store.dependencies.settle([start], [result!.id], { epoch: 0 }), { code: 'CT_STALE_EPOCH' });
    t.equal((await store.dependencies.results(0, 10)).length, 1, 'a leader that was deposed changes nothing');
    await store.dependencies.settle([start], [], fence); // died before the last slice
    await store.dependencies.settle([start], [result!.id], fence);
    t.same(await store.dependencies.results(0, 10), []);
    t.same(await store.dependencies.usedBy(taskUid, [cause.uid, 'x']), [cause.uid]);
    t.same(await store.dependencies.usedBy('x', [cause.uid]), []);
    const runs = (await store.list<Run>('Run', { fields: [{ field: 'spec.task', operator: '=', value: 'c' }] })).items;
    t.equal(runs.length, 1);
    t.match(runs[0], {
      metadata: { uid: runUid({ taskUid, slot: '', point: `after-${cause.uid}` }) },
      spec: {
        ...{ trigger: 'Dependency', causedBy: [cause.name], scheduledTime: '2026-01-01T00:00:00.000Z' },
        env: [{ name: 'CTASK_CAUSED_BY', value: cause.name }],
      },
      status: { state: 'Pending' },
    });
    // Both runs are pruned, and an agent tells of the cause once more.
    await store.requestCancel('default', runs[0]!.metadata.name);
    await store.deleteRun('default', runs[0]!.metadata.name);
    await store.dependencies.settle([start], [], fence);
    t.equal(await store.getByUid('Run', runs[0]!.metadata.uid), undefined);
    const page = { namespace: 'default', upstream: 'a', after: '', limit: 10 };
    t.match(await store.dependencies.dependents({ ...page, causeUid: cause.uid }), [{ name: 'c', used: true }]);
    t.match(await store.dependencies.dependents({ ...page, causeUid: 'x' }), [{ name: 'c', used: false }]);
  });

  await t.test(
    'what has arrived stays through edits of the task, and goes with what it no longer waits for',
    async (t) => {
      const { store, apply } = await begin(t, open);
      const [a, , c] = await apply(task('a'), task('b'), waiting('c', 'a', 'b'));
      await store.acceptReports('a1', [end(a!, AT)]);
      const [result] = await store.dependencies.results(0, 10);
      const taskUid = c!.metadata.uid;
      await store.dependencies.settle([{ kind: 'Note', taskUid, cause: result as Cause }], [result!.id], fence);
      await apply(waiting('c', 'a', 'b', 'd'));
      t.match(await store.dependencies.arrivedAt(taskUid), { a: { uid: result!.uid } });
      t.same(await store.dependencies.namesOfDependents('default', 'd', 5), ['c']);
      await apply(waiting('c', 'b'));
      t.same(await store.dependencies.arrivedAt(taskUid), {});
      await store.delete({ kind: 'Task', namespace: 'default', name: 'c' }, { user: 'test' });
      t.same(await store.dependencies.namesOfDependents('default', 'b', 5), []);
    },
  );

  await t.test('a suspended task gets a record, and a task that is going gets nothing', async (t) => {
    const { store, apply } = await begin(t, open);
    const [a, c] = await apply(task('a'), waiting('c', 'a'), waiting('d', 'c'));
    await store.acceptReports('a1', [end(a!, AT)]);
    const [result] = await store.dependencies.results(0, 10);
    const cause = result as Cause;
    const skipped = { reason: 'Suspended', message: 'the task was suspended then' } as const;
    const step = { kind: 'Start', taskUid: c!.metadata.uid, cause, causes: [cause], slots: [''], skipped } as const;
    await store.dependencies.settle([step], [result!.id], fence);
    const [run] = (await store.list<Run>('Run', { fields: [{ field: 'spec.task', operator: '=', value: 'c' }] })).items;
    t.match(run, {
      spec: { trigger: 'Dependency', causedBy: [cause.name] },
      status: { state: 'Skipped', reason: 'Suspended' },
    });
    t.same(await store.dependencies.results(0, 10), [], 'a record that did not run is no result');
    await store.delete({ kind: 'Task', namespace: 'default', name: 'c' }, { user: 'test', policy: 'Foreground' });
    await store.dependencies.settle([{ ...step, cause: { ...cause, uid: 'other' } }], [], fence);
    t.equal((await store.list('Run')).items.length, 2);
  });
}

const common = { clock: systemClock, log: silentLogger };

t.test('on SQLite', (t) =>
  dependencies(t, async (t) =>
    openSqliteStore({ path: join(t.testdir(), 'state.db'), ...common, synchronous: 'NORMAL' }),
  ),
);

t.test('on PostgreSQL', async (t) => {
  if (!requirePostgres(t)) return;
  const server = await startPostgres();
  t.teardown(() => server.stop());
  await dependencies(t, async () => openPostgresStore({ url: await server.createDatabase(), ...common }));
});
