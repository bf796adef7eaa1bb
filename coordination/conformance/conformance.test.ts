import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { requireZooKeeper, startZooKeeper } from '../../test/support/zookeeper.js';
import { startEmbeddedServer } from '../embedded/server.js';
import type { Subject } from './case.js';
import { lockstep } from './lockstep.js';
import { Random } from './random.js';
import { conformance } from './suite.js';

export const embedded: Subject = {
  name: 'embedded',
  start: async ({ tickMs }) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'embedded-'));
    const server = await startEmbeddedServer({ dataDir, host: '127.0.0.1', port: 0, tickMs });
    return {
      port: server.port,
      stop: async () => {
        await server.stop();
        await rm(dataDir, { recursive: true, force: true });
      },
    };
  },
};
const zookeeper: Subject = { name: 'zookeeper', start: ({ tickMs }) => startZooKeeper({ tickMs }) };

/** A long comparison takes minutes; on a busy machine even the short one may need more than the usual 30 s. */
t.setTimeout(process.env.CTASK_TEST_LONG === '1' ? 1_800_000 : 110_000);

const counts: Record<string, number> = {};

t.test('embedded server', async (t) => {
  counts.embedded = await conformance(t, embedded);
});

t.test('Apache ZooKeeper', async (t) => {
  if (!requireZooKeeper(t)) return;
  counts.zookeeper = await conformance(t, zookeeper);
});

t.test('both were asked the same', async (t) => {
  const { embedded: ours = 0, zookeeper: theirs } = counts;
  t.comment(`conformance cases: embedded ${ours}, zookeeper ${theirs ?? 'not available'}`);
  t.ok(ours > 60);
  if (theirs !== undefined) t.equal(ours, theirs);
});

/** CTASK_TEST_LONG=1 for a long comparison; CTASK_TEST_SEED repeats one that found a difference. */
const STEPS_PER_SEED = process.env.CTASK_TEST_LONG === '1' ? 20_000 : 3_000;
const SEEDS = process.env.CTASK_TEST_LONG === '1' ? 5 : 2;

t.test('random operations give the same replies', async (t) => {
  if (!requireZooKeeper(t)) return;
  const first = Number(process.env.CTASK_TEST_SEED ?? Date.now() % 1_000_000_000);
  for (let seed = first; seed < first + SEEDS; seed++) {
    const [left, right] = [await embedded.start({ tickMs: 1000 }), await zookeeper.start({ tickMs: 1000 })];
    try {
      const result = await lockstep({ left: left.port, right: right.port }, new Random(seed), STEPS_PER_SEED);
      t.equal(result.difference, undefined, `seed ${seed}: ${result.steps} steps`);
      t.comment(`seed ${seed}: ${JSON.stringify(result.counts)}`);
    } finally {
      await left.stop();
      await right.stop();
    }
  }
});
