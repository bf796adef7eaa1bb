// Tasks that wait for others under real centers, a real store and a real coordination server.
import t from 'tap';
import { type Run, type RunReport, type RunState, runUid, type Task } from '../../../manifests/index.js';
import {
  agent,
  apply,
  center,
  eventually,
  report,
  task,
  taskWith,
  type World,
  world,
} from '../../../test/support/leading-center.js';
import type { Stored } from '../../store/store-types.js';

t.setTimeout(300_000);

/** Far behind the cursor of every record here: nothing but these reports is about them. */
const AT = Date.UTC(2026, 0, 1);

const after = (name: string, given: Task['spec']['after'], spec: Partial<Task['spec']> = {}) =>
  task(name, { schedules: [], after: given!, ...spec });

async function runsOf({ store }: World, name: string): Promise<Stored<Run>[]> {
  return (await store.list<Run>('Run', { fields: [{ field: 'spec.task', operator: '=', value: name }] })).items;
}

/** The runs of the task, as soon as there are so many. */
const runs = (w: World, name: string, count: number) =>
  eventually(w, async () => {
    const found = await runsOf(w, name);
    return found.length >= count ? found : undefined;
  });

/** Nothing is left to be dealt with. */
const settled = (w: World) =>
  eventually(w, async () => ((await w.store.dependencies.results(0, 1)).length === 0 ? true : undefined));

/** What an agent says of a run on demand that has ended. */
function ending(of: Stored<Run>, state: RunState): RunReport {
  const { metadata, spec } = of;
  return {
    ...{ uid: metadata.uid, name: metadata.name, namespace: 'default', task: spec.task, taskUid: spec.taskUid },
    ...{ slot: spec.slot, revision: spec.revision, trigger: spec.trigger, scheduledTime: null, schedule: null },
    ...{ state, endTime: Date.now(), attempts: [], attempt: 1 },
  };
}

t.test('a chain with branches: each run has the run that caused it', async (t) => {
  const w = await world(t);
  const { controllers } = await center(w, 'c1');
  await controllers.start(w.signal);
  await agent(w, 'a1');
  const [extract] = await apply(
    w,
    task('extract'),
    after('load', { tasks: [{ name: 'extract' }] }),
    after('publish', { tasks: [{ name: 'load' }] }),
    after('alarm', {
      tasks: [
        { name: 'extract', on: 'Failed' },
        { name: 'load', on: 'Failed' },
      ],
      match: 'Any',
    }),
  );
  await w.store.acceptReports('a1', [report(extract!, AT, 'Succeeded')]);
  const [load] = await runs(w, 'load', 1);
  t.match(load!.spec, { trigger: 'Dependency', causedBy: [report(extract!, AT, 'Succeeded').name] });
  t.equal(load!.spec.scheduledTime, new Date(AT).toISOString(), 'the time point goes down the chain');
  await eventually(w, async () => ((await runsOf(w, 'load'))[0]?.status?.agent === 'a1' ? true : undefined));
  await w.store.acceptReports('a1', [ending(load!, 'Failed')]);
  const [alarm] = await runs(w, 'alarm', 1);
  t.match(alarm!.spec, { causedBy: [load!.metadata.name], scheduledTime: new Date(AT).toISOString() });
  t.same(await runsOf(w, 'publish'), []);

  const retried = await w.store.createRun({
    ...{ taskUid: load!.spec.taskUid, slot: '', trigger: 'Retry', manualId: `retry-${load!.metadata.uid}` },
    retryOf: load!.metadata.name,
  });
  await eventually(w, async () =>
    (await w.store.getByUid<Run>('Run', retried.metadata.uid))?.status?.agent === 'a1' ? true : undefined,
  );
  await w.store.acceptReports('a1', [ending(retried, 'Succeeded')]);
  const [publish] = await runs(w, 'publish', 1);
  t.same(publish!.spec.causedBy, [retried.metadata.name], 'a retry lets the chain go on');
  t.equal((await runsOf(w, 'alarm')).length, 1);
});

t.test('a run that was called Lost and has succeeded is one cause', async (t) => {
  const w = await world(t);
  const { controllers } = await center(w, 'c1');
  await controllers.start(w.signal);
  const [a] = await apply(
    w,
    task('a'),
    after('always', { tasks: [{ name: 'a', on: 'Finished' }] }),
    after('failed', { tasks: [{ name: 'a', on: 'Failed' }] }),
    after('succeeded', { tasks: [{ name: 'a' }] }),
  );
  await w.store.acceptReports('a1', [report(a!, AT, 'Lost')]);
  await Promise.all([runs(w, 'always', 1), runs(w, 'failed', 1)]);
  await w.store.acceptReports('a1', [report(a!, AT, 'Succeeded')]);
  await runs(w, 'succeeded', 1);
  await settled(w);
  t.equal((await runsOf(w, 'always')).length, 1);
  t.equal((await runsOf(w, 'failed')).length, 1);
});

t.test('a Lost run that is made again is no result; one that stays Lost is', async (t) => {
  const w = await world(t);
  const { controllers } = await center(w, 'c1');
  await controllers.start(w.signal);
  const [a] = await apply(
    w,
    task('a', { onLost: 'Rerun', placement: { agents: ['nobody'] } }),
    after('failed', { tasks: [{ name: 'a', on: 'Failed' }] }),
    after('succeeded', { tasks: [{ name: 'a' }] }),
  );
  const now = Date.now();
  const lost = (point: number) => ({ ...report(a!, point, 'Lost'), endTime: point });
  await w.store.acceptReports('a1', [lost(now), lost(now - 7_200_000)]);
  const [failed] = await runs(w, 'failed', 1);
  t.same(failed!.spec.causedBy, [lost(now - 7_200_000).name], 'Lost for longer than the catchUpWindow');
  t.match(await w.store.dependencies.results(0, 10), [{ uid: lost(now).uid }], 'the other one is waited for');
  await w.store.acceptReports('a1', [report(a!, now, 'Succeeded', 2)]);
  const [succeeded] = await runs(w, 'succeeded', 1);
  t.same(succeeded!.spec.causedBy, [lost(now).name]);
  await settled(w);
  t.equal((await runsOf(w, 'failed')).length, 1);
});

t.test('fan-in: All waits for the latest result of each; a suspended task has records', async (t) => {
  const w = await world(t);
  const { controllers } = await center(w, 'c1');
  await controllers.start(w.signal);
  const both = { tasks: [{ name: 'a' }, { name: 'b' }] };
  const [a, b] = await apply(w, task('a'), task('b'), after('all', both), after('off', both, { suspend: true }));
  const tell = async (of: Stored<Task>, n: number, state: RunState) => {
    await w.store.acceptReports('a1', [report(of, AT + n, state)]);
    await settled(w);
  };
  await tell(a!, 1, 'Succeeded');
  await tell(b!, 1, 'Failed');
  await tell(b!, 2, 'Succeeded');
  t.match(await runsOf(w, 'all'), [
    { spec: { causedBy: [report(a!, AT + 1, 'Running').name, report(b!, AT + 2, 'Running').name] } },
  ]);
  t.match(await runsOf(w, 'off'), [{ status: { state: 'Skipped', reason: 'Suspended' } }]);
  await tell(b!, 3, 'Succeeded');
  await tell(a!, 2, 'Failed');
  t.equal((await runsOf(w, 'all')).length, 1, 'a result counts once');
  await tell(a!, 3, 'Succeeded');
  t.equal((await runsOf(w, 'all')).length, 2);
});

t.test('a thousand dependents, and the leader dies in the middle of them', async (t) => {
  const w = await world(t);
  const first = await center(w, 'c1');
  const second = await center(w, 'c2');
  await first.controllers.start(w.signal);
  const names = Array.from({ length: 1000 }, (_, i) => `d${i}`);
  const [a] = await apply(w, task('a'), ...names.map((name) => after(name, { tasks: [{ name: 'a' }] })));
  let made = 0;
  let died: Promise<void> | undefined;
  w.store.onChange((changes) => {
    made += changes.filter(({ kind, type }) => kind === 'Run' && type === 'ADDED').length;
    // The first slice has been committed: its leader goes before it has written them all.
    if (made > 1) died ??= first.controllers.stop();
  });
  await w.store.acceptReports('a1', [report(a!, AT, 'Succeeded')]);
  await eventually(w, async () => (died === undefined ? undefined : true));
  await died;
  t.equal((await w.store.dependencies.results(0, 10)).length, 1, 'the result waits for the next leader');
  t.ok(made < 1001, `${made} runs so far`);
  await second.controllers.start(w.signal);
  await settled(w);
  t.equal(made, 1001, 'one for each, and the cause');
  const uids = new Set(
    (await w.store.listByUid<Run>('Run', await uidsOf(w, names, a!))).map(({ spec }) => spec.taskUid),
  );
  t.equal(uids.size, 1000);
});

/** Of the runs that the one of AT has caused. */
async function uidsOf({ store }: World, names: readonly string[], cause: Stored<Task>): Promise<string[]> {
  const point = `after-${report(cause, AT, 'Running').uid}`;
  const found = await Promise.all(names.map((name) => store.get<Task>({ kind: 'Task', namespace: 'default', name })));
  return found.map((one) => runUid({ taskUid: one!.metadata.uid, slot: '', point }));
}

t.test('several slots: one result when all runs of the time point have ended', async (t) => {
  const w = await world(t);
  const { controllers } = await center(w, 'c1');
  await agent(w, 'a1');
  await agent(w, 'a2');
  await controllers.start(w.signal);
  const [shards] = await apply(
    w,
    task('s', { placement: { mode: 'Shards', shards: 3 } }),
    after('all', { tasks: [{ name: 's' }] }, { placement: { mode: 'EveryAgent' } }),
    after('broken', { tasks: [{ name: 's', on: 'Failed' }] }),
  );
  await taskWith(w, 'all', ({ status }) => status?.allocations?.length === 2);
  const point = Date.now() + 3_600_000; // not consumed by any record yet
  const tell = (slot: string, at: number, state: RunState) => {
    const plain = report(shards!, at, state);
    const uid = runUid({ taskUid: shards!.metadata.uid, slot, point: at });
    return w.store.acceptReports('a1', [{ ...plain, slot, uid, name: `s-${slot}-${at}` }]);
  };
  await tell('0', point, 'Succeeded');
  await tell('1', point, 'Succeeded');
  await tell('2', point, 'Running');
  t.same(await runsOf(w, 'all'), []);
  await tell('2', point, 'Succeeded');
  const made = await runs(w, 'all', 2);
  t.same(made.map(({ spec }) => spec.slot).sort(), ['a1', 'a2'], 'of every slot of its own');
  const group = made[0]!.spec.causedBy;
  t.match(group?.[0], /^s-[a-z0-9]{10}$/);
  t.same(made[1]!.spec.causedBy, group);
  for (const slot of ['0', '1']) await tell(slot, point + 1000, 'Succeeded');
  await tell('2', point + 1000, 'Skipped');
  await runs(w, 'broken', 1);
  t.equal((await runsOf(w, 'all')).length, 2, 'one that was not run is no success');
});
