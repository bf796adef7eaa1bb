import t from 'tap';
import { decideEnd, decideRetry } from './decide-end.js';

t.test('what the end of a process means', async (t) => {
  const endTime = 1;
  t.match(decideEnd({ exitCode: 0, endTime }, undefined), { state: 'Succeeded', exitCode: 0 });
  t.match(decideEnd({ exitCode: 3, endTime }, undefined), { state: 'Failed', reason: 'ExitCode', exitCode: 3 });
  t.match(decideEnd({ signal: 'SIGSEGV', endTime }, undefined), {
    state: 'Failed',
    reason: 'Signal',
    signal: 'SIGSEGV',
  });
  t.match(decideEnd({ signal: 'SIGTERM', timedOut: true, endTime }, undefined), {
    state: 'TimedOut',
    reason: 'Timeout',
  });
  t.match(decideEnd({ signal: 'SIGTERM', cancelled: true, endTime }, 'Replaced'), {
    state: 'Cancelled',
    reason: 'Replaced',
  });
  t.match(decideEnd({ exitCode: 0, endTime }, 'Requested'), { state: 'Succeeded' }, 'it had ended by itself before');
  t.match(decideEnd({ statusUnknown: true, endTime }, undefined), { state: 'Lost', reason: 'RunnerDied' });
  t.same(decideEnd({ exitCode: 0, endTime, usage: { cpuMs: 70, peakBytes: 4096 } }, undefined), {
    state: 'Succeeded',
    exitCode: 0,
    cpuMilliseconds: 70,
    peakMemoryBytes: 4096,
    usageSource: 'Sampled',
  });
  t.match(decideEnd({ signal: 'SIGKILL', endTime, limit: 'pids', limitedBy: { pids: 'Sampled' } }, undefined), {
    state: 'Failed',
    reason: 'PidLimit',
    signal: 'SIGKILL',
    limits: { pids: 'Sampled' },
  });
  t.match(
    decideEnd({ signal: 'SIGKILL', endTime, limit: 'memoryBytes', usage: { cpuMs: 1, exact: true } }, 'Requested'),
    { state: 'Failed', reason: 'MemoryLimit', usageSource: 'Cgroup' },
  );
});

t.test('which ends are followed by another attempt, and when', async (t) => {
  const policy = { limit: 2, initialMs: 1000, maxMs: 1500, factor: 2, jitter: 0 };
  const failed = { state: 'Failed', exitCode: 3 } as const;
  t.equal(decideRetry(failed, 'uid', 1, policy), 1000);
  t.equal(decideRetry(failed, 'uid', 2, policy), 1500, 'doubles up to the maximum');
  t.equal(decideRetry(failed, 'uid', 3, policy), undefined, 'the limit is reached');
  t.equal(decideRetry({ state: 'TimedOut' }, 'uid', 1, policy), 1000);
  for (const state of ['Succeeded', 'Cancelled', 'Lost'] as const)
    t.equal(decideRetry({ state }, 'uid', 1, policy), undefined);
  t.equal(decideRetry(failed, 'uid', 1, { ...policy, onExitCodes: [3] }), 1000);
  t.equal(decideRetry(failed, 'uid', 1, { ...policy, onExitCodes: [4] }), undefined);
  t.equal(decideRetry({ state: 'TimedOut' }, 'uid', 1, { ...policy, onExitCodes: [3] }), undefined);
  t.equal(decideRetry({ state: 'Failed', signal: 'SIGKILL' }, 'uid', 1, { ...policy, onExitCodes: [3] }), undefined);
});
