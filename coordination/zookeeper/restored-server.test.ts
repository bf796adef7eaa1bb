// Rule R13: clients of a server that was restored from a backup have seen more than it knows.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import { startEmbeddedServer } from '../embedded/server.js';
import { createCoordinationSession } from './coordination-session.js';

t.test('a client that is refused by a restored server comes back, with a new session', async (t) => {
  const directory = t.testdir({ data: {} });
  const [data, backup] = [join(directory, 'data'), join(directory, 'backup')];
  const options = { dataDir: data, host: '127.0.0.1', tickMs: 200 };
  const first = await startEmbeddedServer({ ...options, port: 0 });
  const { port } = first;
  await first.stop();
  cpSync(data, backup, { recursive: true });

  const second = await startEmbeddedServer({ ...options, port });
  const session = createCoordinationSession({
    ...{ connectString: `127.0.0.1:${port}`, sessionTimeoutMs: 1000, clock: systemClock, log: silentLogger },
  });
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

  const third = await startEmbeddedServer({ ...options, port });
  t.teardown(() => third.stop());
  await back;
  t.equal(before.state, 'expired');
  t.equal(await session.current.exists('/later-0'), undefined, 'it is the backup that answers');
});
