import t from 'tap';
import { FakeClock } from '../../../base/index.js';
import { ServerTime } from './server-time.js';
import { type Session, SessionTable } from './session-table.js';

const TICK = 1000;
const session = (id: bigint, timeoutMs: number): Session => ({ id, timeoutMs, password: Buffer.alloc(16) });

t.test('a session expires at the first tick after its time-out, never before it', async (t) => {
  for (let timeoutMs = 2000; timeoutMs <= 5000; timeoutMs += 250) {
    for (let start = 0; start < 2000; start += 125) {
      const table = new SessionTable(TICK, 1n);
      table.add(session(1n, timeoutMs), start);
      let expiredAt = -1;
      for (let now = start; expiredAt < 0; now += 125) if (table.expired(now).length > 0) expiredAt = now;
      t.ok(expiredAt > start + timeoutMs && expiredAt <= start + timeoutMs + TICK, `${timeoutMs} from ${start}`);
      t.equal(expiredAt % TICK, 0);
    }
  }
});

t.test('a touch moves the expiry; a removed session never expires', async (t) => {
  const table = new SessionTable(TICK, 1n);
  table.add(session(1n, 2000), 0);
  table.add(session(2n, 2000), 0);
  t.ok(table.touch(1n, 2500));
  t.same(table.expired(3000), [2n]);
  table.remove(2n);
  t.same(table.expired(4000), []);
  t.notOk(table.touch(2n, 4000));
  t.same(table.expired(5000), [1n]);
});

t.test('ids go on above restored ones', async (t) => {
  const table = new SessionTable(TICK, 5n);
  table.add(session(90n, 2000), 0);
  t.equal(table.newIdentity().id, 91n);
  t.equal(table.newIdentity().id, 92n);
  t.equal(table.highestId, 92n);
});

t.test('server time stands still during a stall', async (t) => {
  const clock = new FakeClock();
  const time = new ServerTime(clock, TICK);
  const start = time.now();
  for (let i = 0; i < 10; i++) {
    await clock.advance(TICK);
    time.now();
  }
  t.equal(time.now() - start, 10 * TICK, 'it runs while it is read every tick');
  await clock.advance(60 * TICK);
  t.equal(time.now() - start, 11 * TICK, 'a minute without a reading counts as one tick');
  t.equal(time.stalledMs, 59 * TICK);
  await clock.advance(TICK + TICK / 4);
  t.equal(time.now() - start, 12.25 * TICK, 'a late timer is no stall');
});
