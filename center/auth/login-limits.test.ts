import t from 'tap';
import { FakeClock, isCloudTaskError } from '../../base/index.js';
import { LoginLimits } from './login-limits.js';

/** Seconds to wait, or 0. */
function tryOnce(limits: LoginLimits, address: string, user?: string): number {
  try {
    limits.begin(address, user);
    return 0;
  } catch (error) {
    if (!isCloudTaskError(error, 'CT_TOO_MANY_REQUESTS')) throw error;
    return error.details.retryAfterSeconds ?? -1;
  }
}

t.test('a user name waits twice as long each time, from whichever address', async (t) => {
  const clock = new FakeClock();
  const limits = new LoginLimits(clock);
  for (let i = 0; i < 5; i++) t.equal(tryOnce(limits, `10.0.0.${i}`, 'ann'), 0);
  for (const seconds of [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]) {
    t.equal(tryOnce(limits, '10.0.1.1', 'ann'), seconds);
    await clock.advance(seconds * 1000 - 1);
    t.equal(tryOnce(limits, '10.0.1.1', 'ann'), 1, 'not before');
    await clock.advance(1);
    t.equal(tryOnce(limits, `10.0.2.${seconds}`, 'ann'), 0);
  }
  t.equal(tryOnce(limits, '10.0.1.1', 'ben'), 0, 'others are not concerned');
  await clock.advance(3_600_000);
  for (let i = 0; i < 5; i++) t.equal(tryOnce(limits, '10.0.3.1', 'ann'), 0, 'forgotten after an hour');
});

t.test('a success forgives the user, and the address that one try', async (t) => {
  const limits = new LoginLimits(new FakeClock());
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < 4; i++) t.equal(tryOnce(limits, '10.0.0.1', 'ann'), 0);
    t.equal(tryOnce(limits, '10.0.0.1', 'ann'), 0);
    limits.succeeded('10.0.0.1', 'ann');
  }
  // 16 of its tries have failed.
  for (let i = 0; i < 4; i++) t.equal(tryOnce(limits, '10.0.0.1', `user-${i}`), 0);
  t.equal(tryOnce(limits, '10.0.0.1', 'ben'), 1, 'who tries many users is held by the address');
  t.equal(tryOnce(limits, '10.0.0.1'), 1, 'with a token, too');
  t.equal(tryOnce(limits, '10.0.0.2', 'ben'), 0);
});
