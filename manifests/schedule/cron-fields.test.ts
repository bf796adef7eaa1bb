import fc from 'fast-check';
import t from 'tap';
import { CronError } from './cron-error.js';
import { CRON_MAX_LENGTH, compileCron } from './cron-pattern.js';
import { nextTimes } from './next-times.js';

const FROM = Date.parse('2026-11-22T00:00:00Z'); // a Sunday

const refusal = (expression: string): string => {
  try {
    compileCron(expression);
    return 'accepted';
  } catch (error) {
    if (error instanceof CronError) return error.sentence;
    throw error;
  }
};

t.test('refusals name the field and what to write', async (t) => {
  const table: Record<string, RegExp> = {
    '61 * * * *': /^minute must be 0 to 59$/,
    '0 24 * * *': /^hour must be 0 to 23$/,
    '60 0 0 * * *': /^second must be 0 to 59$/,
    '0 0 0 * *': /^day of month must be 1 to 31$/,
    '0 0 32 * *': /^day of month must be 1 to 31$/,
    '0 0 * 13 *': /^month must be 1 to 12$/,
    '0 0 * * 8': /^day of week must be 0 to 7$/,
    '0 0 0 * * * 1969': /^year must be 1970 to 2199$/,
    '0 0/7 * * *': /^hour "0\/7" has a step without a range; .*write "0-23\/7"$/,
    '5/15 * * * *': /write "5-59\/15"$/,
    '0 0 * * MON/2': /write "MON-6\/2"$/,
    '0 22-4 * * *': /^hour range "22-4" must ascend; write "22-23,0-4" to wrap around$/,
    '*/0 * * * *': /^minute step must be 1 to 60, not "0"/,
    '*/90 * * * *': /^minute step must be 1 to 60, not "90"; .*use "every"$/,
    '1,,2 * * * *': /^minute "1,,2" has an empty item in its list$/,
    'x * * * *': /^minute "x" is not understood; minute must be 0 to 59$/,
    '-1 * * * *': /^minute must be 0 to 59$/,
    '1.5 * * * *': /^minute "1.5" is not understood/,
    '0 0 * FOO *': /^month "FOO" is not understood; month must be 1 to 12 or JAN to DEC$/,
    '? * * * *': /^minute must not be "\?"; "\?" is allowed in day of month and day of week; write "\*"$/,
    '0 0 * * L': /names no weekday; write e.g. "5L"/,
    '0 0 * * 1#6': /the number after "#" must be 1 to 5$/,
    '0 0 * * 1#': /the number after "#" must be 1 to 5$/,
    '0 0 L-31 * *': /must be L-0 to L-30$/,
    '0 0 32W * *': /^day of month must be 1 to 31$/,
    '0 0 1-5W * *': /^day of month "5W" is not understood/,
    '0 L * * *': /^hour "L" is not understood/,
    '+0 0 * * *': /^minute "\+0" is not understood/,
    '': /^has 0 fields; write 5 /,
    '* * * *': /^has 4 fields; write 5 /,
    '* * * * * * * *': /^has 8 fields; write 5 /,
    '@reboot': /^nickname "@reboot" is not known; known are @yearly/,
    '@every 5m': /write every: 5m instead of cron$/,
    'TZ=UTC 0 0 * * *': /the time zone is not part of the expression; use timeZone$/,
  };
  for (const [expression, sentence] of Object.entries(table)) t.match(refusal(expression), sentence, expression);
  t.match(refusal(`${'0,'.repeat(CRON_MAX_LENGTH)}0 * * * *`), /longer than 1000 characters/);
});

t.test('what is accepted means what it says', async (t) => {
  const table: Record<string, string> = {
    '*/40 * * * *': '00:40',
    '*/60 * * * *': '01:00',
    '30 9 * * MON-FRI': '11-23 09:30',
    '30 9 * * mon,wed': '11-23 09:30',
    '0 0 ? * FRI-SUN': '11-27 00:00',
    '0 0 * * 5-7': '11-27 00:00',
    '0 0 * * */2': '11-24 00:00',
    '0 0 * DEC ?': '12-01 00:00',
    '0 0 * * FRIL': '11-27 00:00',
    '0 0 * * 7#1': '12-06 00:00',
    '0 0 13 * +FRI': '2027-08-13',
    '0 0 29 2 +1': '2044-02-29',
    '0 0 L,1 * *': '11-30 00:00',
    '0 0 L-0 * *': '11-30 00:00',
    '0 0 1W * *': '12-01 00:00',
    '15 30 4 1 1 ? 2030': '2030-01-01T04:30:15',
    '@hourly': '01:00',
    '@Weekly': '11-29 00:00',
    '  0   0  *  *  * ': '11-23 00:00',
  };
  for (const [cron, expected] of Object.entries(table)) {
    const [time] = nextTimes({ cron, from: FROM, count: 1 });
    const text = new Date(time ?? 0).toISOString();
    t.ok(text.includes(expected.replace(' ', 'T')), `${cron}: ${text} is ${expected}`);
  }
});

t.test('a step over all weekdays hits Sunday once', async (t) => {
  const days = nextTimes({ cron: '0 0 * * */3', from: FROM, count: 6 }).map((time) => new Date(time).getUTCDay());
  t.strictSame(days, [3, 6, 0, 3, 6, 0]);
});

/** Processor time of this process, ms: unlike wall time it does not grow when the machine is busy. */
const processorTime = (): number => process.cpuUsage().user / 1000;

t.test('any text is refused or compiled within 50 ms', async (t) => {
  const piece = fc.constantFrom(
    '*',
    '/',
    '-',
    ',',
    'L',
    'W',
    '#',
    '?',
    '+',
    '@',
    ' ',
    '0',
    '7',
    '31',
    '59',
    'MON',
    'JAN',
    '\t',
  );
  const text = fc.oneof(
    fc.string({ maxLength: 1200 }),
    fc.array(piece, { maxLength: 400 }).map((pieces) => pieces.join('')),
  );
  let slowest = 0;
  fc.assert(
    fc.property(text, (expression) => {
      const began = processorTime();
      const result = refusal(expression);
      slowest = Math.max(slowest, processorTime() - began);
      return result.length > 0;
    }),
    { numRuns: 2000 },
  );
  t.ok(slowest < 50, `slowest ${slowest.toFixed(1)} ms`);
});
