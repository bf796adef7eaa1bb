// The outbox, on both databases: the order of what is told, and what ends it.
import t from 'tap';
import type { AnyObject, RunReport, Task } from '../../../manifests/index.js';
import { fence, type OutboxStore, onBothDatabases, query, telling } from '../../../test/support/outbox.js';
import { report } from '../../../test/support/store-objects.js';

/** A task that tells these entries of runs that are late or take long; pagers keep incidents, the chat does not. */
async function incidents({ store, apply, later }: OutboxStore, entries: Task['spec']['notify']) {
  const notifier = (name: string, format: 'PagerDuty' | 'Slack') =>
    ({
      ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Notifier', metadata: { name, namespace: 'default' } },
      spec: { webhook: { format, url: 'https://hooks.example.com/' } },
    }) as unknown as AnyObject;
  const all = [notifier('pager', 'PagerDuty'), notifier('pager2', 'PagerDuty'), notifier('chat', 'Slack')];
  await store.apply(all, { user: 'test' });
  const [a] = await apply(telling('a', entries));
  const of = (point: number, extra: Partial<RunReport>) => report(a!.metadata.uid, point, { task: 'a', ...extra });
  return {
    later,
    edit: (notify: Task['spec']['notify']) => apply(telling('a', notify)),
    tell: (point: number, extra: Partial<RunReport>) => store.acceptReports('a1', [of(point, extra)]),
    waits: (point: number) => {
      const { startTime: _, ...waiting } = of(point, { state: 'Pending' });
      return store.acceptReports('a1', [waiting]);
    },
    /** What the notifier is sent now. `look`: the leader has looked before that for runs that are late or take long. */
    told: async (name: string, { look = true } = {}) => {
      if (look) await store.notifications.noteOverdue(fence);
      const { batch } = await store.notifications.claim({ ...query, notifier: name }, fence);
      if (batch === undefined) return [];
      await store.notifications.settle(batch.id, { sent: true }, fence);
      return batch.notifications.map(({ event, facts }) => [event, ...('ends' in facts ? [facts.ends] : [])].join(' '));
    },
  };
}

onBothDatabases(t, async (t, begin) => {
  await t.test(
    'what was told of a run that is late, or takes long, is over by its start or end: for incidents',
    async (t) => {
      const both = ['pager', 'chat'].map((one) => ({
        ...{ notifier: one, on: ['Late' as const, 'LongerThan' as const] },
        ...{ lateAfter: '5m', longerThan: '10m' },
      }));
      const { tell, waits, told } = await incidents(await begin(t), both);
      const now = Date.now();
      const point = now - 600_000;
      await waits(point);
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

  await t.test('what is told of a run after its start, by another limit, is over by its end', async (t) => {
    const entries = ['1m', '5m'].map((lateAfter) => ({ notifier: 'pager', on: ['Late' as const], lateAfter }));
    const { tell, waits, told, later } = await incidents(await begin(t), entries);
    const point = Date.now() - 120_000;
    await waits(point);
    t.same(await told('pager'), ['Late']);
    later(400_000);
    const startTime = point + 500_000;
    await tell(point, { state: 'Running', startTime });
    t.same(await told('pager', { look: false }), ['Over Late', 'Late'], 'nobody has looked since the second limit');
    await tell(point, { state: 'Succeeded', startTime, endTime: startTime + 1_000 });
    t.same(await told('pager'), ['Over Late']);
  });

  await t.test('an edit of who is told leaves nothing open', async (t) => {
    const long = (longerThan: string, notifier = 'pager') => [{ notifier, on: ['LongerThan' as const], longerThan }];
    const edits = { 'other limit': long('2h'), 'other notifier': long('1s', 'pager2'), nobody: undefined };
    const { tell, told, edit } = await incidents(await begin(t), long('1s'));
    const startTime = Date.now() - 600_000;
    for (const [n, [name, entries]] of Object.entries(edits).entries()) {
      const point = startTime + n;
      await edit(long('1s'));
      await tell(point, { state: 'Running', startTime });
      t.same(await told('pager'), ['LongerThan'], name);
      await edit(entries);
      await told('pager2');
      await tell(point, { state: 'Succeeded', startTime, endTime: Date.now() });
      t.same(await told('pager'), ['Over LongerThan'], name);
    }
  });

  await t.test('another run keeps the incidents open that it is told to, and no others', async (t) => {
    const long = (notifier: string) => [{ notifier, on: ['LongerThan' as const], longerThan: '1s' }];
    const { tell, told, edit } = await incidents(await begin(t), long('pager'));
    const [one, two] = [Date.now() - 600_000, Date.now() - 500_000];
    await tell(one, { state: 'Running', startTime: one });
    t.same(await told('pager'), ['LongerThan']);
    await edit(long('pager2'));
    await tell(two, { state: 'Running', startTime: two });
    t.same(await told('pager2'), ['LongerThan'], 'of the first the old entry has told');
    await tell(one, { state: 'Succeeded', startTime: one, endTime: Date.now() });
    t.same(await told('pager'), ['Over LongerThan']);
    t.same(await told('pager2'), [], 'its incident is of the other one');
    await tell(two, { state: 'Succeeded', startTime: two, endTime: Date.now() });
    t.same(await told('pager2'), ['Over LongerThan']);
    t.same(await told('pager'), []);
  });

  await t.test('several runs that wait are not late any more when the last of them has begun', async (t) => {
    const { tell, waits, told } = await incidents(await begin(t), [
      { notifier: 'pager', on: ['Late' as const], lateAfter: '1m' },
    ]);
    const [one, two] = [Date.now() - 600_000, Date.now() - 500_000];
    await waits(one);
    await waits(two);
    t.same(await told('pager'), ['Late', 'Late']);
    await tell(one, { state: 'Running', startTime: Date.now() });
    t.same(await told('pager'), [], 'another one waits');
    await tell(two, { state: 'Running', startTime: Date.now() });
    t.same(await told('pager'), ['Over Late'], 'while both go on');
  });

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
