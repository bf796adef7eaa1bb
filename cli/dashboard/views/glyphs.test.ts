import stringWidth from 'string-width';
import t from 'tap';
import { RUN_STATES } from '../../../manifests/index.js';
import { STATUSES, statusGlyph, statusMeaning, statusText } from './glyphs.js';
import { bar, sparkline } from './spark.js';
import { clockTime, distance } from './times.js';

t.test('each state of runs has a glyph, of one cell in every terminal', async (t) => {
  for (const state of RUN_STATES) t.not(statusGlyph(state, false).text, ' ', state);
  for (const status of STATUSES) {
    const { text } = statusGlyph(status, false);
    t.equal(stringWidth(text), 1, status);
    t.equal(stringWidth(text, { ambiguousIsNarrow: false }), 1, `${status} in East Asian terminals`);
    t.match(statusGlyph(status, true).text, /^[\x20-\x7e]$/, `${status} in ASCII`);
  }
});

t.test('states of runs that mean different things look different (T-50)', async (t) => {
  const alike = new Set(RUN_STATES.map((state) => statusGlyph(state, false).text));
  t.equal(alike.size, RUN_STATES.length - 1, 'Pending and Queued are one: it waits');
});

t.test('of several words the first decides', async (t) => {
  t.equal(statusText('Ready', false), '✓ Ready');
  t.equal(statusMeaning('Ready,SchedulingDisabled'), 'warn');
  t.equal(statusMeaning('NotReady,SchedulingDisabled'), 'bad');
  t.equal(statusText('constructor', true), '  constructor', 'an unknown word has none');
});

t.test('sparklines and bars', async (t) => {
  t.equal(sparkline([0, 1, 4, 8], 6, false), '   ▁▄█');
  t.equal(sparkline([0, 1, 4, 8], 2, true), '=@', 'the latest');
  t.equal(sparkline([0, 0.001, 100], 3, false), ' ▁█', 'something is seen');
  t.equal(sparkline([], 3, false), '   ');
  t.equal(sparkline([1], 0, false), '');
  t.same(bar(0.999, 10, true), { done: '#########', rest: '.' }, 'not everything is not all');
  t.same(bar(0.001, 10, false), { done: '█', rest: '░'.repeat(9) });
  t.same(bar(Number.NaN, 2, true), { done: '', rest: '..' });
});

t.test('instants near and far', async (t) => {
  const now = Date.UTC(2026, 10, 22, 12);
  t.equal(clockTime(now + 5999, now), '12:00:05Z');
  t.equal(clockTime(now + 3 * 86_400_000, now), '11-25 12:00Z');
  t.equal(clockTime(now + 60 * 86_400_000, now), '2027-01-21 12:00Z');
  t.equal(distance(now + 12_000, now), 'in 12s');
  t.equal(distance(now - 12_000, now), '12s ago');
});
