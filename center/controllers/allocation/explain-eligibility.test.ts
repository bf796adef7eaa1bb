import t from 'tap';
import type { LabelSelector } from '../../../manifests/index.js';
import { isCandidate, isEligible } from './eligibility.js';
import { whyNot } from './explain-eligibility.js';
import type { PlanAgent, PlanTask } from './types.js';

const task = (extra: Partial<PlanTask> = {}): PlanTask => ({
  ...{ uid: 'u', cluster: 'eu', generation: 1, suspended: false, createdAt: 0, allowsOverlap: false },
  ...extra,
});
const agent = (extra: Partial<PlanAgent> = {}): PlanAgent => ({
  ...{ name: 'a1', cluster: 'eu', labels: { disk: 'ssd' }, presence: 'present', unschedulable: false, draining: false },
  ...{ capacity: 1, fit: true },
  ...extra,
});

t.test('in words', (t) => {
  const selector: LabelSelector = { matchLabels: { disk: 'ssd', zone: 'b' } };
  t.same(whyNot(task({ selector }), agent({ labels: { disk: 'hdd' } })), [
    'label disk is hdd, not ssd',
    'label zone missing',
  ]);
  t.same(whyNot(task(), agent({ cluster: 'us', presence: 'held', unschedulable: true })), [
    'it belongs to cluster us',
    'offline',
    'cordoned',
  ]);
  t.end();
});

t.test('a reason for each agent that the plan would leave out, and none for another', (t) => {
  const requirement = (operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist', values?: string[]): LabelSelector => ({
    matchExpressions: [{ key: 'disk', operator, ...(values === undefined ? {} : { values }) }],
  });
  const tasks = [
    task(),
    task({ pinned: ['a1'] }),
    task({ pinned: ['a2'] }),
    ...[
      requirement('In', ['ssd', 'nvme']),
      requirement('NotIn', ['ssd']),
      requirement('Exists'),
      requirement('DoesNotExist'),
    ].map((selector) => task({ selector })),
    task({ selector: { matchLabels: { disk: 'ssd' } } }),
  ];
  const agents = [
    {},
    { labels: {} },
    { labels: { disk: 'hdd' } },
    { cluster: 'us' },
    { fit: false },
    { presence: 'held' },
    { unschedulable: true },
    { draining: true },
  ];
  for (const one of tasks) {
    for (const other of agents.map((extra) => agent(extra as Partial<PlanAgent>))) {
      t.equal(
        whyNot(one, other).length === 0,
        isEligible(one, other) && isCandidate(other),
        JSON.stringify([one, other]),
      );
    }
  }
  t.end();
});
