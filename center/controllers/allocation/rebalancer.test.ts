// When tasks are rebalanced: on request, exactly what was shown; slowly by itself, after a while of peace.
import t from 'tap';
import { FakeClock } from '../../../base/index.js';
import { massLossDefaults } from '../../../manifests/index.js';
import type { ClusterView, StoreView } from '../store-view.js';
import { digestOf, planRebalance } from './rebalance.js';
import { Rebalancer, SLOW_SETTLE_MS, SLOW_STEP_MS } from './rebalancer.js';
import type { PlanAgent, PlanInput, PlanRecord, PlanTask, Relocation } from './types.js';

const SETTLE_MS = 4000;

/** `loads[i]` slots of agent `a<i>`. */
function installation(...loads: number[]): PlanInput {
  const agents = loads.map((_, i): PlanAgent => plainAgent(`a${i}`));
  const tasks: PlanTask[] = [];
  const records = new Map<string, PlanRecord>();
  loads.forEach((count, i) => {
    for (let n = 0; n < count; n++) {
      const uid = `task-${i}-${n}`;
      tasks.push({ uid, cluster: 'default', generation: 1, suspended: false, createdAt: 0, allowsOverlap: false });
      records.set(uid, plainRecord(uid, `a${i}`));
    }
  });
  return { tasks, agents, records, openRuns: new Map(), endedRuns: new Set() };
}

function plainAgent(name: string): PlanAgent {
  return {
    ...{ name, cluster: 'default', labels: {}, presence: 'present', unschedulable: false, draining: false },
    ...{ capacity: 1, fit: true },
  };
}

function plainRecord(taskUid: string, owner: string): PlanRecord {
  return { taskUid, slot: '', owner, ownerEpoch: 1, revision: 1, suspended: false, blockedBy: null };
}

function made(input: PlanInput, moves: Iterable<Relocation>): PlanInput {
  const records = new Map(input.records);
  for (const { name, to } of moves) records.set(name, { ...records.get(name)!, owner: to });
  return { ...input, records };
}

function rig(cluster: Partial<ClusterView>) {
  const clock = new FakeClock();
  const view: ClusterView = {
    ...{ name: 'default', lostAfterMs: 1, rebalance: 'Manual', request: undefined, answer: undefined },
    unknownForgottenAt: 0,
    massLoss: { ...massLossDefaults, share: 0.3, windowMs: 1, holdForMs: 1, releasedAt: 0 },
    ...cluster,
  };
  const state = { view };
  const store = { clusters: ['default'], cluster: () => state.view } as unknown as StoreView;
  const rebalancer = new Rebalancer(store, clock, SETTLE_MS);
  const busy = new Set<string>();
  const look = async (input: PlanInput) => [...(await rebalancer.look(input, async () => busy)).relocations.values()];
  const answer = () => rebalancer.answers.get('default');
  return { clock, state, rebalancer, busy, look, answer };
}

t.test('a request: exactly the moves that were shown, until all are made', async (t) => {
  const input = installation(10, 2);
  const { moves } = planRebalance(input, 'default');
  const { look, clock, answer } = rig({ request: { id: 'r1', digest: digestOf(moves) } });
  t.same(await look(input), [], 'a new leader does not know yet who is there');
  t.equal(answer(), undefined);
  await clock.advance(SETTLE_MS);
  t.same(digestOf(await look(input)), digestOf(moves));
  t.match(answer(), { request: 'r1', state: 'Running', moves: 4, left: 4 });
  const some = made(input, moves.slice(0, 3));
  t.same(await look(some), moves.slice(3));
  t.same(await look(made(input, moves)), []);
  t.match(answer(), { request: 'r1', state: 'Done', left: 0 });
  t.same(await look(input), [], 'once');
});

t.test('a request about another state of things is refused', async (t) => {
  const input = installation(10, 2);
  const { look, clock, answer } = rig({ request: { id: 'r1', digest: digestOf([]) } });
  await clock.advance(SETTLE_MS);
  t.same(await look(input), []);
  t.match(answer(), { request: 'r1', state: 'Refused' });
});

t.test('a move whose receiver was cordoned meanwhile is left out', async (t) => {
  const input = installation(10, 2, 2);
  const { moves } = planRebalance(input, 'default');
  const { look, clock, answer } = rig({ request: { id: 'r1', digest: digestOf(moves) } });
  await clock.advance(SETTLE_MS);
  t.equal((await look(input)).length, moves.length);
  const agents = input.agents.map((agent) => (agent.name === 'a1' ? { ...agent, unschedulable: true } : agent));
  const left = await look({ ...input, agents });
  t.ok(left.length > 0 && left.length < moves.length);
  t.ok(left.every(({ to }) => to === 'a2'));
  t.match(answer(), { state: 'Running', left: left.length });
});

t.test('a new leader finishes what another one began, and repeats nothing that is done', async (t) => {
  const input = installation(10, 2);
  const { moves } = planRebalance(input, 'default');
  const request = { id: 'r1', digest: digestOf(moves) };
  const half = made(input, moves.slice(0, 2));
  const running = rig({ request, answer: { request: 'r1', state: 'Running', moves: 4, left: 2 } });
  await running.clock.advance(SETTLE_MS);
  t.equal((await running.look(half)).length, 2);
  const over = rig({ request, answer: { request: 'r1', state: 'Done', moves: 4, left: 0 } });
  await over.clock.advance(SETTLE_MS);
  t.same(await over.look(input), []);
});

t.test('Slow: a hundredth a minute, idle ones first, after five minutes with the same agents', async (t) => {
  const input = installation(300, 100);
  const { look, clock, busy } = rig({ rebalance: 'Slow' });
  t.same(await look(input), []);
  await clock.advance(SLOW_SETTLE_MS - 1);
  t.same(await look(input), []);
  const { moves } = planRebalance(input, 'default');
  busy.add(moves[0]!.name);
  await clock.advance(1);
  const first = await look(input);
  t.same(first, moves.slice(1, 5), 'four of 400, and not the one that runs');
  t.same(await look(made(input, first)), [], 'no more in this minute');
  await clock.advance(SLOW_STEP_MS);
  t.equal((await look(made(input, first))).length, 4);
  const joined = { ...input, agents: [...input.agents, plainAgent('a9')] };
  await clock.advance(SLOW_STEP_MS);
  t.same(await look(joined), [], 'a join begins the wait anew');
  await clock.advance(SLOW_SETTLE_MS);
  t.equal((await look(joined)).length, 4);
});

t.test('Slow: not for a quarter more; Manual: never', async (t) => {
  for (const [rebalance, loads, moved] of [
    ['Slow', [112, 88], 0],
    ['Slow', [113, 87], 2],
    ['Slow', [2, 0], 1],
    ['Manual', [200, 0], 0],
  ] as const) {
    const { look, clock } = rig({ rebalance });
    const input = installation(...loads);
    await look(input);
    await clock.advance(SLOW_SETTLE_MS);
    t.equal((await look(input)).length, moved, `${rebalance} ${loads}`);
  }
});
