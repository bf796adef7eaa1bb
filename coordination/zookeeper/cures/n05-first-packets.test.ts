// N5: the library queues credentials and watches behind requests that wait already, and once more for every connection
// that fails before the server answered. A read is then refused with NoAuth, and the queue grows while servers flap.
import t from 'tap';
import { opcode } from '../protocol.js';
import { bare, Counter, failureOf, ours, reached } from './clients.js';
import { RawServer, statPayload } from './raw-server.js';

const FAILING = 3;
const names: Record<number, string> = {
  [opcode.auth]: 'auth',
  [opcode.setWatches]: 'setWatches',
  [opcode.exists]: 'exists',
};

/** Greets the first connection, closes the next three right after their first packet, and greets the fifth when told to. */
async function flappingServer(seen: Counter) {
  const order: string[] = [];
  let greetLast: () => void = () => undefined;
  const server = await RawServer.start(({ connection, index, xid, opcode: op }) => {
    const { number } = connection;
    if (number > 0 && number <= FAILING) connection.socket.destroy();
    else if (index === 0) {
      if (number === 0) connection.greet(4000);
      else {
        greetLast = () => connection.greet(4000);
        seen.tick('back');
      }
    } else {
      if (number > FAILING) order.push(names[op] ?? String(op));
      connection.reply(xid, 0, op === opcode.exists ? statPayload() : undefined);
    }
  });
  return { server, order, greetLast: () => greetLast() };
}

t.test('bare: user requests go first, credentials and watches are repeated', async (t) => {
  const seen = new Counter();
  const { server, order, greetLast } = await flappingServer(seen);
  t.teardown(() => server.stop());
  const client = bare(t, server.address);
  client.addAuthInfo('digest', Buffer.from('a:b'));
  client.exists(
    '/watched',
    () => undefined,
    () => seen.tick('read'),
  );
  await seen.until('read');
  client.once('disconnected', () => client.exists('/queued', () => seen.tick('read')));
  server.cut();
  await seen.until('back');
  greetLast();
  await seen.until('read', 2);
  client.exists('/fence', () => seen.tick('read'));
  await seen.until('read', 3);
  t.equal(order[0], 'exists', 'the user request is before the credentials');
  t.equal(order.filter((name) => name === 'auth').length, FAILING + 1);
  t.equal(order.filter((name) => name === 'setWatches').length, FAILING + 1);
});

t.test('cured: credentials, then watches, once per connection, then what waits', async (t) => {
  const seen = new Counter();
  const { server, order, greetLast } = await flappingServer(seen);
  t.teardown(() => server.stop());
  const auth = [{ scheme: 'digest', credential: Buffer.from('a:b') }];
  const coordinator = ours(t, { connectString: server.address, auth });
  await coordinator.exists('/watched', () => undefined);
  server.cut();
  await reached(coordinator, 'disconnected');
  const queued = coordinator.exists('/queued');
  await seen.until('back');
  greetLast();
  await queued;
  t.same(order, ['auth', 'setWatches', 'exists']);
});

t.test('cured: a refused credential is reported, and not sent again', async (t) => {
  const seen = new Counter();
  const server = await RawServer.start(({ connection, index, xid, opcode: op }) => {
    if (index === 0) return connection.greet(4000);
    if (op !== opcode.auth) return connection.reply(xid, 0, statPayload());
    seen.tick('auth');
    connection.reply(xid, -115);
    connection.socket.end();
  });
  t.teardown(() => server.stop());
  const coordinator = ours(t, { connectString: server.address });
  t.match(await failureOf(coordinator.addAuth('digest', Buffer.from('wrong'))), { kind: 'noAuth', serverCode: -115 });
  await reached(coordinator, 'disconnected');
  await coordinator.exists('/after');
  t.equal(seen.count('auth'), 1);
});
