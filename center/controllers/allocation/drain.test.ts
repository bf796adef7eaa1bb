// A drain as the leader makes it: what is idle moves at once, what runs when it has ended, and nothing overlaps.
import t from 'tap';
import { claimBatch, readTriggerRecord } from '../../../coordination/index.js';
import { type Agent, type Event, type Run, runUid } from '../../../manifests/index.js';
import {
  agent,
  apply,
  center,
  clock,
  eventually,
  layout,
  report,
  task,
  type World,
  world,
} from '../../../test/support/leading-center.js';
import type { Stored } from '../../store/store-types.js';

t.setTimeout(300_000);
const key = { kind: 'Agent', namespace: '', name: 'a1' } as const;

function drainedWith(w: World, reason: string): Promise<Stored<Agent>> {
  return eventually(w, async () => {
    const found = await w.store.get<Agent>(key);
    const drained = found?.status?.conditions?.find(({ type }) => type === 'Drained');
    return drained?.reason === reason ? found : undefined;
  });
}

const setDrain = (w: World, drain: 'WaitForRuns' | 'IgnoreRuns' | undefined, cancelRunsAt?: number) =>
  w.store.update<Agent>(
    key,
    ({ spec: { drain: _, cancelRunsTime: _c, ...spec }, ...object }) => ({
      ...object,
      spec: {
        ...spec,
        ...(drain === undefined ? {} : { drain }),
        ...(cancelRunsAt === undefined ? {} : { cancelRunsTime: new Date(cancelRunsAt).toISOString() }),
      },
    }),
    { user: 'test' },
  );

/** Tasks of `a1`, of which `running` and `overlapping` have an open run, and `ahead` is claimed ahead, as nobody knows. */
async function busyAgent(w: World) {
  const { controllers } = await center(w, 'c1');
  const a1 = await agent(w, 'a1');
  await w.store.heartbeat('a1', { cluster: 'default' }, {}, { hostname: 'a1' });
  await controllers.start(w.signal);
  const secondly = { schedules: [{ name: 'default', every: '1s' }] };
  const tasks = await apply(
    w,
    ...['idle', 'running', 'ahead'].map((name) => task(name, secondly)),
    task('overlapping', { ...secondly, concurrencyPolicy: 'Allow' }),
  );
  await a1.owns(4);
  const named = new Map(tasks.map((each) => [each.metadata.name, each]));
  const coordinator = a1.session.current;
  const path = (name: string) => layout.trigger(named.get(name)!.metadata.uid, '');
  const read = async (name: string) => (await readTriggerRecord(coordinator, path(name)))!;
  const claim = async (name: string, point: number) => {
    const { record, version } = await read(name);
    const next = { ...record, cursor: point, attempt: 1, claimId: `${name}@${point}` };
    const [result] = await claimBatch(coordinator, [{ path: path(name), record: next, version }]);
    if (result instanceof Error) throw result;
  };
  const point = Math.ceil(Date.now() / 1000) * 1000;
  for (const name of ['running', 'ahead', 'overlapping']) await claim(name, point);
  const tell = (name: string, state: 'Running' | 'Succeeded', at = point) =>
    w.store.acceptReports('a1', [report(named.get(name)!, at, state)]);
  await tell('running', 'Running');
  await tell('overlapping', 'Running');
  const uidOf = (name: string, at = point) => runUid({ taskUid: named.get(name)!.metadata.uid, slot: '', point: at });
  return { controllers, a1, read, claim, tell, point, uidOf };
}

t.test('waits for runs, blocks what was claimed ahead, tells each move, and ends', async (t) => {
  const w = await world(t);
  const { a1, read, tell, uidOf } = await busyAgent(w);
  const a2 = await agent(w, 'a2');
  await setDrain(w, 'WaitForRuns');
  await a2.owns(3);
  t.match((await read('running')).record, { owner: 'a1' }, 'its run is open');
  t.match((await read('idle')).record, { owner: 'a2', blockedBy: null });
  t.match((await read('overlapping')).record, { owner: 'a2', blockedBy: null });
  t.match((await read('ahead')).record, { owner: 'a2', blockedBy: uidOf('ahead') }, 'it starts at its former owner');
  const { status } = await drainedWith(w, 'WaitingForRuns');
  t.match(status?.conditions, [{}, { type: 'Drained', status: 'False', message: /^1 task left; 1 of them/ }]);

  await tell('running', 'Succeeded');
  await a2.owns(4);
  await a1.owns(0);
  t.match((await read('running')).record, { owner: 'a2', blockedBy: null });
  await drainedWith(w, 'RunsOpen');
  await tell('ahead', 'Succeeded');
  await eventually(w, async () => ((await read('ahead')).record.blockedBy === null ? true : undefined));
  await tell('overlapping', 'Succeeded');
  await drainedWith(w, 'Drained');
  const { items } = await w.store.list<Event>('Event', {});
  const moves = items.filter(({ spec }) => spec.reason === 'TaskMoved' && spec.regarding.name === 'a1');
  t.same(
    moves.map(({ spec }) => spec.message).sort(),
    ['ahead', 'idle', 'overlapping', 'running'].map((name) => `task default/${name} moved from a1 to a2`),
  );

  await setDrain(w, undefined);
  await eventually(w, async () => {
    const found = await w.store.get<Agent>(key);
    return found?.status?.conditions?.some(({ type }) => type === 'Drained') === false ? true : undefined;
  });
  t.equal(a2.allocation.entries.length, 4, 'taking it back moves nothing');
});

t.test('IgnoreRuns: all at once; both runs that a slot leaves block it, one after the other', async (t) => {
  const w = await world(t);
  const { read, claim, tell, point, uidOf } = await busyAgent(w);
  // Its run goes on while the next time point is claimed ahead; the claim is skipped there when it is due, or runs.
  await claim('running', point + 1000);
  const a2 = await agent(w, 'a2');
  await setDrain(w, 'IgnoreRuns');
  await a2.owns(4);
  t.equal((await read('running')).record.blockedBy, uidOf('running', point + 1000));
  await tell('running', 'Succeeded', point + 1000);
  await eventually(w, async () => {
    const { blockedBy } = (await read('running')).record;
    return blockedBy === uidOf('running') ? true : undefined;
  });
  await drainedWith(w, 'Drained');
  await tell('running', 'Succeeded');
  await eventually(w, async () => ((await read('running')).record.blockedBy === null ? true : undefined));
});

t.test('nothing moves when nobody else may have it; a new leader goes on', async (t) => {
  const w = await world(t);
  const { controllers, a1 } = await busyAgent(w);
  await setDrain(w, 'WaitForRuns');
  const { status } = await drainedWith(w, 'NoEligibleAgent');
  t.match(status?.conditions?.[1]?.message, /^4 tasks left; no other agent may have default\/\w+/);
  t.equal(a1.allocation.entries.length, 4);
  await controllers.stop();
  const next = await center(w, 'c2');
  await next.controllers.start(w.signal);
  const a2 = await agent(w, 'a2');
  await a2.owns(3);
});

const asked = async (w: World, uid: string) => (await w.store.getByUid<Run>('Run', uid))?.spec.cancelReason;
const untilAsked = (w: World, uid: string) => eventually(w, async () => await asked(w, uid));

t.test('with a bound: what is open then is cancelled, and what comes to light later', async (t) => {
  const w = await world(t);
  const { controllers, tell, uidOf } = await busyAgent(w);
  const a2 = await agent(w, 'a2');
  await setDrain(w, 'WaitForRuns', clock.now() + 3600_000);
  await a2.owns(3);
  const { status } = await drainedWith(w, 'WaitingForRuns');
  t.match(status?.conditions?.[1]?.message, /wait for a run to end; runs still open at \S+Z are cancelled$/);
  t.equal(await asked(w, uidOf('running')), undefined, 'not yet');
  // A new leader finds the wish as it is.
  await controllers.stop();
  const next = await center(w, 'c2');
  await setDrain(w, 'WaitForRuns', clock.now());
  await next.controllers.start(w.signal);
  t.equal(await untilAsked(w, uidOf('running')), 'Drained');
  t.equal(await untilAsked(w, uidOf('overlapping')), 'Drained', 'also when its task has gone');
  await tell('ahead', 'Running');
  t.equal(await untilAsked(w, uidOf('ahead')), 'Drained', 'it was claimed ahead');
});

t.test('what nobody else may have goes on firing: the bound is for what was open then', async (t) => {
  const w = await world(t);
  const { controllers, claim, tell, point, uidOf } = await busyAgent(w);
  const rounds = () => controllers.events.next('round', ({ name }) => name === 'lost', w.signal);
  const until = clock.now();
  await setDrain(w, 'WaitForRuns', until);
  t.equal(await untilAsked(w, uidOf('running')), 'Drained');
  const later = Math.max(point, Math.ceil(until / 1000) * 1000) + 1000;
  await claim('overlapping', later);
  await tell('overlapping', 'Running', later);
  await rounds();
  t.equal(await asked(w, uidOf('overlapping', later)), undefined);
  const a2 = await agent(w, 'a2');
  t.equal(await untilAsked(w, uidOf('overlapping', later)), 'Drained', 'now somebody may');
  await a2.owns(3);
});

t.test('taken back in time, or with IgnoreRuns, the bound ends nothing', async (t) => {
  const w = await world(t);
  const { controllers, uidOf } = await busyAgent(w);
  const rounds = () => controllers.events.next('round', ({ name }) => name === 'lost', w.signal);
  await setDrain(w, 'WaitForRuns', clock.now() + 1000);
  await drainedWith(w, 'NoEligibleAgent');
  await setDrain(w, undefined);
  for (let i = 0; i < 5; i += 1) await rounds(); // 300 ms each
  t.equal(await asked(w, uidOf('running')), undefined);
  await setDrain(w, 'IgnoreRuns', clock.now());
  await rounds();
  await rounds();
  t.equal(await asked(w, uidOf('running')), undefined);
});
