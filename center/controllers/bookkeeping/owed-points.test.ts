// An edit comes into force while something that the former schedules yielded has no row yet: whoever leads afterwards
// knows of it.
import t from 'tap';
import { claimBatch, readTriggerRecord } from '../../../coordination/index.js';
import { API_VERSION, type Cluster, type Run } from '../../../manifests/index.js';
import { agent, apply, center, eventually, layout, report, task, world } from '../../../test/support/leading-center.js';

t.setTimeout(300_000);

t.test('what an edited task owes is settled by the next leader', async (t) => {
  const w = await world(t);
  const spec = { lostAfter: '1s' };
  const cluster: Cluster = { apiVersion: API_VERSION, kind: 'Cluster', metadata: { name: 'default' }, spec };
  await w.store.apply([cluster], { user: 'test' });
  const { controllers } = await center(w, 'c1');
  const a1 = await agent(w, 'a1');
  await controllers.start(w.signal);
  const [created] = await apply(w, task('t', { schedules: [{ name: 'default', every: '1s' }] }));
  await a1.owns(1);
  const { uid } = created!.metadata;
  const path = layout.trigger(uid, '');
  const found = (await readTriggerRecord(a1.session.current, path))!;
  // Three are consumed, of which the one in the middle is reported. The new schedule yields none of them.
  const last = Math.floor(found.record.cursor / 1_000) * 1_000 + 3_000;
  const claim = { path, version: found.version, record: { ...found.record, cursor: last, attempt: 1, claimId: 'x' } };
  await claimBatch(a1.session.current, [claim]);
  await w.store.acceptReports('a1', [report(created!, last - 1_000, 'Succeeded')]);
  await apply(w, task('t', { schedules: [{ name: 'default', cron: '0 0 29 2 *' }] }));
  // It is there, and may still report: nothing can be said yet.
  await eventually(w, async () => ((await w.store.owedPoints(10)).length > 0 ? true : undefined));
  t.same(
    (await w.store.owedPoints(10)).map(({ point }) => point),
    [last - 2_000, last],
  );
  t.ok(((await w.store.auditedUpTo(uid, '')) ?? 0) >= last, 'the mark is one of the new schedules');
  await controllers.stop();
  await a1.membership.leave();
  const { controllers: next } = await center(w, 'c2');
  await next.start(w.signal);
  const runs = await eventually(w, async () => {
    const { items } = await w.store.list<Run>('Run', {});
    const lost = items.filter(({ status }) => status?.state === 'Lost');
    return lost.length > 1 && (await w.store.owedPoints(10)).length === 0 ? lost : undefined;
  });
  t.same(runs.map(({ spec }) => Date.parse(spec.scheduledTime ?? '')).sort(), [last - 2_000, last]);
  t.ok(runs.every(({ status }) => status?.reason === 'NeverReported'));
});

t.test('what a task owes that was edited before anybody looked after it is found', async (t) => {
  const w = await world(t);
  const spec = { lostAfter: '1s' };
  const cluster: Cluster = { apiVersion: API_VERSION, kind: 'Cluster', metadata: { name: 'default' }, spec };
  await w.store.apply([cluster], { user: 'test' });
  const { controllers } = await center(w, 'c1');
  const a1 = await agent(w, 'a1');
  const schedules = [{ name: 'default', every: '1s' }];
  // Edited before any center leads: none has an idea of it when its generation was 1.
  const [created] = await apply(w, task('t', { schedules }));
  const [edited] = await apply(w, task('t', { schedules, suspend: true }));
  t.equal(edited!.metadata.generation, 2);
  const { uid, creationTimestamp } = created!.metadata;
  t.equal(await w.store.auditedUpTo(uid, ''), Date.parse(creationTimestamp));
  await controllers.start(w.signal);
  await a1.owns(1);
  const path = layout.trigger(uid, '');
  const found = (await readTriggerRecord(a1.session.current, path))!;
  const last = Math.floor(found.record.cursor / 1_000) * 1_000 + 3_000;
  const claim = { path, version: found.version, record: { ...found.record, cursor: last, claimId: 'x' } };
  await claimBatch(a1.session.current, [claim]);
  await a1.membership.leave();
  const lost = await eventually(w, async () => {
    const { items } = await w.store.list<Run>('Run', {});
    return items.length >= 3 ? items : undefined;
  });
  const points = lost.map(({ spec }) => Date.parse(spec.scheduledTime ?? '')).sort();
  t.same(points.slice(-3), [last - 2_000, last - 1_000, last]);
  t.ok(lost.every(({ status }) => status?.reason === 'NeverReported'));
});
