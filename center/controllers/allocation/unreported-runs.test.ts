// A run that was claimed and never reported blocks its slot at a change of owner, and not for ever.
import t from 'tap';
import { claimBatch, readTriggerRecord } from '../../../coordination/index.js';
import { API_VERSION, type Cluster, type Run, runUid } from '../../../manifests/index.js';
import { agent, apply, center, eventually, layout, report, task, world } from '../../../test/support/leading-center.js';

t.setTimeout(300_000);

const LOST_AFTER_MS = 3000;

t.test('after a silent owner only an unreported run blocks: until lostAfter, then it is Lost', async (t) => {
  const w = await world(t);
  const lostAfter = `${LOST_AFTER_MS / 1000}s`;
  const cluster: Cluster = {
    ...{ apiVersion: API_VERSION, kind: 'Cluster', metadata: { name: 'default' }, spec: { lostAfter } },
  };
  await w.store.apply([cluster], { user: 'test' });
  const { controllers } = await center(w, 'c1');
  const a1 = await agent(w, 'a1');
  await controllers.start(w.signal);
  const schedules = [{ name: 'default', every: '1s' }];
  const [unreported, ended, overlapping, moved] = await apply(
    w,
    ...[task('unreported', { schedules }), task('ended', { schedules })],
    ...[task('overlapping', { schedules, concurrencyPolicy: 'Allow' }), task('moved', { schedules })],
  );
  await a1.owns(4);
  const a2 = await agent(w, 'a2');
  const pathOf = (uid: string) => layout.trigger(uid, '');
  const read = async (uid: string) => (await readTriggerRecord(a2.session.current, pathOf(uid)))!;
  const point = Math.ceil(Date.now() / 1000) * 1000;
  for (const of of [unreported!, ended!, overlapping!, moved!]) {
    const { record, version } = await read(of.metadata.uid);
    const cursor = of === moved ? point + 1 : point; // as an edit or a resume puts it
    const claimed = { ...record, cursor, attempt: 1, claimId: 'by-a1' };
    const [result] = await claimBatch(a1.session.current, [
      { path: pathOf(of.metadata.uid), record: claimed, version },
    ]);
    if (result instanceof Error) throw result;
  }
  await w.store.acceptReports('a1', [report(ended!, point, 'Succeeded')]);
  const goneAt = performance.now();
  await a1.membership.stop();
  w.server.expireSession(a1.session.current.session!.id);
  await a2.owns(4);

  const uid = runUid({ taskUid: unreported!.metadata.uid, slot: '', point });
  t.match((await read(unreported!.metadata.uid)).record, { owner: 'a2', blockedBy: uid });
  for (const of of [ended!, overlapping!, moved!]) {
    t.match((await read(of.metadata.uid)).record, { owner: 'a2', blockedBy: null }, of.metadata.name);
  }
  // From now on nobody who is left has anything more to report.
  const heartbeatTime = new Date(point + 60_000).toISOString();
  await w.store.heartbeat('a2', { cluster: 'default' }, {}, { heartbeatTime, spoolBytes: 0, pendingReports: 0 });
  await eventually(w, async () => (await read(unreported!.metadata.uid)).record.blockedBy === null || undefined);
  t.ok(performance.now() - goneAt >= LOST_AFTER_MS, 'the missing row is not taken for an end');
  const lost = await eventually(w, async () => {
    const run = await w.store.getByUid<Run>('Run', uid);
    return run?.status?.state === 'Lost' ? run : undefined;
  });
  t.match(lost.status, { reason: 'NeverReported' });
  t.match((await read(unreported!.metadata.uid)).record, { owner: 'a2', blockedBy: null, cursor: point });
});

t.test(
  'of a run that is open and one that was claimed behind it, the later one blocks first, then the other',
  async (t) => {
    const w = await world(t);
    const { controllers } = await center(w, 'c1');
    const a1 = await agent(w, 'a1');
    await controllers.start(w.signal);
    const [created] = await apply(w, task('both', { schedules: [{ name: 'default', every: '1s' }] }));
    await a1.owns(1);
    const a2 = await agent(w, 'a2');
    const { uid } = created!.metadata;
    const path = layout.trigger(uid, '');
    const read = async () => (await readTriggerRecord(a2.session.current, path))!;
    const earlier = Math.ceil(Date.now() / 1000) * 1000;
    const later = earlier + 1000;
    const { record, version } = await read();
    const claimed = { ...record, cursor: later, attempt: 1, claimId: 'by-a1' };
    const [result] = await claimBatch(a1.session.current, [{ path, record: claimed, version }]);
    if (result instanceof Error) throw result;
    await w.store.acceptReports('a1', [report(created!, earlier, 'Running')]);
    await a1.membership.stop();
    w.server.expireSession(a1.session.current.session!.id);
    await a2.owns(1);
    const run = (point: number) => runUid({ taskUid: uid, slot: '', point });
    t.match((await read()).record, { owner: 'a2', blockedBy: run(later) });
    const blocked = (by: string | null) =>
      eventually(w, async () => (await read()).record.blockedBy === by || undefined);
    await w.store.acceptReports('a1', [{ ...report(created!, later, 'Skipped'), attempt: 0, attempts: [] }]);
    await blocked(run(earlier));
    await w.store.acceptReports('a1', [report(created!, earlier, 'Succeeded')]);
    await blocked(null);
  },
);

t.test('so does one that was claimed before an edit, though the schedules of now do not yield it', async (t) => {
  const w = await world(t);
  const { controllers } = await center(w, 'c1');
  const a1 = await agent(w, 'a1');
  await controllers.start(w.signal);
  const [created] = await apply(w, task('edited', { schedules: [{ name: 'default', every: '1s' }] }));
  await a1.owns(1);
  const a2 = await agent(w, 'a2');
  const { uid } = created!.metadata;
  const path = layout.trigger(uid, '');
  const read = async () => (await readTriggerRecord(a2.session.current, path))!;
  const { record, version } = await read();
  const point = Math.floor(record.cursor / 1000) * 1000 + 1000;
  const claimed = { ...record, cursor: point, attempt: 1, claimId: 'by-a1' };
  const [result] = await claimBatch(a1.session.current, [{ path, record: claimed, version }]);
  if (result instanceof Error) throw result;
  await apply(w, task('edited', { schedules: [{ name: 'default', cron: '0 0 29 2 *' }] }));
  await eventually(w, async () => (await w.store.owedPoints(1)).length > 0 || undefined);
  await a1.membership.stop();
  w.server.expireSession(a1.session.current.session!.id);
  await a2.owns(1);
  t.match((await read()).record, { owner: 'a2', blockedBy: runUid({ taskUid: uid, slot: '', point }) });
  await w.store.acceptReports('a1', [report(created!, point, 'Succeeded')]);
  await eventually(w, async () => (await read()).record.blockedBy === null || undefined);
});
