import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import { createCoordinationSession } from '../../coordination/index.js';
import { requireZooKeeper, startZooKeeper } from '../support/zookeeper.js';
import { adler32 } from './adler32.js';
import { allocationEvidence } from './allocation-evidence.js';
import { readZooKeeperLogs } from './zookeeper-log.js';

t.test('the checksum is that of RFC 1950', async (t) => {
  t.equal(adler32(Buffer.from('Wikipedia')), 0x11e60398);
  t.equal(adler32(Buffer.alloc(1_000_000, 0xff)), 0x3843e1be);
});

t.test('what a server has written is read back in order', async (t) => {
  if (!requireZooKeeper(t)) return;
  const dataDir = t.testdir();
  const server = await startZooKeeper({ tickMs: 500, dataDir });
  t.teardown(() => server.kill());
  const { connectString } = server;
  const session = createCoordinationSession({
    connectString,
    sessionTimeoutMs: 4000,
    clock: systemClock,
    log: silentLogger,
  });
  await session.start(new AbortController().signal);
  const { current: zookeeper } = session;
  for (const path of ['/cloudtask', '/cloudtask/agents', '/cloudtask/triggers', '/cloudtask/triggers/0a']) {
    await zookeeper.create(path, Buffer.alloc(0));
  }
  await zookeeper.create('/cloudtask/agents/a1', Buffer.from('x'), 'ephemeral');
  const record = (cursor: number, owner: string | null) =>
    Buffer.from(
      JSON.stringify({
        owner,
        ownerEpoch: 1,
        revision: 1,
        suspended: false,
        cursor,
        attempt: 1,
        claimId: `c${cursor}`,
      }),
    );
  const path = '/cloudtask/triggers/0a/uid-1';
  await zookeeper.create(path, record(1, 'a1'));
  await zookeeper.setData(path, record(2, 'a1'), 0);
  await zookeeper.multi([
    { op: 'check', path, version: 1 },
    { op: 'setData', path, data: record(3, 'a2'), version: 1 },
  ]);
  await session.stop();
  await server.kill();
  const directory = join(dataDir, 'data', 'version-2');
  const log = readdirSync(directory).find((name) => name.startsWith('log.'))!;
  appendFileSync(join(directory, log), 'torn'); // as a killed server may leave it
  const { versions, presence } = allocationEvidence(readZooKeeperLogs([dataDir, dataDir]));
  t.same(
    versions.map(({ taskUid, owner, cursor }) => [taskUid, owner, cursor]),
    [
      ['uid-1', 'a1', 1],
      ['uid-1', 'a1', 2],
      ['uid-1', 'a2', 3],
    ],
  );
  t.match(presence, [{ agent: 'a1', from: Number, to: Number }]);
  const other = mkdtempSync(join(tmpdir(), 'ctask-zklog-'));
  t.teardown(() => rmSync(other, { recursive: true }));
  t.equal(readZooKeeperLogs([dataDir, dataDir, other]).length, readZooKeeperLogs([dataDir]).length, 'two of three');
  t.same(readZooKeeperLogs([dataDir, other, other]), [], 'what one of three has logged is not committed');
});
