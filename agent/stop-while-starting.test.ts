// An agent that is told to stop while it starts leaves nothing behind: no runner, no lock, no registration.
import { once } from 'node:events';
import { connect } from 'node:net';
import t from 'tap';
import { acquireDirectoryLock, Emitter, type Logger, silentLogger } from '../base/index.js';
import { AgentBench } from '../test/support/agent-bench.js';
import { runnerFiles } from './runner/runner-files.js';

/** A bench whose agents' sentences can be waited for. */
async function listening(t: Parameters<typeof AgentBench.open>[0]) {
  const lines = new Emitter<{ line: string }>();
  const said: string[] = [];
  const note = (_fields: unknown, sentence: string) => {
    said.push(sentence);
    lines.emit('line', sentence);
  };
  const log: Logger = { ...silentLogger, info: note, warn: note, child: () => log };
  return { bench: await AgentBench.open(t, { log }), lines, said };
}

const never = (): AbortSignal => new AbortController().signal;

t.test('in its first moment: no runner is started', async (t) => {
  const { bench, said } = await listening(t);
  const agent = await bench.agent('a1', false);
  const failed = t.rejects(agent.start(never()), { message: 'the agent is stopping' });
  await agent.stop();
  await failed;
  t.notOk(said.includes('runner started'));
  await (await acquireDirectoryLock(bench.dataDir('a1'))).release(); // its lock is free
});

t.test('while its runner comes up: the runner leaves too', async (t) => {
  const { bench, lines } = await listening(t);
  const agent = await bench.agent('a1', false);
  const begun = lines.next('line', (sentence) => sentence === 'runner started');
  const failed = t.rejects(agent.start(never()), { message: 'the agent is stopping' });
  await begun;
  await agent.stop();
  await failed;
  const [error] = await once(connect(runnerFiles(bench.dataDir('a1'), 0).socket), 'error');
  t.match(error, { code: /ENOENT|ECONNREFUSED/ }, 'nobody listens any more');
  await bench.session.current.ensurePath(bench.layout.agents);
  t.equal(await bench.session.current.exists(bench.layout.agent('a1')), undefined, 'not registered');
});

t.test('stopped before it is started: nothing starts', async (t) => {
  const { bench, said } = await listening(t);
  const agent = await bench.agent('a1', false);
  await agent.stop();
  await t.rejects(agent.start(never()), { message: 'the agent is stopping' });
  t.same(said, []);
});

t.test('while another agent holds the name, it has started and is not registered', async (t) => {
  const { bench } = await listening(t);
  const path = bench.layout.agent('a1');
  await bench.session.current.ensurePath(bench.layout.agents);
  await bench.session.current.create(path, Buffer.from('{}'), 'ephemeral');
  const agent = await bench.agent('a1');
  t.equal(agent.isRegistered, false);
  const registered = agent.events.next('registered');
  await bench.session.current.delete(path, 0);
  await registered;
  t.equal(agent.isRegistered, true);
});
