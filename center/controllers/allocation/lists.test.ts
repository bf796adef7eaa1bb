// The allocation lists in ZooKeeper: few znodes, and derived from the records whatever becomes of them.
import t from 'tap';
import { type Coordinator, decodeAllocation } from '../../../coordination/index.js';
import { agent, apply, center, eventually, layout, task, world } from '../../../test/support/leading-center.js';

t.setTimeout(300_000);
const SWEEP_MS = 1000;

t.test('a sweep repairs lists that somebody damaged, from the records', async (t) => {
  const w = await world(t);
  const { controllers } = await center(w, 'c1', { sweepMs: SWEEP_MS });
  const [a1, a2] = [await agent(w, 'a1'), await agent(w, 'a2')];
  await controllers.start(w.signal);
  await apply(w, ...Array.from({ length: 40 }, (_, i) => task(`t${i}`)));
  const before = await Promise.all([a1!.owns(20), a2!.owns(20)]);
  const coordinator = a1!.session.current;
  const rev = async (name: string) => (await coordinator.exists(layout.allocationRev(name)))!.version;
  const remove = async (path: string) => coordinator.delete(path, (await coordinator.exists(path))!.version);
  const touch = async (name: string) =>
    void (await coordinator.setData(layout.allocationRev(name), Buffer.alloc(0), await rev(name)));

  const fewer = a1!.owns(1);
  const chunk = await coordinator.getData(layout.allocationChunk('a1', 0));
  const [first] = chunk.data.toString().split('\n');
  await coordinator.setData(layout.allocationChunk('a1', 0), Buffer.from(`${first}\n`), chunk.stat.version);
  await touch('a1');
  await fewer;
  const gone = a2!.owns(0);
  await remove(layout.allocationChunk('a2', 0));
  await touch('a2');
  await gone;
  t.same(await Promise.all([a1!.owns(20), a2!.owns(20)]), before);

  // A list with a hole: its first chunk is missing, another is there.
  await coordinator.create(layout.allocationChunk('a2', 1), chunk.data);
  await remove(layout.allocationChunk('a2', 0));
  const versions = await Promise.all([rev('a1')]);
  await touch('a2');
  await eventually(w, async () =>
    (await coordinator.exists(layout.allocationChunk('a2', 1))) === undefined ? true : undefined,
  );
  t.same(decodeAllocation([(await coordinator.getData(layout.allocationChunk('a2', 0))).data]), before[1]);
  t.equal(await rev('a1'), versions[0], 'a list that is as it should be is not written');
});

t.test('at most 1.1 znodes per slot', async (t) => {
  const w = await world(t);
  const { controllers } = await center(w, 'c1');
  const agents = [await agent(w, 'a1'), await agent(w, 'a2'), await agent(w, 'a3')];
  await controllers.start(w.signal);
  const slots = 4000;
  await apply(w, ...Array.from({ length: slots }, (_, i) => task(`t${i}`)));
  let owned = 0;
  while (owned < slots) {
    owned = agents.reduce((sum, { allocation }) => sum + allocation.entries.length, 0);
    if (owned < slots)
      await Promise.race(agents.map(({ allocation }) => allocation.events.next('changed', () => true, w.signal)));
  }
  const nodes = await countNodes(agents[0]!.session.current, layout.root);
  t.comment(`${nodes} znodes for ${slots} slots`);
  t.ok(nodes <= 1.1 * slots, `${nodes}`);
});

async function countNodes(coordinator: Coordinator, path: string): Promise<number> {
  const { children } = await coordinator.getChildren(path);
  const counts = await Promise.all(children.map((name) => countNodes(coordinator, `${path}/${name}`)));
  return 1 + counts.reduce((sum, count) => sum + count, 0);
}
