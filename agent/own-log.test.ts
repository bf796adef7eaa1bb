// An agent tells the center that asks what it has logged last, also while it cannot start.
import t from 'tap';
import { RecentLines } from '../base/index.js';
import { AgentBench } from '../test/support/agent-bench.js';
import { ends, startOnDemand } from '../test/support/agent-helpers.js';
import { TcpProxy } from '../test/support/tcp-proxy.js';

const LINE = { level: 40, msg: 'connection lost' };

function linesOf(...fields: object[]): RecentLines {
  const recent = new RecentLines({ maxLines: 2 });
  for (const each of fields) recent.add(JSON.stringify(each));
  return recent;
}

t.test('one that runs', async (t) => {
  const bench = await AgentBench.open(t, { recentLines: linesOf({ level: 30, msg: 'first' }, LINE, LINE) });
  const { events } = bench.center;
  const listening = events.next('stream');
  await bench.agent();
  await listening;
  const told = events.next('ownLog');
  bench.center.request({ type: 'Log', id: 'q1' });
  t.same(await told, { id: 'q1', omitted: 1, lines: [LINE, LINE] });
});

t.test('one that cannot reach coordination; it takes nothing else until it can', async (t) => {
  const bench = await AgentBench.open(t, { recentLines: linesOf(LINE) });
  const { events } = bench.center;
  const task = bench.task({ run: { command: ['true'] } });
  await bench.allocate('a1', [task]);
  const proxy = await TcpProxy.start({ port: bench.server.port });
  t.teardown(() => proxy.stop());
  proxy.refuse(true);
  const listening = events.next('stream');
  const agent = await bench.agent('a1', false, proxy.address);
  const ended = ends(agent, 1);
  const starting = agent.start(new AbortController().signal);
  await listening;
  startOnDemand(bench, task);
  const told = events.next('ownLog');
  bench.center.request({ type: 'Log', id: 'q2' });
  t.match(await told, { id: 'q2', lines: [LINE] });
  t.equal(agent.pending().runs, 0);
  proxy.refuse(false);
  await starting;
  t.match(await ended, [{ state: 'Succeeded' }], 'what was open meanwhile is told again');
});

t.test('one that is stopped before', async (t) => {
  const bench = await AgentBench.open(t, { recentLines: linesOf(LINE) });
  const proxy = await TcpProxy.start({ port: bench.server.port });
  t.teardown(() => proxy.stop());
  proxy.refuse(true);
  const listening = bench.center.events.next('stream');
  const agent = await bench.agent('a1', false, proxy.address);
  const failed = t.rejects(agent.start(new AbortController().signal), { message: 'the agent is stopping' });
  await listening;
  await agent.stop();
  await failed;
});
