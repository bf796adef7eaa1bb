// Imported lines fire when cron ran them: a thousand of them over a year, judged by a reading of the fields of its own.
import fc from 'fast-check';
import t from 'tap';
import { compileSchedules, parseManifests } from '../../../manifests/index.js';
import { manifestsText } from '../write-tasks.js';
import { cronMatches, cronMinutes, readCronLine } from './cron-minutes.js';
import { firstDifference, importCrontab } from './import-crontab.js';

const LINES = 1000;
const SEED = 20_281_231;
const YEAR = 2028;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const target = { system: false, timeZone: 'UTC', users: true };

const MONTHS = ['jan', 'FEB', 'Mar', 'apr', 'MAY', 'Jun', 'jul', 'AUG', 'Sep', 'oct', 'NOV', 'Dec'];
const WEEKDAYS = ['sun', 'MON', 'Tue', 'wed', 'THU', 'Fri', 'sat', '7'];

/** One value, as a number, with a leading zero, or by name. */
const value = (number: number, names: readonly string[], min: number): fc.Arbitrary<string> => {
  const name = names[number - min];
  return fc.constantFrom(`${number}`, `${number}`, number < 10 ? `0${number}` : `${number}`, ...(name ? [name] : []));
};

function item(min: number, max: number, names: readonly string[] = []): fc.Arbitrary<string> {
  const plain = fc.integer({ min, max }).chain((number) => value(number, names, min));
  const range = fc
    .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
    // Sunday is the first day by its name; as the last one it is 7.
    .chain(([low, high]) => fc.tuple(value(low, names, min), value(high, names, min)))
    .map(([low, high]) => `${low}-${high}`);
  const step = fc.constantFrom(2, 3, 5, 7, 10, 31, 90);
  return fc.oneof(
    { weight: 5, arbitrary: plain },
    { weight: 3, arbitrary: range },
    { weight: 2, arbitrary: fc.tuple(range, step).map(([text, by]) => `${text}/${by}`) },
    { weight: 2, arbitrary: step.map((by) => `*/${by}`) },
    { weight: 1, arbitrary: fc.constant('*') },
  );
}

const field = (min: number, max: number, free: number, names?: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: free, arbitrary: fc.constant('*') },
    { weight: 5, arbitrary: item(min, max, names) },
    {
      weight: 3,
      arbitrary: fc.array(item(min, max, names), { minLength: 2, maxLength: 4 }).map((items) => items.join(',')),
    },
  );

/** Most lines name one minute or one hour: the others take nearly all of the time. */
const moment = (max: number) => fc.integer({ min: 0, max }).chain((number) => value(number, [], 0));
const timeOfDay = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(moment(59), field(0, 23, 1)) },
  { weight: 9, arbitrary: fc.tuple(field(0, 59, 1), moment(23)) },
  { weight: 1, arbitrary: fc.tuple(field(0, 59, 1), field(0, 23, 1)) },
);

const blank = fc.constantFrom(' ', '  ', '\t');
const line = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.constantFrom('@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually'),
  },
  {
    weight: 40,
    arbitrary: fc
      .tuple(timeOfDay, field(1, 31, 6), field(1, 12, 6, MONTHS), field(0, 7, 6, WEEKDAYS), blank)
      .map(([time, day, month, week, gap]) => [...time, day, month, week].join(gap)),
  },
);

/** Without days that no year has: these are refused, since nothing ever comes of them. */
const generated = fc
  .sample(line, { seed: SEED, numRuns: LINES * 1.1 })
  .filter((times) => cronMinutes(readCronLine(times.split(/\s+/)), YEAR).next().done !== true)
  .slice(0, LINES);

t.test(`${LINES} generated lines fire at exactly the minutes of a year at which cron runs them`, async (t) => {
  const said = generated.join('\n');
  for (const syntax of [/\*\/90/, /[a-z]{3}-[a-z]{3}/i, /\/\d+,/, /^@/m, /\t/, /\b0\d/, /,\*/]) t.match(said, syntax);
  const crontab = generated.map((times, index) => `${times} /opt/job-${index}\n`).join('');
  const { tasks, problems } = importCrontab(crontab, 'crontab', target);
  t.same(problems, [], 'the import itself has compared them all');
  t.equal(tasks.length, LINES);
  // What was compared is what a center reads.
  const { documents, problems: wrong } = parseManifests(manifestsText(tasks), 'imported.yaml');
  t.same(wrong, []);
  t.same(
    documents.map(({ given }) => given.spec),
    tasks.map(({ manifest }) => manifest.spec),
  );
});

t.test('the comparison sees a schedule that fires elsewhere', async (t) => {
  const times = ['0', '0', '*/2', '*', 'mon'];
  t.equal(firstDifference(times, '0 0 */2 * +MON'), undefined);
  t.match(firstDifference(times, '0 0 */2 * MON'), /also fires at 2028-01-01T00:00/);
  t.match(firstDifference(['0', '0', '1,*', '*', '1'], '0 0 1,* * 1'), /misses 2028-01-01T00:00/);
  t.match(firstDifference(['0', '0', '1', '1', '*'], '0 0 1 1,12 *'), /also fires at 2028-12-01/);
});

/** The offset of a zone's clock in each hour of the year, ms, by the formatter of the platform. */
function offsetsOf(timeZone: string): number[] {
  const clock = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset', hour: 'numeric' });
  const offsets: number[] = [];
  for (let instant = Date.UTC(YEAR, 0, 1); instant < Date.UTC(YEAR + 1, 0, 1); instant += HOUR_MS) {
    const text = clock.formatToParts(instant).find(({ type }) => type === 'timeZoneName')!.value;
    const [, sign = '+', hours = '0', minutes = '0'] = /GMT([+-])(\d+):(\d+)/.exec(text) ?? [];
    offsets.push((sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE_MS);
  }
  return offsets;
}

/**
 * The instants at which cron runs a line on a machine with these offsets, by the rules of its manual: where the clock jumps ahead, lines
 * of fixed times run at once for the minutes that were skipped; where it jumps back, they wait until it is where it was.
 */
function cronInstants(times: readonly string[], offsets: readonly number[]): Set<number> {
  const cron = readCronLine(times);
  const found = new Set<number>();
  let reached = Number.NEGATIVE_INFINITY;
  for (let instant = Date.UTC(YEAR, 0, 1); instant < Date.UTC(YEAR + 1, 0, 1); instant += MINUTE_MS) {
    const wall = instant + offsets[Math.floor((instant - Date.UTC(YEAR, 0, 1)) / HOUR_MS)]!;
    const first = Math.min(wall, Math.max(reached + MINUTE_MS, wall - 180 * MINUTE_MS));
    if (cron.wildcard ? cronMatches(cron, wall) : wall > reached && some(first, wall, (at) => cronMatches(cron, at))) {
      found.add(instant);
    }
    reached = Math.max(reached, wall);
  }
  return found;
}

function some(from: number, to: number, holds: (wall: number) => boolean): boolean {
  for (let wall = from; wall <= to; wall += MINUTE_MS) if (holds(wall)) return true;
  return false;
}

const AROUND_CHANGES = [
  '30 2 * * *',
  '0 3 * * *',
  '*/20 * * * *',
  '5,35 * * * *',
  '0 2-4 * * SUN',
  '15 */2 * * *',
  '59 1 26-31 MAR,OCT *',
];

t.test('in a zone whose clocks change, the instants are those of cron as well', async (t) => {
  for (const zone of ['Europe/Berlin', 'America/New_York']) {
    const offsets = offsetsOf(zone);
    for (const times of AROUND_CHANGES) {
      const { tasks } = importCrontab(`CRON_TZ=${zone}\n${times} x\n`, 'crontab', target);
      const { next } = compileSchedules(tasks[0]!.manifest.spec, 'uid');
      const ours: number[] = [];
      for (let point = next(Date.UTC(YEAR, 0, 1) - 1); point !== undefined && point.time < Date.UTC(YEAR + 1, 0, 1); ) {
        ours.push(point.time);
        point = next(point.time);
      }
      t.same(ours, [...cronInstants(times.split(' '), offsets)], `${times} in ${zone}`);
    }
  }
});
