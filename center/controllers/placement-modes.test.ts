// Tasks with several slots under real centers, a real store and a real coordination server.
import t from 'tap';
import { claimBatch, readTriggerRecord } from '../../coordination/index.js';
import { API_VERSION, type Run, runUid, type Task } from '../../manifests/index.js';
import { agent, apply, center, eventually, layout, task, taskWith, world } from '../../test/support/leading-center.js';

t.setTimeout(300_000);

const slotsOf = ({ status }: Task) => (status?.allocations ?? []).map(({ slot, agent }) => `${slot}@${agent}`);

async function recordOf(owner: Awaited<ReturnType<typeof agent>>, of: Task, slot: string) {
  return readTriggerRecord(owner.session.current, layout.trigger(of.metadata.uid!, slot));
}

t.test('shards: spread, only those of a dead agent move, another number ends and begins some', async (t) => {
  const w = await world(t);
  const { controllers } = await center(w, 'c1');
  const agents = [await agent(w, 'a1'), await agent(w, 'a2'), await agent(w, 'a3')];
  await controllers.start(w.signal);
  const spec = { schedules: [{ name: 'default', every: '1s' }] };
  await apply(w, task('s', { ...spec, placement: { mode: 'Shards', shards: 6 } }));
  await Promise.all(agents.map(({ owns }) => owns(2)));
  const ready = await taskWith(w, 's', ({ status }) => status?.allocations?.length === 6 && status.state === 'Active');
  const before = slotsOf(ready);

  w.server.expireSession(agents[0]!.session.current.session!.id);
  await agents[0]!.membership.stop();
  await Promise.all(agents.slice(1).map(({ owns }) => owns(3)));
  const moved = await taskWith(w, 's', (found) => !slotsOf(found).some((slot) => slot.endsWith('@a1')));
  const stayed = before.filter((slot) => !slot.endsWith('@a1'));
  t.same(
    slotsOf(moved).filter((slot) => stayed.includes(slot)),
    stayed,
    'shards of others stay',
  );

  const old = await recordOf(agents[1]!, moved, '5');
  const point = old!.record.cursor - (old!.record.cursor % 1000) + 1000;
  await eventually(w, async () => (Date.now() > point ? true : undefined));
  const [fewer] = await apply(w, task('s', { ...spec, placement: { mode: 'Shards', shards: 3 } }));
  await taskWith(w, 's', (found) => slotsOf(found).length === 3 && found.status?.observedGeneration === 2);
  await eventually(w, async () => ((await recordOf(agents[1]!, fewer!, '5')) === undefined ? true : undefined));
  // Nobody ran anything here: what was due and not consumed when the shard ended is told as Missed.
  const missed = await eventually(w, async () =>
    w.store.getByUid<Run>('Run', runUid({ taskUid: fewer!.metadata.uid, slot: '5', point })),
  );
  t.match(missed, { spec: { slot: '5' }, status: { state: 'Missed', reason: 'SpecChanged' } });
  t.match(missed.spec.group, /^s-/);

  const editedAt = Date.now();
  const [more] = await apply(w, task('s', { ...spec, placement: { mode: 'Shards', shards: 4 } }));
  await taskWith(w, 's', (found) => slotsOf(found).length === 4);
  const fresh = await recordOf(agents[1]!, more!, '3');
  t.ok(fresh!.record.cursor >= editedAt, 'a shard that is added has no past');
  t.equal(await w.store.auditedUpTo(more!.metadata.uid, '3'), fresh!.record.cursor, 'and the audit knows it');
});

t.test('EveryAgent: a slot per agent; join, away, drain, deleted', async (t) => {
  const w = await world(t);
  const { controllers } = await center(w, 'c1');
  const [a1, a2] = [await agent(w, 'a1'), await agent(w, 'a2')];
  await controllers.start(w.signal);
  const [every] = await apply(w, task('e', { placement: { mode: 'EveryAgent' } }), task('plain'));
  const both = await taskWith(w, 'e', ({ status }) => status?.allocations?.length === 2 && status.state === 'Active');
  t.same(slotsOf(both), ['a1@a1', 'a2@a2']);

  const joinedAt = Date.now();
  const a3 = await agent(w, 'a3');
  await taskWith(w, 'e', (found) => slotsOf(found).includes('a3@a3'));
  const { record } = (await recordOf(a3, every!, 'a3'))!;
  t.ok(record.owner === 'a3' && record.cursor >= joinedAt, 'nothing of the past for an agent that joins');

  const cursor = (await recordOf(a1!, every!, 'a2'))!.record.cursor;
  w.server.expireSession(a2!.session.current.session!.id);
  await a2!.membership.stop();
  const without = await taskWith(w, 'e', (found) => !slotsOf(found).includes('a2@a2'));
  t.match(without.status, { state: 'Active' }, 'an agent that is away does not degrade the task');
  t.match(await recordOf(a1!, every!, 'a2'), { record: { owner: 'a2', cursor, ownerEpoch: 1 } }, 'its slot waits');

  const drained = async (name: string, drain: boolean) =>
    w.store.update(
      { kind: 'Agent', namespace: '', name },
      (found) => {
        const { drain: _, ...spec } = (found as { spec: { drain?: string } }).spec;
        return { ...found, spec: drain ? { ...spec, drain: 'WaitForRuns' } : spec } as typeof found;
      },
      { user: 'test' },
    );
  await drained('a1', true);
  await taskWith(w, 'e', (found) => !slotsOf(found).includes('a1@a1'));
  t.match(await recordOf(a3, every!, 'a1'), { record: { owner: null } }, 'a drained agent gets no time points');
  await drained('a1', false);
  await taskWith(w, 'e', (found) => slotsOf(found).includes('a1@a1'));

  await w.store.delete({ kind: 'Agent', namespace: '', name: 'a2' }, { user: 'test' });
  await eventually(w, async () => {
    return (await recordOf(a3, every!, 'a2')) === undefined ? true : undefined;
  });
  t.equal((await taskWith(w, 'plain', ({ status }) => status?.state === 'Active')).status?.allocations?.length, 1);
});

t.test('what a shard had claimed when it ended is still accounted for, and so is that of the others', async (t) => {
  const w = await world(t);
  const cluster = { kind: 'Cluster', metadata: { name: 'default' }, spec: { lostAfter: '1s' } } as const;
  await w.store.apply([{ apiVersion: API_VERSION, ...cluster }], { user: 'test' });
  const { controllers } = await center(w, 'c1');
  const a1 = await agent(w, 'a1');
  await controllers.start(w.signal);
  const spec = { schedules: [{ name: 'default', every: '1s' }] };
  const shards = (count: number) => ({ ...spec, placement: { mode: 'Shards' as const, shards: count } });
  const [edited, steady] = await apply(w, task('s', shards(2)), task('steady', shards(2)));
  await a1.owns(4);
  const uids: [slot: string, uid: string][] = [];
  for (const of of [edited!, steady!]) {
    const found = (await recordOf(a1, of, '1'))!;
    const point = Math.floor(found.record.cursor / 1000) * 1000 + 1000;
    const record = { ...found.record, cursor: point, attempt: 1, claimId: `by-a1-${of.metadata.name}` };
    const path = layout.trigger(of.metadata.uid, '1');
    const [result] = await claimBatch(a1.session.current, [{ path, version: found.version, record }]);
    if (result instanceof Error) throw result;
    uids.push(['1', runUid({ taskUid: of.metadata.uid, slot: '1', point })]);
  }
  await apply(w, task('s', shards(1)));
  await taskWith(w, 's', (found) => slotsOf(found).length === 1);
  await a1.membership.stop();
  w.server.expireSession(a1.session.current.session!.id);
  for (const [slot, uid] of uids) {
    const lost = await eventually(w, async () => w.store.getByUid<Run>('Run', uid));
    t.match(lost, { spec: { slot }, status: { state: 'Lost', reason: 'NeverReported' } });
  }
});

t.test('fewer agents than shards, and one of them goes while nothing may move: the others are served', async (t) => {
  const w = await world(t);
  const brake = (massLoss: object) =>
    w.store.apply([{ apiVersion: API_VERSION, kind: 'Cluster', metadata: { name: 'default' }, spec: { massLoss } }], {
      user: 'test',
    });
  await brake({ minAgents: 1, percent: 10, window: '60s', holdFor: '10m' });
  const { controllers } = await center(w, 'c1');
  const [a1, a2] = [await agent(w, 'a1'), await agent(w, 'a2')];
  await controllers.start(w.signal);
  await apply(w, task('s', { placement: { mode: 'Shards', shards: 5 } }));
  const served = await taskWith(w, 's', ({ status }) => status?.allocations?.length === 5 && status.state === 'Active');
  const before = slotsOf(served);
  const countOf = (name: string) => before.filter((slot) => slot.endsWith(`@${name}`)).length;
  t.same([countOf('a1'), countOf('a2')].sort(), [2, 3]);

  w.server.expireSession(a2!.session.current.session!.id);
  await a2!.membership.stop();
  const partly = await taskWith(w, 's', ({ status }) => status?.state === 'Degraded');
  t.match(
    partly.status?.conditions?.find(({ type }) => type === 'Ready'),
    {
      ...{ status: 'False', reason: 'SlotsUnserved', message: 'not every shard has an agent that is registered' },
    },
  );
  t.same(slotsOf(partly), before, 'nothing has moved');
  t.ok(partly.status?.nextTime, 'the others run on');
  t.equal((await a1!.owns(countOf('a1'))).length, countOf('a1'));

  await brake({ minAgents: 10, percent: 10, window: '60s', holdFor: '10m' });
  const moved = await taskWith(w, 's', ({ status }) => status?.state === 'Active');
  t.same(
    slotsOf(moved),
    before.map((slot) => slot.replace('@a2', '@a1')),
    'those of the dead one are with the other',
  );
  for (const [slot, owner] of before.map((one) => one.split('@') as [string, string])) {
    const { record } = (await recordOf(a1!, moved, slot))!;
    t.equal(record.ownerEpoch, owner === 'a1' ? 1 : 2, `shard ${slot}`);
  }
});
