// Whoever can write to coordination can keep tasks from being started, or start them early. They cannot say what runs: that comes from
// the center alone.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { decodeAllocation, encodeAllocation, encodeTriggerRecord } from '../coordination/index.js';
import { AgentBench } from '../test/support/agent-bench.js';
import { ends } from '../test/support/agent-helpers.js';

t.test('abuse: commands that somebody writes into coordination are run by nobody', async (t) => {
  const bench = await AgentBench.open(t);
  const evil = join(bench.directory, 'evil');
  const command = ['/bin/sh', '-c', `touch ${evil}`];
  const spec = { schedules: [{ every: '1s' }], run: { command } };
  const agent = await bench.agent();
  const task = bench.task({ schedules: [{ every: '1s' }], run: { command: ['/bin/echo', 'right'] } });
  const uid = bench.uid(task);
  await bench.allocate('a1', [task], { ...({ command, spec, run: { command }, task: { spec } } as object) });
  const list = await listOf(bench);
  // Of the task that is there, another one that the center does not know, and one from a file that somebody left.
  const record = { owner: 'a1', ownerEpoch: 1, revision: 1, suspended: false, cursor: 0, attempt: 0, claimId: '' };
  const forged = encodeTriggerRecord({ ...record, blockedBy: null });
  const unknown = '00000000-0000-4000-8000-000000000000';
  await write(
    bench,
    bench.layout.trigger(unknown, ''),
    Buffer.from(JSON.stringify({ ...JSON.parse(String(forged)), spec })),
  );
  const lines = `${list}${unknown} - 1 1 a ${JSON.stringify(spec)}\n`.replace(
    ' a\n',
    ` a ${JSON.stringify(command)}\n`,
  );
  await write(bench, bench.layout.allocationChunk('a1', 0), Buffer.from(lines));
  await write(
    bench,
    bench.layout.allocationRev('a1'),
    Buffer.from(JSON.stringify({ tasks: [{ metadata: { uid }, spec }] })),
  );
  const runs = await ends(agent, 3);
  t.match(runs, [{ state: 'Succeeded', task: task.metadata.name }, { state: 'Succeeded' }, { state: 'Succeeded' }]);
  t.same([...new Set(runs.map(({ taskUid }) => taskUid))], [uid]);
  t.notOk(existsSync(evil), 'nothing else was run');
});

t.test('abuse: a name in a list leads to no other file', async (t) => {
  const bench = await AgentBench.open(t);
  const evil = join(bench.directory, 'evil');
  const planted = { ...bench.task({ schedules: [{ every: '1s' }], run: { command: ['touch', evil] } }) };
  mkdirSync(join(bench.dataDir('a1'), 'tasks'), { recursive: true });
  writeFileSync(join(bench.dataDir('a1'), 'planted.json'), JSON.stringify(planted));
  const agent = await bench.agent();
  const task = bench.task({ schedules: [{ every: '1s' }], run: { command: ['true'] } });
  const applied = agent.events.next('allocationApplied', ({ slots }) => slots === 1);
  await bench.allocate('a1', [task]);
  await applied;
  for (const line of [
    '../planted - 1 1 a\n',
    'a/b - 1 1 a\n',
    `${bench.uid(task)} ../../x 1 1 a\n`,
    'a\0b - 1 1 a\n',
  ]) {
    await write(bench, bench.layout.allocationChunk('a1', 0), Buffer.from(`${await listOf(bench)}${line}`));
    await write(bench, bench.layout.allocationRev('a1'), Buffer.alloc(0));
    t.throws(() => decodeAllocation([Buffer.from(line)]), TypeError);
    // The list as a whole is refused; what was allocated before goes on.
    const [run] = await ends(agent, 1);
    t.match(run, { state: 'Succeeded', taskUid: bench.uid(task) }, JSON.stringify(line));
  }
  t.notOk(existsSync(evil));
});

async function listOf(bench: AgentBench): Promise<string> {
  const { children } = await bench.session.current.getChildren(bench.layout.triggers);
  const entries = [];
  for (const bucket of children) {
    for (const name of (await bench.session.current.getChildren(`${bench.layout.triggers}/${bucket}`)).children) {
      if (bench.center.tasks.has(name)) {
        entries.push({ taskUid: name, slot: '', revision: 1, suspended: false, ownerEpoch: 1 });
      }
    }
  }
  return String(Buffer.concat(encodeAllocation(entries)));
}

/** Whatever is there is written over. */
async function write(bench: AgentBench, path: string, data: Buffer): Promise<void> {
  const coordinator = bench.session.current;
  const stat = await coordinator.exists(path);
  if (stat !== undefined) return void (await coordinator.setData(path, data, stat.version));
  await coordinator.ensurePath(path.slice(0, path.lastIndexOf('/')));
  await coordinator.create(path, data);
}
