import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { requireZooKeeper, startZooKeeper } from '../../test/support/zookeeper.js';
import { startEmbeddedServer } from '../embedded/server.js';
import { conformance, type Subject } from './suite.js';

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
