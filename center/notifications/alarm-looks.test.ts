// What the leader finds from look to look, by a clock that the test moves: a real store, with records and registrations as it is told.
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { FakeClock } from '../../base/fake-clock.js';
import { silentLogger } from '../../base/index.js';
import type { Member } from '../../coordination/index.js';
import type { Agent, Event, Task } from '../../manifests/index.js';
import { task } from '../../test/support/leading-center.js';
import { RecordCache } from '../controllers/allocation/record-cache.js';
import { StoreView } from '../controllers/store-view.js';
import { openSqliteStore } from '../store/index.js';
import type { Stored } from '../store/store-types.js';
import { Alarms } from './alarms.js';

const MINUTE = 60_000;
const times = { afterMs: MINUTE, silenceMs: MINUTE, forgottenMs: 24 * MINUTE };
const fence = { epoch: 1 };

async function leader(t: Test) {
  const clock = new FakeClock();
  const path = join(t.testdir(), 'state.db');
  const store = openSqliteStore({ path, clock, log: silentLogger, synchronous: 'NORMAL' });
  await store.start(AbortSignal.timeout(30_000));
  const view = new StoreView(store);
  await view.start();
  t.teardown(async () => {
    view.stop();
    await store.stop();
  });
  const cache = new RecordCache();
  cache.filled = true;
  const members = new Map<string, Member>();
  const { signal } = new AbortController();
  const leads = () =>
    new Alarms(
      { store, clock, fence, signal, log: silentLogger, failed: () => t.fail() },
      view,
      cache,
      { members },
      times,
    );
  const owned = (taskUid: string, owner: string | null) =>
    cache.set(taskUid, { taskUid, slot: '', owner, ownerEpoch: 1, revision: 1, suspended: false, blockedBy: null });
  const apply = async (...tasks: Task[]) => {
    const all = (await store.apply(tasks, { user: 'x' })).map(({ object }) => object as Stored<Task>);
    for (const { metadata } of all) owned(metadata.uid, null);
    return all.map(({ metadata }) => metadata.uid);
  };
  const registered = (name: string) =>
    members.set(name, { name, sessionId: 1n, registration: { cluster: 'default' } as Member['registration'] });
  const agent = async (name: string, state: 'Ready' | 'NotReady', clockOffsetMs?: number) => {
    await store.heartbeat(name, { cluster: 'default' }, {}, clockOffsetMs === undefined ? {} : { clockOffsetMs });
    const key = { kind: 'Agent', namespace: '', name } as const;
    const { status } = (await store.get<Agent>(key))!;
    await store.updateStatus<Agent>(key, { ...status, state }, fence);
  };
  /** A look each five seconds. What stands then; and how often it was told that something is over. */
  const after = async (alarms: Alarms, ms: number) => {
    for (let left = ms; left > 0; left -= 5_000) {
      await alarms.look();
      await clock.advance(5_000);
    }
    await alarms.look();
    return (await store.notifications.alarms()).sort();
  };
  const over = async () => {
    const { items } = await store.list<Event>('Event', {});
    const ended = items.filter(({ spec }) => spec.reason === 'AlarmOver');
    return ended.map(({ spec }) => `${spec.count}: ${spec.message}`).sort();
  };
  return { clock, store, view, cache, members, leads, owned, apply, registered, agent, after, over };
}

const daily = { schedules: [{ name: 'default', every: '24h' }] };

t.test('a cluster that loses its last agent says nothing of tasks that none of them might run', async (t) => {
  const { members, leads, owned, apply, registered, after, over } = await leader(t);
  const [uid = ''] = await apply(task('picky', daily));
  registered('a1');
  const alarms = leads();
  t.same(await after(alarms, MINUTE - 5_000), []);
  t.same(await after(alarms, 5_000), [`NoEligibleAgent/${uid}`]);
  members.clear();
  t.same(await after(alarms, 5 * MINUTE), ['NoAgents/default', `NoEligibleAgent/${uid}`]);
  // Nor does a leader that sees it for the first time.
  const next = leads();
  t.same(await after(next, 5 * MINUTE), ['NoAgents/default', `NoEligibleAgent/${uid}`]);
  registered('a1');
  t.same(await after(next, 2 * MINUTE), [`NoEligibleAgent/${uid}`]);
  owned(uid, 'a1');
  t.same(await after(next, 2 * MINUTE), []);
  t.same(await over(), [
    '1: NoAgents: it has tasks, and no agent is registered',
    '1: NoEligibleAgent: no agent of cluster default may run it',
  ]);
});

t.test('a task whose only agent is gone has none, unless that one is waited for', async (t) => {
  const { members, cache, leads, owned, apply, registered, after, over } = await leader(t);
  const [uid = ''] = await apply(task('picky', daily));
  registered('a1');
  registered('a2');
  owned(uid, 'a2');
  const alarms = leads();
  t.same(await after(alarms, 2 * MINUTE), []);
  members.delete('a2');
  cache.held = new Set(['a2']);
  t.same(await after(alarms, 5 * MINUTE), [], 'it may come back');
  cache.held = new Set();
  t.same(await after(alarms, MINUTE - 5_000), []);
  t.same(await after(alarms, 5_000), [`NoEligibleAgent/${uid}`]);
  cache.held = new Set(['a2']);
  t.same(await after(alarms, 5 * MINUTE), [`NoEligibleAgent/${uid}`], 'not over while nobody knows');
  cache.held = new Set();
  registered('a2');
  t.same(await after(alarms, 2 * MINUTE), []);
  t.same(await over(), ['1: NoEligibleAgent: no agent of cluster default may run it']);
});

t.test('a clock is not right because its agent is away', async (t) => {
  const { store, leads, agent, after, over } = await leader(t);
  await agent('a1', 'Ready', 5_000);
  const alarms = leads();
  t.same(await after(alarms, MINUTE), ['ClockSuspect/a1']);
  await agent('a1', 'NotReady');
  t.same(await after(alarms, 5 * MINUTE), ['ClockSuspect/a1']);
  await agent('a1', 'Ready', 5_000);
  t.same(await after(alarms, 5 * MINUTE), ['ClockSuspect/a1']);
  t.same(await over(), []);
  await agent('a1', 'NotReady', 5_000);
  await store.delete({ kind: 'Agent', namespace: '', name: 'a1' }, { user: 'x' });
  t.same(await after(alarms, MINUTE), [], 'it is gone for good');
});

t.test('one that flaps is one alarm', async (t) => {
  const { members, leads, owned, apply, registered, after, over } = await leader(t);
  const [uid = ''] = await apply(task('picky', daily));
  registered('a1');
  const alarms = leads();
  await after(alarms, MINUTE);
  for (let i = 0; i < 5; i += 1) {
    owned(uid, 'a1');
    t.same(await after(alarms, MINUTE / 2), [`NoEligibleAgent/${uid}`]);
    owned(uid, null);
    t.same(await after(alarms, 2 * MINUTE), [`NoEligibleAgent/${uid}`]);
  }
  t.same(await over(), []);
  owned(uid, 'a1');
  for (let i = 0; i < 5; i += 1) {
    members.clear();
    await after(alarms, MINUTE / 2);
    registered('a1');
    t.notOk((await after(alarms, MINUTE / 2)).includes('NoAgents/default'));
  }
});

t.test('what an earlier leader told ends under the next one, whatever it was', async (t) => {
  const { store, leads, owned, apply, registered, agent, after } = await leader(t);
  const [gone = '', well = '', ill = ''] = await apply(...['gone', 'well', 'ill'].map((name) => task(name, daily)));
  registered('a1');
  await agent('a1', 'Ready', 5_000);
  await after(leads(), MINUTE);
  t.equal((await store.notifications.alarms()).length, 4);
  await store.delete({ kind: 'Task', namespace: 'default', name: 'gone' }, { user: 'x' });
  owned(well, 'a1');
  await agent('a1', 'Ready');
  const next = leads();
  t.equal((await after(next, MINUTE - 5_000)).length, 4);
  t.same(await after(next, MINUTE), [`NoEligibleAgent/${ill}`]);
  t.not(gone, ill);
});

t.test('of one sort 200 stand at a time, and one that is over makes room', async (t) => {
  const { leads, owned, apply, registered, after } = await leader(t);
  const uids = await apply(...Array.from({ length: 250 }, (_, i) => task(`t${i}`, daily)));
  registered('a1');
  const alarms = leads();
  const told = await after(alarms, 5 * MINUTE);
  t.equal(told.length, 200);
  t.same(await after(leads(), 5 * MINUTE), told, 'the next leader tells of no other');
  const cured = told.slice(0, 20).map((key) => key.slice('NoEligibleAgent/'.length));
  for (const uid of cured) owned(uid, 'a1');
  const later = await after(alarms, 5 * MINUTE);
  t.equal(later.length, 200);
  t.equal(later.filter((key) => !told.includes(key)).length, 20);
  for (const uid of uids) owned(uid, 'a1');
  t.same(await after(alarms, 2 * MINUTE), []);
});
