// A chat that is told too much says for how long it wants to be left alone.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { Emitter } from '../../base/index.js';
import { API_VERSION } from '../../manifests/index.js';
import { apply, center, report, task, world } from '../../test/support/leading-center.js';

t.setTimeout(60_000);

/** More than the first wait of our own, 5 s. */
const ASKED_MS = 8_000;

t.test('it is left alone for so long, and then told', async (t) => {
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
  const [one] = await apply(w, task('t', { notify: [{ notifier: 'chat' }] }));
  const twice = events.next('asked', (count) => count === 2, w.signal);
  await w.store.acceptReports('a1', [report(one!, Date.UTC(2026, 0, 1), 'Failed')]);
  await twice;
  t.ok(asked[1]! - asked[0]! >= ASKED_MS - 100, `${Math.round(asked[1]! - asked[0]!)} ms`);
});
