// Safety properties of the allocation plan, each on generated installations: I1–I6 of DESIGN section 4.
import fc from 'fast-check';
import t from 'tap';
import { triggerName } from '../../../coordination/index.js';
import { isCandidate, isEligible } from './eligibility.js';
import { planAllocation } from './plan.js';
import type { Plan, PlanAgent, PlanInput, PlanRecord, PlanTask } from './types.js';

const CLUSTERS = ['default', 'eu'];
const DISKS = ['ssd', 'hdd'];
const agentName = fc.integer({ min: 0, max: 11 }).map((n) => `agent-${n}`);

const agentArb: fc.Arbitrary<PlanAgent> = fc.record({
  name: agentName,
  cluster: fc.constantFrom(...CLUSTERS),
  labels: fc.constantFrom(...DISKS).map((disk): Record<string, string> => ({ disk })),
  presence: fc.constantFrom('present' as const, 'present' as const, 'present' as const, 'held' as const),
  unschedulable: fc.boolean(),
  draining: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
  capacity: fc.constantFrom(1, 1, 2, 0.5, 3),
  fit: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
});

const untilArb = fc.option(fc.constantFrom(5, 6), { nil: undefined, freq: 1 });

const taskArb = fc.record({
  cluster: fc.constantFrom(...CLUSTERS),
  generation: fc.integer({ min: 1, max: 3 }),
  suspended: fc.boolean(),
  suspendedUntil: untilArb,
  selector: fc.option(
    fc.constantFrom(...DISKS).map((disk) => ({ matchLabels: { disk } })),
    { nil: undefined },
  ),
  pinned: fc.option(fc.uniqueArray(agentName, { minLength: 1, maxLength: 3 }), { nil: undefined, freq: 4 }),
  allowsOverlap: fc.boolean(),
});

const recordArb = fc.option(
  fc.record({
    owner: fc.option(agentName, { nil: null }),
    ownerEpoch: fc.integer({ min: 0, max: 5 }),
    revision: fc.integer({ min: 1, max: 3 }),
    suspended: fc.boolean(),
    suspendedUntil: untilArb,
    blockedBy: fc.option(fc.constantFrom('run-1', 'run-2'), { nil: null, freq: 3 }),
  }),
  { nil: undefined },
);

const inputArb: fc.Arbitrary<PlanInput> = fc
  .record({
    agents: fc.uniqueArray(agentArb, { maxLength: 10, selector: (agent) => agent.name }),
    slots: fc.array(fc.tuple(taskArb, recordArb, fc.boolean()), { maxLength: 40 }),
    ended: fc.subarray(['run-1', 'run-2']),
  })
  .map(({ agents, slots, ended }) => {
    const records = new Map<string, PlanRecord>();
    const tasks: PlanTask[] = [];
    slots.forEach(([task, record, deleted], i) => {
      const uid = `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
      if (record !== undefined) records.set(triggerName(uid, ''), { taskUid: uid, slot: '', ...withUntil(record) });
      const { selector, pinned, ...rest } = withUntil(task);
      if (deleted && record !== undefined && i % 4 === 0) return;
      tasks.push({
        uid,
        createdAt: i,
        ...rest,
        ...(selector === undefined ? {} : { selector }),
        ...(pinned === undefined ? {} : { pinned }),
      });
    });
    return { tasks, agents, records, openRuns: new Map(), endedRuns: new Set(ended) };
  });

function withUntil<T extends { suspendedUntil?: number | undefined }>({ suspendedUntil, ...rest }: T) {
  return { ...rest, ...(suspendedUntil === undefined ? {} : { suspendedUntil }) };
}

/** The records as they stand once the plan is applied. */
function after(input: PlanInput, plan: Plan): Map<string, PlanRecord> {
  const records = new Map(input.records);
  for (const { name, taskUid, slot, owner, revision, suspended, suspendedUntil } of plan.creates) {
    const switches = withUntil({ suspended, suspendedUntil });
    records.set(name, { taskUid, slot, owner, ownerEpoch: 0, revision, ...switches, blockedBy: null });
  }
  for (const { name, to } of plan.updates) records.set(name, to);
  for (const { name } of plan.removes) records.delete(name);
  return records;
}

function check(t: { pass(message: string): unknown }, property: (input: PlanInput) => void): void {
  fc.assert(fc.property(inputArb, property), { numRuns: 500 });
  t.pass('holds for 500 installations');
}

t.test('I1: the same input, in any order, gives the same plan; an applied plan leaves nothing to do', (t) => {
  check(t, (input) => {
    const plan = planAllocation(input);
    const shuffled = { ...input, tasks: [...input.tasks].reverse(), agents: [...input.agents].reverse() };
    if (JSON.stringify(planAllocation(shuffled)) !== JSON.stringify(plan)) throw new Error('order mattered');
    const again = planAllocation({ ...input, records: after(input, plan) });
    const writes = again.creates.length + again.updates.length + again.removes.length;
    if (writes > 0) throw new Error(`second plan writes ${JSON.stringify(again)}`);
  });
  t.end();
});

t.test('I2 and I3: an owner that may stay stays, so only others move', (t) => {
  check(t, (input) => {
    const plan = planAllocation(input);
    const next = after(input, plan);
    for (const task of input.tasks) {
      const name = triggerName(task.uid, '');
      const owner = input.records.get(name)?.owner;
      const agent = input.agents.find((a) => a.name === owner);
      if (agent === undefined || !isEligible(task, agent) || agent.draining) continue;
      if (next.get(name)?.owner !== owner) throw new Error(`${name} was taken from ${owner}`);
    }
  });
  t.end();
});

t.test('I4: a slot has an eligible owner iff there is an agent to give it to, or its owner may stay', (t) => {
  check(t, (input) => {
    const plan = planAllocation(input);
    const next = after(input, plan);
    for (const task of input.tasks) {
      const name = triggerName(task.uid, '');
      const owner = input.agents.find((a) => a.name === next.get(name)?.owner);
      const eligible = input.agents.filter((a) => isEligible(task, a));
      const stays = eligible.some((a) => a.name === input.records.get(name)?.owner);
      const possible = stays || eligible.some(isCandidate);
      const has = owner !== undefined && isEligible(task, owner);
      if (has !== possible) throw new Error(`${name}: owner ${owner?.name}, possible ${possible}`);
      if (possible === plan.unallocated.includes(name)) throw new Error(`${name} is told wrongly`);
      if (owner !== undefined && !has) throw new Error(`${name} stays with an ineligible agent that is there`);
    }
  });
  t.end();
});

t.test('records: ownerEpoch grows by one with the owner and not otherwise; deleted tasks lose theirs', (t) => {
  check(t, (input) => {
    for (const { from, to } of planAllocation(input).updates) {
      const grown = to.ownerEpoch - from.ownerEpoch;
      if (grown !== (from.owner === to.owner ? 0 : 1)) throw new Error('ownerEpoch');
      if (to.blockedBy !== null && input.endedRuns.has(to.blockedBy)) throw new Error('blocked by an ended run');
    }
    const uids = new Set(input.tasks.map((task) => task.uid));
    const gone = [...input.records.values()].filter((record) => !uids.has(record.taskUid)).length;
    if (planAllocation(input).removes.length !== gone) throw new Error('removes');
  });
  t.end();
});

t.test('I5: what one plan places is spread within one, and odd ones go to those that own least', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 0, max: 400 }),
      fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 9, maxLength: 9 }),
      (agentCount, fresh, owned) => {
        const agents = Array.from({ length: agentCount }, (_, i) => plainAgent(`agent-${i}`));
        const records = new Map<string, PlanRecord>();
        const tasks: PlanTask[] = Array.from({ length: fresh }, (_, i) => plainTask(`new-${i}`));
        agents.forEach((agent, a) => {
          for (let i = 0; i < owned[a]!; i++) {
            const uid = `old-${a}-${i}`;
            tasks.push(plainTask(uid));
            records.set(uid, plainRecord(uid, agent.name));
          }
        });
        const plan = planAllocation({ tasks, agents, records, openRuns: new Map(), endedRuns: new Set() });
        const given = agents.map((agent) => plan.creates.filter((create) => create.owner === agent.name).length);
        if (Math.max(...given) - Math.min(...given) > 1) throw new Error(`spread ${given}`);
        const most = Math.max(...given);
        agents.forEach((_, a) => {
          agents.forEach((_, b) => {
            if (given[a] === most && given[b]! < most && owned[a]! > owned[b]!) throw new Error('odd one misplaced');
          });
        });
      },
    ),
    { numRuns: 200 },
  );
  t.pass('holds');
  t.end();
});

t.test('I5: what one plan places is within one slot of the share of each capacity, and so is a task a time', (t) => {
  const capacityArb = fc.constantFrom(0.25, 0.5, 1, 1, 2, 3, 10);
  fc.assert(
    fc.property(
      fc.array(capacityArb, { minLength: 1, maxLength: 9 }),
      fc.integer({ max: 300, min: 0 }),
      (all, fresh) => {
        const agents = all.map((capacity, i) => ({ ...plainAgent(`agent-${i}`), capacity }));
        const tasks = Array.from({ length: fresh }, (_, i) => plainTask(`new-${i}`));
        const plan = planAllocation({ tasks, agents, records: new Map(), openRuns: new Map(), endedRuns: new Set() });
        const sum = all.reduce<number>((a, b) => a + b, 0);
        agents.forEach(({ name, capacity }) => {
          const count = plan.creates.filter((create) => create.owner === name).length;
          const share = (fresh * capacity) / sum;
          if (Math.abs(count - share) >= 1) throw new Error(`${name} got ${count} of a share of ${share}`);
        });
      },
    ),
    { numRuns: 300 },
  );
  const agents = [1, 2, 3].map((capacity) => ({ ...plainAgent(`agent-${capacity}`), capacity }));
  const records = new Map<string, PlanRecord>();
  for (let i = 0; i < 120; i++) {
    const tasks = [...records.keys(), `task-${i}`].map(plainTask);
    const plan = planAllocation({ tasks, agents, records, openRuns: new Map(), endedRuns: new Set() });
    for (const { name, owner } of plan.creates) records.set(name, plainRecord(name, owner));
  }
  const counts = agents.map((agent) => [...records.values()].filter((record) => record.owner === agent.name).length);
  t.same(counts, [20, 40, 60]);
  t.end();
});

t.test('I5: another capacity moves nothing by itself', (t) => {
  check(t, (input) => {
    const records = after(input, planAllocation(input));
    const agents = input.agents.map((agent) => ({ ...agent, capacity: agent.capacity * 7 + 1 }));
    const plan = planAllocation({ ...input, agents, records });
    if (plan.updates.length > 0) throw new Error('moved');
  });
  t.end();
});

t.test(
  'drain: only what the draining agents own moves, to agents that may have it, all of it that is not busy',
  (t) => {
    check(t, (input) => {
      const applied = { ...input, records: after(input, planAllocation(input)) };
      const [busyOnes, agents] = [
        new Set<string>(),
        applied.agents.map((agent, i) => ({ ...agent, draining: i % 2 === 0 })),
      ];
      [...applied.records.keys()].forEach((name, i) => {
        if (i % 3 === 0) busyOnes.add(name);
      });
      const draining = { ...applied, agents, busy: busyOnes };
      const next = after(draining, planAllocation(draining));
      for (const task of input.tasks) {
        const name = triggerName(task.uid, '');
        const before = applied.records.get(name)!.owner;
        const owner = next.get(name)!.owner;
        const agent = agents.find((a) => a.name === before);
        const others = agents.filter((a) => isEligible(task, a) && isCandidate(a));
        const may = agent !== undefined && isEligible(task, agent);
        const waits = busyOnes.has(name) && !task.allowsOverlap;
        if (may && !agent.draining && owner !== before) throw new Error(`${name} left an agent that does not drain`);
        if (may && agent.draining && (owner === before) !== (waits || others.length === 0)) throw new Error(`${name}`);
        if (owner !== before && !others.some((a) => a.name === owner)) throw new Error(`${name} went to ${owner}`);
      }
    });
    t.end();
  },
);

t.test('drain: nothing moves when nobody else may have it, and that is not "unallocated"', (t) => {
  const agents = [
    { ...plainAgent('a'), draining: true },
    { ...plainAgent('b'), labels: { disk: 'hdd' } },
  ];
  const task = { ...plainTask('x'), selector: { matchLabels: { disk: 'ssd' } } };
  const records = new Map([['x', plainRecord('x', 'a')]]);
  const input = { tasks: [task], agents, records, openRuns: new Map(), endedRuns: new Set<string>() };
  const stuck = planAllocation({ ...input, agents: [{ ...agents[0]!, labels: { disk: 'ssd' } }, agents[1]!] });
  t.same([stuck.updates, stuck.unallocated], [[], []]);
  t.end();
});

t.test('relocations: exactly those that are still possible', (t) => {
  const agents = [plainAgent('a'), plainAgent('b'), { ...plainAgent('c'), unschedulable: true }];
  const tasks = ['w', 'x', 'y', 'z'].map(plainTask);
  const records = new Map(tasks.map(({ uid }) => [uid, plainRecord(uid, 'a')]));
  const relocations = new Map(
    [
      { name: 'w', from: 'a', to: 'b' },
      { name: 'x', from: 'b', to: 'a' }, // it is not there any more
      { name: 'y', from: 'a', to: 'c' }, // cordoned meanwhile
      { name: 'z', from: 'a', to: 'b' }, // runs
    ].map((move) => [move.name, move]),
  );
  const input = { tasks, agents, records, relocations, openRuns: new Map(), endedRuns: new Set<string>() };
  const plan = planAllocation({ ...input, busy: new Set(['z']) });
  t.same(
    plan.updates.map(({ name, to }) => `${name} ${to.owner} ${to.ownerEpoch}`),
    ['w b 2'],
  );
  t.equal(planAllocation(input).updates.length, 2);
  t.end();
});

t.test('I5: a task a time is as balanced as all at once', (t) => {
  const agents = ['a', 'b', 'c'].map(plainAgent);
  const records = new Map<string, PlanRecord>();
  const tasks: PlanTask[] = [];
  for (let i = 0; i < 100; i++) {
    tasks.push(plainTask(`task-${i}`));
    const plan = planAllocation({ tasks, agents, records, openRuns: new Map(), endedRuns: new Set() });
    t.equal(plan.creates.length, 1);
    for (const { name, owner } of plan.creates) records.set(name, plainRecord(name, owner));
  }
  const counts = agents.map((agent) => [...records.values()].filter((record) => record.owner === agent.name).length);
  t.same(counts.sort(), [33, 33, 34]);
  t.end();
});

t.test('I6: an agent that joins gets nothing', (t) => {
  check(t, (input) => {
    const applied = { ...input, records: after(input, planAllocation(input)) };
    const had = new Set(applied.agents.filter((agent) => !agent.draining).map((agent) => agent.name));
    const newcomer = plainAgent('agent-new');
    const plan = planAllocation({ ...applied, agents: [...applied.agents, newcomer] });
    for (const { from, to } of plan.updates) {
      // It may be given what nobody else could have, never what somebody has.
      if (from.owner !== null && had.has(from.owner) && from.owner !== to.owner) throw new Error('moved by a join');
    }
  });
  t.end();
});

t.test('an open run of the former owner blocks the next one, unless overlap is allowed', (t) => {
  const agents = [plainAgent('b')];
  const records = new Map([['x', plainRecord('x', 'a')]]);
  const openRuns = new Map([['x', { uid: 'run-9', agent: 'a' }]]);
  const input = { tasks: [plainTask('x')], agents, records, openRuns, endedRuns: new Set<string>() };
  const [update] = planAllocation(input).updates;
  t.match(update?.to, { owner: 'b', ownerEpoch: 2, blockedBy: 'run-9' });
  const allowed = planAllocation({ ...input, tasks: [{ ...plainTask('x'), allowsOverlap: true }] });
  t.match(allowed.updates[0]?.to, { owner: 'b', blockedBy: null });
  const blocked = new Map([['x', update!.to]]);
  t.equal(planAllocation({ ...input, records: blocked }).updates.length, 0);
  const ended = planAllocation({ ...input, records: blocked, endedRuns: new Set(['run-9']) });
  t.match(ended.updates[0]?.to, { owner: 'b', ownerEpoch: 2, blockedBy: null });
  t.end();
});

t.test('100,000 tasks on 1,000 agents', (t) => {
  const tasks = Array.from({ length: 100_000 }, (_, i) => plainTask(`task-${i}`));
  const agents = Array.from({ length: 1000 }, (_, i) => plainAgent(`agent-${i}`));
  const empty = { tasks, agents, records: new Map(), openRuns: new Map(), endedRuns: new Set<string>() };
  const first = timed(() => planAllocation(empty));
  const records = after(empty, first.value);
  const stable = timed(() => planAllocation({ ...empty, records }));
  const dead = timed(() => planAllocation({ ...empty, records, agents: agents.slice(1) }));
  t.comment(`place all: ${first.ms} ms, stable: ${stable.ms} ms, one agent gone: ${dead.ms} ms`);
  t.equal(first.value.creates.length, 100_000);
  t.equal(stable.value.updates.length + stable.value.creates.length, 0);
  t.equal(dead.value.moves, 100);
  t.ok(first.ms < 10_000);
  t.end();
});

/** Time of the processor: it does not grow when the machine has other work. */
function timed<T>(work: () => T): { value: T; ms: number } {
  const start = process.cpuUsage();
  const value = work();
  return { value, ms: Math.round(process.cpuUsage(start).user / 1000) };
}

function plainAgent(name: string): PlanAgent {
  return {
    name,
    cluster: 'default',
    labels: {},
    presence: 'present',
    unschedulable: false,
    draining: false,
    capacity: 1,
    fit: true,
  };
}
function plainTask(uid: string): PlanTask {
  return { uid, cluster: 'default', generation: 1, suspended: false, createdAt: 0, allowsOverlap: false };
}
function plainRecord(taskUid: string, owner: string | null): PlanRecord {
  return { taskUid, slot: '', owner, ownerEpoch: 1, revision: 1, suspended: false, blockedBy: null };
}
