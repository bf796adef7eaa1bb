import fc from 'fast-check';
import t from 'tap';
import { goldenView, misfit } from '../../../test/support/dashboard-lines.js';
import { largeWorld, NOON, smallWorld } from '../../../test/support/dashboard-objects.js';
import { xrayLines } from './xray.js';
import { buildAgentTree, buildTaskTree, toggled, type XrayNode, xrayRows } from './xray-model.js';

const context = { now: NOON, ascii: false };

/** Nodes of the first `depth` levels. */
function openTo(nodes: readonly XrayNode[], depth: number): Set<string> {
  return new Set(depth === 0 ? [] : nodes.flatMap((node) => [node.id, ...openTo(node.children(), depth - 1)]));
}

t.test('tasks by namespace, as read (T-43)', async (t) => {
  const { tasks, runs } = smallWorld();
  const tree = buildTaskTree(tasks, runs);
  const rows = xrayRows(tree, openTo(tree, 2));
  goldenView(t, 'xray-tasks', (size) => xrayLines({ rows, top: 0, selected: 1 }, size, context));
  goldenView(
    t,
    'xray-tasks-ascii',
    (size) => xrayLines({ rows, top: 0, selected: 1 }, size, { now: NOON, ascii: true }),
    [{ width: 80, height: 24 }],
  );
});

t.test('agents by cluster, as read', async (t) => {
  const { clusters, agents, runs } = smallWorld();
  const tree = buildAgentTree(clusters, agents, runs);
  const rows = xrayRows(tree, toggled(openTo(tree, 1), 'agent/eu-3'));
  goldenView(t, 'xray-agents', (size) => xrayLines({ rows, top: 0, selected: 0 }, size, context));
});

t.test('what is shut shows no children, and makes none', async (t) => {
  const { tasks, runs } = smallWorld();
  const tree = buildTaskTree(tasks, runs);
  const names = (open: Set<string>) => xrayRows(tree, open).map(({ lead, node }) => lead + node.name);
  t.same(names(new Set()), ['billing', 'ops']);
  const open = toggled(new Set(), 'namespace/ops');
  t.same(names(open), ['billing', 'ops', ' ├─backup', ' └─old-export']);
  t.same(names(toggled(open, 'namespace/ops')), ['billing', 'ops']);
  const shut = { ...tree[0]!, children: () => t.fail('children of a shut node') as never };
  t.equal(xrayRows([shut], new Set()).length, 1);
});

t.test('of many runs the latest are shown, and each that still runs', async (t) => {
  const { tasks, runs } = smallWorld();
  const ledger = buildTaskTree(tasks, runs)[0]!
    .children()
    .find(({ name }) => name === 'ledger-sync')!;
  t.equal(ledger.count, 12);
  t.equal(ledger.children().length, 11);
  t.match(
    ledger.children().at(-1),
    { label: '2 older', kind: 'Task', name: 'ledger-sync' },
    'and a row for the others',
  );
  t.equal(ledger.children()[0]?.name, 'ledger-sync-now');
  t.same(ledger.look(NOON).history?.at(-1), 'Running');
});

t.test('a node is made anew when its task or its runs change, and only then', async (t) => {
  const { tasks, runs } = smallWorld();
  const ledger = (now: typeof runs) =>
    buildTaskTree(tasks, now)[0]!
      .children()
      .find(({ name }) => name === 'ledger-sync')!;
  const before = ledger(runs);
  t.equal(ledger([...runs]), before);
  t.equal(ledger(runs.slice(1)).count, before.count - 1);
  const ended = runs.map((run) =>
    run.metadata.name === 'ledger-sync-now' ? { ...run, status: { state: 'Failed' as const } } : run,
  );
  t.equal(ledger(ended).look(NOON).history?.at(-1), 'Failed');
});

t.test('any tree in any window takes exactly its cells', async () => {
  const trees = [smallWorld(), largeWorld(1000)].flatMap(({ tasks, runs, agents, clusters }) => [
    buildTaskTree(tasks, runs),
    buildAgentTree(clusters, agents, runs),
  ]);
  const worlds = [[], ...trees.map((tree) => xrayRows(tree, openTo(tree, 3)))];
  const size = fc.record({ width: fc.integer({ min: 1, max: 140 }), height: fc.integer({ min: 0, max: 50 }) });
  fc.assert(
    fc.property(fc.constantFrom(...worlds), fc.nat(1200), size, fc.boolean(), (rows, top, size, ascii) => {
      const wrong = misfit(xrayLines({ rows, top, selected: top }, size, { now: NOON, ascii }), size);
      if (wrong !== undefined) throw new Error(wrong);
    }),
  );
});
