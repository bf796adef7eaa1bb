// N12: the library's idle timer starts again with every received byte. While notifications stream in it sends nothing,
// and the server, which counts only what it receives, expires the session.
import t from 'tap';
import { systemClock } from '../../../base/index.js';
import { opcode } from '../protocol.js';
import { bare, Counter, ours } from './clients.js';
import { type RawConnection, RawServer } from './raw-server.js';

const TIMEOUT_MS = 1500;

/** Greets and then sends an event of a node nobody watches every 20 ms, for two session time-outs. */
async function chattyServer(seen: Counter) {
  const chat = (connection: RawConnection, left: number): void => {
    connection.notify(3, '/somewhere');
    if (left > 0) systemClock.timerAfter(20, () => chat(connection, left - 1));
    else seen.tick('chat over');
  };
  return RawServer.start(({ connection, index, opcode: op }) => {
    if (index === 0) {
      connection.greet(TIMEOUT_MS);
      chat(connection, (2 * TIMEOUT_MS) / 20);
    } else if (op === opcode.ping) {
      seen.tick('ping');
      connection.reply(-2);
    }
  });
}

t.test('bare: no ping for two session time-outs', async (t) => {
  const seen = new Counter();
  const server = await chattyServer(seen);
  t.teardown(() => server.stop());
  bare(t, server.address, TIMEOUT_MS);
  await seen.until('chat over');
  t.equal(seen.count('ping'), 0);
});

t.test('cured: a ping every third of the session time-out', async (t) => {
  const seen = new Counter();
  const server = await chattyServer(seen);
  t.teardown(() => server.stop());
  const coordinator = ours(t, { connectString: server.address, sessionTimeoutMs: TIMEOUT_MS });
  await seen.until('chat over');
  t.ok(seen.count('ping') >= 4, `${seen.count('ping')} pings`);
  t.equal(coordinator.state, 'connected');
  t.ok(systemClock.monotonic() - coordinator.lastAcknowledged < TIMEOUT_MS);
});
