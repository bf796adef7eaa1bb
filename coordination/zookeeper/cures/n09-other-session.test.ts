// N9: the library takes whatever session the server answers with. One that hands out a new session instead of saying
// that the old one has expired makes the client believe that its ephemeral nodes still exist.
import t from 'tap';
import { opcode } from '../protocol.js';
import { bare, Counter, ours, reached } from './clients.js';
import { RawServer } from './raw-server.js';

async function forgetfulServer(seen: Counter) {
  return RawServer.start(({ connection, index, xid, opcode: op }) => {
    if (index === 0) connection.greet(4000, BigInt(100 + connection.number));
    else if (op === opcode.closeSession) seen.tick('session closed');
    else connection.reply(xid, -101);
  });
}

t.test('bare: the other session goes unnoticed', async (t) => {
  const seen = new Counter();
  const server = await forgetfulServer(seen);
  t.teardown(() => server.stop());
  const client = bare(t, server.address);
  client.on('connected', () => seen.tick('connected'));
  client.on('expired', () => seen.tick('expired'));
  await seen.until('connected');
  t.equal(client.getSessionId().readBigInt64BE(0), 100n);
  server.cut();
  await seen.until('connected', 2);
  t.equal(client.getSessionId().readBigInt64BE(0), 101n);
  t.equal(seen.count('expired'), 0);
});

t.test('cured: it is an expiry, and the session nobody wants is closed', async (t) => {
  const seen = new Counter();
  const server = await forgetfulServer(seen);
  t.teardown(() => server.stop());
  const coordinator = ours(t, { connectString: server.address });
  await coordinator.connected();
  t.equal(coordinator.session?.id, 100n);
  server.cut();
  await reached(coordinator, 'expired');
  await seen.until('session closed');
  t.equal(server.connections.length, 2);
});
