// One thing that is refused keeps nothing else from arriving, and what refuses everything is left alone.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { API_VERSION, type Notifier, type RunReport } from '../../manifests/index.js';
import { apply, center, eventually, report, task, world } from '../../test/support/leading-center.js';
import { DeliveryError } from './delivery-error.js';
import { inParts } from './in-parts.js';

t.setTimeout(120_000);

const names = (count: number) => Array.from({ length: count }, (_, n) => `e${n}`);
const content = () => new DeliveryError('the answer is 413', { certain: true, onlyThese: true });

/** What was sent, and what it came to. */
async function sent(
  all: readonly string[],
  answer: (part: readonly string[]) => DeliveryError | undefined,
  stepMs = 0,
) {
  const parts: (readonly string[])[] = [];
  let time = 0;
  const send = async (part: readonly string[]) => {
    parts.push(part);
    time += stepMs;
    const error = answer(part);
    if (error !== undefined) throw error;
  };
  const error = await inParts(
    all,
    (one) => one.split('.')[0]!,
    send,
    () => time,
  ).catch((reason: unknown) => reason);
  return { parts, error: error as DeliveryError | undefined };
}

t.test('what is taken goes as it is', async (t) => {
  t.same(await sent(names(3), () => undefined), { parts: [names(3)], error: undefined });
});

t.test('one that is refused: all others arrive, each once', async (t) => {
  for (const count of [1, 2, 3, 7, 100]) {
    for (const bad of new Set([0, count >> 1, count - 1])) {
      const { parts, error } = await sent(names(count), (part) => (part.includes(`e${bad}`) ? content() : undefined));
      const others = names(count).flatMap((_, n) => (n === bad ? [] : [n]));
      t.match(error, { certain: true, onlyThese: true });
      t.same(
        [...error!.arrived].sort((a, b) => a - b),
        others,
        `${bad} of ${count}`,
      );
      t.ok(parts.length <= 2 * Math.ceil(Math.log2(count)) + 1, `${parts.length} requests`);
    }
  }
});

t.test('a message that is too long arrives in pieces', async (t) => {
  const { parts, error } = await sent(names(100), (part) => (part.length > 30 ? content() : undefined));
  t.equal(error, undefined);
  t.same(parts.filter(({ length }) => length <= 30).flat(), names(100), 'in its order');
});

t.test('what is about the same as what is refused waits for it', async (t) => {
  const all = ['a.1', 'b.1', 'a.2', 'c.1', 'b.2', 'a.3'];
  const { parts, error } = await sent(all, (part) => (part.includes('b.1') ? content() : undefined));
  t.same(parts.at(-1), ['c.1', 'a.3']);
  t.match(error, { certain: true, onlyThese: true, arrived: [0, 2, 3, 5] });
});

t.test('who refuses everything is asked a few times', async (t) => {
  const { parts, error } = await sent(names(100), content);
  t.equal(parts.length, 16);
  t.match(error, { certain: true, onlyThese: false, arrived: [] });
});

t.test('an end in the middle says what has arrived, and what nobody knows', async (t) => {
  const broken = (certain: boolean) => (part: readonly string[]) =>
    part.length === 8 ? content() : part.includes('e0') ? undefined : new DeliveryError('ECONNRESET', { certain });
  const arrived = [0, 1, 2, 3];
  const lost = (await sent(names(8), broken(false))).error;
  t.match(lost, { certain: false, onlyThese: false, arrived, unsure: [4, 5, 6, 7] });
  t.match((await sent(names(8), broken(true))).error, { certain: true, onlyThese: false, arrived, unsure: undefined });
  const slow = await sent(names(100), (part) => (part.includes('e99') ? content() : undefined), 11_000);
  t.equal(slow.parts.length, 3, 'before the lease is over');
  t.match(slow.error, { certain: true, onlyThese: true, arrived: names(50).map((_, n) => n) });
});

t.test(
  'a program that takes neither one event nor long messages is told of the others at once, each once',
  async (t) => {
    const told: { id: string; tasks: string[] }[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      request.on('end', () => {
        const { id, events } = JSON.parse(body) as { id: string; events: { task: string }[] };
        const tasks = events.map((event) => event.task);
        const status = tasks.includes('odd') ? 422 : tasks.length > 4 ? 413 : 204;
        if (status === 204) told.push({ id, tasks });
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.teardown(() => {
      server.closeAllConnections();
      server.close();
    });
    const w = await world(t);
    const secrets = { unseal: async () => new Map() };
    const { controllers } = await center(w, 'c1', { notifications: { secrets, allowed: ['127.0.0.1'] } });
    await controllers.start(w.signal);
    const notifier: Notifier = {
      ...{ apiVersion: API_VERSION, kind: 'Notifier', metadata: { name: 'hook', namespace: 'default' } },
      spec: { groupWait: '1s', webhook: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` } },
    };
    await w.store.apply([notifier], { user: 'x' });
    const all = [...names(9), 'odd'];
    const tasks = await apply(w, ...all.map((name) => task(name, { notify: [{ notifier: 'hook' }] })));
    const point = Date.UTC(2026, 0, 1);
    const ended = { startTime: point, endTime: point + 1000 };
    await w.store.acceptReports(
      'a1',
      tasks.map((one) => ({ ...report(one, point, 'Failed'), ...ended }) as RunReport),
    );
    const key = { kind: 'Notifier', namespace: 'default', name: 'hook' } as const;
    const status = async () => (await w.store.get<Notifier>(key))?.status;
    const left = await eventually(w, async () => ((await status())?.sent === 9 ? await status() : undefined));
    t.match(left, { pending: 1, lastError: /the answer is 4(13|22)$/ });
    t.same(told.flatMap((one) => one.tasks).sort(), names(9).sort());
    t.equal(new Set(told.map(({ id }) => id)).size, told.length, 'each message has an id of its own');
  },
);
