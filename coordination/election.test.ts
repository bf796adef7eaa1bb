// Faults that only a server told to fail can show.
import t from 'tap';
import { silentLogger, systemClock } from '../base/index.js';
import { Election } from './election.js';
import { startEmbeddedServer } from './embedded/server.js';
import { Layout } from './layout.js';
import { createCoordinationSession } from './zookeeper/coordination-session.js';

t.setTimeout(60_000);
const clock = systemClock;
const log = silentLogger;
const layout = new Layout();
const TICK_MS = 200;
const SESSION_MS = 4000;

async function setUp(t: import('tap').Test) {
  t.setTimeout(60_000);
  const server = await startEmbeddedServer({ dataDir: t.testdir(), host: '127.0.0.1', port: 0, tickMs: TICK_MS });
  const session = createCoordinationSession({
    ...{ connectString: server.connectString, sessionTimeoutMs: SESSION_MS, clock, log },
  });
  await session.start(AbortSignal.timeout(20_000));
  const election = new Election({ session, layout, id: 'c1', clock, log });
  t.teardown(async () => {
    await election.stop();
    await session.stop();
    await server.stop();
  });
  return { server, session, election };
}

t.test('a node whose create was not answered is found again, not made twice', async (t) => {
  const { server, session, election } = await setUp(t);
  await session.current.ensurePath(layout.election);
  await session.current.ensurePath(layout.epoch);
  const elected = election.events.next('elected');
  const answer = server.pauseReplies();
  void election.start(AbortSignal.timeout(30_000));
  // Requests are carried out and not answered: the client gives up on the connection, several times over.
  const seen = createCoordinationSession({
    ...{ connectString: server.connectString, sessionTimeoutMs: SESSION_MS, clock, log },
  });
  server.dropConnections();
  answer();
  const { epoch } = await elected;
  await seen.start(AbortSignal.timeout(20_000));
  t.teardown(() => seen.stop());
  const { children } = await seen.current.getChildren(layout.election);
  t.equal(children.length, 1, `one node for one candidate: ${children}`);
  t.ok(epoch >= 1);
});

t.test(
  'an expired session deposes before anything else, and the candidate stands again with the next one',
  async (t) => {
    const { server, session, election } = await setUp(t);
    const elected = election.events.next('elected');
    await election.start(AbortSignal.timeout(20_000));
    const first = await elected;
    const order: string[] = [];
    election.events.on('deposed', () => order.push('deposed'));
    session.follow({ established: () => order.push('established'), lost: () => order.push('lost') });
    order.length = 0;
    const again = election.events.next('elected', ({ epoch }) => epoch > first.epoch);
    server.expireSession(first.coordinator.session!.id);
    const second = await again;
    t.same(order.slice(0, 3), ['deposed', 'lost', 'established']);
    t.not(second.coordinator, first.coordinator);
  },
);
