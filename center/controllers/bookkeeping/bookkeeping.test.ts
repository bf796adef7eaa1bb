// What only the leader can say: Lost runs, time points that nobody reported, agents that come and go, limits of the past.
import t from 'tap';
import { claimBatch, readTriggerRecord } from '../../../coordination/index.js';
import { type Agent, API_VERSION, type Cluster, type Run } from '../../../manifests/index.js';
import {
  agent,
  apply,
  center,
  eventually,
  layout,
  report,
  task,
  taskWith,
  world,
} from '../../../test/support/leading-center.js';

t.setTimeout(300_000);

const cluster = (lostAfter: string): Cluster => ({
  ...{ apiVersion: API_VERSION, kind: 'Cluster', metadata: { name: 'default' }, spec: { lostAfter } },
});

t.test(
  'a silent agent: its open run and a consumed time point without a row become Lost; late truth stands',
  async (t) => {
    const w = await world(t);
    await w.store.apply([cluster('1s')], { user: 'test' });
    const { controllers } = await center(w, 'c1');
    const a1 = await agent(w, 'a1');
    const a2 = await agent(w, 'a2');
    const heartbeatTime = () => new Date().toISOString();
    await w.store.heartbeat('a1', { cluster: 'default' }, {}, { heartbeatTime: heartbeatTime(), pendingReports: 0 });
    await controllers.start(w.signal);
    const [created] = await apply(
      w,
      task('t', { schedules: [{ name: 'default', every: '1s' }], placement: { agents: ['a1'] } }),
    );
    await a1.owns(1);
    const path = layout.trigger(created!.metadata.uid, '');
    const found = (await readTriggerRecord(a1.session.current, path))!;
    const first = Math.floor(found.record.cursor / 1000) * 1000 + 1000;
    const cursor = first + 2000;
    const claim = { path, version: found.version, record: { ...found.record, cursor, attempt: 1, claimId: 'x' } };
    await claimBatch(a1.session.current, [claim]);
    // Of three time points one has a whole row, one an open run, one nothing.
    await w.store.acceptReports('a1', [
      report(created!, first, 'Succeeded'),
      report(created!, first + 1000, 'Running'),
    ]);
    await a1.membership.stop();
    await a2.membership.leave();
    w.server.expireSession(a1.session.current.session!.id);
    const runs = await eventually(w, async () => {
      const { items } = await w.store.list<Run>('Run', {});
      return items.filter(({ status }) => status?.state === 'Lost').length === 2 ? items : undefined;
    });
    const at = (time: number) => runs.find(({ spec }) => Date.parse(spec.scheduledTime ?? '') === time);
    t.match(at(first)?.status, { state: 'Succeeded' });
    t.match(at(first + 1000)?.status, { state: 'Lost', reason: 'AgentSilent', agent: 'a1' });
    t.match(at(cursor)?.status, { state: 'Lost', reason: 'NeverReported' });
    t.equal(runs.length, 3);
    await eventually(w, async () => {
      return (await w.store.auditedUpTo(created!.metadata.uid, '')) === cursor ? true : undefined;
    });
    await w.store.acceptReports('a1', [
      report(created!, first + 1000, 'Succeeded'),
      report(created!, cursor, 'Failed'),
    ]);
    const after = (await w.store.list<Run>('Run', {})).items.map(({ status }) => status?.state).sort();
    t.same(after, ['Failed', 'Succeeded', 'Succeeded'], 'the agent came back and knew better');
    t.same(controllers.counters.bookkeeping.lostRuns, 1);
    t.same(controllers.counters.bookkeeping.auditFindings, 1);
  },
);

t.test('the end of a suspension shows, and nothing is written into the record', async (t) => {
  const w = await world(t);
  const { controllers } = await center(w, 'c1');
  const a1 = await agent(w, 'a1');
  await controllers.start(w.signal);
  const end = Math.ceil(Date.now() / 1000) * 1000 + 3_000;
  const suspendUntil = new Date(end).toISOString();
  const [created] = await apply(w, task('t', { schedules: [{ name: 'default', every: '1s' }], suspendUntil }));
  await a1.owns(1);
  const read = async () => (await readTriggerRecord(a1.session.current, layout.trigger(created!.metadata.uid, '')))!;
  const before = await read();
  t.match(before.record, { suspended: false, suspendedUntil: end });
  const active = await taskWith(w, 't', ({ status }) => status?.state === 'Active');
  t.ok(Date.now() >= end, 'not before');
  const suspended = active.status?.conditions?.find(({ type }) => type === 'Suspended');
  t.match(suspended, { status: 'False', reason: 'NotSuspended' });
  t.equal((await read()).version, before.version);
});

t.test('while an agent lives, a missing row is waited for', async (t) => {
  const w = await world(t);
  await w.store.apply([cluster('1s')], { user: 'test' });
  const { controllers } = await center(w, 'c1');
  const a1 = await agent(w, 'a1');
  await controllers.start(w.signal);
  const [created] = await apply(w, task('t', { schedules: [{ name: 'default', every: '1s' }] }));
  await a1.owns(1);
  const path = layout.trigger(created!.metadata.uid, '');
  const found = (await readTriggerRecord(a1.session.current, path))!;
  const cursor = Math.floor(found.record.cursor / 1000) * 1000 + 2000;
  const claim = { path, version: found.version, record: { ...found.record, cursor, attempt: 1, claimId: 'x' } };
  await claimBatch(a1.session.current, [claim]);
  await w.store.acceptReports('a1', [report(created!, cursor - 1000, 'Succeeded')]);
  await eventually(w, async () => {
    return (await w.store.auditedUpTo(created!.metadata.uid, '')) === cursor - 1000 ? true : undefined;
  });
  t.equal(controllers.counters.bookkeeping.auditFindings, 0);
  t.equal((await w.store.list<Run>('Run', {})).items.length, 1);
});

t.test('logs that wait do not hold the audit up, reports that wait do', async (t) => {
  const w = await world(t);
  await w.store.apply([cluster('4s')], { user: 'test' });
  const { controllers } = await center(w, 'c1');
  const a1 = await agent(w, 'a1');
  const [created] = await apply(w, task('t', { schedules: [{ name: 'default', every: '1s' }] }));
  const heartbeatTime = new Date(Date.now() + 60_000).toISOString();
  const beat = (spoolBytes: number, pendingReports: number, more = {}) =>
    w.store.heartbeat('a1', { cluster: 'default' }, {}, { heartbeatTime, spoolBytes, pendingReports, ...more });
  await beat(0, 1);
  await controllers.start(w.signal);
  await a1.owns(1);
  const { uid } = created!.metadata;
  const path = layout.trigger(uid, '');
  const found = (await readTriggerRecord(a1.session.current, path))!;
  // Both time points are older than lostAfter.
  const cursor = Math.floor(found.record.cursor / 1000) * 1000 - 9_000;
  await w.store.setAuditedUpTo([{ taskUid: uid, slot: '', upTo: cursor - 2000 }], {
    epoch: controllers.counters.epoch,
  });
  const claim = { path, version: found.version, record: { ...found.record, cursor, attempt: 1, claimId: 'x' } };
  await claimBatch(a1.session.current, [claim]);
  const audited = () => controllers.events.next('round', ({ name }) => name === 'audit', w.signal);
  await audited();
  t.equal(controllers.counters.bookkeeping.auditFindings, 0, 'a report waits');
  // A busy agent has always some that wait; those are of later time points.
  await beat(1_000_000, 5, { oldestReportTime: heartbeatTime });
  await audited();
  t.equal(controllers.counters.bookkeeping.auditFindings, 0, 'old, but just consumed: its report may be on the way');
  await eventually(w, async () => ((await w.store.auditedUpTo(uid, '')) === cursor ? true : undefined));
  t.equal(controllers.counters.bookkeeping.auditFindings, 2, 'only logs wait');
  // The agent knew better after all.
  await w.store.acceptReports('a1', [
    { ...report(created!, cursor, 'Missed'), reason: 'RunOnce', attempt: 0, attempts: [] },
  ]);
  const [latest] = (await w.store.list<Run>('Run', {})).items;
  t.match(latest?.status, { state: 'Missed', reason: 'RunOnce' });
});

t.test('agents: Ready and NotReady follow the registration; clusters count', async (t) => {
  const w = await world(t);
  const { controllers } = await center(w, 'c1');
  await controllers.start(w.signal);
  const a1 = await agent(w, 'a1');
  await w.store.heartbeat('a1', { cluster: 'default' }, {}, { running: 2, hostname: 'h1' });
  const stateOf = (state: string) =>
    eventually(w, async () => {
      const object = await w.store.get<Agent>({ kind: 'Agent', namespace: '', name: 'a1' });
      return object?.status?.state === state ? object : undefined;
    });
  const ready = await stateOf('Ready');
  t.match(ready.status, { hostname: 'h1', conditions: [{ type: 'Ready', status: 'True', reason: 'Registered' }] });
  const counted = await eventually(w, async () => {
    const object = await w.store.get<Cluster>({ kind: 'Cluster', namespace: '', name: 'default' });
    return object?.status?.running === 2 ? object : undefined;
  });
  t.match(counted.status, { agents: 1, tasks: 0, running: 2 });
  await a1.membership.leave();
  const gone = await stateOf('NotReady');
  t.match(gone.status?.conditions?.[0], {
    type: 'Ready',
    status: 'False',
    reason: 'NotRegistered',
    message: /is gone$/,
  });
  const reasons = await eventually(w, async () => {
    const { items } = await w.store.list('Event', {});
    return items.length >= 2 ? items.map(({ spec }) => (spec as { reason: string }).reason) : undefined;
  });
  t.same(reasons.sort(), ['AgentJoined', 'AgentOffline']);
});

t.test('an agent that reports, and is registered elsewhere', async (t) => {
  const w = await world(t);
  const { controllers } = await center(w, 'c1');
  await controllers.start(w.signal);
  const readyOf = (words: RegExp) =>
    eventually(w, async () => {
      // As if it were a while later.
      const heartbeatTime = new Date(Date.now() + 10_000).toISOString();
      await w.store.heartbeat('a1', { cluster: 'default' }, {}, { heartbeatTime });
      const object = await w.store.get<Agent>({ kind: 'Agent', namespace: '', name: 'a1' });
      const ready = object?.status?.conditions?.find(({ type }) => type === 'Ready');
      return ready !== undefined && words.test(ready.message) ? ready : undefined;
    });
  t.match(await readyOf(/--zookeeper and --root/), { status: 'False', reason: 'NotRegistered' });
  await agent(w, 'a1');
  t.match(await readyOf(/is registered in/), { status: 'True' });
});

t.test('finished runs are kept within the limits, and go when their task is gone', async (t) => {
  const w = await world(t);
  const { controllers } = await center(w, 'c1');
  const a1 = await agent(w, 'a1');
  await controllers.start(w.signal);
  const [created] = await apply(
    w,
    task('t', { schedules: [{ name: 'default', every: '1s' }], history: { runs: 3, age: '90d' } }),
  );
  await a1.owns(1);
  const path = layout.trigger(created!.metadata.uid, '');
  const found = (await readTriggerRecord(a1.session.current, path))!;
  const start = Math.floor(found.record.cursor / 1000) * 1000;
  const points = Array.from({ length: 8 }, (_, i) => start + 1000 * (i + 1));
  const record = { ...found.record, cursor: points.at(-1)!, attempt: 1, claimId: 'x' };
  await claimBatch(a1.session.current, [{ path, version: found.version, record }]);
  await w.store.acceptReports(
    'a1',
    points.map((point) => report(created!, point, 'Succeeded')),
  );
  const left = (count: number) =>
    eventually(w, async () => ((await w.store.list<Run>('Run', {})).items.length === count ? true : undefined));
  await left(3);
  await eventually(w, async () => (controllers.counters.bookkeeping.prunedRuns === 5 ? true : undefined));
  await w.store.delete({ kind: 'Task', namespace: 'default', name: 't' }, { user: 'test' });
  await left(0);
  t.pass('runs of a deleted task follow it');
});

t.test('entries of the audit that are too old go, from the beginning', async (t) => {
  const w = await world(t);
  const audit = { requestId: '', user: 'test', sourceIP: '', verb: 'apply' };
  await w.store.apply([task('a'), task('b')], { user: 'test', audit });
  // Whatever is there when the leader looks is older than its retention, which ends in the future.
  const { controllers } = await center(w, 'c1', { auditRetentionMs: -3_600_000 });
  await controllers.start(w.signal);
  const page = await eventually(w, async () => {
    const read = await w.store.audit.read(0, 10, {});
    return read.entries.length === 0 ? read : undefined;
  });
  t.match(page, { anchor: { sequence: 2 }, head: { sequence: 2 } });
});
