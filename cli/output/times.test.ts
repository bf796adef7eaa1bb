import t from 'tap';
import { isoTime, zonedTime } from './times.js';

t.test('instants in words', async (t) => {
  const winter = Date.parse('2026-11-23T01:00:00Z');
  t.equal(isoTime(winter), '2026-11-23T01:00:00Z');
  t.equal(isoTime(winter + 250), '2026-11-23T01:00:00.250Z');
  t.equal(zonedTime(winter, 'Europe/Berlin'), 'Mon, 23 Nov 2026 02:00:00 +0100');
  t.equal(zonedTime(winter, 'UTC'), 'Mon, 23 Nov 2026 01:00:00 +0000');
  t.equal(zonedTime(winter, 'Asia/Kathmandu'), 'Mon, 23 Nov 2026 06:45:00 +0545');
  t.equal(zonedTime(Date.parse('2026-11-23T00:00:00Z'), 'UTC'), 'Mon, 23 Nov 2026 00:00:00 +0000');
  t.equal(zonedTime(winter, 'Mars/Olympus'), 'Mon, 23 Nov 2026 01:00:00 +0000');
});
