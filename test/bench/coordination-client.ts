// Requests a second of our ZooKeeper client against the bare library, one connection each, pipelined, in turns against
// the same server; and the processor time that the client itself needs for one. Apache ZooKeeper where it is installed,
// the embedded server in a process of its own elsewhere.
import library, { type LibraryClient } from 'node-zookeeper-client';
import { silentLogger, systemClock } from '../../base/index.js';
import { type Coordinator, createCoordinationSession } from '../../coordination/index.js';
import { startZooKeeper, zooKeeperMissing } from '../support/zookeeper.js';
import { median, printReport, report } from './figures.js';

const REQUESTS = 4_000;
const IN_FLIGHT = 64;
const ROUNDS = 5;
const BATCH = 50;
const data = Buffer.alloc(200, 'x');

interface Sample {
  readonly perSecond: number;
  readonly cpuMicros: number;
}

/** Runs `count` requests with a fixed number in flight. */
async function sample(count: number, request: (i: number) => Promise<unknown>): Promise<Sample> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < count; i = next++) await request(i);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  const spent = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: (count / spent) * 1000, cpuMicros: (user + system) / count };
}

function promised<T>(call: (callback: (error: Error | null | undefined, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value)));
  });
}

type Contenders = Record<'ours' | 'bare', (i: number) => Promise<unknown>>;

/** Each node is written by one lane at a time, so that versions are known and every write is conditional. */
function contenders(coordinator: Coordinator, client: LibraryClient, what: string): Contenders {
  const path = (i: number) => `/bench/${i % 1000}`;
  switch (what) {
    case 'setData':
      return {
        ours: async (i) => coordinator.setData(`${path(i)}-ours`, data, await version('ours', i)),
        bare: async (i) =>
          promised((done) => client.setData(`${path(i)}-bare`, data, versions.bare[i % 1000]!++, done)),
      };
    case 'getData':
      return {
        ours: (i) => coordinator.getData(`${path(i)}-ours`),
        bare: (i) => promised((done) => client.getData(`${path(i)}-bare`, done)),
      };
    default:
      return {
        ours: (i) =>
          coordinator.multi(
            Array.from(
              { length: BATCH },
              (_, k) => ({ op: 'check', path: `${path(i + k)}-ours`, version: -1 }) as const,
            ),
          ),
        bare: (i) => {
          const transaction = client.transaction();
          for (let k = 0; k < BATCH; k++) transaction.check(`${path(i + k)}-bare`, -1);
          return promised((done) => transaction.commit(done));
        },
      };
  }
}

const versions = { ours: Array<number>(1000).fill(0), bare: Array<number>(1000).fill(0) };
const version = async (who: 'ours' | 'bare', i: number) => versions[who][i % 1000]!++;

async function main(connectString: string): Promise<void> {
  const session = createCoordinationSession({
    connectString,
    sessionTimeoutMs: 20_000,
    clock: systemClock,
    log: silentLogger,
  });
  await session.start(AbortSignal.timeout(20_000));
  const client = library.createClient(connectString, { sessionTimeout: 20_000 });
  await new Promise<void>((resolve) => {
    client.on('connected', () => resolve());
    client.connect();
  });
  await session.current.ensurePath('/bench');
  const names = Array.from({ length: 1000 }, (_, i) => [`/bench/${i}-ours`, `/bench/${i}-bare`]).flat();
  await Promise.all(names.map((name) => session.current.create(name, data)));
  for (const [what, count] of [
    ['setData', REQUESTS],
    ['getData', REQUESTS],
    ['multi', REQUESTS / 4],
  ] as const) {
    const samples: Record<'ours' | 'bare', Sample[]> = { ours: [], bare: [] };
    for (let round = 0; round <= ROUNDS; round++) {
      for (const who of round % 2 === 0 ? (['ours', 'bare'] as const) : (['bare', 'ours'] as const)) {
        const taken = await sample(count, contenders(session.current, client, what)[who]);
        if (round > 0) samples[who].push(taken); // the first round warms up
      }
    }
    tell(what === 'multi' ? `multi of ${BATCH} checks` : `${what}, ${IN_FLIGHT} in flight`, samples);
  }
  client.close();
  await session.stop();
}

function tell(what: string, samples: Record<'ours' | 'bare', Sample[]>): void {
  const [ours, bare] = (['ours', 'bare'] as const).map((who) => ({
    perSecond: median(samples[who].map((s) => s.perSecond)),
    cpuMicros: median(samples[who].map((s) => s.cpuMicros)),
  }));
  const rate = (value: number) => `${Math.round(value)}/s`;
  const cpu = (value: number) => `${value.toFixed(0)} µs`;
  const rates = ours!.perSecond / bare!.perSecond;
  const costs = ours!.cpuMicros / bare!.cpuMicros;
  report(what, rate(ours!.perSecond), `bare library: ${rate(bare!.perSecond)}`, rates, '≥ 0.9 ×', rates >= 0.9);
  report(`${what}, client CPU`, cpu(ours!.cpuMicros), `bare: ${cpu(bare!.cpuMicros)}`, costs, '≤ 1.1 ×', costs <= 1.1);
}

const missing = zooKeeperMissing();
if (missing !== undefined) {
  console.error(`skipped: Apache ZooKeeper is missing: ${missing}`);
} else {
  const zookeeper = await startZooKeeper({ tickMs: 1000 });
  try {
    await main(zookeeper.connectString);
    printReport();
  } finally {
    await zookeeper.stop();
  }
}
process.exit();
