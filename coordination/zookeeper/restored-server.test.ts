// Rule R13: clients of a server that was restored from a backup have seen more than it knows.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import { freePort, requireZooKeeper, startZooKeeper } from '../../test/support/zookeeper.js';
import { startEmbeddedServer } from '../embedded/server.js';
import { createCoordinationSession } from './coordination-session.js';

interface Server {
  stop(): Promise<void>;
}
type Start = (dataDir: string, port: number) => Promise<Server>;

async function comesBack(t: Test, start: Start): Promise<void> {
  const directory = t.testdir({ data: {} });
  const [data, backup] = [join(directory, 'data'), join(directory, 'backup')];
  const port = await freePort();
  const connect = () =>
    createCoordinationSession({
      ...{ connectString: `127.0.0.1:${port}`, sessionTimeoutMs: 1000, clock: systemClock, log: silentLogger },
    });
  const first = await start(data, port);
  const early = connect();
  await early.start(AbortSignal.timeout(20_000));
  await early.current.create('/early', Buffer.alloc(0));
  await early.stop();
  await first.stop();
  cpSync(data, backup, { recursive: true });

  const second = await start(data, port);
  const session = connect();
  t.teardown(() => session.stop());
  await session.start(AbortSignal.timeout(20_000));
  const before = session.current;
  for (let i = 0; i < 20; i++) await before.create(`/later-${i}`, Buffer.alloc(0));
  const back = new Promise<void>((resolve) => {
    session.follow({ established: (coordinator) => coordinator !== before && resolve(), lost: () => undefined });
  });
  await second.stop();
  rmSync(data, { recursive: true });
  cpSync(backup, data, { recursive: true });

  const third = await start(data, port);
  t.teardown(() => third.stop());
  await back;
  t.equal(before.state, 'expired');
  t.ok(await session.current.exists('/early'));
  t.equal(await session.current.exists('/later-0'), undefined, 'it is the backup that answers');
}

t.test('a client that a restored embedded server refuses comes back, with a new session', (t) =>
  comesBack(t, (dataDir, port) => startEmbeddedServer({ dataDir, host: '127.0.0.1', port, tickMs: 500 })),
);

t.test('a client that a restored Apache ZooKeeper refuses comes back, with a new session', async (t) => {
  if (!requireZooKeeper(t)) return;
  await comesBack(t, (dataDir, port) => startZooKeeper({ dataDir, port, tickMs: 500 }));
});
