// When a chat is tried again: it may say for how long it wants to be left alone, and a test is tried once.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { Emitter } from '../../base/index.js';
import { API_VERSION } from '../../manifests/index.js';
import { apply, center, eventually, report, task, world } from '../../test/support/leading-center.js';

t.setTimeout(60_000);

/** More than the first wait of our own, 5 s. */
const ASKED_MS = 8_000;

/** A chat that refuses the first that it is told. */
async function chat(t: Test) {
  const w = await world(t);
  const asked: number[] = [];
  const events = new Emitter<{ asked: number }>();
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      asked.push(performance.now());
      const busy = asked.length === 1;
      response.writeHead(busy ? 429 : 200, busy ? { 'retry-after': String(ASKED_MS / 1000) } : {}).end();
      events.emit('asked', asked.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const notifications = { secrets: { unseal: async () => new Map() }, allowed: ['127.0.0.1'] };
  const { controllers } = await center(w, 'c1', { notifications });
  await controllers.start(w.signal);
  const spec = { webhook: { url: `http://127.0.0.1:${port}/`, format: 'Slack' as const }, groupWait: '0s' };
  await w.store.apply(
    [{ apiVersion: API_VERSION, kind: 'Notifier', metadata: { name: 'chat', namespace: 'default' }, spec }],
    { user: 'x' },
  );
  return { w, asked, events };
}

t.test('it is left alone for so long, and then told', async (t) => {
  const { w, asked, events } = await chat(t);
  const [one] = await apply(w, task('t', { notify: [{ notifier: 'chat' }] }));
  const twice = events.next('asked', (count) => count === 2, w.signal);
  await w.store.acceptReports('a1', [report(one!, Date.UTC(2026, 0, 1), 'Failed')]);
  await twice;
  t.ok(asked[1]! - asked[0]! >= ASKED_MS - 100, `${Math.round(asked[1]! - asked[0]!)} ms`);
});

t.test('a test is tried once, and holds up nothing', async (t) => {
  const { w, asked, events } = await chat(t);
  const key = { namespace: 'default', notifier: 'chat' };
  const id = await w.store.notifications.test(key, 'ann');
  const outcome = await eventually(w, async () => {
    const now = await w.store.notifications.testOutcome(key, id);
    return now?.attempts === 0 ? undefined : now;
  });
  t.match(outcome, { state: 'Failed', attempts: 1, error: /the answer is 429/ });
  t.same(await w.store.notifications.waiting(), [], 'nothing is left to be tried');
  const [one] = await apply(w, task('t', { notify: [{ notifier: 'chat' }] }));
  const told = events.next('asked', (count) => count === 2, w.signal);
  await w.store.acceptReports('a1', [report(one!, Date.UTC(2026, 0, 1), 'Failed')]);
  await told;
  t.equal(asked.length, 2);
});
