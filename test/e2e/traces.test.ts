// Traces of a whole installation: from the time point to the word of the end, and through the process, which learns its place in it.
import t from 'tap';
import type { Run } from '../../manifests/index.js';
import { startUp, User } from '../support/ctask.js';
import { attributeOf, startOtlpReceiver } from '../support/otlp-receiver.js';

const TASKS = `apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: tells, namespace: default}
spec: {run: {script: 'echo "parent $TRACEPARENT"; [ "$CTASK_ATTEMPT" = 2 ] || exit 3'}, retry: {limit: 1, backoff: {initial: 1s}}}
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: own, namespace: default}
spec: {run: {script: 'echo "parent $TRACEPARENT"', env: [{name: TRACEPARENT, value: mine}]}}
`;

t.test('a run, its attempts, and what their processes are told', { timeout: 180_000 }, async (t) => {
  const signal = AbortSignal.timeout(170_000);
  const receiver = await startOtlpReceiver(t);
  const user = new User();
  t.teardown(() => user.go());
  user.env.OTEL_EXPORTER_OTLP_ENDPOINT = receiver.url;
  user.env.OTEL_SERVICE_NAME = 'nightly';
  const up = await startUp(user);
  await user.ok(['apply', '-f', '-'], { input: TASKS });
  await user.ok(['run', 'tells', '-f']);
  const of = (task: string) => receiver.until((all) => all.some(({ name }) => name === `default/${task}`), signal);
  const spans = (await of('tells')).filter(({ traceId }) => traceId === receiver.requests[0]!.spans[0]!.traceId);
  t.same(
    spans.map(({ name, status }) => [name, status.code]),
    [
      ['default/tells', 1],
      ['wait', 0],
      ['attempt 1', 2],
      ['attempt 2', 1],
      ['report', 0],
    ],
  );
  t.match(receiver.requests[0], { path: '/v1/traces', resource: { 'service.name': 'nightly' } });
  const [run] = (await user.json<{ items: Run[] }>(['get', 'runs'])).items;
  t.equal(attributeOf(spans[0]!, 'cloudtask.run'), run!.metadata.name);
  t.equal(attributeOf(spans[2]!, 'process.exit.code'), '3');
  const first = await user.ok(['logs', `run/${run!.metadata.name}`, '--attempt', '1']);
  t.match(first, `parent 00-${spans[2]!.traceId}-${spans[2]!.spanId}-01\n`);
  const second = await user.ok(['logs', `run/${run!.metadata.name}`, '--attempt', '2']);
  t.match(second, `parent 00-${spans[3]!.traceId}-${spans[3]!.spanId}-01\n`);
  t.match(await user.ok(['run', 'own', '-f']), /^parent mine$/m, 'a task may follow another trace');
  await of('own');
  t.equal((await up.end('SIGINT')).code, 0);
});
