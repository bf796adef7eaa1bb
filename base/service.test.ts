import t from 'tap';
import { silentLogger } from './logger.js';
import { type Service, ServiceGroup } from './service.js';

function recorder(calls: string[], name: string, fail?: 'start' | 'stop'): Service {
  return {
    name,
    async start() {
      calls.push(`start ${name}`);
      if (fail === 'start') throw new Error(`${name} is broken`);
    },
    async stop() {
      calls.push(`stop ${name}`);
      if (fail === 'stop') throw new Error(`${name} will not go`);
    },
  };
}

t.test('a group starts in order and stops in reverse, once', async (t) => {
  const calls: string[] = [];
  const group = new ServiceGroup('all', silentLogger, [
    recorder(calls, 'a'),
    recorder(calls, 'b', 'stop'),
    recorder(calls, 'c'),
  ]);
  await group.start(new AbortController().signal);
  await group.stop();
  await group.stop();
  t.same(calls, ['start a', 'start b', 'start c', 'stop c', 'stop b', 'stop a']);
});

t.test('a failed start stops what had been started, the failed one included', async (t) => {
  const calls: string[] = [];
  const group = new ServiceGroup('all', silentLogger, [
    recorder(calls, 'a'),
    recorder(calls, 'b', 'start'),
    recorder(calls, 'c'),
  ]);
  await t.rejects(group.start(new AbortController().signal), { message: 'b is broken' });
  t.same(calls, ['start a', 'start b', 'stop b', 'stop a']);
});
