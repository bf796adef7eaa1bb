// Lost replies between a leader and a real server: what was written counts, whether or not the leader was told.
import t from 'tap';
import { silentLogger } from '../../../base/index.js';
import { CoordinationError, type Coordinator, claimBatch, readTriggerRecord } from '../../../coordination/index.js';
import { agent, clock, layout, type World, world } from '../../../test/support/leading-center.js';
import type { Leadership } from '../leadership.js';
import { RecordWriter } from './apply-records.js';
import { RecordCache } from './record-cache.js';
import type { RecordUpdate } from './types.js';

/** Three transactions. */
const RECORDS = 120;

/** The coordinator, but `lost` says of each multi whether its reply is lost on the way, before or after the commit. */
function losing(coordinator: Coordinator, lost: () => 'request' | 'reply' | undefined): Coordinator {
  return new Proxy(coordinator, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (property === 'multi') {
        return async (...operations: Parameters<Coordinator['multi']>) => {
          const what = lost();
          if (what !== 'request') await target.multi(...operations);
          if (what !== undefined) throw new CoordinationError('unknown', 'multi');
        };
      }
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

async function writerWith(w: World, lost: () => 'request' | 'reply' | undefined) {
  const { session } = await agent(w, 'a1');
  const coordinator = losing(session.current, lost);
  await coordinator.ensurePath(layout.epoch);
  const epoch = (await coordinator.exists(layout.epoch))!.version;
  const leadership: Leadership = {
    ...{ session, coordinator, layout, epoch, fence: { epoch }, store: w.store, clock, log: silentLogger },
    ...{ signal: w.signal, failed: () => undefined },
  };
  return new RecordWriter(leadership, new RecordCache());
}

const names = Array.from({ length: RECORDS }, (_, i) => `task-${i}`);
const creates = names.map((taskUid) => ({
  ...{ kind: 'create' as const, name: taskUid, taskUid, slot: '', owner: 'a1', revision: 1, suspended: false },
  cursor: 1000,
}));
const updates = names.map((taskUid): RecordUpdate => {
  const from = { taskUid, slot: '', owner: 'a1', ownerEpoch: 1, revision: 1, suspended: false, blockedBy: null };
  return { kind: 'update', name: taskUid, taskUid, slot: '', from, to: { ...from, revision: 2 } };
});

for (const what of ['reply', 'request'] as const) {
  t.test(`one of three transactions loses its ${what}: each jump is told once`, async (t) => {
    const w = await world(t);
    let multis = 0;
    let armed = false;
    const writer = await writerWith(w, () => (armed && ++multis === 2 ? what : undefined));
    await writer.create(creates);
    armed = true;
    await t.rejects(
      writer.update(updates, () => 5000),
      'the outcome is unknown',
    );
    await writer.update(updates, () => 7000);
    const jumps = writer.jumps.splice(0);
    t.same(jumps.map(({ update }) => update.name).sort(), [...names].sort());
    const late = jumps.filter(({ to }) => to === 7000);
    t.equal(late.length, what === 'reply' ? 0 : 49, 'moved by the second try only where the first did not arrive');
    t.ok(jumps.every(({ from }) => from === 1000));
    await writer.update(updates, () => 9000);
    t.same(writer.jumps, [], 'nothing is told twice');
  });
}

t.test('an update that was concluded from one version of a record does not touch another', async (t) => {
  const w = await world(t);
  const writer = await writerWith(w, () => undefined);
  await writer.create(creates.slice(0, 2));
  const { session } = await agent(w, 'a2');
  const path = layout.trigger(names[0]!, '');
  const { record, version } = (await readTriggerRecord(session.current, path))!;
  const [result] = await claimBatch(session.current, [
    { path, version, record: { ...record, cursor: 2000, attempt: 1, claimId: 'c' } },
  ]);
  if (result instanceof Error) throw result;
  const moved = updates
    .slice(0, 2)
    .map((update) => ({ ...update, to: { ...update.from, owner: 'a2', ownerEpoch: 2 }, version }));
  t.same(await writer.update(moved, () => undefined), { writes: 1, surprises: 1 });
  t.match((await readTriggerRecord(session.current, path))?.record, { owner: 'a1', claimId: 'c' });
});
