import t from 'tap';
import type { Run } from '../../../manifests/index.js';
import { type AuditInput, judge } from './judge.js';

const MINUTE = 60_000;
const NOW = Date.parse('2026-03-01T12:00:00Z');

/** Minutes before NOW that have a run. */
function input(minutes: readonly number[], more: Partial<AuditInput> = {}): AuditInput {
  const runs = minutes.map((minute) => run(NOW - minute * MINUTE));
  return {
    task: {
      metadata: {
        name: 'x',
        namespace: 'default',
        generation: 1,
        creationTimestamp: new Date(NOW - 60 * MINUTE).toISOString(),
      },
      spec: { run: { command: ['x'] } },
    } as unknown as AuditInput['task'],
    runs,
    since: NOW - 1440 * MINUTE,
    now: NOW,
    timePoints: (after, upTo) => {
      const first = Math.floor(after / MINUTE) + 1;
      const count = Math.max(0, Math.floor(upTo / MINUTE) - first + 1);
      return Array.from({ length: count }, (_, i) => ({ time: (first + i) * MINUTE, startTime: (first + i) * MINUTE }));
    },
    startingDeadlineMs: MINUTE,
    history: { runs: 1000, ageMs: 90 * 24 * 60 * MINUTE },
    lostAfterMs: 5 * MINUTE,
    ...more,
  };
}

function run(point: number, revision = 1, more: Record<string, unknown> = {}): Run {
  const startTime = new Date(point + 100).toISOString();
  return {
    metadata: { name: `x-${point}` },
    spec: { task: 'x', slot: '', revision, trigger: 'Schedule', scheduledTime: new Date(point).toISOString() },
    status: {
      state: 'Succeeded',
      agent: 'a',
      attempts: [{ number: 1, state: 'Succeeded', agent: 'a', startTime }],
      ...more,
    },
  } as unknown as Run;
}

const range = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, i) => from - i);

t.test('a time point without a row is missing once nobody can report it any more', async (t) => {
  const { missing, pending, expected } = judge(input(range(59, 30)));
  t.equal(expected, 60);
  t.equal(missing.length, 23, 'older than deadline, lostAfter and a minute');
  t.equal(pending, 7);
});

t.test('what nobody owns waits, what was consumed does not', async (t) => {
  const away = { cursor: NOW - 30 * MINUTE, owned: false };
  t.same(judge(input(range(59, 30), away)).missing, []);
  t.equal(judge(input(range(59, 31), away)).missing.length, 1, 'up to the cursor it was consumed');
  t.equal(judge(input(range(59, 30), { ...away, owned: true })).missing.length, 23, 'a live owner has no excuse');
});

t.test('pruned is only what the limits explain', async (t) => {
  const limited = { history: { runs: 30, ageMs: 90 * 24 * 60 * MINUTE }, auditedUpTo: NOW - MINUTE };
  t.match(judge(input(range(29, 0), limited)), { pruned: 30, missing: [], expected: 60 });
  t.equal(
    judge(input([...range(30, 21), ...range(19, 0)], limited)).missing.length,
    1,
    'a hole among those that are kept',
  );
  t.ok(
    judge(input(range(29, 0), { ...limited, history: { runs: 31, ageMs: limited.history.ageMs } })).missing.length > 0,
  );
  t.ok(judge(input(range(29, 0), { history: limited.history })).missing.length > 0, 'nobody vouches for them');
});

t.test('after an edit the first record of the new generation is where judging begins', async (t) => {
  const base = input([]);
  const metadata = { ...base.task.metadata, generation: 2 };
  const task = { ...base.task, metadata };
  const runs = [run(NOW - 50 * MINUTE), ...range(20, 0).map((minute) => run(NOW - minute * MINUTE, 2))];
  t.match(judge({ ...base, task, runs }), { expected: 22, ran: 22, missing: [] });
  t.equal(judge({ ...base, task, runs: runs.slice(0, 1) }).judgedSince, undefined);
  const lost = run(NOW - 30 * MINUTE, 2, { state: 'Lost', agent: undefined, attempts: [] });
  t.same(
    judge({ ...base, task, runs: [lost, ...runs] }).missing,
    [],
    'a record of the leader says nothing of the edit',
  );
});

t.test('of a slot that has ended nothing is expected afterwards, and everything before', async (t) => {
  const until = NOW - 30 * MINUTE;
  t.match(judge(input(range(59, 30), { until })), { expected: 30, ran: 30, pending: 0, missing: [] });
  const gap = [...range(59, 41), ...range(39, 30)];
  t.same(judge(input(gap, { until })).missing, [new Date(NOW - 40 * MINUTE).toISOString()]);
  t.equal(judge(input(range(59, 29), { until })).duplicate.length, 1, 'nobody was to start that');
});

t.test('twice', async (t) => {
  const twice = [...input(range(59, 0)).runs, run(NOW - 20 * MINUTE)];
  t.equal(judge({ ...input([]), runs: twice }).duplicate.length, 1);
  const attempt = { number: 1, state: 'Failed', agent: 'a' };
  const again = run(NOW - 5 * MINUTE, 1, { attempts: [attempt, attempt] });
  t.equal(
    judge({ ...input([]), runs: [...input(range(59, 6)).runs, ...input(range(4, 0)).runs, again] }).duplicate.length,
    1,
  );
});

t.test('late', async (t) => {
  const startTime = new Date(NOW - 3 * MINUTE).toISOString();
  const late = run(NOW - 5 * MINUTE, 1, { attempts: [{ number: 1, state: 'Succeeded', agent: 'a', startTime }] });
  const runs = [...input(range(59, 6)).runs, late, ...input(range(4, 0)).runs];
  t.match(judge({ ...input([]), runs }), { late: 1, latenessP99Ms: 2 * MINUTE });
});
