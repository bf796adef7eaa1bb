import t, { type Test } from 'tap';
import { Emitter, type Logger, silentLogger } from '../base/index.js';
import { AgentBench } from '../test/support/agent-bench.js';

/** A center that knows the agent's token no more, and what the agent logs as errors. */
async function openRefusing(t: Test): Promise<{ bench: AgentBench; errors: Emitter<{ error: string }> }> {
  const errors = new Emitter<{ error: string }>();
  const log: Logger = {
    ...silentLogger,
    error: (_fields, sentence) => errors.emit('error', sentence),
    child: () => log,
  };
  const bench = await AgentBench.open(t, { log });
  bench.center.token = 'ct_other';
  return { bench, errors };
}

t.test(
  'an agent whose token the center refuses gets no tasks, says so, and begins when the token is right',
  async (t) => {
    const { bench, errors } = await openRefusing(t);
    const agent = await bench.agent('a1', false);
    const said = errors.next('error');
    let ready = false;
    const starting = agent.start(new AbortController().signal).then(() => {
      ready = true;
    });
    t.equal(await said, 'the center refuses this agent');
    await bench.session.current.ensurePath(bench.layout.agent('nobody'));
    t.equal(await bench.session.current.exists(bench.layout.agent('a1')), undefined, 'not registered');
    t.notOk(ready);
    bench.center.token = 'ct_test';
    await starting;
    t.ok(await bench.session.current.exists(bench.layout.agent('a1')), 'registered');
  },
);

t.test('an agent that is refused can be ended', async (t) => {
  const { bench, errors } = await openRefusing(t);
  const agent = await bench.agent('a1', false);
  const asked = new AbortController();
  const said = errors.next('error');
  const failed = t.rejects(agent.start(asked.signal), { message: 'asked to end' });
  await said;
  asked.abort(new Error('asked to end'));
  await failed;
  await agent.detach();
});

t.test('an agent begins without a center', async (t) => {
  const bench = await AgentBench.open(t);
  await bench.center.stop();
  await bench.agent('a1');
  t.ok(await bench.session.current.exists(bench.layout.agent('a1')), 'registered');
  await bench.center.start();
});
