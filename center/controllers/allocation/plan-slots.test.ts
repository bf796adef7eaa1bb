// Placement modes in the plan: slots of Single, EveryAgent and Shards tasks, mixed, on generated installations.
import fc from 'fast-check';
import t from 'tap';
import { triggerName } from '../../../coordination/index.js';
import { isCandidate, isEligible } from './eligibility.js';
import { planAllocation } from './plan.js';
import { planRebalance } from './rebalance.js';
import type { Plan, PlanAgent, PlanInput, PlanRecord, PlanTask } from './types.js';

const agentArb: fc.Arbitrary<PlanAgent> = fc.record({
  name: fc.integer({ min: 0, max: 7 }).map((n) => `agent-${n}`),
  cluster: fc.constant('default'),
  labels: fc.constantFrom('ssd', 'hdd').map((disk): Record<string, string> => ({ disk })),
  presence: fc.constantFrom('present' as const, 'present' as const, 'held' as const),
  unschedulable: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
  draining: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
  capacity: fc.constantFrom(1, 1, 2),
  fit: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
});
const agentsArb = fc.uniqueArray(agentArb, { maxLength: 7, selector: ({ name }) => name });

const taskArb = fc.record({
  mode: fc.constantFrom(undefined, 'EveryAgent' as const, 'Shards' as const),
  shards: fc.integer({ min: 1, max: 6 }),
  generation: fc.integer({ min: 1, max: 2 }),
  ssd: fc.boolean(),
  allowsOverlap: fc.boolean(),
});

/** What one plan made of an installation, met by other agents and other declarations: records of all kinds of the past. */
const inputArb: fc.Arbitrary<PlanInput> = fc
  .record({
    before: agentsArb,
    agents: agentsArb,
    tasks: fc.array(fc.tuple(taskArb, taskArb, fc.integer({ min: 0, max: 3 })), { maxLength: 8 }),
    known: fc.subarray(Array.from({ length: 8 }, (_, n) => `agent-${n}`)),
  })
  .map(({ before, agents, tasks, known }) => {
    const old = tasks.map(([task], i) => planTask(task, i));
    const now = tasks.flatMap(([task, edited, change], i) => {
      if (change === 0) return [];
      return change === 1 ? [{ ...planTask(edited, i), generation: task.generation + 1 }] : [old[i]!];
    });
    const past = input(old, before, new Map());
    const records = after(past, planAllocation(past));
    return { ...input(now, agents, records), known: new Set([...known, ...agents.map(({ name }) => name)]) };
  });

function planTask(
  { mode, shards, ssd, ...rest }: typeof taskArb extends fc.Arbitrary<infer T> ? T : never,
  i: number,
): PlanTask {
  return {
    ...{ uid: `task-${i}`, cluster: 'default', suspended: false, createdAt: i, ...rest },
    ...(mode === undefined ? {} : { mode }),
    ...(mode === 'Shards' ? { shards } : {}),
    ...(ssd ? { selector: { matchLabels: { disk: 'ssd' } } } : {}),
  };
}

function input(tasks: PlanTask[], agents: PlanAgent[], records: ReadonlyMap<string, PlanRecord>): PlanInput {
  return { tasks, agents, records, openRuns: new Map(), endedRuns: new Set() };
}

function after({ records }: PlanInput, plan: Plan): Map<string, PlanRecord> {
  const next = new Map(records);
  for (const { name, taskUid, slot, owner, revision, suspended } of plan.creates) {
    next.set(name, { taskUid, slot, owner, ownerEpoch: 1, revision, suspended, blockedBy: null });
  }
  for (const { name, to } of plan.updates) next.set(name, to);
  for (const { name } of plan.removes) next.delete(name);
  return next;
}

function check(property: (input: PlanInput) => void): void {
  fc.assert(fc.property(inputArb, property), { numRuns: 500 });
}

t.test('I1: in any order the same plan, and an applied plan leaves nothing to do', async () => {
  check((given) => {
    const plan = planAllocation(given);
    const reversed = { ...given, tasks: [...given.tasks].reverse(), agents: [...given.agents].reverse() };
    if (JSON.stringify(planAllocation(reversed)) !== JSON.stringify(plan)) throw new Error('order mattered');
    const again = planAllocation({ ...given, records: after(given, plan) });
    const left = again.creates.length + again.updates.length + again.removes.length;
    if (left > 0) throw new Error(`second plan writes ${JSON.stringify(again)}`);
  });
});

t.test('slots: those of the declaration and no others; those that end say so', async () => {
  check((given) => {
    const plan = planAllocation(given);
    const slots = new Map<string, string[]>();
    for (const { taskUid, slot } of after(given, plan).values()) {
      slots.set(taskUid, [...(slots.get(taskUid) ?? []), slot]);
    }
    for (const task of given.tasks) {
      const has = (slots.get(task.uid) ?? []).sort();
      if (task.mode === 'EveryAgent') {
        for (const { name } of given.agents.filter((agent) => isEligible(task, agent) && isCandidate(agent))) {
          if (!has.includes(name)) throw new Error(`${name} has no slot`);
        }
        for (const slot of has) if (given.known?.has(slot) !== true) throw new Error(`slot of "${slot}"`);
        continue;
      }
      const wanted = task.mode === 'Shards' ? Array.from({ length: task.shards! }, (_, i) => String(i)) : [''];
      if (JSON.stringify(has) !== JSON.stringify(wanted)) throw new Error(`${has} instead of ${wanted}`);
    }
    const uids = new Set(given.tasks.map(({ uid }) => uid));
    for (const { taskUid, ended } of plan.removes) {
      if (uids.has(taskUid) !== (ended !== undefined)) throw new Error('a slot that ended is not a task that is gone');
    }
  });
});

t.test(
  'I2, I3, I4: who may stay stays; a slot of an agent is never another’s; a shard has an owner iff there is one',
  async () => {
    check((given) => {
      const plan = planAllocation(given);
      const next = after(given, plan);
      const agents = new Map(given.agents.map((agent) => [agent.name, agent]));
      const tasks = new Map(given.tasks.map((task) => [task.uid, task]));
      for (const [name, { taskUid, slot, owner }] of next) {
        const task = tasks.get(taskUid)!;
        const before = given.records.get(name)?.owner ?? null;
        const holder = agents.get(before ?? '');
        const stays = holder !== undefined && isEligible(task, holder);
        if (stays && !holder.draining && owner !== before) throw new Error(`${name} was taken from ${before}`);
        if (task.mode === 'EveryAgent') {
          if (owner !== null && owner !== slot) throw new Error(`${name} is with ${owner}`);
          const own = agents.get(slot);
          if (own === undefined && owner !== before) throw new Error(`${name} moved while its agent was away`);
          if (own !== undefined && (owner === slot) !== (isEligible(task, own) && !own.draining)) throw new Error(name);
          continue;
        }
        const possible = stays || given.agents.some((agent) => isEligible(task, agent) && isCandidate(agent));
        const has = owner !== null && agents.has(owner) && isEligible(task, agents.get(owner)!);
        if (has !== possible || plan.unallocated.includes(name) === possible) throw new Error(`${name}: ${owner}`);
      }
    });
  },
);

t.test('I5: the shards of a task are spread within one, over the agents that keep some too', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 6 }),
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 0, max: 40 }),
      (count, shards, singles) => {
        const agents = Array.from({ length: count }, (_, i) => plainAgent(`agent-${i}`));
        const tasks = [
          ...shards.map((n, i): PlanTask => ({ ...plainTask(`sharded-${i}`), mode: 'Shards', shards: n })),
          ...Array.from({ length: singles }, (_, i) => plainTask(`single-${i}`)),
        ];
        const first = input(tasks, agents, new Map());
        const records = after(first, planAllocation(first));
        spreadWithinOne(records, agents, shards.length);
        const survivors = agents.slice(1);
        const dead = input(tasks, survivors, records);
        const plan = planAllocation(dead);
        if (plan.updates.some(({ from }) => from.owner !== 'agent-0')) throw new Error('others moved');
        spreadWithinOne(after(dead, plan), survivors, shards.length);
      },
    ),
    { numRuns: 200 },
  );
});

function spreadWithinOne(records: ReadonlyMap<string, PlanRecord>, agents: PlanAgent[], tasks: number): void {
  for (let i = 0; i < tasks; i++) {
    const own = [...records.values()].filter(({ taskUid }) => taskUid === `sharded-${i}`);
    const counts = agents.map(({ name }) => own.filter(({ owner }) => owner === name).length);
    if (Math.max(...counts) - Math.min(...counts) > 1) throw new Error(`spread ${counts}`);
  }
}

t.test('I6: an agent that joins gets its slots of EveryAgent tasks, from now on, and nothing else', async () => {
  check((given) => {
    const applied = { ...given, records: after(given, planAllocation(given)) };
    const names = new Set(applied.agents.map(({ name }) => name));
    const plan = planAllocation({ ...applied, agents: [...applied.agents, plainAgent('agent-new')] });
    for (const { slot, cursor } of plan.creates) if (slot !== 'agent-new' || cursor !== 'now') throw new Error(slot);
    for (const { from, to } of plan.updates) {
      const draining = applied.agents.find(({ name }) => name === from.owner)?.draining === true;
      if (from.owner !== to.owner && names.has(from.owner ?? '') && !draining) throw new Error('moved by a join');
    }
  });
});

t.test('cursors: what a task had from the beginning counts from there, what comes later from now', async (t) => {
  const agents = [plainAgent('a')];
  const sharded: PlanTask = { ...plainTask('s'), createdAt: 7, mode: 'Shards', shards: 2 };
  const first = input([sharded], agents, new Map());
  const plan = planAllocation(first);
  t.same(
    plan.creates.map(({ slot, cursor }) => [slot, cursor]),
    [
      ['0', 7],
      ['1', 7],
    ],
  );
  const records = after(first, plan);
  const more = planAllocation(input([{ ...sharded, generation: 2, shards: 3 }], agents, records));
  t.same(
    more.creates.map(({ slot, cursor }) => [slot, cursor]),
    [['2', 'now']],
  );
  const fewer = planAllocation(input([{ ...sharded, generation: 2, shards: 1 }], agents, records));
  t.same(
    fewer.removes.map(({ name, ended }) => [name, ended]),
    [['s.1', 'Now']],
  );
  const single = planAllocation(input([{ ...plainTask('s'), generation: 2 }], agents, records));
  t.same(
    single.removes.map(({ name }) => name),
    ['s.0', 's.1'],
  );
  // Half of the first records were made when a leader died: the other half was there from the beginning too.
  const half = planAllocation(input([sharded], agents, new Map([...records].slice(0, 1))));
  t.same(
    half.creates.map(({ slot, cursor }) => [slot, cursor]),
    [['1', 7]],
  );
});

t.test(
  'EveryAgent: cordoned goes on, drained is put off, away keeps its slot, deleted ends where it stood',
  async (t) => {
    const task: PlanTask = { ...plainTask('e'), mode: 'EveryAgent' };
    const all = ['a', 'b', 'c', 'd'].map(plainAgent);
    const first = input([task], all, new Map());
    const records = after(first, planAllocation(first));
    t.same(
      [...records.values()].map(({ owner }) => owner),
      ['a', 'b', 'c', 'd'],
    );
    const agents = [
      { ...all[0]!, unschedulable: true },
      { ...all[1]!, draining: true },
    ];
    const plan = planAllocation({ ...input([task], agents, records), known: new Set(['a', 'b', 'c']) });
    t.same(
      plan.updates.map(({ name, to }) => [name, to.owner]),
      [['e.b', null]],
    );
    t.same(
      plan.removes.map(({ name, ended }) => [name, ended]),
      [['e.d', 'AtCursor']],
    );
    t.same([plan.creates, plan.moves], [[], 1]);
    const busy = planAllocation({
      ...input([task], agents, records),
      known: new Set(['c', 'd']),
      busy: new Set(['e.b']),
    });
    t.same(busy.updates, [], 'a run that is open holds the drain up');
  },
);

t.test('rebalance: shards may move, slots of agents never', async (t) => {
  const agents = [plainAgent('a'), plainAgent('b')];
  const tasks: PlanTask[] = [
    { ...plainTask('s'), mode: 'Shards', shards: 4 },
    { ...plainTask('e'), mode: 'EveryAgent' },
  ];
  const records = new Map<string, PlanRecord>();
  for (const [uid, slot] of [
    ['s', '0'],
    ['s', '1'],
    ['s', '2'],
    ['s', '3'],
    ['e', 'a'],
  ] as const) {
    const record = { taskUid: uid, slot, owner: 'a', ownerEpoch: 1, revision: 1, suspended: false, blockedBy: null };
    records.set(triggerName(uid, slot), record);
  }
  const { moves } = planRebalance({ tasks, agents, records }, 'default');
  t.equal(moves.length, 2);
  t.ok(moves.every(({ name, to }) => name.startsWith('s.') && to === 'b'));
});

t.test('an EveryAgent task and a task of 1,000 shards on 1,000 agents', async (t) => {
  const agents = Array.from({ length: 1000 }, (_, i) => plainAgent(`agent-${i}`));
  const tasks: PlanTask[] = [
    { ...plainTask('e'), mode: 'EveryAgent' },
    { ...plainTask('s'), mode: 'Shards', shards: 1000 },
    ...Array.from({ length: 1000 }, (_, i): PlanTask => ({ ...plainTask(`s${i}`), mode: 'Shards', shards: 3 })),
  ];
  const empty = input(tasks, agents, new Map());
  const first = timed(() => planAllocation(empty));
  t.equal(first.value.creates.length, 5000);
  const records = after(empty, first.value);
  const stable = timed(() => planAllocation({ ...empty, records }));
  t.equal(stable.value.updates.length + stable.value.creates.length, 0);
  const known = new Set(agents.map(({ name }) => name));
  const dead = timed(() => planAllocation({ ...empty, records, agents: agents.slice(1), known }));
  t.equal(
    dead.value.moves,
    [...records.values()].filter(({ owner, taskUid }) => owner === 'agent-0' && taskUid !== 'e').length,
  );
  t.comment(`place 5,000 slots: ${first.ms} ms, stable: ${stable.ms} ms, one agent gone: ${dead.ms} ms`);
  t.ok(first.ms < 20_000);
});

/** Time of the processor: it does not grow when the machine has other work. */
function timed<T>(work: () => T): { value: T; ms: number } {
  const start = process.cpuUsage();
  const value = work();
  return { value, ms: Math.round(process.cpuUsage(start).user / 1000) };
}

function plainAgent(name: string): PlanAgent {
  const switches = { unschedulable: false, draining: false, fit: true };
  return { name, cluster: 'default', labels: {}, presence: 'present', capacity: 1, ...switches };
}

function plainTask(uid: string): PlanTask {
  return { uid, cluster: 'default', generation: 1, suspended: false, createdAt: 0, allowsOverlap: false };
}
