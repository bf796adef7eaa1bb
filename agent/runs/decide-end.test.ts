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
});

t.test('which ends are followed by another attempt, and when', async (t) => {
  const policy = { limit: 2, initialMs: 1000, maxMs: 1500 };
  const failed = { state: 'Failed', exitCode: 3 } as const;
  t.equal(decideRetry(failed, 1, policy), 1000);
  t.equal(decideRetry(failed, 2, policy), 1500, 'doubles up to the maximum');
  t.equal(decideRetry(failed, 3, policy), undefined, 'the limit is reached');
  t.equal(decideRetry({ state: 'TimedOut' }, 1, policy), 1000);
  for (const state of ['Succeeded', 'Cancelled', 'Lost'] as const)
    t.equal(decideRetry({ state }, 1, policy), undefined);
  t.equal(decideRetry(failed, 1, { ...policy, onExitCodes: [3] }), 1000);
  t.equal(decideRetry(failed, 1, { ...policy, onExitCodes: [4] }), undefined);
  t.equal(decideRetry({ state: 'TimedOut' }, 1, { ...policy, onExitCodes: [3] }), undefined);
  t.equal(decideRetry({ state: 'Failed', signal: 'SIGKILL' }, 1, { ...policy, onExitCodes: [3] }), undefined);
});
