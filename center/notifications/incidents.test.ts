// Incidents: what a pager is told, in which order, whatever becomes of single messages.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { API_VERSION, type Notifier, type RunReport, type Task } from '../../manifests/index.js';
import { apply, center, eventually, report, task, type World, world } from '../../test/support/leading-center.js';
import type { Stored } from '../store/store-types.js';

t.setTimeout(120_000);

const POINT = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

interface Told {
  readonly event_action: string;
  readonly dedup_key: string;
}

/** A pager on loopback. Each request is answered with what `answer` says; 0: the connection breaks. What is refused is to be left for long. */
class Pager {
  readonly told: Told[] = [];
  answer: (told: Told) => number = () => 202;
  private listeners: (() => void)[] = [];
  private readonly server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => this.take(JSON.parse(body) as Told, response));
  });

  async start(t: Test): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    t.teardown(() => {
      this.server.closeAllConnections();
      this.server.close();
    });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  /** Resolves when so many requests have come. */
  async asked(count: number): Promise<string[]> {
    while (this.told.length < count) await new Promise<void>((resolve) => this.listeners.push(resolve));
    return this.told.map(({ event_action, dedup_key }) => `${event_action} ${dedup_key.replace('cloudtask/', '')}`);
  }

  private take(told: Told, response: ServerResponse): void {
    this.told.push(told);
    const code = this.answer(told);
    if (code === 0) response.destroy();
    else response.writeHead(code, code === 400 ? { 'retry-after': '600' } : {}).end();
    for (const listener of this.listeners.splice(0)) listener();
  }
}

function end(of: Stored<Task>, n: number, state: RunReport['state']): RunReport {
  const point = POINT + n * HOUR;
  return { ...report(of, point, state), startTime: point, endTime: point + 1000 } as RunReport;
}

async function paged(t: Test, quiet?: Notifier['spec']['quiet']): Promise<{ w: World; pager: Pager }> {
  const w = await world(t);
  const pager = new Pager();
  const url = await pager.start(t);
  const secrets = { unseal: async () => new Map() };
  const { controllers } = await center(w, 'c1', { notifications: { secrets, allowed: ['127.0.0.1'] } });
  await controllers.start(w.signal);
  const notifier: Notifier = {
    ...{ apiVersion: API_VERSION, kind: 'Notifier', metadata: { name: 'pager', namespace: 'default' } },
    spec: { groupWait: '0s', webhook: { format: 'PagerDuty', url }, ...(quiet === undefined ? {} : { quiet }) },
  };
  await w.store.apply([notifier], { user: 'x' });
  return { w, pager };
}

const status = async ({ store }: World) =>
  (await store.get<Notifier>({ kind: 'Notifier', namespace: 'default', name: 'pager' }))?.status;
const pages = { notify: [{ notifier: 'pager' }] };

t.test('an answer that is lost: the recovery closes the incident, and nothing opens it again', async (t) => {
  const { w, pager } = await paged(t);
  const [a] = await apply(w, task('a', pages));
  pager.answer = () => 0;
  await w.store.acceptReports('a1', [end(a!, 0, 'Failed')]);
  t.same(await pager.asked(1), ['trigger default/a']);
  await eventually(w, async () => ((await status(w))?.lastError === undefined ? undefined : true));
  pager.answer = () => 202;
  await w.store.acceptReports('a1', [end(a!, 1, 'Succeeded')]);
  t.same(await pager.asked(2), ['trigger default/a', 'resolve default/a']);
  await eventually(w, async () => ((await status(w))?.sent === 2 ? true : undefined));
  t.equal(pager.told.length, 2);
});

t.test('one incident of several is refused: the others are told once, and later ones do not wait', async (t) => {
  const { w, pager } = await paged(t);
  const [a, b, c] = await apply(w, task('a', pages), task('b', pages), task('c', pages));
  pager.answer = ({ event_action, dedup_key }) => (dedup_key.endsWith('/a') && event_action === 'trigger' ? 400 : 202);
  await w.store.acceptReports('a1', [end(a!, 0, 'Failed'), end(b!, 0, 'Failed')]);
  t.same((await pager.asked(2)).sort(), ['trigger default/a', 'trigger default/b']);
  const partly = await eventually(w, async () => ((await status(w))?.sent === 1 ? await status(w) : undefined));
  t.match(partly, { pending: 1, lastSentTime: String, lastError: /the answer is 400/ });
  await w.store.acceptReports('a1', [end(c!, 0, 'Failed')]);
  t.ok((await pager.asked(4)).includes('trigger default/c'), 'who refuses one thing is not left alone');
  await w.store.acceptReports('a1', [end(a!, 1, 'Succeeded')]);
  await eventually(w, async () => ((await status(w))?.sent === 4 ? true : undefined));
  const all = await pager.asked(5);
  t.equal(all.filter((one) => one === 'trigger default/b').length, 1, 'what was taken is not told again');
  t.equal(all.at(-1), 'resolve default/a');
});

t.test('incidents that are refused for good hold up no others', async (t) => {
  const { w, pager } = await paged(t);
  const [a, b, c] = await apply(w, task('a', pages), task('b', pages), task('c', pages));
  pager.answer = ({ dedup_key }) => (dedup_key.endsWith('/c') ? 202 : 400);
  await w.store.acceptReports('a1', [end(a!, 0, 'Failed'), end(b!, 0, 'Failed')]);
  await eventually(w, async () => ((await status(w))?.lastError === undefined ? undefined : true));
  t.same((await pager.asked(2)).sort(), ['trigger default/a', 'trigger default/b']);
  await w.store.acceptReports('a1', [end(c!, 0, 'Failed')]);
  await eventually(w, async () => ((await status(w))?.sent === 1 ? true : undefined));
  t.ok((await pager.asked(3)).includes('trigger default/c'));
  t.match(await status(w), { pending: 2 });
});

t.test('a run that takes long is an incident of its own, which its end closes', async (t) => {
  const { w, pager } = await paged(t);
  const notify = [{ notifier: 'pager', on: ['Failed' as const, 'LongerThan' as const], longerThan: '1s' }];
  const [a] = await apply(w, task('a', { notify }));
  const begun = { ...report(a!, POINT, 'Running'), startTime: Date.now() } as RunReport;
  await w.store.acceptReports('a1', [begun]);
  t.same(await pager.asked(1), ['trigger LongerThan default/a']);
  await w.store.acceptReports('a1', [{ ...begun, state: 'Failed', endTime: Date.now() }]);
  const [, ...ends] = await pager.asked(3);
  t.same(ends.sort(), ['resolve LongerThan default/a', 'trigger default/a'], 'that it failed is another');
});

t.test('quiet hours let an incident be closed that they let be opened, and nothing else with it', async (t) => {
  const { w, pager } = await paged(t, [{ from: '00:00', to: '00:00', except: ['LongerThan'] }]);
  const notify = [{ notifier: 'pager', on: ['Failed' as const, 'LongerThan' as const], longerThan: '1s' }];
  const [a] = await apply(w, task('a', { notify }));
  await w.store.acceptReports('a1', [end(a!, 0, 'Failed')]);
  const begun = { ...report(a!, POINT + HOUR, 'Running'), startTime: Date.now() } as RunReport;
  await w.store.acceptReports('a1', [begun]);
  t.same(await pager.asked(1), ['trigger LongerThan default/a'], 'the failure before it waits');
  await w.store.acceptReports('a1', [{ ...begun, state: 'Failed', endTime: Date.now() }]);
  t.same(await pager.asked(2), ['trigger LongerThan default/a', 'resolve LongerThan default/a']);
  const after = await eventually(w, async () => ((await status(w))?.sent === 2 ? await status(w) : undefined));
  t.equal(after?.pending, 2);
});
