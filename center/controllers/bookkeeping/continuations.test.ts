// The leader gives runs on to the present owner of their slot: waiting retries, and Lost runs of tasks that want them again.
import t from 'tap';
import { claimBatch, readTriggerRecord, type TriggerRecord, withClaimedAttempt } from '../../../coordination/index.js';
import { API_VERSION, type Cluster, type Run, type RunReport, runUid, type Task } from '../../../manifests/index.js';
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

type Leader = Awaited<ReturnType<typeof center>>['controllers'];
type TestAgent = Awaited<ReturnType<typeof agent>>;

const SECONDLY = { schedules: [{ name: 'default', every: '1s' }] };
const attempts: RunReport['attempts'] = [{ number: 1, state: 'Failed', agent: 'a1', endTime: '2026-11-22T12:00:00Z' }];

async function lostAfter(w: World, duration: string): Promise<void> {
  const cluster: Cluster = {
    ...{ apiVersion: API_VERSION, kind: 'Cluster', metadata: { name: 'default' }, spec: { lostAfter: duration } },
  };
  await w.store.apply([cluster], { user: 'test' });
}

/** The task on agent a1, a time point claimed there, and an agent a2 that may take over. */
async function claimedByA1(w: World, spec: Partial<Task['spec']>) {
  const { controllers } = await center(w, 'c1');
  const a1 = await agent(w, 'a1');
  const heartbeatTime = new Date().toISOString();
  await w.store.heartbeat('a1', { cluster: 'default' }, {}, { heartbeatTime, pendingReports: 0 });
  await controllers.start(w.signal);
  const [created] = await apply(w, task('t', { ...SECONDLY, ...spec }));
  await a1.owns(1);
  const a2 = await agent(w, 'a2');
  const path = layout.trigger(created!.metadata.uid, '');
  const read = async () => (await readTriggerRecord(a2.session.current, path))!;
  const point = Math.ceil(Date.now() / 1000) * 1000;
  const uid = runUid({ taskUid: created!.metadata.uid, slot: '', point });
  const claim = async (change: Partial<TriggerRecord>) => {
    const { record, version } = await read();
    const [result] = await claimBatch(a1.session.current, [{ path, version, record: { ...record, ...change } }]);
    if (result instanceof Error) throw result;
  };
  await claim({ cursor: point, attempt: 1, claimId: 'by-a1' });
  const stored = () => w.store.getByUid<Run>('Run', uid);
  const until = (accept: (run: Run) => boolean) =>
    eventually(w, async () => {
      const run = await stored();
      return run !== undefined && accept(run) ? run : undefined;
    });
  const told = (state: RunReport['state'], attempt: number, extra: Partial<RunReport> = {}) => ({
    ...report(created!, point, state, attempt),
    ...extra,
  });
  return { controllers, a1, a2, created: created!, point, uid, read, claim, stored, until, told };
}

async function die(w: World, a: TestAgent): Promise<void> {
  await a.membership.stop();
  w.server.expireSession(a.session.current.session!.id);
}

const round = (controllers: Leader, w: World) =>
  controllers.events.next('round', ({ name }) => name === 'lost', w.signal);
const given = (name: string) => (run: Run) => run.status?.agent === name;

t.test('a retry that waits is given to the next owner, and blocks it no longer', async (t) => {
  const w = await world(t);
  const c = await claimedByA1(w, { retry: { limit: 3 } });
  const waits = c.told('Pending', 2, { reason: 'Retry', attempts });
  await w.store.acceptReports('a1', [waits]);
  await die(w, c.a1);
  t.match((await c.until(given('a2'))).status, {
    ...{ state: 'Pending', reason: 'Retry', agent: 'a2' },
    attempts: [{ number: 1, agent: 'a1' }],
  });
  await eventually(w, async () => ((await c.read()).record.blockedBy === null ? true : undefined));
  // The former owner comes back, repeats itself, and gives up.
  await w.store.acceptReports('a1', [waits, c.told('Failed', 2, { attempts })]);
  t.match((await c.stored())?.status, { state: 'Pending', agent: 'a2' }, 'its word does not count any more');
  await w.store.acceptReports('a2', [c.told('Succeeded', 2, { attempts })]);
  t.match((await c.stored())?.status, { state: 'Succeeded', agent: 'a2' });
});

t.test('a retry that its agent had claimed is nobody else’s: it is Lost when the agent stays silent', async (t) => {
  const w = await world(t);
  await lostAfter(w, '2s');
  const c = await claimedByA1(w, {});
  await w.store.acceptReports('a1', [c.told('Pending', 2, { reason: 'Retry', attempts })]);
  await c.claim({ attempt: 2, claimId: 'again', retried: withClaimedAttempt({}, c.point, 2) });
  await c.claim({ cursor: c.point + 1000, attempt: 1, claimId: 'the next' });
  await die(w, c.a1);
  await c.a2.owns(1);
  const end = await c.until(({ status }) => status?.state !== 'Pending');
  t.match(end.status, { state: 'Lost', reason: 'AgentSilent', agent: 'a1' });
});

t.test(
  'a retry that an agent had claimed without learning of it is Lost at last, though the agent lives',
  async (t) => {
    const w = await world(t);
    await lostAfter(w, '1s');
    const c = await claimedByA1(w, {});
    await w.store.acceptReports('a1', [c.told('Pending', 2, { reason: 'Retry', attempts })]);
    await c.claim({ attempt: 2, claimId: 'again', retried: withClaimedAttempt({}, c.point, 2) });
    await c.claim({ cursor: c.point + 1000, attempt: 1, claimId: 'the next' });
    await die(w, c.a1);
    await agent(w, 'a1');
    await c.a2.owns(1);
    const end = await c.until(({ status }) => status?.state !== 'Pending');
    t.match(end.status, { state: 'Lost', reason: 'NeverReported', agent: 'a1' });
  },
);

t.test('a retry that waits for an owner is not lost, however long it takes', async (t) => {
  const w = await world(t);
  await lostAfter(w, '1s');
  const c = await claimedByA1(w, { placement: { agents: ['a1', 'a3'] } });
  await w.store.acceptReports('a1', [c.told('Pending', 2, { reason: 'Retry', attempts })]);
  const other = await apply(w, task('witness', { ...SECONDLY, placement: { agents: ['a1'] } }));
  await w.store.acceptReports('a1', [{ ...report(other[0]!, c.point, 'Running'), attempts: [] }]);
  await die(w, c.a1);
  const witness = runUid({ taskUid: other[0]!.metadata.uid, slot: '', point: c.point });
  await eventually(w, async () => {
    const run = await w.store.getByUid<Run>('Run', witness);
    return run?.status?.state === 'Lost' ? true : undefined;
  });
  t.match((await c.stored())?.status, { state: 'Pending', agent: 'a1' });
  await agent(w, 'a3');
  t.match((await c.until(given('a3'))).status, { state: 'Pending', reason: 'Retry' });
});

t.test('onLost: Rerun: the next attempt is the present owner’s; late truth changes nothing', async (t) => {
  const w = await world(t);
  await lostAfter(w, '1s');
  const c = await claimedByA1(w, { onLost: 'Rerun' });
  const running: RunReport['attempts'] = [{ number: 1, state: 'Running', agent: 'a1' }];
  await w.store.acceptReports('a1', [c.told('Running', 1, { attempts: running })]);
  await die(w, c.a1);
  t.match((await c.until(given('a2'))).status, {
    ...{ state: 'Pending', reason: 'Rerun' },
    attempts: [{ number: 1, state: 'Lost', reason: 'AgentSilent', agent: 'a1' }],
  });
  await w.store.acceptReports('a1', [c.told('Succeeded', 1)]);
  t.match((await c.stored())?.status, { state: 'Pending', agent: 'a2' });
  await w.store.acceptReports('a2', [c.told('Running', 2)]);
  await w.store.acceptReports('a1', [c.told('Failed', 1)]);
  t.match((await c.stored())?.status, { state: 'Running', agent: 'a2' });
});

t.test('an agent that says itself that a run is Lost is asked to run it again, a few times', async (t) => {
  const w = await world(t);
  const c = await claimedByA1(w, { onLost: 'Rerun' });
  for (let attempt = 1; attempt < 4; attempt++) {
    await w.store.acceptReports('a1', [c.told('Lost', attempt, { reason: 'RunnerDied', endTime: Date.now() })]);
    const run = await c.until(({ status }) => status?.state === 'Pending');
    t.equal(run.status?.attempts?.at(-1)?.number, attempt);
    await c.claim({
      attempt: attempt + 1,
      claimId: `rerun-${attempt}`,
      retried: withClaimedAttempt({}, c.point, attempt + 1),
    });
  }
  await w.store.acceptReports('a1', [c.told('Lost', 4, { reason: 'RunnerDied', endTime: Date.now() })]);
  await round(c.controllers, w);
  await round(c.controllers, w);
  t.match((await c.stored())?.status, { state: 'Lost' });
});

t.test('a new leader finds what the one before it left', async (t) => {
  const w = await world(t);
  const c = await claimedByA1(w, { onLost: 'Rerun' });
  await c.controllers.stop();
  await w.store.acceptReports('a1', [c.told('Lost', 1, { reason: 'RunnerDied', endTime: Date.now() })]);
  const { controllers } = await center(w, 'c2');
  await controllers.start(w.signal);
  const run = await c.until(({ status }) => status?.state === 'Pending');
  t.match(run.status, { reason: 'Rerun', agent: 'a1' });
});

t.test('without onLost a Lost run stays Lost', async (t) => {
  const w = await world(t);
  const c = await claimedByA1(w, {});
  await w.store.acceptReports('a1', [c.told('Lost', 1, { reason: 'RunnerDied', endTime: Date.now() })]);
  await round(c.controllers, w);
  await round(c.controllers, w);
  t.match((await c.stored())?.status, { state: 'Lost', reason: 'RunnerDied' });
});
