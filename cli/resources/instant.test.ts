import t from 'tap';
import { parsePastTime, parseTime } from './instant.js';

const NOW = Date.parse('2026-11-21T12:00:00.250Z');
const iso = (time: number) => new Date(time).toISOString().replace('.000Z', 'Z');
const ago = async (text: string) => iso(await parsePastTime('--from', text, NOW, 'Europe/Berlin'));

t.test('times of a wall clock, of an offset, and how long ago', async (t) => {
  t.equal(await ago('now'), '2026-11-21T12:00:00.250Z');
  t.equal(await ago('6h'), '2026-11-21T06:00:00.250Z');
  t.equal(await ago('2026-11-20'), '2026-11-19T23:00:00Z', 'the beginning of the day');
  t.equal(await ago('2026-07-01T08:00'), '2026-07-01T06:00:00Z');
  t.equal(await ago('2026-11-20T08:00:00-05:00'), '2026-11-20T13:00:00Z');
  t.equal(await ago('2026-11-20 08:00:00.125z'), '2026-11-20T08:00:00.125Z', 'no part of a second is lost');
  t.equal(await ago('2026-11-20T08:00:00.125'), '2026-11-20T07:00:00.125Z');
});

t.test('what is no time is refused with the name of the flag and what it takes', async (t) => {
  await t.rejects(ago('yesterday'), {
    code: 'CT_USAGE',
    message: '--from "yesterday" is not now, how long ago such as 6h, an RFC 3339 time, or one such as 2026-12-01',
  });
  await t.rejects(parseTime('--since-time', '6h', 'UTC'), { message: '--since-time "6h" is not an RFC 3339 time' });
  await t.rejects(ago('2026-02-30'), { code: 'CT_USAGE', message: '--from "2026-02-30" is no time that exists' });
  await t.rejects(parseTime('--to', '2026-02-03', 'Nowhere/Land'), { code: 'CT_USAGE', message: /--timezone/ });
});
