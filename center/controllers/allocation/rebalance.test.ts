// Properties of the moves of a rebalance, on generated installations.
import fc from 'fast-check';
import t from 'tap';
import { isCandidate, isEligible } from './eligibility.js';
import { planAllocation } from './plan.js';
import { digestOf, planRebalance, type RebalanceInput } from './rebalance.js';
import type { PlanAgent, PlanRecord, PlanTask } from './types.js';

const agentName = fc.integer({ min: 0, max: 7 }).map((n) => `agent-${n}`);
const agentArb: fc.Arbitrary<PlanAgent> = fc.record({
  name: agentName,
  cluster: fc.constant('default'),
  labels: fc.constantFrom('ssd', 'hdd').map((disk): Record<string, string> => ({ disk })),
  presence: fc.constantFrom('present' as const, 'present' as const, 'held' as const),
  unschedulable: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
  draining: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
  capacity: fc.constantFrom(1, 1, 1, 2, 0.5),
  fit: fc.constant(true),
});
const slotArb = fc.record({
  owner: fc.option(agentName, { nil: null }),
  disk: fc.option(fc.constantFrom('ssd', 'hdd'), { nil: undefined }),
});
const inputArb: fc.Arbitrary<RebalanceInput> = fc
  .record({
    agents: fc.uniqueArray(agentArb, { maxLength: 8, selector: (agent) => agent.name }),
    slots: fc.array(slotArb, { maxLength: 60 }),
  })
  .map(({ agents, slots }) => ({
    agents,
    tasks: slots.map(({ disk }, i) => ({
      ...plainTask(`task-${i}`),
      ...(disk === undefined ? {} : { selector: { matchLabels: { disk } } }),
    })),
    records: new Map(slots.map(({ owner }, i) => [`task-${i}`, plainRecord(`task-${i}`, owner)])),
  }));

const check = (property: (input: RebalanceInput) => void) =>
  fc.assert(fc.property(inputArb, property), { numRuns: 500 });

t.test('the same moves in any order of the input, and none after they are made', (t) => {
  check((input) => {
    const { moves } = planRebalance(input, 'default');
    const turned = { ...input, agents: [...input.agents].reverse(), tasks: [...input.tasks].reverse() };
    if (digestOf(planRebalance(turned, 'default').moves) !== digestOf(moves)) throw new Error('order mattered');
    if (planRebalance({ ...input, records: moved(input) }, 'default').moves.length > 0) throw new Error('again');
    if (new Set(moves.map(({ name }) => name)).size < moves.length) throw new Error('a slot moves twice');
    if (planRebalance(input, 'eu').moves.length > 0) throw new Error('another cluster');
  });
  t.pass('holds');
  t.end();
});

t.test('every move is allowed, and afterwards no further one would even anything out', (t) => {
  check((input) => {
    const { moves } = planRebalance(input, 'default');
    const agents = new Map(input.agents.map((agent) => [agent.name, agent]));
    const tasks = new Map(input.tasks.map((task) => [task.uid, task]));
    for (const { name, from, to } of moves) {
      if (input.records.get(name)?.owner !== from) throw new Error('from');
      if (!isCandidate(agents.get(from)!) || !isCandidate(agents.get(to)!)) throw new Error('cordoned');
      if (!isEligible(tasks.get(name)!, agents.get(to)!)) throw new Error('not eligible');
    }
    const after = moved(input) as Map<string, PlanRecord>;
    const load = (name: string) =>
      [...after].filter(([uid, { owner }]) => owner === name && isEligible(tasks.get(uid)!, agents.get(name)!)).length;
    for (const [uid, { owner }] of after) {
      const from = owner === null ? undefined : agents.get(owner);
      const task = tasks.get(uid)!;
      if (from === undefined || !isCandidate(from) || !isEligible(task, from)) continue;
      for (const to of input.agents.filter((agent) => isCandidate(agent) && isEligible(task, agent))) {
        if (to === from) continue;
        const better = (load(to.name) + 1) / to.capacity < load(from.name) / from.capacity;
        if (better) throw new Error(`${uid} should have gone to ${to.name}`);
      }
    }
  });
  t.pass('holds');
  t.end();
});

t.test('an agent that can give only to one that has given itself', (t) => {
  const agents = ['from', 'gets', 'third'].map(plainAgent);
  const tasks = Array.from({ length: 10 }, (_, i) => ({
    ...plainTask(`task-${i}`),
    pinned: i < 5 ? ['from', 'gets'] : ['gets', 'third'],
  }));
  const records = new Map(tasks.map(({ uid }, i) => [uid, plainRecord(uid, i < 5 ? 'from' : 'gets')]));
  const { moves } = planRebalance({ agents, tasks, records }, 'default');
  t.same(moves.map(({ from, to }) => `${from} ${to}`).sort(), ['from gets', 'gets third', 'gets third', 'gets third']);
  t.end();
});

t.test('an agent that can pass on only what it was given', (t) => {
  const agents = [plainAgent('first'), plainAgent('second'), { ...plainAgent('weak'), capacity: 0.5 }];
  const tasks = Array.from({ length: 3 }, (_, i) => ({
    ...plainTask(`task-${i}`),
    ...(i === 1 ? {} : { pinned: ['first', 'weak'] }),
  }));
  const records = new Map(tasks.map(({ uid }) => [uid, plainRecord(uid, 'weak')]));
  const input = { agents, tasks, records };
  const { moves } = planRebalance(input, 'default');
  t.same(moves.map(({ to }) => to).sort(), ['first', 'second'], 'one to each, by whatever way');
  t.same(planRebalance({ ...input, records: moved(input) }, 'default').moves, []);
  t.end();
});

t.test('a fourth agent gets its share and no more than that moves', (t) => {
  const agents = ['a1', 'a2', 'a3', 'a4'].map(plainAgent);
  const tasks = Array.from({ length: 40 }, (_, i) => plainTask(`task-${i}`));
  const records = new Map(tasks.map(({ uid }, i) => [uid, plainRecord(uid, `a${1 + (i % 3)}`)]));
  const { moves, spread } = planRebalance({ agents, tasks, records }, 'default');
  t.equal(moves.length, 10);
  t.ok(moves.every(({ to }) => to === 'a4'));
  t.equal(spread, 1.4);
  t.end();
});

t.test('the plan makes exactly the moves', (t) => {
  check((input) => {
    const none = { openRuns: new Map(), endedRuns: new Set<string>() };
    const first = planAllocation({ ...input, records: input.records as Map<string, PlanRecord>, ...none });
    const records = new Map(input.records as Map<string, PlanRecord>);
    for (const { name, to } of first.updates) records.set(name, to);
    const { moves } = planRebalance({ ...input, records }, 'default');
    const relocations = new Map(moves.map((move) => [move.name, move]));
    const plan = planAllocation({ ...input, records, relocations, ...none });
    const made = plan.updates.map(({ name, from, to }) => ({ name, from: from.owner!, to: to.owner! }));
    if (digestOf(made) !== digestOf(moves)) throw new Error(`${JSON.stringify(made)} for ${JSON.stringify(moves)}`);
  });
  t.pass('holds');
  t.end();
});

t.test('100,000 tasks, 100 agents more', (t) => {
  const agents = Array.from({ length: 1000 }, (_, i) => plainAgent(`agent-${i}`));
  const tasks = Array.from({ length: 100_000 }, (_, i) => plainTask(`task-${i}`));
  const records = new Map(tasks.map(({ uid }, i) => [uid, plainRecord(uid, `agent-${i % 900}`)]));
  const start = process.cpuUsage();
  const { moves } = planRebalance({ agents, tasks, records }, 'default');
  // Its own time, whatever else the machine has to do.
  const ms = Math.round(process.cpuUsage(start).user / 1000);
  t.comment(`${moves.length} moves planned in ${ms} ms of the processor`);
  t.equal(moves.length, 10_000);
  t.ok(ms < 10_000);
  t.end();
});

function moved(input: RebalanceInput): RebalanceInput['records'] {
  const records = new Map(input.records);
  for (const { name, to } of planRebalance(input, 'default').moves)
    records.set(name, { ...records.get(name)!, owner: to });
  return records;
}
function plainAgent(name: string): PlanAgent {
  return {
    ...{ name, cluster: 'default', labels: {}, presence: 'present', unschedulable: false, draining: false },
    ...{ capacity: 1, fit: true },
  };
}
function plainTask(uid: string): PlanTask {
  return { uid, cluster: 'default', generation: 1, suspended: false, createdAt: 0, allowsOverlap: false };
}
function plainRecord(taskUid: string, owner: string | null): PlanRecord {
  return { taskUid, slot: '', owner, ownerEpoch: 1, revision: 1, suspended: false, blockedBy: null };
}
