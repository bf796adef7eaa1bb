import t from 'tap';
import { tzdataVersion, zoneClock } from './zone-clock.js';

const HOUR = 3_600_000;

t.test('stretches meet without a gap and change where the zone changes', async (t) => {
  const clock = zoneClock('Europe/Berlin')!;
  const summer = Date.parse('2026-03-29T01:00:00Z');
  const before = clock.stretchAt(summer - 1);
  const after = clock.stretchAt(summer);
  t.match(before, { start: Date.UTC(2026, 0, 1), end: summer, offset: HOUR });
  t.match(after, { start: summer, end: Date.parse('2026-10-25T01:00:00Z'), offset: 2 * HOUR });
  t.equal(after.wallBefore, summer + HOUR, 'an hour is missing');
  const winter = clock.stretchAt(after.end);
  t.equal(winter.highWater - (winter.start + winter.offset), HOUR, 'an hour comes again');
  const turn = clock.stretchAt(winter.end);
  t.equal(turn.wallBefore, turn.start + turn.offset, 'the turn of a year is no change');
});

t.test('a change at the turn of a year is seen', async (t) => {
  // Kiritimati skipped 31 December 1994; the change is at 10:00 UTC of the 31st.
  const clock = zoneClock('Pacific/Kiritimati')!;
  const stretch = clock.stretchAt(Date.parse('1995-01-02T00:00:00Z'));
  t.equal(stretch.offset, 14 * HOUR);
  const change = clock.stretchAt(Date.parse('1994-12-31T12:00:00Z'));
  t.equal(change.start + change.offset - change.wallBefore, 24 * HOUR);
});

t.test('local mean time counts seconds', async (t) => {
  t.equal(zoneClock('Africa/Monrovia')?.stretchAt(0).offset, -(44 * 60 + 30) * 1000);
});

t.test('zones that exist, and those that do not', async (t) => {
  for (const name of ['UTC', 'Etc/GMT+5', 'US/Pacific', 'Asia/Kathmandu', '+05:45', '-11:00'])
    t.ok(zoneClock(name), name);
  for (const name of ['', 'Europe/Berlln', '+5', '+25:00', '+05:60', 'local', '__proto__'])
    t.notOk(zoneClock(name), name);
  t.equal(zoneClock('Asia/Tokyo'), zoneClock('Asia/Tokyo'), 'one clock per zone');
  t.equal(zoneClock('+05:45')?.stretchAt(0).offset, 5.75 * HOUR);
});

t.test('the version of the zone data is known', async (t) => {
  t.match(tzdataVersion(), /^20\d\d[a-z]$/);
});
