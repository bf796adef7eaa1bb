// The controllers of real centers on a real store and a real coordination server, with agents that register and claim.
import t from 'tap';
import { claimBatch, readTriggerRecord, readTriggerRecords, type TriggerRecord } from '../../coordination/index.js';
import { type Agent, type Run, runUid, type Task } from '../../manifests/index.js';
import {
  agent,
  apply,
  center,
  clock,
  eventually,
  layout,
  report,
  task,
  taskWith,
  world,
} from '../../test/support/leading-center.js';

t.setTimeout(300_000);

t.test('300 tasks on three agents: balanced, in force, in the lists; then not one write more', async (t) => {
  const w = await world(t);
  const { controllers } = await center(w, 'c1');
  const agents = [await agent(w, 'a1'), await agent(w, 'a2'), await agent(w, 'a3')];
  const synced = controllers.events.next('synced');
  await controllers.start(w.signal);
  await synced;
  await apply(w, ...Array.from({ length: 300 }, (_, i) => task(`t${i}`)));
  const lists = await Promise.all(agents.map(({ owns }) => owns(100)));
  t.equal(new Set(lists.flat().map((entry) => entry.taskUid)).size, 300);
  await taskWith(w, 't7', ({ status }) => status?.state === 'Active' && status.observedGeneration === 1);

  const coordinator = agents[0]!.session.current;
  const paths = lists.flat().map((entry) => layout.trigger(entry.taskUid, entry.slot));
  const revs = () =>
    Promise.all(agents.map(async ({ name }) => (await coordinator.exists(layout.allocationRev(name)))?.mzxid));
  const before = { writes: controllers.counters.allocation.writes, revs: await revs() };
  // Agents claim all the time; applying the same again, labels of tasks and heartbeats change nothing either.
  const records = await readTriggerRecords(coordinator, paths);
  const claims = records.map((found, i) => ({
    ...{ path: paths[i]!, version: found!.version },
    record: { ...found!.record, cursor: found!.record.cursor + 1, attempt: 1, claimId: `c${i}` },
  }));
  for (const result of await claimBatch(coordinator, claims)) if (result instanceof Error) throw result;
  await apply(w, ...Array.from({ length: 300 }, (_, i) => task(`t${i}`)));
  for (const { name } of agents) await w.store.heartbeat(name, { cluster: 'default' }, {}, { hostname: name });
  const joined = await agent(w, 'a4');
  await eventually(w, async () => {
    const seen = await w.store.get<Agent>({ kind: 'Agent', namespace: '', name: 'a2' });
    return seen?.status?.state === 'Ready' ? true : undefined;
  });
  t.same({ writes: controllers.counters.allocation.writes, revs: await revs() }, before);
  t.equal(joined.allocation.entries.length, 0, 'a join moves nothing');
  for (const [i, path] of paths.entries()) {
    const found = (await readTriggerRecord(coordinator, path))!;
    if (found.version !== records[i]!.version + 1) t.fail(`${path} was written by somebody else`);
  }
});

t.test(
  'an agent that dies: only its tasks move, cursors kept, open runs block; its return moves nothing',
  async (t) => {
    const w = await world(t);
    const { controllers } = await center(w, 'c1');
    const [a1, a2, a3] = [await agent(w, 'a1'), await agent(w, 'a2'), await agent(w, 'a3')];
    await controllers.start(w.signal);
    const tasks = await apply(
      w,
      ...Array.from({ length: 30 }, (_, i) => task(`t${i}`, i % 2 === 0 ? { concurrencyPolicy: 'Allow' } : {})),
    );
    const lists = await Promise.all([a1!.owns(10), a2!.owns(10), a3!.owns(10)]);
    const coordinator = a2!.session.current;
    const read = async (uid: string) => (await readTriggerRecord(coordinator, layout.trigger(uid, '')))!;
    const dying = lists[0]!.map((entry) => tasks.find(({ metadata }) => metadata.uid === entry.taskUid)!);
    const point = Date.now();
    for (const { metadata } of dying) {
      const found = await read(metadata.uid);
      const claimed = { ...found.record, cursor: point, attempt: 1, claimId: 'by-a1' };
      const [result] = await claimBatch(coordinator, [
        { path: layout.trigger(metadata.uid, ''), record: claimed, version: found.version },
      ]);
      if (result instanceof Error) throw result;
    }
    await w.store.acceptReports(
      'a1',
      dying.map((of) => report(of, point, 'Running')),
    );
    const others = await Promise.all([...lists[1]!, ...lists[2]!].map((entry) => read(entry.taskUid)));

    const moved = controllers.events.next('planApplied', ({ moves }) => moves > 0);
    const killedAt = clock.monotonic();
    w.server.expireSession(a1!.session.current.session!.id);
    await a1!.membership.stop();
    t.equal((await moved).moves, 10);
    await Promise.all([a2!.owns(15), a3!.owns(15)]);
    t.comment(`moved ${Math.round(clock.monotonic() - killedAt)} ms after the session ended`);
    for (const of of dying) {
      const { record } = await read(of.metadata.uid);
      t.match(record, { ownerEpoch: 2, cursor: point, claimId: 'by-a1' });
      const open = runUid({ taskUid: of.metadata.uid, slot: '', point });
      t.equal(record.blockedBy, of.spec.concurrencyPolicy === 'Allow' ? null : open);
    }
    const after = await Promise.all([...lists[1]!, ...lists[2]!].map((entry) => read(entry.taskUid)));
    t.same(after, others, 'nobody else was touched');

    const unblocked = controllers.events.next('planApplied', ({ updates }) => updates > 0);
    await w.store.acceptReports('a1', [
      report(dying.find((of) => of.spec.concurrencyPolicy !== 'Allow')!, point, 'Succeeded'),
    ]);
    t.equal((await unblocked).updates, 1, 'the end of the open run clears its block');
  },
);

t.test('edit, suspend, resume, delete', async (t) => {
  const w = await world(t);
  const { controllers } = await center(w, 'c1');
  const a1 = await agent(w, 'a1');
  await controllers.start(w.signal);
  const [created] = await apply(w, task('edited', { schedules: [{ name: 'default', every: '1s' }] }));
  const { uid } = created!.metadata;
  const path = layout.trigger(uid, '');
  const coordinator = a1.session.current;
  await a1.owns(1);
  const read = async () => (await readTriggerRecord(coordinator, path))!.record;
  t.equal((await read()).cursor, Date.parse(created!.metadata.creationTimestamp));
  const listed = (accept: (entry: { revision: number; suspended: boolean }) => boolean) =>
    a1.allocation.events.next('changed', (entries) => entries.length === 1 && accept(entries[0]!), w.signal);

  // Only the command changes: the cursor stays, nothing is lost.
  const cursor = (await read()).cursor;
  const second = listed((entry) => entry.revision === 2);
  await apply(w, task('edited', { schedules: [{ name: 'default', every: '1s' }], run: { command: ['/bin/false'] } }));
  await second;
  t.match(await read(), { revision: 2, cursor });

  // Suspended: the owner goes on consuming, so the cursor is its own.
  const third = listed((entry) => entry.suspended);
  const suspended = { schedules: [{ name: 'default', every: '1s' }], suspend: true };
  await apply(w, task('edited', suspended));
  await third;
  t.match(await read(), { revision: 3, suspended: true, cursor });
  await taskWith(w, 'edited', ({ status }) => status?.state === 'Suspended');

  // Resumed two time points later, which nobody consumed: they are Skipped, and do not fire.
  const back: TriggerRecord = { ...(await read()), cursor: cursor - 10_000 };
  const version = (await readTriggerRecord(coordinator, path))!.version;
  const [result] = await claimBatch(coordinator, [{ path, record: back, version }]);
  if (result instanceof Error) throw result;
  const fourth = listed((entry) => !entry.suspended);
  const resumedAt = Date.now();
  await apply(w, task('edited', { schedules: [{ name: 'default', every: '1s' }] }));
  await fourth;
  const resumed = await read();
  t.ok(resumed.cursor >= resumedAt, 'time points of the past do not fire');
  const skipped = await eventually(w, async () => {
    const { items } = await w.store.list<Run>('Run', {});
    return items.length >= 10 ? items : undefined;
  });
  t.ok(skipped.every(({ status }) => status?.state === 'Skipped' && status.reason === 'Suspended'));

  // Another schedule: what the old one still owed is Missed.
  const fifth = listed((entry) => entry.revision === 5);
  const versionNow = (await readTriggerRecord(coordinator, path))!.version;
  await claimBatch(coordinator, [{ path, record: { ...resumed, cursor: cursor - 20_000 }, version: versionNow }]);
  await apply(w, task('edited', { schedules: [{ name: 'default', every: '1h' }] }));
  await fifth;
  const missed = await eventually(w, async () => {
    const { items } = await w.store.list<Run>('Run', {});
    const found = items.filter(({ status }) => status?.state === 'Missed');
    return found.length >= 9 ? found : undefined;
  });
  t.ok(missed.every(({ status }) => status?.reason === 'SpecChanged'));

  const removed = controllers.events.next('planApplied', ({ removes }) => removes === 1);
  await w.store.delete({ kind: 'Task', namespace: 'default', name: 'edited' }, { user: 'test' });
  await removed;
  await a1.owns(0);
  t.equal(await coordinator.exists(path), undefined);
});

t.test('placement: selectors, cordon, labels that change, no eligible agent', async (t) => {
  const w = await world(t);
  const { controllers } = await center(w, 'c1');
  const ssd = await agent(w, 'ssd-1', { disk: 'ssd' });
  const hdd = await agent(w, 'hdd-1', { disk: 'hdd' });
  await w.store.heartbeat('hdd-1', { cluster: 'default' }, { disk: 'hdd' }, {});
  await controllers.start(w.signal);
  await w.store.update<Agent>(
    { kind: 'Agent', namespace: '', name: 'hdd-1' },
    (object) => ({ ...object, spec: { ...object.spec, unschedulable: true } }),
    { user: 'test' },
  );
  await apply(w, task('fast', { placement: { selector: { matchLabels: { disk: 'ssd' } } } }), task('any'));
  await ssd.owns(2);
  t.equal(hdd.allocation.entries.length, 0, 'cordoned');
  await apply(w, task('tape', { placement: { agents: ['tape-1'] } }));
  const waiting = await taskWith(w, 'tape', ({ status }) => status?.state === 'Unallocated');
  t.match(waiting.status?.conditions?.[0], { type: 'Ready', status: 'False', reason: 'NoEligibleAgent' });
  const tape = await agent(w, 'tape-1');
  await tape.owns(1);
  await taskWith(w, 'tape', ({ status }) => status?.state === 'Active');
});

t.test('a run on demand goes to the owner of its slot, once', async (t) => {
  const w = await world(t);
  const { controllers } = await center(w, 'c1');
  await controllers.start(w.signal);
  const [created] = await apply(w, task('manual'));
  const run = await w.store.createRun({ taskUid: created!.metadata.uid, trigger: 'Manual', manualId: 'm1', slot: '' });
  await agent(w, 'a1');
  const assigned = await eventually(w, async () => {
    const found = await w.store.getByUid<Run>('Run', run.metadata.uid);
    return found?.status?.agent === undefined ? undefined : found;
  });
  t.match(assigned.status, { state: 'Pending', agent: 'a1' });
});

t.test('the leader dies: the next one has a greater epoch, believes no absence for a session time-out', async (t) => {
  const w = await world(t);
  const first = await center(w, 'c1');
  const second = await center(w, 'c2');
  const [a1, a2] = [await agent(w, 'a1'), await agent(w, 'a2')];
  await first.controllers.start(w.signal);
  await second.controllers.start(w.signal);
  await apply(w, ...Array.from({ length: 10 }, (_, i) => task(`t${i}`)));
  await Promise.all([a1!.owns(5), a2!.owns(5)]);
  const { epoch } = first.controllers.counters;
  t.equal(second.controllers.isLeader, false);

  const elected = second.controllers.events.next('elected');
  const moved = second.controllers.events.next('planApplied', ({ moves }) => moves > 0);
  const deposed = first.controllers.events.next('deposed');
  await a1!.membership.stop();
  w.server.expireSession(a1!.session.current.session!.id);
  w.server.expireSession(first.session.current.session!.id);
  await deposed;
  const { epoch: next } = await elected;
  const electedAt = clock.monotonic();
  t.ok(next > epoch);
  t.equal((await moved).moves, 5);
  const waited = clock.monotonic() - electedAt;
  t.comment(`moved ${Math.round(waited)} ms after the election`);
  await a2!.owns(10);
  await t.rejects(w.store.raiseEpoch(epoch), { code: 'CT_STALE_EPOCH' }, 'the store refuses the old leader too');
});

t.test('a change of the leader does not tell of any task that nobody owns it', async (t) => {
  const w = await world(t);
  const first = await center(w, 'c1');
  const second = await center(w, 'c2');
  const a1 = await agent(w, 'a1');
  await first.controllers.start(w.signal);
  await second.controllers.start(w.signal);
  await apply(w, ...Array.from({ length: 50 }, (_, i) => task(`t${i}`)));
  await a1.owns(50);
  await taskWith(w, 't49', ({ status }) => status?.state === 'Active');
  const states = new Set<string | undefined>();
  w.store.onChange((changes) => {
    for (const { kind, object } of changes) if (kind === 'Task') states.add((object as Task).status?.state);
  });
  const synced = second.controllers.events.next('synced');
  await first.controllers.stop();
  await synced;
  // Deletion is the last thing that is planned: everything before it has been looked at.
  const removed = second.controllers.events.next('planApplied', ({ removes }) => removes === 1);
  await w.store.delete({ kind: 'Task', namespace: 'default', name: 't0' }, { user: 'test' });
  await removed;
  await apply(w, task('t49', { suspend: true }));
  await taskWith(w, 't49', ({ status }) => status?.state === 'Suspended');
  t.notOk(states.has('Unallocated'));
});
