// The leader's part of the restore guard. A restored coordination is made up here: what a backup would have is written into it.
import t from 'tap';
import {
  encodeRegistration,
  encodeTriggerRecord,
  readCheckpoint,
  readGuard,
  readTriggerRecord,
} from '../../../coordination/index.js';
import { type Event, runUid } from '../../../manifests/index.js';
import { apply, center, eventually, layout, report, task, world } from '../../../test/support/leading-center.js';

t.test('coordination that lies back is brought to what the store knows', async (t) => {
  const w = await world(t);
  const first = await center(w, 'c1');
  await first.controllers.start(w.signal);
  const [x, y] = await apply(w, task('x'), task('y'));
  const { current } = first.session;
  const record = (uid: string) => readTriggerRecord(current, layout.trigger(uid, ''));
  const [uidX, uidY] = [x!.metadata.uid, y!.metadata.uid];
  await eventually(w, async () => (await record(uidX)) && (await record(uidY)));
  const checkpoint = await eventually(w, async () => readCheckpoint(current, layout));
  await first.controllers.stop();

  const point = Date.now() - 1000;
  await w.store.acceptReports('elsewhere', [report(x!, point, 'Running')]);
  const before = (await record(uidX))!;
  const old = { ...before.record, owner: 'here', cursor: point - 5000 };
  await current.setData(layout.trigger(uidX, ''), encodeTriggerRecord(old), before.version);
  await current.delete(layout.trigger(uidY, ''), (await record(uidY))!.version);
  const backup = Buffer.from(JSON.stringify({ number: 0, mark: 'older', resourceVersion: 0 }));
  await current.setData(layout.checkpoint, backup, (await readCheckpoint(current, layout))!.version);

  const second = await center(w, 'c2');
  const synced = second.controllers.events.next('synced', () => true, w.signal);
  await second.controllers.start(w.signal);
  await synced;
  const after = (await record(uidX))!.record;
  t.equal(after.cursor, point, 'the newest row');
  t.equal(after.blockedBy, runUid({ taskUid: uidX, slot: '', point }), 'its run goes on elsewhere (rule R8)');
  t.ok((after.retried?.forgottenUpTo ?? 0) > point, 'which retries were claimed is not known any more');
  t.ok(await record(uidY), 'a missing record is made');
  t.match((await readGuard(current, layout))?.value, { restores: 1, state: 'open' });
  t.ok((await readCheckpoint(current, layout))!.value.number > checkpoint.value.number, 'numbers are not used twice');
  t.match(await w.store.restores.found(), [{ what: 'coordination' }]);
  const cluster = await w.store.get({ kind: 'Cluster', namespace: '', name: 'default' });
  const { conditions } = cluster!.status as { conditions: { type: string; status: string }[] };
  t.match(
    conditions.find(({ type }) => type === 'RestoreGuard'),
    { status: 'False', reason: 'RestoreSettled' },
  );
});

/** Who was heard of when says nothing in a store that was restored, too: it is as of the backup. */
const HEARD = { lately: 0, 'long before the backup, as a restored store has it': 600_000 };

for (const [heard, ago] of Object.entries(HEARD)) {
  t.test(`an agent that was set up anew, heard of ${heard}: what ran on it does not run again`, async (t) => {
    const w = await world(t);
    const first = await center(w, 'c1');
    await first.controllers.start(w.signal);
    const [x] = await apply(w, task('x'));
    await w.store.heartbeat(
      'a1',
      { cluster: 'default' },
      {},
      { heartbeatTime: new Date(Date.now() - ago).toISOString() },
    );
    const { current } = first.session;
    const path = layout.trigger(x!.metadata.uid, '');
    const before = await eventually(w, () => readTriggerRecord(current, path));
    await eventually(w, async () => readCheckpoint(current, layout));
    await first.controllers.stop();
    const begun = Date.now();
    const old = { ...before.record, cursor: begun - 60_000 };
    await current.setData(path, encodeTriggerRecord(old), (await readTriggerRecord(current, path))!.version);
    await current.delete(layout.checkpoint, (await readCheckpoint(current, layout))!.version);
    // It has seen a later checkpoint than the store knows, which was restored then.
    const remembers = ago === 0 ? {} : { remembers: 1_000 };
    const anew = { since: begun + 10_000, raised: 'whatever it is asked', ...remembers };
    const registration = { incarnation: 'i', bootId: 'b', cluster: 'default', labels: {}, hostname: 'h' };
    const data = encodeRegistration({ ...registration, version: '', tzdata: '', holdUntil: null, ...anew });
    await current.create(layout.agent('a1'), data, 'ephemeral');

    const second = await center(w, 'c2');
    const synced = second.controllers.events.next('synced', () => true, w.signal);
    await second.controllers.start(w.signal);
    await synced;
    t.ok((await readTriggerRecord(current, path))!.record.cursor >= begun, 'its tasks start from now on only');
    const { items } = await w.store.list<Event>('Event');
    t.match(
      items.map(({ spec }) => spec.message).filter((message) => message.startsWith('tasks start again')),
      [/those of clusters default only from now on: nobody could say what ran on a1/],
    );
  });
}

t.test('a leader whose epoch the store has seen before brings coordination up to it', async (t) => {
  const w = await world(t);
  await w.store.raiseEpoch(120);
  const { controllers, session } = await center(w, 'c1');
  const synced = controllers.events.next('synced', () => true, w.signal);
  await controllers.start(w.signal);
  t.ok((await synced).epoch > 120);
  const epoch = await session.current.exists(layout.epoch);
  t.equal(await w.store.restores.epoch(), epoch?.version);
});

t.test('a record of a task that nobody deleted is kept, until an operator says that it is gone', async (t) => {
  const w = await world(t);
  const { controllers, session } = await center(w, 'c1', { sweepMs: 300 });
  await controllers.start(w.signal);
  const uid = 'f0000000-0000-4000-8000-000000000000';
  const path = layout.trigger(uid, '');
  const alive = {
    ...{ owner: 'a1', ownerEpoch: 3, revision: 2, suspended: false, cursor: 5, attempt: 1, claimId: 'c' },
    blockedBy: null,
  };
  await session.current.ensurePath(path.slice(0, path.lastIndexOf('/')));
  await session.current.create(path, encodeTriggerRecord(alive));
  const kept = await eventually(w, async () => {
    const found = await readTriggerRecord(session.current, path);
    return found?.record.suspended ? found : undefined;
  });
  t.match(kept.record, { owner: null, suspended: true, cursor: 5, revision: 2 });
  await eventually(w, async () => {
    const { items } = await w.store.list('Event');
    return items.find((event) => JSON.stringify(event).includes(uid));
  });
  // Several sweeps later it is still there.
  const plans = () => controllers.counters.allocation.plans;
  const seen = plans();
  await eventually(w, async () => (plans() > seen + 3 ? true : undefined));
  t.ok(await readTriggerRecord(session.current, path));

  const forgotten = new Date(kept.mtime).toISOString();
  const spec = { lostAfter: '5m', unknownTasksForgottenTime: forgotten };
  await w.store.apply([{ apiVersion: 'cloudtask.dev/v1', kind: 'Cluster', metadata: { name: 'default' }, spec }], {
    user: 'test',
  });
  await eventually(w, async () => ((await readTriggerRecord(session.current, path)) === undefined ? true : undefined));
  t.pass('gone');
});
