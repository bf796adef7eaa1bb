// What metrics cost where something happens often, as CPU time of the whole process with and without them, in turns in the same run; and
// what one scrape costs when there is much to count.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, systemClock } from '../../base/index.js';
import { Metrics } from '../../center/api/index.js';
import { openSqliteStore, type Store } from '../../center/store/index.js';
import { createCoordinationSession, startEmbeddedServer } from '../../coordination/index.js';
import type { RunReport } from '../../manifests/index.js';
import { report as reportOf, task } from '../support/store-objects.js';
import { median, ms, printReport, report } from './figures.js';

const ROUNDS = 9;
const CALLS = 4_000;
const CALLERS = 8;
const RECORDS = 4_000;
const BATCH = 500;
const TASKS = 100_000;
const SCRAPES = 7;
const POINT = Date.UTC(2026, 0, 1);
const GOAL = 1.1;

const directory = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'ctask-bench-metrics-'));
const metrics = new Metrics();

async function openStore(name: string, measured: boolean): Promise<Store> {
  const store = openSqliteStore({
    ...{ path: join(directory, `${name}.db`), clock: systemClock, log: silentLogger, synchronous: 'NORMAL' },
    ...(measured ? { observe: (...seen: Parameters<Metrics['observeStore']>) => metrics.observeStore(...seen) } : {}),
  });
  await store.start(new AbortController().signal);
  // As the leader does: it looks at every change of a run.
  store.onChange((changes) => {
    for (const change of changes) {
      void change.object.metadata.uid;
      if (measured) metrics.observeChange(change);
    }
  });
  return store;
}

/** µs of CPU per piece of work. */
async function cpuOf(count: number, work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

async function compare(what: string, count: number, work: (measured: boolean) => Promise<void>): Promise<void> {
  const taken = { with: [] as number[], without: [] as number[] };
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const who of round % 2 === 0 ? (['with', 'without'] as const) : (['without', 'with'] as const)) {
      const cpu = await cpuOf(count, () => work(who === 'with'));
      if (round > 0) taken[who].push(cpu); // the first round warms up
    }
  }
  const [ours, bare] = [median(taken.with), median(taken.without)];
  const ratio = ours / bare;
  const micros = (value: number) => `${value.toFixed(1)} µs CPU`;
  report(what, micros(ours), `without: ${micros(bare)}`, ratio, `≤ ${GOAL} ×`, ratio <= GOAL);
}

async function inParallel(count: number, call: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const caller = async () => {
    while (next < count) await call(next++);
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}

async function storeCalls(): Promise<void> {
  const stores = { with: await openStore('with', true), without: await openStore('without', false) };
  const of = (measured: boolean) => stores[measured ? 'with' : 'without'];
  const uids = new Map<Store, string>();
  for (const store of Object.values(stores)) {
    const [made] = await store.apply([task('a')], { user: 'bench' });
    uids.set(store, made!.object.metadata.uid!);
  }
  const key = { kind: 'Task', namespace: 'default', name: 'a' } as const;
  await compare('a read of the store', CALLS, (measured) => inParallel(CALLS, () => of(measured).get(key)));
  const points = new Map<Store, number>();
  await compare('a run record that is reported', RECORDS, async (measured) => {
    const store = of(measured);
    const uid = uids.get(store)!;
    for (let sent = 0; sent < RECORDS; sent += BATCH) {
      const from = points.get(store) ?? 0;
      points.set(store, from + BATCH);
      const batch = Array.from({ length: BATCH }, (_, i): RunReport => {
        const at = POINT + (from + i) * 1000;
        return reportOf(uid, at, { state: 'Succeeded', startTime: at + 5, endTime: at + 900 });
      });
      await store.acceptReports('a1', batch);
    }
  });
  await Promise.all(Object.values(stores).map((store) => store.stop()));
}

async function coordination(): Promise<void> {
  const server = await startEmbeddedServer({
    ...{ dataDir: join(directory, 'coordination'), host: '127.0.0.1', port: 0, tickMs: 1000 },
  });
  const open = async (measured: boolean) => {
    const session = createCoordinationSession({
      ...{ connectString: server.connectString, sessionTimeoutMs: 20_000, clock: systemClock, log: silentLogger },
      ...(measured ? { observer: metrics } : {}),
    });
    await session.start(AbortSignal.timeout(20_000));
    return session;
  };
  const sessions = { with: await open(true), without: await open(false) };
  await sessions.with.current.create('/bench', Buffer.alloc(100));
  await compare('a read of ZooKeeper, its server included', CALLS, (measured) =>
    inParallel(CALLS, () => sessions[measured ? 'with' : 'without'].current.getData('/bench')),
  );
  await Promise.all(Object.values(sessions).map((session) => session.stop()));
  await server.stop();
}

async function scrape(): Promise<void> {
  const store = await openStore('many', false);
  for (let from = 0; from < TASKS; from += 10_000) {
    const tasks = Array.from({ length: 10_000 }, (_, i) => task(`t${from + i}`));
    await store.apply(tasks, { user: 'bench' });
  }
  const cpuMs = async (work: () => Promise<unknown>) => {
    const taken: number[] = [];
    for (let i = 0; i < SCRAPES; i += 1) taken.push((await cpuOf(1, async () => void (await work()))) / 1000);
    return median(taken);
  };
  const sources = { store, streams: { count: () => 0 } as never, clock: systemClock, log: silentLogger };
  const counted = await cpuMs(() => new Metrics().text({ ...sources, leads: () => true }));
  const listed = await cpuMs(() => store.listText('Task', { limit: 500 }));
  const what = `a scrape with ${TASKS.toLocaleString('en')} tasks`;
  report(
    what,
    `${ms(counted)} CPU`,
    `500 tasks listed: ${ms(listed)} CPU`,
    counted / listed,
    '≤ 100 ms',
    counted <= 100,
  );
  await store.stop();
}

try {
  await storeCalls();
  await coordination();
  await scrape();
  printReport();
} finally {
  rmSync(directory, { recursive: true, force: true });
}
process.exit();
