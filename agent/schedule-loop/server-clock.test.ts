import t from 'tap';
import { FakeClock } from '../../base/index.js';
import { ClaimLead, LEAD_MAX_MS, LEAD_MIN_MS } from './claim-lead.js';
import { ServerClock } from './server-clock.js';

t.test('the clock is suspect only when no reading of the sample is within bounds', async (t) => {
  const clock = new ServerClock(new FakeClock());
  const sample = (serverTime: number, sentAt: number, receivedAt: number) => {
    clock.sample({ serverTime, sentAt, receivedAt });
    return clock.suspect;
  };
  t.notOk(sample(100_000, 99_990, 100_010), 'in agreement');
  t.notOk(sample(100_000, 90_000, 100_010), 'a slow reply proves nothing');
  t.notOk(sample(101_999, 99_990, 100_000), 'just within');
  t.ok(sample(102_001, 99_990, 100_000), 'the server is ahead');
  t.equal(clock.offsetMs, 2001);
  t.ok(sample(102_001, 99_990, 99_980), 'the local clock went back meanwhile: no reading, no change');
  t.notOk(sample(100_000, 99_990, 100_010), 'back in agreement');
  t.ok(sample(97_000, 99_990, 100_010), 'the server is behind');
  t.equal(clock.offsetMs, -2990);
});

t.test('between samples the wall clock must keep step', async (t) => {
  const local = new FakeClock(100_000);
  const clock = new ServerClock(local);
  const sample = () => clock.sample({ serverTime: local.now(), sentAt: local.now(), receivedAt: local.now() });
  t.notOk(clock.trusted, 'nothing is known before the first sample');
  sample();
  t.ok(clock.trusted);
  await local.advance(60_000);
  t.ok(clock.trusted, 'time passes');
  local.stepWall(3_600_000);
  t.notOk(clock.trusted, 'somebody set the clock');
  t.notOk(clock.suspect, 'whether rightly, the next sample tells');
  sample();
  t.ok(clock.trusted);
});

t.test('a wall clock that is set while a reply is on its way is not believed', async (t) => {
  const local = new FakeClock(100_000);
  const clock = new ServerClock(local);
  let server = local.now();
  const sample = async (meanwhile: () => void, ms = 10) => {
    const sentAt = local.now();
    await local.advance(ms);
    server += ms;
    const serverTime = server;
    meanwhile();
    return clock.sample({ serverTime, sentAt, receivedAt: local.now() });
  };
  await sample(() => undefined);
  t.ok(clock.trusted);
  await sample(() => local.stepWall(3_600_000));
  t.notOk(clock.trusted, 'it looks like a reply that took an hour');
  t.ok(await sample(() => undefined), 'the next one tells');
  t.ok(clock.suspect);
  await sample(() => local.stepWall(-3_600_000));
  t.notOk(clock.trusted);
  await sample(() => undefined);
  t.ok(clock.trusted, 'set right');
  await sample(() => local.stepWall(3_900), 1_900);
  t.notOk(clock.suspect, 'the reply may have taken all of the time before it was stamped, or none');
  t.notOk(clock.trusted, 'only a sample without doubt makes a clock that was set believed');
  await sample(() => local.stepWall(-3_900));
  await sample(() => undefined);
  t.ok(clock.trusted, 'set right again');
  await sample(() => undefined, 30_000);
  t.ok(clock.trusted, 'a reply that was slow, with a clock that kept step');
});

t.test('the lead of claims follows the backlog between its bounds', async (t) => {
  const lead = new ClaimLead();
  t.equal(lead.ms, LEAD_MIN_MS);
  for (let i = 0; i < 20; i++) lead.observe(-500);
  t.equal(lead.ms, LEAD_MAX_MS);
  for (let i = 0; i < 500; i++) lead.observe(lead.ms * 0.9);
  t.equal(lead.ms, LEAD_MIN_MS);
});
