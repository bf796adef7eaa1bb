// N3: the library's connect timer ends with the TCP connect. A hung server whose kernel still accepts keeps the client in
// CONNECTING for ever, and other servers are never tried.
import t from 'tap';
import { opcode } from '../protocol.js';
import { bare, Counter, ours } from './clients.js';
import { dataPayload, RawServer } from './raw-server.js';

/** Short where giving up is waited for, long where it must not happen. */
const TIMEOUT_MS = 600;
const PATIENT_MS = 2000;

t.test('bare: a server that never answers the first packet is kept', async (t) => {
  const seen = new Counter();
  const mute = await RawServer.start(
    () => seen.tick('request'),
    ({ socket }) => void socket.on('close', () => seen.tick('closed')),
  );
  t.teardown(() => mute.stop());
  const client = bare(t, mute.address, TIMEOUT_MS);
  await seen.until('request');
  // Ours, beside it and with the same time-out, gives up three times in the same time.
  const other = await RawServer.start(
    () => undefined,
    ({ socket }) => void socket.on('close', () => seen.tick('ours closed')),
  );
  t.teardown(() => other.stop());
  ours(t, { connectString: other.address, sessionTimeoutMs: TIMEOUT_MS });
  await seen.until('ours closed', 3);
  t.equal(seen.count('closed'), 0, 'the library waits on');
  t.equal(mute.connections.length, 1, 'and tries nothing else');
  t.equal(client.getState().name, 'DISCONNECTED');
});

t.test('cured: the next server is tried, and the session begins there', async (t) => {
  const mute = await RawServer.start(() => undefined);
  const good = await RawServer.start(({ connection, index, xid, opcode: op }) => {
    if (index === 0) connection.greet(PATIENT_MS);
    else connection.reply(xid, 0, op === opcode.getData ? dataPayload('x') : undefined);
  });
  t.teardown(() => Promise.all([mute.stop(), good.stop()]));
  const coordinator = ours(t, {
    connectString: `${mute.address},${good.address}`,
    sessionTimeoutMs: PATIENT_MS,
    random: () => 0.999, // leaves the order of servers as written
  });
  t.same((await coordinator.getData('/a')).data.toString(), 'x');
  t.equal(mute.connections.length, 1, 'the mute one was tried first');
});
