// The outbox, on both databases: the order of what is told, and what ends it.
import t from 'tap';
import type { AnyObject, RunReport } from '../../../manifests/index.js';
import { fence, onBothDatabases, query, telling } from '../../../test/support/outbox.js';
import { report } from '../../../test/support/store-objects.js';

onBothDatabases(t, async (t, begin) => {
  await t.test(
    'what was told of a run that is late, or takes long, is over by its start or end: for incidents',
    async (t) => {
      const { store, apply } = await begin(t);
      const { notifications } = store;
      const notifier = (name: string, format: 'PagerDuty' | 'Slack') =>
        ({
          ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Notifier', metadata: { name, namespace: 'default' } },
          spec: { webhook: { format, url: 'https://hooks.example.com/' } },
        }) as unknown as AnyObject;
      const both = ['pager', 'chat'].map((one) => ({
        ...{ notifier: one, on: ['Late' as const, 'LongerThan' as const] },
        ...{ lateAfter: '5m', longerThan: '10m' },
      }));
      await store.apply([notifier('pager', 'PagerDuty'), notifier('chat', 'Slack')], { user: 'test' });
      const [a] = await apply(telling('a', both));
      const now = Date.now();
      const tell = (point: number, extra: Partial<RunReport>) =>
        store.acceptReports('a1', [report(a!.metadata.uid, point, { task: 'a', ...extra })]);
      const told = async (name: string) => {
        await notifications.noteOverdue(fence);
        const { batch } = await notifications.claim({ ...query, notifier: name }, fence);
        if (batch === undefined) return [];
        await notifications.settle(batch.id, { sent: true }, fence);
        return batch.notifications.map(({ event, facts }) =>
          [event, ...('ends' in facts ? [facts.ends] : [])].join(' '),
        );
      };
      const point = now - 600_000;
      const { startTime: _, ...waits } = report(a!.metadata.uid, point, { task: 'a', state: 'Pending' });
      await store.acceptReports('a1', [waits]);
      t.same(await told('pager'), ['Late']);
      await tell(point, { state: 'Running', startTime: now });
      t.same(await told('pager'), ['Over Late'], 'it has begun');
      await tell(point, { state: 'Succeeded', startTime: now, endTime: now + 2_000 });
      t.same(await told('pager'), [], 'once');
      const [one, two] = [now - 3_600_000, now - 3_500_000];
      await tell(one, { state: 'Running', startTime: one });
      await tell(two, { state: 'Running', startTime: two });
      t.same(await told('pager'), ['LongerThan', 'LongerThan']);
      await tell(one, { state: 'Failed', startTime: one, endTime: now });
      t.same(await told('pager'), [], 'another one goes on');
      await tell(two, { state: 'Cancelled', startTime: two, endTime: now });
      t.same(await told('pager'), ['Over LongerThan']);
      const third = now - 1_000_000;
      await tell(third, { state: 'Running', startTime: now - 10_000 });
      t.same(await told('pager'), ['Late'], 'told by its start');
      await tell(third, { state: 'Succeeded', startTime: now - 10_000, endTime: now });
      t.same(await told('pager'), ['Over Late'], 'which its end is the end of');
      await tell(now - 2_000_000, { state: 'Missed', endTime: now });
      t.same(await told('pager'), [], 'nothing was told of it');
      t.same(await told('chat'), ['Late', 'LongerThan', 'LongerThan', 'Late'], 'what it asks for, and nothing else');
    },
  );

  await t.test('about one subject in the order of what has happened; others do not wait', async (t) => {
    const { store, apply, end } = await begin(t);
    const { notifications } = store;
    const ops = [{ notifier: 'ops' }];
    const [a, b] = await apply(telling('a', ops), telling('b', ops));
    const webhook = { ...query, byRecipients: false };
    const claimed = async (more: Partial<typeof query> & { repeatable?: boolean; only?: 'Recovered'[] } = {}) => {
      const { batch } = await notifications.claim({ ...webhook, ...more }, fence);
      const told = batch?.notifications.map(({ event, facts }) => `${event} ${facts.about === 'Run' && facts.task}`);
      return { batch: batch!, told };
    };
    const unknown = { sent: false, error: 'no answer', delayMs: 0, certain: false } as const;
    await end(a!, 0, 'Failed');
    const first = await claimed();
    await notifications.settle(first.batch.id, { ...unknown, delayMs: 60_000 }, fence);
    await end(a!, 1, 'Succeeded');
    await end(b!, 0, 'Failed');
    const second = await claimed();
    t.same(second.told, ['Failed b'], 'the recovery waits for what nobody knows of');
    await notifications.settle(second.batch.id, { ...unknown, certain: true, delayMs: 60_000 }, fence);
    t.same((await claimed()).told, undefined);
    const merged = await claimed({ repeatable: true });
    t.same(
      merged.told,
      ['Failed a', 'Recovered a', 'Failed b'],
      'who takes it once is told what has come since with it',
    );
    await notifications.settle(merged.batch.id, { sent: true }, fence);
    await end(b!, 1, 'Succeeded');
    await end(a!, 2, 'Failed');
    await end(a!, 3, 'Succeeded');
    await end(a!, 4, 'Failed');
    const quiet = await claimed({ only: ['Recovered'] });
    t.same(quiet.told, ['Recovered b', 'Failed a', 'Recovered a'], 'what is asked for takes along what came before it');
  });

  await t.test('what waits too long behind a message that may have arrived is told with it', async (t) => {
    const { store, apply, end, later } = await begin(t);
    const [a] = await apply(telling('a', [{ notifier: 'ops' }]));
    await end(a!, 0, 'Failed');
    const unknown = { sent: false, error: 'no answer', delayMs: 600_000, certain: false } as const;
    const first = (await store.notifications.claim(query, fence)).batch!;
    await store.notifications.settle(first.id, unknown, fence);
    await end(a!, 1, 'Succeeded');
    later(600_000);
    const again = (await store.notifications.claim(query, fence)).batch!;
    t.match(again, { id: first.id, fixed: true, notifications: { length: 1 } }, 'as it was, once more');
    await store.notifications.settle(again.id, unknown, fence);
    const merged = (await store.notifications.claim(query, fence)).batch!;
    t.not(merged.id, first.id);
    const told = merged.notifications.map(({ event, facts }) => [event, facts.perhapsToldIn]);
    t.same(told, [
      ['Failed', [first.id]],
      ['Recovered', undefined],
    ]);
    await store.notifications.settle(merged.id, { sent: true }, fence);
    t.same(await store.notifications.claim(query, fence), {});
  });
});
