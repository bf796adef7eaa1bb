// Pipelined setData per second through one connection, 256 under way, each acknowledged write on disk: the embedded server
// against Apache ZooKeeper in the same run, in turns, on the same disk. `tsx test/bench/coordination.ts`
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../base/index.js';
import { RawClient } from '../../coordination/conformance/raw-client.js';
import { create, setData } from '../../coordination/conformance/shapes.js';
import { startServerProcess } from '../../coordination/embedded/fixtures/start-process.js';
import { startZooKeeper, zooKeeperMissing } from '../support/zookeeper.js';
import { median, printReport, report } from './figures.js';

const DEPTH = 256;
const WRITES = 20_000;
const WARM_UP = 5_000;
const ROUNDS = 3;
const DATA = 'x'.repeat(200);
/** Per second. */
const GOAL = 10_000;

interface Target {
  readonly name: string;
  readonly port: number;
  readonly rates: number[];
  stop(): Promise<void>;
}

async function writesPerSecond(client: RawClient, writes: number): Promise<number> {
  const start = systemClock.monotonic();
  let sent = 0;
  const worker = async () => {
    while (sent < writes) {
      sent++;
      const reply = await client.request(setData('/bench', DATA));
      if (reply.error !== 0) throw new Error(`setData failed with ${reply.error}`);
    }
  };
  await Promise.all(Array.from({ length: DEPTH }, worker));
  return (writes / (systemClock.monotonic() - start)) * 1000;
}

async function connected(port: number): Promise<RawClient> {
  const client = await RawClient.connect(port, { timeoutMs: 20_000 });
  if (client === undefined) throw new Error('the server refused the connection');
  await client.request(create('/bench'));
  return client;
}

/** In the working directory: a temporary directory may be in memory, where an fsync costs nothing. */
const directory = await mkdtemp(join(process.cwd(), '.bench-'));
const targets: Target[] = [];
try {
  const embedded = await startServerProcess(join(directory, 'embedded'));
  targets.push({ name: 'embedded', port: embedded.port, rates: [], stop: embedded.kill });
  const missing = zooKeeperMissing();
  if (missing === undefined) {
    const zookeeper = await startZooKeeper({ tickMs: 1000, dataDir: join(directory, 'zookeeper') });
    targets.push({ name: 'zookeeper', port: zookeeper.port, rates: [], stop: zookeeper.stop });
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const target of targets) {
      const client = await connected(target.port);
      if (round === 0) await writesPerSecond(client, WARM_UP);
      target.rates.push(await writesPerSecond(client, WRITES));
      await client.closeSession();
    }
  }
  const [ours = 0, theirs] = targets.map(({ rates }) => median(rates));
  const what = `setData, ${DEPTH} under way, ${DATA.length} bytes, durable`;
  const measured = `${Math.round(ours)}/s`;
  if (theirs === undefined) report(what, measured, '', undefined, '>= 10000/s', ours >= GOAL);
  else report(what, measured, `ZooKeeper ${Math.round(theirs)}/s`, ours / theirs, '>= 10000/s', ours >= GOAL);
  printReport();
} finally {
  for (const target of targets) await target.stop();
  await rm(directory, { recursive: true, force: true });
}
