// retry.agent: Other. The slot of a run whose attempt failed moves to an agent that has made none of its attempts, and stays there.
import t from 'tap';
import { claimBatch, readTriggerRecord, type TriggerRecord, withClaimedAttempt } from '../../../coordination/index.js';
import { type Run, type RunReport, runUid, type Task } from '../../../manifests/index.js';
import {
  agent,
  apply,
  center,
  eventually,
  layout,
  report,
  task,
  type World,
  world,
} from '../../../test/support/leading-center.js';

t.setTimeout(300_000);

const OTHER: Partial<Task['spec']> = {
  schedules: [{ name: 'default', every: '1h' }],
  retry: { limit: 5, agent: 'Other' },
};

/** Made by these agents, the last of them failed just now. */
const made = (...agents: string[]): RunReport['attempts'] =>
  agents.map((by, i) => ({ number: i + 1, state: 'Failed', agent: by, endTime: new Date().toISOString() }));

let witnesses = 0;

/** The task on agent a1, where a time point was claimed. */
async function claimedByA1(w: World, spec: Partial<Task['spec']> = OTHER) {
  const { controllers } = await center(w, 'c1');
  const a1 = await agent(w, 'a1');
  await controllers.start(w.signal);
  const [created] = await apply(w, task('t', spec));
  await a1.owns(1);
  const path = layout.trigger(created!.metadata.uid, '');
  const record = async () => (await readTriggerRecord(a1.session.current, path))!;
  const claim = async (change: Partial<TriggerRecord>) => {
    const now = await record();
    const [result] = await claimBatch(a1.session.current, [
      { path, version: now.version, record: { ...now.record, ...change } },
    ]);
    if (result instanceof Error) throw result;
  };
  const point = Math.ceil(Date.now() / 1000) * 1000;
  await claim({ cursor: point, attempt: 1, claimId: 'by-a1' });
  const uid = runUid({ taskUid: created!.metadata.uid, slot: '', point });
  const waits = (agents: string[], extra: Partial<RunReport> = {}) =>
    w.store.acceptReports(agents.at(-1)!, [
      {
        ...report(created!, point, 'Pending', agents.length + 1),
        ...{ reason: 'Retry', attempts: made(...agents), ...extra },
      },
    ]);
  const run = (accept: (run: Run) => boolean) =>
    eventually(w, async () => {
      const found = await w.store.getByUid<Run>('Run', uid);
      return found !== undefined && accept(found) ? found : undefined;
    });
  /** The leader has looked at everything that was told until now: tasks that were made later have their records. */
  const looked = async () => {
    for (let i = 0; i < 2; i++) {
      const [later] = await apply(w, task(`later-${++witnesses}`));
      const path = layout.trigger(later!.metadata.uid, '');
      await eventually(w, () => readTriggerRecord(a1.session.current, path));
    }
  };
  return { controllers, a1, created: created!, point, record, claim, waits, run, looked };
}

const given = (name: string) => (run: Run) => run.status?.agent === name;

t.test('slot and run go to another agent, once to each, and the last one keeps them', async (t) => {
  const w = await world(t);
  const c = await claimedByA1(w);
  const a2 = await agent(w, 'a2');
  await c.waits(['a1']);
  t.match((await c.run(given('a2'))).status, { state: 'Pending', reason: 'Retry', attempts: [{ agent: 'a1' }] });
  t.equal((await a2.owns(1)).length, 1);
  await eventually(w, async () => ((await c.record()).record.blockedBy === null ? true : undefined));
  t.equal(c.controllers.counters.allocation.moves, 1);
  await c.waits(['a1', 'a2']);
  await c.looked();
  t.equal((await c.record()).record.owner, 'a2', 'all agents have had their turn');
  await agent(w, 'a3');
  await c.run(given('a3'));
  await c.waits(['a1', 'a2', 'a3']);
  await c.looked();
  t.equal((await c.record()).record.owner, 'a3');
  t.equal(c.controllers.counters.allocation.moves, 2);
});

t.test('alone, or among agents that may not have it, it stays; the next leader knows what waits', async (t) => {
  const w = await world(t);
  const c = await claimedByA1(w, { ...OTHER, placement: { agents: ['a1', 'a3'] } });
  await agent(w, 'a2');
  await c.waits(['a1']);
  await c.looked();
  t.equal((await c.record()).record.owner, 'a1');
  await c.controllers.stop();
  const { controllers } = await center(w, 'c2');
  await controllers.start(w.signal);
  await agent(w, 'a3');
  t.match((await c.run(given('a3'))).status, { state: 'Pending' });
});

t.test('what its agent has begun, or is not the only run there, stays', async (t) => {
  const w = await world(t);
  const c = await claimedByA1(w);
  await agent(w, 'a2');
  await t.test('the attempt is claimed', async (t) => {
    await c.claim({ attempt: 2, claimId: 'again', retried: withClaimedAttempt({}, c.point, 2) });
    await c.waits(['a1']);
    await c.looked();
    t.equal((await c.record()).record.owner, 'a1');
  });
  await t.test('another run waits in the slot', async (t) => {
    await w.store.acceptReports('a1', [report(c.created, c.point + 1000, 'Queued', 0)]);
    await c.waits(['a1', 'a1']);
    await c.looked();
    t.equal((await c.record()).record.owner, 'a1');
  });
  await t.test('until that has ended', async () => {
    await w.store.acceptReports('a1', [report(c.created, c.point + 1000, 'Succeeded', 1)]);
    await c.run(given('a2'));
  });
});

t.test('without the policy nothing moves', async (t) => {
  const w = await world(t);
  const c = await claimedByA1(w, { ...OTHER, retry: { limit: 5 } });
  await agent(w, 'a2');
  await c.waits(['a1']);
  await c.looked();
  t.equal((await c.record()).record.owner, 'a1');
  t.equal(c.controllers.counters.allocation.moves, 0);
});

t.test('when the other one dies, too, the run comes back', async (t) => {
  const w = await world(t);
  const c = await claimedByA1(w);
  const a2 = await agent(w, 'a2');
  await c.waits(['a1']);
  await c.run(given('a2'));
  await a2.membership.stop();
  w.server.expireSession(a2.session.current.session!.id);
  t.match((await c.run(given('a1'))).status, { state: 'Pending', reason: 'Retry', attempts: [{ agent: 'a1' }] });
  await c.looked();
  t.equal((await c.record()).record.owner, 'a1', 'there is nobody else');
});
