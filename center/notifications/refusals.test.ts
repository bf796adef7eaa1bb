// A program that does not take everything, through the outbox and on real requests: whatever it refuses and whatever answers are lost, all
// else gets there once and in its order, and soon. Time is moved.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import { API_VERSION, type Notifier, type RunReport, type Task } from '../../manifests/index.js';
import { report, task } from '../../test/support/leading-center.js';
import { openSqliteStore } from '../store/index.js';
import type { Stored } from '../store/store-types.js';
import { Notifications } from './notifications.js';

t.setTimeout(120_000);

const POINT = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const fence = { epoch: 1 };
const KEY = { namespace: 'default', notifier: 'hook' };

type Answer = 'taken' | 'refused' | 'busy' | 'lost';

interface Document {
  readonly id: string;
  readonly events: readonly { readonly task: string; readonly name: string; readonly perhapsToldIn?: string[] }[];
}

/** A receiver that does nothing for what it has seen, as docs/notifications.md says. */
class Receiver {
  requests = 0;
  /** Names of runs, in the order in which they came. */
  readonly told: { readonly task: string; readonly name: string }[] = [];
  answer: (document: Document) => Answer = () => 'taken';
  private readonly seen = new Set<string>();

  async start(t: Test): Promise<string> {
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      request.on('end', () => {
        const document = JSON.parse(body) as Partial<Document>;
        const answer = this.take({ id: '', events: [], ...document });
        if (answer === 'lost') response.destroy();
        else response.writeHead({ taken: 204, refused: 422, busy: 503 }[answer]).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.teardown(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  private take(document: Document): Answer {
    this.requests += 1;
    const answer = this.answer(document);
    if ((answer !== 'taken' && answer !== 'lost') || this.seen.has(document.id)) return answer;
    this.seen.add(document.id);
    for (const { task, name, perhapsToldIn = [] } of document.events) {
      if (!perhapsToldIn.some((id) => this.seen.has(id))) this.told.push({ task, name });
    }
    return answer;
  }
}

async function begin(t: Test) {
  const receiver = new Receiver();
  const url = await receiver.start(t);
  let ahead = 0;
  const clock = new Proxy(systemClock, {
    get: (of, name) =>
      name === 'now' || name === 'monotonic' ? () => of[name]() + ahead : Reflect.get(of, name).bind(of),
  });
  const store = openSqliteStore({
    path: join(t.testdir(), 'state.db'),
    synchronous: 'NORMAL',
    clock,
    log: silentLogger,
  });
  await store.start(AbortSignal.timeout(30_000));
  t.teardown(() => store.stop());
  await store.raiseEpoch(1);
  const notifier = (webhook: object): Notifier => ({
    ...{ apiVersion: API_VERSION, kind: 'Notifier', metadata: { name: 'hook', namespace: 'default' } },
    spec: { groupWait: '1s', webhook: { url, ...webhook } },
  });
  const tell = (webhook: object) => store.apply([notifier(webhook)], { user: 'x' });
  await tell({});
  const leading = { store, clock, log: silentLogger, fence, signal: new AbortController().signal };
  const notifications = new Notifications(
    { ...leading, failed: () => undefined },
    { secrets: { unseal: async () => new Map() }, allowed: ['127.0.0.1'] },
  );
  const stored = new Map<string, Stored<Task>>();
  /** Names of the runs of each task, in the order in which they have failed. */
  const failed = new Map<string, string[]>();
  let runs = 0;
  return {
    ...{ receiver, store, tell, failed },
    later: (ms: number) => {
      ahead += ms;
    },
    fails: async (...names: readonly string[]) => {
      const fresh = names.filter((name) => !stored.has(name));
      const tasks = fresh.map((name) => task(name, { notify: [{ notifier: 'hook' }] }));
      for (const { object } of tasks.length === 0 ? [] : await store.apply(tasks, { user: 'x' }))
        stored.set(object.metadata.name, object as Stored<Task>);
      const ended = names.map((name) => {
        runs += 1;
        const point = POINT + runs * HOUR;
        const run = {
          ...report(stored.get(name)!, point, 'Failed'),
          startTime: point,
          endTime: point + 1,
        } as RunReport;
        failed.set(name, [...(failed.get(name) ?? []), run.name]);
        return run;
      });
      await store.acceptReports('a1', ended);
    },
    /** Each try that is due, and those that follow at once; resolves to when there is more, ms. */
    sends: async (): Promise<number> => {
      for (let tries = 0; ; tries += 1) {
        if (tries > 100) throw new Error('it tries without end');
        const result = await notifications.reconcile('default/hook');
        if (result.kind === 'done') return Number.POSITIVE_INFINITY;
        if (result.afterMs > 1) return result.afterMs;
      }
    },
  };
}

const names = (count: number, prefix: string) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

t.test('many that nobody takes, before all others: those get there within minutes', async (t) => {
  const { receiver, fails, later, sends } = await begin(t);
  receiver.answer = ({ events }) => (events.some(({ task }) => task.startsWith('bad')) ? 'refused' : 'taken');
  await fails(...names(20, 'bad'));
  await fails(...names(10, 'good'));
  let waited = 0;
  for (later(2_000); receiver.told.length < 10; ) {
    const next = await sends();
    if (receiver.told.length === 10) break;
    waited += next;
    later(Math.ceil(next));
  }
  t.ok(waited <= 300_000, `${Math.round(waited / 1000)} s`);
  t.same(receiver.told.map((one) => one.task).sort(), names(10, 'good').sort());
});

t.test('what nobody takes costs little while others are told', async (t) => {
  const { receiver, fails, later, sends } = await begin(t);
  receiver.answer = ({ events }) => (events.some(({ task }) => task.startsWith('bad')) ? 'refused' : 'taken');
  await fails(...names(5, 'bad'));
  for (let minute = 0; minute < 120; minute += 1) {
    await fails(`good${minute % 7}`);
    later(60_000);
    await sends();
  }
  t.equal(receiver.told.length, 120);
  t.ok(receiver.requests < 120 * 3, `${receiver.requests} requests`);
});

t.test('however much waits behind what nobody takes, there is a pause after each round', async (t) => {
  for (const format of ['CloudTask', 'PagerDuty'] as const) {
    const { receiver, tell, fails, later, sends } = await begin(t);
    await tell({ format });
    receiver.answer = () => 'refused';
    for (let n = 0; n < 130; n += 1) await fails('bad', ...(format === 'PagerDuty' ? [`bad${n % 3}`] : []));
    later(2_000);
    t.ok((await sends()) > 1_000, format);
    t.ok(receiver.requests < 100, `${format}: ${receiver.requests} requests`);
  }
});

t.test('what nobody takes costs little, also when there is more of it each minute', async (t) => {
  const { receiver, fails, later, sends } = await begin(t);
  receiver.answer = ({ events }) => (events.some(({ task }) => task === 'bad') ? 'refused' : 'taken');
  for (let minute = 0; minute < 60; minute += 1) {
    await fails('bad', 'good');
    later(60_000);
    await sends();
  }
  t.equal(receiver.told.length, 60);
  t.ok(receiver.requests < 60 * 3, `${receiver.requests} requests`);
});

t.test('the end of an incident is not told to who keeps none any more, and shifts nothing', async (t) => {
  const { receiver, store, tell, fails, later, sends } = await begin(t);
  await tell({ format: 'PagerDuty' });
  const on = [{ notifier: 'hook', on: ['LongerThan' as const], longerThan: '1s' }];
  const [slow] = (await store.apply([task('slow', { notify: on })], { user: 'x' })).map(({ object }) => object);
  const running = report(slow as Stored<Task>, POINT, 'Running');
  const startTime = Date.now() - 10_000;
  await store.acceptReports('a1', [{ ...running, startTime } as RunReport]);
  await store.notifications.noteOverdue(fence);
  later(2_000);
  await sends();
  t.equal(receiver.requests, 1, 'it takes long');
  const ended = { state: 'Succeeded', startTime, endTime: Date.now() } as const;
  await store.acceptReports('a1', [{ ...running, ...ended } as RunReport]);
  await fails('bad', 'good');
  await tell({});
  receiver.told.length = 0;
  receiver.answer = ({ events }) => (events.some((one) => one.task === 'bad') ? 'refused' : 'taken');
  later(5_000);
  await sends();
  t.match(receiver.told, [{ task: 'good' }]);
  t.match(
    await store.notifications.counts(KEY),
    { pending: 1, sent: 3 },
    'the end of the long run is no more waited for',
  );
});

t.test('whatever is refused, too long, lost or too early', async (t) => {
  for (let seed = 1; seed <= 6; seed += 1) {
    await t.test(`seed ${seed}`, async (t) => {
      let state = seed;
      const chance = (of: number) => {
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
        return Math.floor((state / 2_147_483_648) * of);
      };
      const { receiver, failed, fails, later, sends } = await begin(t);
      let trouble = true;
      receiver.answer = ({ events }) => {
        if (events.some(({ task }) => task.startsWith('bad')) || events.length > 6) return 'refused';
        if (!trouble) return 'taken';
        return (['taken', 'taken', 'taken', 'lost', 'busy'] as const)[chance(5)]!;
      };
      for (let step = 0; step < 60; step += 1) {
        const some = Array.from({ length: chance(5) }, () =>
          chance(8) === 0 ? `bad${chance(3)}` : `good${chance(5)}`,
        );
        await fails(...new Set(some));
        later(chance(90_000));
        await sends();
      }
      trouble = false;
      for (let round = 0; round < 30; round += 1) {
        later(600_000);
        await sends();
      }
      for (const [name, all] of failed) {
        const told = receiver.told.filter((one) => one.task === name).map((one) => one.name);
        t.same(told, name.startsWith('bad') ? [] : all, name);
      }
    });
  }
});
