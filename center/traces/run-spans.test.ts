import t from 'tap';
import { type Run, spanIdOf, traceIdOf, traceparentOf } from '../../manifests/index.js';
import { attributeOf } from '../../test/support/otlp-receiver.js';
import type { Stored } from '../store/index.js';
import { spansOf } from './run-spans.js';

const UID = '0123abcd-4567-89ab-8def-0123456789ab';
const AT = Date.UTC(2026, 0, 1, 2);
const iso = (ms: number) => new Date(AT + ms).toISOString();
const nanos = (ms: number) => `${AT + ms}000000`;

function run(spec: Partial<Run['spec']>, status: Partial<NonNullable<Run['status']>>): Stored<Run> {
  return {
    ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Run' },
    metadata: {
      ...{ name: 'report-x', namespace: 'billing', uid: UID, creationTimestamp: iso(-500) },
      ...{ generation: 1, resourceVersion: '7' },
    },
    spec: { task: 'report', taskUid: 'u', slot: '', revision: 4, trigger: 'Schedule', scheduledTime: iso(0), ...spec },
    status: { state: 'Succeeded', ...status },
  } as Stored<Run>;
}

t.test('ids follow from the run, and are those that its processes find', async (t) => {
  t.equal(traceIdOf(UID), '0123abcd456789ab8def0123456789ab');
  t.match(traceIdOf('odd'), /^[0-9a-f]{32}$/);
  t.match(spanIdOf(UID, 1), /^[0-9a-f]{16}$/);
  t.not(spanIdOf(UID, 1), spanIdOf(UID, 2));
  t.equal(traceparentOf(UID, 2), `00-${traceIdOf(UID)}-${spanIdOf(UID, 2)}-01`);
});

t.test('a run that failed once: from its time point to the word that reached the center', async (t) => {
  const attempts = [
    { number: 1, state: 'Failed', agent: 'a1', startTime: iso(20), endTime: iso(1000), exitCode: 3, pid: 77 },
    { number: 2, state: 'Succeeded', agent: 'a2', startTime: iso(5000), endTime: iso(6000), exitCode: 0 },
  ] as NonNullable<Run['status']>['attempts'] & object;
  const spans = spansOf(run({}, { attempts, agent: 'a2', startTime: iso(20), endTime: iso(6000) }), AT + 6100);
  const times = spans.map((span) => [span.name, span.startTimeUnixNano, span.endTimeUnixNano, span.status.code]);
  t.same(times, [
    ['billing/report', nanos(0), nanos(6000), 1],
    ['wait', nanos(0), nanos(20), 0],
    ['attempt 1', nanos(20), nanos(1000), 2],
    ['attempt 2', nanos(5000), nanos(6000), 1],
    ['report', nanos(6000), nanos(6100), 0],
  ]);
  const [root, ...children] = spans;
  t.notOk('parentSpanId' in root!);
  t.ok(children.every(({ parentSpanId }) => parentSpanId === root!.spanId));
  t.ok(spans.every(({ traceId }) => traceId === traceIdOf(UID)));
  t.equal(spans[3]!.spanId, spanIdOf(UID, 2), 'what TRACEPARENT of the second attempt names');
  t.equal(attributeOf(root!, 'cloudtask.task.revision'), '4');
  t.equal(attributeOf(root!, 'cloudtask.run.slot'), undefined);
  t.equal(attributeOf(spans[2]!, 'process.exit.code'), '3');
  t.equal(attributeOf(spans[3]!, 'cloudtask.agent'), 'a2');
});

t.test('runs without processes, on demand, and that have not ended', async (t) => {
  const missed = spansOf(run({}, { state: 'Missed', reason: 'AgentDown' as never, endTime: iso(3000) }), AT + 4000);
  t.match(missed[0], { name: 'billing/report', status: { code: 2, message: 'AgentDown' } });
  t.same(
    missed.map(({ name }) => name),
    ['billing/report', 'report'],
  );
  const [skipped] = spansOf(run({}, { state: 'Skipped', endTime: iso(0) }), AT);
  t.equal(skipped!.status.code, 0, 'as it was meant to be');
  const backfill = { trigger: 'Backfill', scheduledTime: '2025-01-01T00:00:00.000Z' } as const;
  const [root] = spansOf(run(backfill, { startTime: iso(0), endTime: iso(10) }), AT + 20);
  t.equal(root!.startTimeUnixNano, nanos(-500), 'from the request');
  const { status: _, ...pending } = run({}, {});
  t.same(spansOf(pending as Stored<Run>, AT), []);
});
