import t from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import { type EmbeddedServer, startEmbeddedServer } from '../embedded/server.js';
import {
  type CoordinationSession,
  type CoordinationSessionOptions,
  CoordinationTally,
  type Coordinator,
} from '../index.js';
import { createCoordinationSession } from './coordination-session.js';
import { Counter, failureOf, reached, turns } from './cures/clients.js';

type Test = typeof t;

async function server(t: Test): Promise<EmbeddedServer> {
  const started = await startEmbeddedServer({ dataDir: t.testdir({}), host: '127.0.0.1', port: 0, tickMs: 500 });
  t.teardown(() => started.stop());
  return started;
}

function session(t: Test, connectString: string, extra: Partial<CoordinationSessionOptions> = {}): CoordinationSession {
  const made = createCoordinationSession({
    connectString,
    sessionTimeoutMs: 2000,
    clock: systemClock,
    log: silentLogger,
    ...extra,
  });
  t.teardown(() => made.stop());
  return made;
}

/** Notes what a follower is told. */
function follower(seen: Counter) {
  const told: string[] = [];
  const coordinators: Coordinator[] = [];
  return {
    told,
    coordinators,
    established(coordinator: Coordinator, resumed: boolean) {
      told.push(resumed ? 'resumed' : 'established');
      coordinators.push(coordinator);
      seen.tick('established');
    },
    lost() {
      told.push('lost');
      seen.tick('lost');
    },
  };
}

const never = new AbortController().signal;

t.test('expiry: lost, then a new coordinator, with the same credentials', async (t) => {
  const zookeeper = await server(t as Test);
  const auth = [{ scheme: 'digest', credential: Buffer.from('agent:secret') }];
  const made = session(t as Test, zookeeper.connectString, { auth });
  const seen = new Counter();
  const early = follower(seen);
  made.follow(early);
  t.same(early.told, [], 'nothing before the start');
  await made.start(never);
  const first = made.current;
  t.same(early.told, ['established']);
  await first.create('/closed', Buffer.from('x'), 'persistent', [{ permissions: 31, scheme: 'auth', id: '' }]);
  const late = follower(seen);
  const leave = made.follow(late);
  t.same(late.told, ['established'], 'a late follower is told at once');

  leave();
  zookeeper.expireSession(first.session!.id);
  await seen.until('established', 3);
  t.same(early.told, ['established', 'lost', 'established']);
  t.same(late.told, ['established'], 'one that has left is told nothing');
  t.equal(first.state, 'expired');
  t.equal(made.current, early.coordinators[1]);
  t.not(made.current.session?.id, first.session?.id);
  t.equal((await made.current.getData('/closed')).data.toString(), 'x', 'the new session has the credentials');
});

t.test('a lost connection is no loss of the session', async (t) => {
  const zookeeper = await server(t as Test);
  const made = session(t as Test, zookeeper.connectString);
  const seen = new Counter();
  const one = follower(seen);
  made.follow(one);
  await made.start(never);
  const { current } = made;
  await current.create('/e', Buffer.from(''), 'ephemeral');
  zookeeper.dropConnections();
  await reached(current, 'disconnected');
  const meanwhile = follower(seen);
  made.follow(meanwhile);
  t.same(meanwhile.told, [], 'not established while there is no connection');
  await reached(current, 'connected');
  t.equal(made.current, current);
  t.same(one.told, ['established'], 'told once');
  t.same(meanwhile.told, ['established'], 'told when the connection is back');
  t.equal((await current.exists('/e'))?.ephemeralOwner, current.session?.id);
});

t.test('an observer counts answers, and connections and sessions that are lost', async (t) => {
  const zookeeper = await server(t as Test);
  const observer = new CoordinationTally();
  const made = session(t as Test, zookeeper.connectString, { observer });
  const seen = new Counter();
  made.follow(follower(seen));
  await made.start(never);
  const { current } = made;
  await current.create('/a', Buffer.from(''));
  await failureOf(current.create('/a', Buffer.from('')));
  t.equal(observer.requests, 2, 'a refusal is an answer');
  t.ok(observer.requestMs > 0);
  zookeeper.dropConnections();
  await reached(current, 'disconnected');
  await reached(current, 'connected');
  t.same([observer.connectionsLost, observer.sessionsLost], [1, 0]);
  zookeeper.expireSession(current.session!.id);
  await seen.until('established', 2);
  t.equal(observer.sessionsLost, 1);
});

t.test('the session of an earlier process is taken up, or replaced when it has expired', async (t) => {
  const zookeeper = await server(t as Test);
  const first = session(t as Test, zookeeper.connectString);
  await first.start(never);
  await first.current.create('/mine', Buffer.from(''), 'ephemeral');
  await first.detach();
  const resume = first.current.session!;

  const second = session(t as Test, zookeeper.connectString, { resume });
  const seen = new Counter();
  const resumed = follower(seen);
  second.follow(resumed);
  await second.start(never);
  t.same(resumed.told, ['resumed']);
  t.equal((await second.current.exists('/mine'))?.ephemeralOwner, resume.id);
  zookeeper.expireSession(resume.id);
  await seen.until('established', 2);
  t.same(resumed.told, ['resumed', 'lost', 'established']);
  await second.stop();

  const third = session(t as Test, zookeeper.connectString, { resume });
  const replaced = follower(seen);
  third.follow(replaced);
  await third.start(never);
  t.same(replaced.told, ['established'], 'nobody was told of a session that was gone: nothing is lost');
  t.not(third.current.session?.id, resume.id);
});

t.test('stop ends the session, detach does not; both are final and may be repeated', async (t) => {
  const zookeeper = await server(t as Test);
  const seen = new Counter();
  for (const end of ['stop', 'detach'] as const) {
    const made = session(t as Test, zookeeper.connectString);
    const one = follower(seen);
    made.follow(one);
    await made.start(never);
    const { id } = made.current.session!;
    await made[end]();
    await made[end]();
    t.equal(made.current.state, 'closed');
    t.equal(zookeeper.sessions.includes(id), end === 'detach', end);
    t.same(one.told, ['established'], 'an end that was asked for is no loss');
  }
});

t.test('start waits for a server, and can be given up', async (t) => {
  const gone = session(t as Test, '127.0.0.1:1');
  const abort = new AbortController();
  const started = failureOf(gone.start(abort.signal));
  abort.abort(new Error('given up'));
  t.match(await started, { message: 'given up' });
  await gone.stop();

  const stopped = session(t as Test, '127.0.0.1:1');
  const waiting = failureOf(stopped.start(never));
  await turns();
  await stopped.stop();
  t.match(await waiting, { code: 'CT_COORDINATION' });
  t.throws(() => session(t as Test, '127.0.0.1:1').current, { code: 'CT_INTERNAL' });
});

t.test('a request that is never answered, while pings are, is given up after the session time-out', async (t) => {
  const zookeeper = await server(t as Test);
  const made = session(t as Test, zookeeper.connectString);
  await made.start(never);
  const { current } = made;
  const states: string[] = [];
  current.onState((state) => states.push(state));
  await current.create('/slow', Buffer.from(''));
  const resume = zookeeper.pauseReplies();
  t.match(await failureOf(current.setData('/slow', Buffer.from('x'), 0)), { kind: 'unknown' });
  resume();
  t.equal((await current.getData('/slow')).data.toString(), 'x', 'later replies find their requests');
  t.same(states, [], 'the connection was kept');
});
