// The outbox, on both databases: what a commit writes, what a leader takes, and what it leaves behind.
import t from 'tap';
import type { AnyObject, RunReport, Task } from '../../../manifests/index.js';
import { AT, fence, key, onBothDatabases, query, telling } from '../../../test/support/outbox.js';
import { report, task } from '../../../test/support/store-objects.js';
import type { Stored } from '../store-types.js';

onBothDatabases(t, async (t, begin) => {
  await t.test('a row for whoever wants to know, written once', async (t) => {
    const { store, apply, end } = await begin(t);
    const [a, b, c] = await apply(
      telling('a', [{ notifier: 'ops' }, { notifier: 'other', on: ['Succeeded'] }]),
      telling('b', undefined),
      telling('c', [{ notifier: 'ops', on: ['Succeeded'] }]),
    );
    await end(b!, 0, 'Failed');
    await end(c!, 0, 'Failed');
    await end(a!, 0, 'Skipped');
    t.same(await store.notifications.waiting(), []);
    await end(a!, 1, 'Lost');
    await end(a!, 1, 'Lost');
    await end(a!, 1, 'Succeeded');
    const waiting = (await store.notifications.waiting()).map(({ notifier }) => notifier).sort();
    t.same(waiting, ['ops', 'other']);
    const { batch } = await store.notifications.claim(query, fence);
    t.same(
      batch?.notifications.map(({ event }) => event),
      ['Lost', 'Recovered'],
      'the agent came back and knew better',
    );
    t.match(batch?.notifications[1]?.facts, { about: 'Run', task: 'a', failing: { since: AT + 2, runs: 1 } });
    t.same(batch?.recipients, ['']);
    await apply(telling('a', []));
    await end(a!, 2, 'Failed');
    await apply({
      ...task('x'),
      kind: 'Namespace',
      metadata: { name: 'default' },
      spec: { notify: [{ notifier: 'ops' }] },
    } as unknown as AnyObject);
    await end(b!, 1, 'Failed');
    const { batch: next } = await store.notifications.claim(query, fence);
    t.match(
      next?.notifications,
      [{ facts: { task: 'b' } }],
      'of its namespace, and of nobody whose task says otherwise',
    );
    t.equal(next?.notifications.length, 1);
  });

  await t.test("what is being sent is nobody else's; what certainly did not arrive goes with the others", async (t) => {
    const { store, apply, end, events } = await begin(t);
    const [a] = await apply(telling('a', [{ notifier: 'ops' }]));
    await end(a!, 0, 'Failed');
    t.match(await store.notifications.claim({ ...query, groupWaitMs: 60_000 }, fence), { againInMs: Number });
    t.same(await store.notifications.claim({ ...query, only: ['Test'] }, fence), {});
    await t.rejects(store.notifications.claim(query, { epoch: 0 }), { code: 'CT_STALE_EPOCH' });
    const first = (await store.notifications.claim(query, fence)).batch!;
    t.match(await store.notifications.claim(query, fence), { batch: undefined, againInMs: Number }, 'leased');
    const failed = { sent: false, error: 'down', delayMs: 0, certain: true } as const;
    await t.rejects(store.notifications.settle(first.id, failed, { epoch: 0 }), { code: 'CT_STALE_EPOCH' });
    await store.notifications.settle(first.id, failed, fence);
    await end(a!, 1, 'Failed');
    const second = (await store.notifications.claim(query, fence)).batch!;
    t.equal(second.notifications.length, 2);
    t.not(second.id, first.id);
    await store.notifications.settle(second.id, { ...failed, certain: false }, fence);
    await end(a!, 2, 'Failed');
    const again = (await store.notifications.claim(query, fence)).batch!;
    t.match(again, { id: second.id, fixed: true, notifications: { length: 2 } }, 'nobody knows: the same again');
    t.same(await events(), undefined, 'what has come since waits for that');
    await store.notifications.settle(again.id, { sent: true }, fence);
    await end(a!, 3, 'Failed');
    await end(a!, 4, 'Failed');
    const third = (await store.notifications.claim(query, fence)).batch!;
    const [come, lost, left] = third.notifications.map(({ id }) => id);
    const partly = { arrived: [come!], unsure: { ids: [lost!], batch: 'part' } };
    await store.notifications.settle(third.id, { ...failed, ...partly }, fence);
    const fourth = (await store.notifications.claim(query, fence)).batch!;
    t.match(fourth, { id: 'part', fixed: true, notifications: [{ id: lost }] }, 'of this one alone nobody knows');
    await store.notifications.settle(fourth.id, { sent: true }, fence);
    const fifth = (await store.notifications.claim(query, fence)).batch!;
    t.match(fifth, { fixed: false, notifications: [{ id: left }] });
    await store.notifications.settle(fifth.id, { sent: true }, fence);
    t.same(await events(), undefined);
    t.same(await store.notifications.counts(key), { pending: 0, sent: 5, failed: 0 });
    await store.notifications.prune(Date.now() + 1000, fence);
    t.same(await store.notifications.counts(key), { pending: 0, sent: 0, failed: 0 });
  });

  await t.test('people are shown what was told, of what, and who asked for it', async (t) => {
    const { store, apply, end } = await begin(t);
    const both: Task['spec']['notify'] = [
      { notifier: 'ops', on: ['Failed', 'Recovered'], to: ['ann@example.com'] },
      { notifier: 'ops-2', on: ['Lost'], text: 'not "notifier":"ops"' },
    ];
    const [a, b] = await apply(telling('a', both), telling('b', undefined), {
      ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Namespace', metadata: { name: 'default' } },
      spec: { notify: [{ notifier: 'ops', on: ['Lost'] }] },
    } as AnyObject);
    t.same(await store.notifications.uses(key, 10), [
      { kind: 'Namespace', name: 'default', on: ['Lost'] },
      { kind: 'Task', namespace: 'default', name: 'a', on: ['Failed', 'Recovered'] },
    ]);
    t.match(await store.notifications.uses(key, 1), { length: 1 });
    t.same(await store.notifications.uses({ namespace: 'other', notifier: 'ops' }, 10), []);
    t.same(await store.notifications.ofTask(a!.metadata.uid, 10), []);
    await end(a!, 1, 'Failed');
    await end(b!, 1, 'Lost');
    await end(a!, 2, 'Succeeded');
    const { batch } = await store.notifications.claim(query, fence);
    await store.notifications.settle(batch!.id, { sent: false, error: 'down', delayMs: 9, certain: true }, fence);
    const ofA = await store.notifications.ofTask(a!.metadata.uid, 10);
    t.match(
      ofA.map(({ event, state, attempts, error, to, runState }) => [event, state, attempts, error, to, runState]),
      [
        ['Recovered', 'Pending', 1, 'down', ['ann@example.com'], 'Succeeded'],
        ['Failed', 'Pending', 1, 'down', ['ann@example.com'], 'Failed'],
      ],
    );
    t.match(ofA[0], {
      notifier: { namespace: 'default', name: 'ops' },
      regarding: { kind: 'Task', namespace: 'default', name: 'a' },
      finishTime: undefined,
    });
    await store.notifications.test(key, 'ann');
    const of = (await store.notifications.ofNotifier(key, 3)).map(({ event, regarding }) => [event, regarding?.name]);
    t.same(of, [
      ['Test', undefined],
      ['Recovered', 'a'],
      ['Lost', 'b'],
    ]);
  });

  await t.test('what nobody reports: open runs, and time points without a run; once', async (t) => {
    const { store, apply, end, events } = await begin(t);
    const { notifications } = store;
    t.same(await notifications.noteOverdue(fence), {});
    t.same(await notifications.lateRules(), []);
    const [a, b] = await apply(
      telling('a', [
        { notifier: 'ops', on: ['LongerThan'], longerThan: '30m' },
        { notifier: 'ops', on: ['LongerThan', 'Late'], longerThan: '10m', lateAfter: '5m' },
      ]),
      telling('b', [{ notifier: 'ops' }]),
      {
        ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Namespace', metadata: { name: 'default' } },
        spec: { notify: [{ notifier: 'ops', on: ['Late'], lateAfter: '1h' }] },
      } as unknown as AnyObject,
    );
    t.same(
      (await notifications.lateRules()).sort((x, y) => x.lateAfterMs - y.lateAfterMs),
      [
        { of: { taskUid: a!.metadata.uid }, lateAfterMs: 300_000 },
        { of: { namespace: 'default' }, lateAfterMs: 3_600_000 },
      ],
    );
    const now = Date.now();
    const since = (of: Stored<Task>, ago: number) =>
      store.acceptReports('a1', [
        report(of.metadata.uid, now - ago, { task: of.metadata.name, startTime: now - ago, attempts: [] }),
      ]);
    await since(a!, 60_000);
    await since(b!, 36_000_000);
    const { againInMs = 0 } = await notifications.noteOverdue(fence);
    t.ok(againInMs > 0 && againInMs <= 300_000, 'no sooner than something can be late');
    t.same(await events(), undefined);
    await since(a!, 1_200_000);
    await since(a!, 2_400_000);
    await notifications.noteOverdue(fence);
    await notifications.noteOverdue(fence);
    const { batch } = await notifications.claim(query, fence);
    t.same(
      batch?.notifications.map(({ facts }) => facts.about === 'Run' && facts.limitMs).sort(),
      [1_800_000, 600_000, 600_000].sort(),
      'each entry by its own time',
    );
    t.match(
      (await notifications.ofTask(a!.metadata.uid, 10)).map(({ event }) => event),
      ['LongerThan', 'LongerThan', 'LongerThan'],
      'people are shown it of the task, by whatever time',
    );
    await notifications.settle(batch!.id, { sent: true }, fence);
    await notifications.prune(now + 60_000, fence);
    await notifications.noteOverdue(fence);
    t.same(await events(), undefined, 'what was told of open runs is not forgotten');
    await end(a!, now - 1_200_000 - AT, 'Succeeded');
    await notifications.prune(now + 60_000, fence);
    t.match(await notifications.counts(key), { sent: 2 });
    const points = [AT, now].map((point) => ({
      ...{ taskUid: a!.metadata.uid, task: 'a', namespace: 'default', slot: '', point },
    }));
    await notifications.noteUnstarted(points, fence);
    await notifications.noteUnstarted(points, fence);
    t.same(await events(), ['Late']);
    await t.rejects(notifications.noteOverdue({ epoch: 0 }), { code: 'CT_STALE_EPOCH' });
  });

  await t.test('late is what was to begin at its time point: no dependent, backfill or retry', async (t) => {
    const { store, apply, events } = await begin(t);
    const [a] = await apply(telling('a', [{ notifier: 'ops', on: ['Late'], lateAfter: '5m' }]));
    const now = Date.now();
    const begun = (ago: number, extra: Partial<RunReport>) =>
      report(a!.metadata.uid, now - ago, { startTime: now, ...extra });
    const waits = (ago: number, extra: Partial<RunReport>) => {
      const { startTime: _, ...rest } = begun(ago, { state: 'Pending', ...extra });
      return rest;
    };
    const others = ['Dependency', 'Backfill', 'Retry', 'Manual'] as const;
    const reports = others.flatMap((trigger, n) => [
      begun(3_600_000 + n, { trigger }),
      waits(7_200_000 + n, { trigger }),
    ]);
    await store.acceptReports('a1', reports);
    await store.notifications.noteOverdue(fence);
    t.same(await events(), undefined);
    await store.acceptReports('a1', [begun(600_000, { trigger: 'CatchUp' }), waits(700_000, { trigger: 'Schedule' })]);
    await store.notifications.noteOverdue(fence);
    t.same(await events(), ['Late', 'Late'], 'what is caught up on was missed');
  });

  await t.test('routes: by labels and namespaces; the cluster speaks for those who say nothing', async (t) => {
    const { store, apply, end } = await begin(t);
    const cluster = (notifyRuns: object[]) =>
      ({
        ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Cluster', metadata: { name: 'default' } },
        spec: { notify: [{ notifier: 'agents', on: ['AgentOffline'] }], notifyRuns },
      }) as unknown as AnyObject;
    const namespace = (notify: object[]) =>
      ({
        ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Namespace', metadata: { name: 'default' } },
        spec: { notify },
      }) as unknown as AnyObject;
    const labelled = (name: string, team: string) => ({ ...task(name, { labels: { team } }) });
    const failed = ['Failed'];
    const [fin, dev, own] = await apply(
      labelled('fin', 'fin'),
      labelled('dev', 'dev'),
      telling('own', []),
      cluster([
        { notifier: 'all', on: failed, namespaces: ['default'] },
        { notifier: 'fin', on: failed, selector: { matchLabels: { team: 'fin' } } },
        { notifier: 'late', on: ['Late'], lateAfter: '1m', namespaces: ['other'] },
      ]),
    );
    const told = async () =>
      (await store.notifications.waiting()).map((one) => `${one.namespace}/${one.notifier}`).sort();
    await end(dev!, 0, 'Failed');
    await end(own!, 0, 'Failed');
    t.same(await told(), ['cloudtask-system/all']);
    await end(fin!, 0, 'Failed');
    t.same(await told(), ['cloudtask-system/all', 'cloudtask-system/fin']);
    t.same(await store.notifications.lateRules(), [{ of: { cluster: 'default' }, lateAfterMs: 60_000 }]);
    await apply(namespace([{ notifier: 'ours', on: failed, selector: { matchLabels: { team: 'dev' } } }]));
    await end(fin!, 1, 'Failed');
    await end(dev!, 1, 'Failed');
    t.same(await told(), ['cloudtask-system/all', 'cloudtask-system/fin', 'default/ours']);
    const rows = await store.notifications.counts({ namespace: 'cloudtask-system', notifier: 'fin' });
    t.match(rows, { pending: 1 }, 'the namespace speaks for itself');
    await apply(cluster([]), namespace([]));
    await end(fin!, 2, 'Failed');
    t.match(await store.notifications.counts({ namespace: 'cloudtask-system', notifier: 'fin' }), { pending: 1 });
  });

  await t.test('only what is asked for is taken, and what is too old is given up', async (t) => {
    const { store, apply, end } = await begin(t);
    const [a] = await apply(telling('a', [{ notifier: 'ops' }]));
    const [b] = await apply(telling('b', [{ notifier: 'ops' }]));
    await end(b!, 0, 'Failed');
    await end(a!, 1, 'Lost');
    await end(a!, 2, 'Failed');
    const { batch } = await store.notifications.claim({ ...query, only: ['Test', 'Lost'] }, fence);
    t.same(
      batch?.notifications.map(({ event }) => event),
      ['Lost'],
    );
    await store.notifications.settle(batch!.id, { sent: true }, fence);
    t.same(await store.notifications.claim({ ...query, only: ['Test', 'Lost'] }, fence), {});
    t.match(await store.notifications.counts(key), { pending: 2, sent: 1, failed: 0 });
    await store.notifications.claim({ ...query, giveUpBefore: Date.now() + 1_000 }, fence);
    t.match(await store.notifications.counts(key), { pending: 0, sent: 1, failed: 2 });
  });

  await t.test('a test is tried at once, and tells what became of it', async (t) => {
    const { store } = await begin(t);
    const id = await store.notifications.test(key, 'ann');
    t.match(await store.notifications.testOutcome(key, id), { state: 'Pending', attempts: 0 });
    const { batch } = await store.notifications.claim({ ...query, groupWaitMs: 60_000, only: ['Test'] }, fence);
    t.match(batch?.notifications, [{ event: 'Test', facts: { user: 'ann' } }]);
    t.match(await store.notifications.testOutcome(key, id), { state: 'Pending', attempts: 0 }, 'it is being tried');
    const refused = { sent: false, error: 'no', delayMs: 0, certain: true, last: true } as const;
    await store.notifications.settle(batch!.id, refused, fence);
    t.match(await store.notifications.testOutcome(key, id), { state: 'Failed', attempts: 1, error: 'no' });
    t.same(await store.notifications.claim(query, fence), {}, 'once');
    t.same(await store.notifications.counts(key), { pending: 0, sent: 0, failed: 0 }, 'nothing is lost');
    t.equal(await store.notifications.testOutcome(key, id + 1), undefined);
    t.equal(await store.notifications.testOutcome({ ...key, notifier: 'other' }, id), undefined);
  });
});
