// next() against an evaluator that knows nothing of it: it walks the real timeline minute by minute, asks Intl what the
// wall clock shows, and applies the rules of clock changes to what it sees. Expressions are built from sets, so the
// evaluator needs no parser. CTASK_TEST_LONG=1 walks every change of every zone from 1970 to 2037.
import fc from 'fast-check';
import t from 'tap';
import { compileSchedules } from './task-schedules.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const LONG = process.env.CTASK_TEST_LONG === '1';
const WINDOW = 1.5 * DAY;
const PATTERNS_PER_CHANGE = LONG ? 20 : 10;
/** A run looks at every so many zones only. */
const STRIDE = LONG ? 1 : 3;
const LONGEST_SHIFTED_GAP = 3 * HOUR;

function offsets(zone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (at) => {
    const [month, day, year, hour, minute, second] = format.format(at).match(/\d+/g)!.map(Number);
    return Date.UTC(year!, month! - 1, day, hour, minute, second) - at;
  };
}

/** Instants of a span at which the offset changes, found hour by hour and then located. */
function changes(offsetAt: (at: number) => number, from: number, to: number): number[] {
  const found: number[] = [];
  let before = offsetAt(from);
  for (let at = from; at < to; at += 6 * HOUR) {
    if (offsetAt(at + 6 * HOUR) === before) continue;
    let low = at;
    let high = at + 6 * HOUR;
    while (high - low > 1000) {
      const middle = low + Math.floor((high - low) / 2000) * 1000;
      if (offsetAt(middle) === before) low = middle;
      else high = middle;
    }
    found.push(high);
    before = offsetAt(at + 6 * HOUR);
  }
  return found;
}

interface Pattern {
  readonly cron: string;
  readonly wildcard: boolean;
  matches(wall: Date): boolean;
}

const sorted = (values: readonly number[]) => [...new Set(values)].sort((a, b) => a - b);
const minuteField = fc.oneof(
  fc
    .constantFrom(1, 5, 15, 20, 30)
    .map((step) => ({ text: step === 1 ? '*' : `*/${step}`, has: (m: number) => m % step === 0 })),
  fc
    .uniqueArray(fc.constantFrom<number[]>(0, 1, 15, 29, 30, 31, 45, 59), { minLength: 1, maxLength: 4 })
    .map((values) => ({
      text: sorted(values).join(','),
      has: (m: number) => values.includes(m),
    })),
);
/** Hours around `near`, where the clock changes. */
const hourField = (near: number) =>
  fc.oneof(
    fc
      .constantFrom(1, 2, 3)
      .map((step) => ({ text: step === 1 ? '*' : `*/${step}`, has: (h: number) => h % step === 0 })),
    fc.uniqueArray(fc.integer({ min: -2, max: 2 }), { minLength: 1, maxLength: 3 }).map((shifts) => {
      const values = sorted(shifts.map((shift) => (near + shift + 24) % 24));
      return { text: values.join(','), has: (h: number) => values.includes(h) };
    }),
    fc.constant({ text: '0-23', has: () => true }),
  );
const dayField = (near: Date) =>
  fc.oneof(
    fc.constant({ text: '* * *', has: () => true }),
    fc.constant({
      text: `${near.getUTCDate()} ${near.getUTCMonth() + 1} *`,
      has: (wall: Date) => wall.getUTCDate() === near.getUTCDate() && wall.getUTCMonth() === near.getUTCMonth(),
    }),
    fc.constant({ text: `* * ${near.getUTCDay()}`, has: (wall: Date) => wall.getUTCDay() === near.getUTCDay() }),
    fc.constant({ text: '* * 1-5', has: (wall: Date) => wall.getUTCDay() % 6 !== 0 }),
  );

const patternNear = (wall: Date): fc.Arbitrary<Pattern> =>
  fc.tuple(minuteField, hourField(wall.getUTCHours()), dayField(wall)).map(([minute, hour, day]) => ({
    cron: `${minute.text} ${hour.text} ${day.text}`,
    wildcard: minute.text.startsWith('*') || hour.text.startsWith('*'),
    matches: (at) =>
      at.getUTCSeconds() === 0 && minute.has(at.getUTCMinutes()) && hour.has(at.getUTCHours()) && day.has(at),
  }));

interface Dst {
  readonly gap: 'Shift' | 'Skip';
  readonly overlap: 'First' | 'Both';
}

/** The wall clock at each step of a window, and the time it shows just before the step. */
interface Walk {
  readonly at: number;
  readonly wall: number;
}

function evaluate(walk: readonly Walk[], step: number, pattern: Pattern, dst: Dst): number[] {
  const fires: number[] = [];
  let expected = walk[0]!.wall;
  let reached = expected - step;
  for (const { at, wall } of walk) {
    let fire = false;
    const missing = wall - expected;
    if (!pattern.wildcard && dst.gap === 'Shift' && missing > 0 && missing <= LONGEST_SHIFTED_GAP) {
      for (let skipped = expected; skipped < wall; skipped += step) {
        if ((dst.overlap === 'Both' || skipped > reached) && pattern.matches(new Date(skipped))) fire = true;
      }
    }
    const again = !pattern.wildcard && dst.overlap === 'First' && wall <= reached;
    if (!again && pattern.matches(new Date(wall))) fire = true;
    if (fire) fires.push(at);
    expected = wall + step;
    reached = Math.max(reached, wall);
  }
  return fires;
}

function walkAround(change: number, offsetAt: (at: number) => number): { walk: Walk[]; step: number } {
  // A local mean time counts seconds: its walk is short and fine instead of long and coarse.
  const wholeMinutes = [change - DAY, change + DAY].every((at) => offsetAt(at) % MINUTE === 0) && change % MINUTE === 0;
  const step = wholeMinutes ? MINUTE : 1000;
  const half = wholeMinutes ? WINDOW : 2 * HOUR;
  const from = Math.floor((change - half) / MINUTE) * MINUTE;
  const walk: Walk[] = [];
  for (let at = from; at < change + half; at += step) walk.push({ at, wall: at + offsetAt(at) });
  return { walk, step };
}

function checkChange(zone: string, change: number, offsetAt: (at: number) => number): number {
  const { walk, step } = walkAround(change, offsetAt);
  const first = walk[0]!.at;
  const last = walk.at(-1)!.at;
  const near = new Date(change + offsetAt(change - 1000));
  const dsts = fc.record<Dst>({
    gap: fc.constantFrom('Shift', 'Shift', 'Skip'),
    overlap: fc.constantFrom('First', 'First', 'Both'),
  });
  let asked = 0;
  fc.assert(
    fc.property(patternNear(near), dsts, (pattern, dst) => {
      const fires = evaluate(walk, step, pattern, dst);
      const schedules = compileSchedules({ schedules: [{ cron: pattern.cron }], timeZone: zone, dst }, 'uid');
      const context = `${pattern.cron} in ${zone} at ${new Date(change).toISOString()} ${JSON.stringify(dst)}`;
      const seen = schedules.between(first - 1, last, fires.length + 1).map((point) => point.time);
      if (seen.join() !== fires.join()) {
        const odd = [...seen.filter((time) => !fires.includes(time)), ...fires.filter((time) => !seen.includes(time))];
        throw new Error(`${context}: differs at ${odd.map((time) => new Date(time).toISOString()).join()}`);
      }
      // From anywhere: just before a time point, on it, and around the change.
      for (const from of [
        change - 1,
        change,
        change + 1,
        change + HOUR / 2,
        ...fires.slice(0, 3).flatMap((at) => [at - 1, at]),
      ]) {
        const wanted = fires.find((fire) => fire > from);
        const got = schedules.next(from)?.time;
        asked += 1;
        if (wanted !== undefined ? got !== wanted : got !== undefined && got <= last) {
          throw new Error(`${context}: next(${new Date(from).toISOString()}) is ${got}, not ${wanted}`);
        }
      }
    }),
    { numRuns: PATTERNS_PER_CHANGE },
  );
  return asked;
}

t.setTimeout(LONG ? 7_200_000 : 110_000);

t.test(
  'every zone agrees with the evaluator around its changes',
  { timeout: LONG ? 7_200_000 : 120_000 },
  async (t) => {
    const seen = new Set<string>();
    let checked = 0;
    let asked = 0;
    const zones = Intl.supportedValuesOf('timeZone');
    // Each run looks at other years; fast-check prints the seed of a failure, the message names zone and instant.
    const phase = Math.floor(Math.random() * 68);
    for (const [index, zone] of zones.entries()) {
      if ((index + phase) % STRIDE !== 0) continue;
      const offsetAt = offsets(zone);
      const year = 1970 + ((phase + index * 29) % 68);
      const span = LONG
        ? [Date.UTC(1970, 0, 4), Date.UTC(2038, 0, 1)]
        : [Date.UTC(year, 0, 4), Date.UTC(year + 1, 0, 1)];
      const found = changes(offsetAt, span[0]!, span[1]!);
      const chosen = LONG ? found : found.slice(-1);
      for (const change of chosen) {
        // Zones share most of their changes: the answer depends on nothing but the instant and the offsets around it.
        const same = `${change}/${offsetAt(change - 1000)}/${offsetAt(change)}`;
        if (seen.has(same)) continue;
        seen.add(same);
        asked += checkChange(zone, change, offsetAt);
        checked += 1;
      }
    }
    t.comment(`${zones.length} zones, ${checked} changes, ${asked} questions`);
    t.ok(checked > 20, 'many changes were seen');
  },
);

t.test('the odd changes, always', async (t) => {
  const odd: readonly [string, string][] = [
    ['Pacific/Apia', '2011-12-30'], // a whole day skipped
    ['Pacific/Kwajalein', '1993-08-21'],
    ['Pacific/Kiritimati', '1994-12-31'],
    ['Asia/Pyongyang', '2018-05-04'], // half an hour at 23:30
    ['Asia/Pyongyang', '2015-08-14'],
    ['America/Caracas', '2016-05-01'],
    ['America/Caracas', '2007-12-09'],
    ['Antarctica/Troll', '2025-03-30'], // two hours
    ['Antarctica/Casey', '2018-03-10'], // three hours back
    ['Australia/Lord_Howe', '2025-10-04'],
    ['Africa/Monrovia', '1972-01-07'], // from local mean time
    ['Asia/Tehran', '2022-03-21'],
    ['America/Havana', '2025-03-09'],
    ['Africa/Cairo', '2014-06-26'],
    ['Africa/Casablanca', '2025-02-23'],
  ];
  for (const [zone, date] of odd) {
    const offsetAt = offsets(zone);
    const day = Date.parse(date);
    const [change] = changes(offsetAt, day - 2 * DAY, day + 2 * DAY);
    if (change === undefined) throw new Error(`${zone} does not change around ${date}`);
    t.ok(checkChange(zone, change, offsetAt) > 0, `${zone} ${date}`);
  }
});

t.test('a zone whose clock never matches ends the search', async (t) => {
  const skipped = compileSchedules({ schedules: [{ cron: '0 0 0 30 12 * 2011' }], timeZone: 'Pacific/Apia' }, 'uid');
  t.equal(skipped.next(0), undefined);
  const inGap = {
    schedules: [{ cron: '0 30 2 29 3 * 2026' }],
    timeZone: 'Europe/Berlin',
    dst: { gap: 'Skip' as const },
  };
  t.equal(compileSchedules(inGap, 'uid').next(0), undefined);
  t.equal(compileSchedules({ ...inGap, dst: {} }, 'uid').next(0)?.time, Date.parse('2026-03-29T01:00:00Z'));
});
