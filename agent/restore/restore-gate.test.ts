// Rule R13 as an agent keeps it. The test is the leader; that coordination went back is made up: the heartbeat node is made
// anew, and the cursor put back by some seconds, as a backup would have it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { decodeRegistration, type Guard, type Registration } from '../../coordination/index.js';
import { AgentBench } from '../../test/support/agent-bench.js';
import { ends, final } from '../../test/support/agent-helpers.js';

const { signal } = new AbortController();

/** A cursor that lies back shows. */
const CATCH_UP = { concurrencyPolicy: 'Allow', missedRunPolicy: 'RunAll' } as const;

async function registered(bench: AgentBench, accept: (registration: Registration) => boolean): Promise<Registration> {
  const path = bench.layout.agent('a1');
  for (;;) {
    let changed: () => void = () => undefined;
    const change = new Promise<void>((resolve) => {
      changed = resolve;
    });
    if ((await bench.session.current.exists(path, changed)) !== undefined) {
      const registration = decodeRegistration((await bench.session.current.getData(path)).data);
      if (accept(registration)) return registration;
    }
    await change;
  }
}

async function writeGuard(bench: AgentBench, guard: Guard): Promise<void> {
  const { layout, session } = bench;
  const data = Buffer.from(JSON.stringify(guard));
  const stat = await session.current.exists(layout.guard);
  if (stat === undefined) await session.current.create(layout.guard, data);
  else await session.current.setData(layout.guard, data, stat.version);
}

async function goBack(bench: AgentBench): Promise<void> {
  const path = bench.layout.heartbeat('a1');
  const { version } = (await bench.session.current.exists(path))!;
  await bench.session.current.delete(path, version);
  await bench.session.current.create(path, Buffer.alloc(0));
}

t.test('an agent that has seen more says so, raises what it knows of, and starts nothing twice', async (t) => {
  const bench = await AgentBench.open(t);
  const first = await bench.agent();
  const task = bench.task({ schedules: [{ every: '1s' }], run: { command: ['true'] }, ...CATCH_UP });
  const three = ends(first, 3);
  await bench.allocate('a1', [task]);
  await three;
  await first.detach();
  const { cursor } = await bench.record(task);
  const ran = new Set(bench.center.history.map(({ scheduledTime }) => scheduledTime));
  await goBack(bench);
  await bench.change(task, { cursor: cursor - 3000, claimId: 'older' });

  const agent = await bench.agent('a1', false);
  const started: number[] = [];
  agent.events.on('started', ({ startAt }) => started.push(startAt));
  const starting = agent.start(signal);
  t.match(await registered(bench, ({ doubts }) => doubts !== undefined), { doubts: 0 });
  await writeGuard(bench, { restores: 0, state: 'raising', id: 'one' });
  await registered(bench, ({ raised }) => raised === 'one');
  const raised = (await bench.record(task)).cursor;
  // A claim may have been in the journal and not yet in the record when the agent left: then it is raised further than that.
  t.ok(raised >= cursor, `it raised the cursor: ${raised - cursor} ms off`);
  t.strictSame(started, [], 'and started nothing so far');
  await writeGuard(bench, { restores: 1, state: 'open', id: 'one' });
  const ended = ends(agent, 2);
  await starting;
  for (const { scheduledTime } of await ended) t.notOk(ran.has(scheduledTime), 'a time point that did not run before');
  const word = await registered(bench, ({ doubts }) => doubts === undefined);
  t.equal(word.raised, undefined);
});

t.test('whatever the record says, nothing starts again that this agent started', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const task = bench.task({ schedules: [{ every: '1s' }], run: { command: ['true'] }, ...CATCH_UP });
  const three = ends(agent, 3);
  await bench.allocate('a1', [task]);
  await three;
  const { cursor } = await bench.record(task);
  const more = ends(agent, 4);
  await bench.change(task, { cursor: cursor - 3000, ownerEpoch: 2 });
  const points = bench.center.history.filter(final('Succeeded')).map(({ scheduledTime }) => scheduledTime);
  for (const { scheduledTime } of await more) t.notOk(points.includes(scheduledTime));
});

t.test('an agent that was away for long waits until a leader has looked', async (t) => {
  const bench = await AgentBench.open(t);
  await (await bench.agent()).detach();
  const path = join(bench.dataDir('a1'), 'agent.json');
  const identity = JSON.parse(readFileSync(path, 'utf8')) as { memory: { at: number } };
  t.ok(identity.memory.at > 0, 'what it saw is kept');
  writeFileSync(path, JSON.stringify({ ...identity, memory: { ...identity.memory, at: 1 } }));
  const { current } = bench.session;
  const checkpoint = { number: 1, mark: 'x', resourceVersion: 1 };
  await current.create(bench.layout.checkpoint, Buffer.from(JSON.stringify(checkpoint)));

  const agent = await bench.agent('a1', false);
  let ready = false;
  const starting = agent.start(signal).then(() => {
    ready = true;
  });
  await registered(bench, ({ asks }) => asks !== undefined);
  t.notOk(ready);
  await current.setData(bench.layout.checkpoint, Buffer.from(JSON.stringify({ ...checkpoint, number: 2 })), 0);
  await starting;
  t.pass('a moved checkpoint is the word of a leader');
});
