import t, { type Test } from 'tap';
import { Emitter, type LogFields, type Logger, silentLogger, systemClock } from '../../base/index.js';
import { startOtlpReceiver } from '../../test/support/otlp-receiver.js';
import type { OtlpSpan } from './run-spans.js';
import { TraceSender, WAITING_MAX } from './trace-sender.js';

const span = (name: string): OtlpSpan => ({
  ...{ traceId: '0'.repeat(31).concat('1'), spanId: '0'.repeat(15).concat('1'), name, kind: 1 },
  ...{ startTimeUnixNano: '1', endTimeUnixNano: '2', attributes: [], status: { code: 0 } },
});
const spans = (count: number) => Array.from({ length: count }, (_, i) => span(`s${i}`));

function sender(t: Test, url: string) {
  const said = new Emitter<{ line: string }>();
  const lines: string[] = [];
  const note = (_: LogFields, line: string) => {
    lines.push(line);
    said.emit('line', line);
  };
  const log: Logger = { ...silentLogger, info: note, warn: note };
  const about = { version: '1', instance: 'c1', clock: systemClock, log };
  const made = new TraceSender({ url, headers: { 'x-key': 'k' }, serviceName: 'ours', ...about });
  t.teardown(() => made.stop());
  return { made, lines, said };
}

t.test('batches, with who it is from; what waits at the end leaves', async (t) => {
  const signal = AbortSignal.timeout(30_000);
  const receiver = await startOtlpReceiver(t);
  const { made, lines } = sender(t, `${receiver.url}/v1/traces`);
  made.add(spans(1000));
  const taken = await receiver.until((all) => all.length === 1000, signal);
  t.equal(new Set(taken.map(({ name }) => name)).size, 1000);
  t.same(
    receiver.requests.map((request) => request.spans.length),
    [512, 488],
  );
  const [first] = receiver.requests;
  t.match(first, { path: '/v1/traces', headers: { 'x-key': 'k', 'content-type': 'application/json' } });
  t.same(first!.resource, { 'service.name': 'ours', 'service.version': '1', 'service.instance.id': 'c1' });
  made.add([span('last')]);
  await made.stop();
  t.equal(receiver.requests.at(-1)!.spans[0]!.name, 'last');
  made.add([span('after')]);
  t.same(lines, []);
});

t.test('what is not taken is sent again, what is refused is not', async (t) => {
  const signal = AbortSignal.timeout(60_000);
  const receiver = await startOtlpReceiver(t);
  const { made, lines } = sender(t, receiver.url);
  receiver.answer(503);
  made.add([span('a')]);
  await receiver.until((all) => all.length === 1, signal);
  t.equal(receiver.requests.length, 2);
  receiver.answer(400);
  made.add([span('b')]);
  await receiver.asked(3, signal);
  made.add([span('c')]);
  const taken = await receiver.until((all) => all.length === 2, signal);
  t.same(
    taken.map(({ name }) => name),
    ['a', 'c'],
  );
  t.same(lines, ['traces are not taken; they are sent again', 'traces are taken again', 'traces are refused']);
});

t.test('nobody there: memory is bounded, and that is said once', async (t) => {
  const { made, lines, said } = sender(t, 'http://127.0.0.1:1');
  const failed = said.next('line', (line) => line.includes('sent again'), AbortSignal.timeout(30_000));
  made.add(spans(WAITING_MAX));
  made.add([span('over')]);
  made.add([span('over')]);
  await failed;
  t.same(lines, ['traces are dropped', 'traces are not taken; they are sent again']);
  await made.stop();
});
