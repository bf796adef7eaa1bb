import t from 'tap';
import { parseUntil } from './until.js';

const NOW = Date.parse('2026-03-28T12:00:00.250Z');
const at = async (text: string, timeZone = 'Europe/Berlin') =>
  new Date(await parseUntil(text, { now: NOW, timeZone })).toISOString().replace('.000Z', 'Z');

t.test('how long from now, and when (C-26)', async (t) => {
  t.equal(await at('2h'), '2026-03-28T14:00:01Z', 'full seconds, not less');
  t.equal(await at('1d12h'), '2026-03-30T00:00:01Z');
  t.equal(await at('2026-03-28T14:00:00+01:00'), '2026-03-28T13:00:00Z');
  t.equal(await at('2026-03-28T14:00Z'), '2026-03-28T14:00:00Z');
  t.equal(await at('2026-04-01'), '2026-03-31T22:00:00Z', 'the beginning of the day');
  t.equal(await at('2026-04-01T08:00'), '2026-04-01T06:00:00Z');
  t.equal(await at('2026-04-01 08:00:30', 'America/New_York'), '2026-04-01T12:00:30Z');
  t.equal(await at('2026-04-01T08:00', 'Pacific/Kiritimati'), '2026-03-31T18:00:00Z');
  t.equal(await at('2026-03-29T02:30'), '2026-03-29T01:00:00Z', 'a time that is left out, as in schedules');
});

t.test('what is no time to come', async (t) => {
  const refused = [
    '',
    'x',
    '2h3',
    '0s',
    '2026-03-28',
    '2026-03-28T12:00:00Z',
    '2026-02-30',
    '2026-13-01',
    '2026-04-01T25:00',
  ];
  for (const text of refused) await t.rejects(at(text), { code: 'CT_USAGE' }, text);
  await t.rejects(at('2026-04-01', 'Nowhere/Land'), { code: 'CT_USAGE', message: /--timezone/ });
});
