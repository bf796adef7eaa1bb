import t from 'tap';
import { countMoves, noMoves } from './move-reasons.js';
import type { Plan, PlanAgent, PlanInput, PlanRecord, Relocation } from './types.js';

const agent = (name: string, draining = false) => ({ name, draining }) as PlanAgent;
const update = (name: string, from: string | null, to: string | null): Plan['updates'][number] => ({
  ...{ kind: 'update', name, taskUid: name, slot: '' },
  from: { owner: from } as PlanRecord,
  to: { owner: to } as PlanRecord,
});
const relocation = (name: string, from: string, to: string, forRetry?: true): [string, Relocation] => [
  name,
  { name, from, to, ...(forRetry === undefined ? {} : { forRetry }) },
];

t.test('each move has one reason; what is no move has none', async (t) => {
  const updates = [
    update('died', 'gone', 'a'),
    update('drained', 'drains', 'a'),
    update('asked', 'a', 'b'),
    update('retried', 'a', 'b'),
    update('not-as-asked', 'a', 'c'),
    update('nobody', 'b', null),
    update('first', null, 'a'),
    update('edited', 'a', 'a'),
  ];
  const input = {
    agents: [agent('a'), agent('b'), agent('drains', true)],
    relocations: new Map([
      relocation('asked', 'a', 'b'),
      relocation('retried', 'a', 'b', true),
      relocation('not-as-asked', 'a', 'b'),
      relocation('died', 'gone', 'a'),
    ]),
  } as unknown as PlanInput;
  const counted = noMoves();
  countMoves(counted, { updates } as unknown as Plan, input);
  t.same(counted, { AgentGone: 1, Drain: 1, Rebalance: 1, Retry: 1, Ineligible: 2 });
  countMoves(counted, { updates: [updates[0]!] } as unknown as Plan, input);
  t.equal(counted.AgentGone, 2, 'added to what was counted before');
});
