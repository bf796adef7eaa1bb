import t from 'tap';
import type { Run } from '../../../manifests/index.js';
import { decideContinuation } from './decide-continuation.js';

const NOW = Date.parse('2026-11-22T12:10:00Z');
const POINT = '2026-11-22T12:00:00Z';
const record = {};
const claimed = (attempt: number) => ({
  retried: { forgottenUpTo: 0, latest: [[Date.parse(POINT), attempt] as const] },
});
const task = { suspended: false, rerun: { attemptsMax: 4, windowMs: 3_600_000 } };
const attempts = [{ number: 1, state: 'Failed', agent: 'a' }] as const;

const run = (status: Partial<Run['status']>, spec: Partial<Run['spec']> = {}): Run => ({
  ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Run', metadata: { name: 'r' } },
  spec: { ...{ task: 't', taskUid: 'u', slot: '', revision: 1, trigger: 'Schedule', scheduledTime: POINT }, ...spec },
  status: { state: 'Pending', attempts: [...attempts], ...status },
});
const lost = (status: Partial<Run['status']> = {}, spec: Partial<Run['spec']> = {}) =>
  run({ state: 'Lost', reason: 'AgentSilent', endTime: '2026-11-22T12:05:00Z', ...status }, spec);

t.test('a retry goes on when nobody has claimed it', async (t) => {
  const waiting = run({ reason: 'Retry' });
  t.same(decideContinuation(waiting, { suspended: false }, record, NOW), { attempt: 2, reason: 'Retry' });
  t.equal(decideContinuation(waiting, task, claimed(2), NOW), undefined, 'it runs, or is lost');
  t.equal(decideContinuation(waiting, task, { retried: { forgottenUpTo: NOW, latest: [] } }, NOW), undefined);
  t.equal(decideContinuation(run({}), task, record, NOW), undefined, 'Pending for another reason');
  const { scheduledTime: _, ...spec } = waiting.spec;
  t.equal(decideContinuation({ ...waiting, spec }, task, record, NOW), undefined, 'on demand');
  const made = { ...waiting.spec, manualId: 'retry-x' };
  t.equal(decideContinuation({ ...waiting, spec: made }, task, record, NOW), undefined, 'on demand, for a time point');
});

t.test('a Lost run goes on beyond every attempt that was claimed', async (t) => {
  t.same(decideContinuation(lost(), task, record, NOW), { attempt: 2, reason: 'Rerun' });
  t.same(decideContinuation(lost(), task, claimed(3), NOW), { attempt: 4, reason: 'Rerun' });
  t.equal(decideContinuation(lost(), task, claimed(4), NOW), undefined, 'as many attempts as there may be');
  t.same(decideContinuation(lost({ attempts: [] }), task, record, NOW), { attempt: 2, reason: 'Rerun' });
});

t.test('what is not rerun', async (t) => {
  const none = (of: Run, by: Parameters<typeof decideContinuation>[1], why: string) =>
    t.equal(decideContinuation(of, by, record, NOW), undefined, why);
  none(lost(), { suspended: false }, 'onLost: Record');
  none(lost(), { ...task, suspended: true }, 'suspended');
  none(lost(), { ...task, suspendedUntil: NOW + 1 }, 'suspended until');
  t.ok(decideContinuation(lost(), { ...task, suspendedUntil: NOW }, record, NOW), 'it has ended');
  none(lost({ endTime: '2026-11-22T11:10:00Z' }), task, 'lost too long ago');
  none(lost({}, { cancelRequestedTime: POINT }), task, 'cancelled');
  none(run({ state: 'Failed', reason: 'ExitCode' }), task, 'a known end');
});
