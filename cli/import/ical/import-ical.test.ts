import t from 'tap';
import { calendarDays } from '../../../manifests/index.js';
import { importIcal } from './import-ical.js';

const event = (...lines: string[]): string[] => ['BEGIN:VEVENT', ...lines, 'END:VEVENT'];
const day = (date: string, ...lines: string[]): string[] =>
  event(`UID:${date}@x`, `DTSTART;VALUE=DATE:${date}`, ...lines);
const file = (...events: string[][]): string =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', ...events.flat(), 'END:VCALENDAR', ''].join('\r\n');
const options = { name: 'holidays', years: { first: 2026, last: 2028 } };
const imported = (text: string) => importIcal(text, 'a.ics', options);
const dates = (...events: string[][]) => {
  const { calendars, problems } = imported(file(...events));
  t.strictSame(
    problems.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    [],
  );
  return calendars[0]?.manifest.spec.dates;
};
const said = (text: string) =>
  imported(text).problems.map(({ line, severity, message }) => `${line} ${severity} ${message}`);

t.test('days, several days, and the date after the last one', async (t) => {
  t.strictSame(dates(day('20261225')), ['2026-12-25']);
  t.strictSame(dates(day('20261224', 'DTEND;VALUE=DATE:20270102')), ['2026-12-24/2027-01-01']);
  t.strictSame(dates(day('20261225', 'DTEND;VALUE=DATE:20261226')), ['2026-12-25'], 'DTEND is not of the event');
  t.strictSame(dates(day('20261225', 'DTEND;VALUE=DATE:20261225')), ['2026-12-25'], 'some write the last date');
  t.strictSame(dates(day('20260328', 'DURATION:P3D')), ['2026-03-28/2026-03-30'], 'over a clock change');
  t.strictSame(dates(day('20260201', 'DURATION:P1W')), ['2026-02-01/2026-02-07']);
  t.strictSame(dates(event('UID:x', 'DTSTART:20260203')), ['2026-02-03'], 'a date that does not say that it is one');
  t.strictSame(dates(day('20260301'), day('20251231', 'DTEND;VALUE=DATE:20260102'), day('20250301')), [
    '2025-12-31/2026-01-01',
    '2026-03-01',
  ]);
});

t.test('what recurs on the same date stays so, everything else is listed', async (t) => {
  t.strictSame(dates(day('20201225', 'RRULE:FREQ=YEARLY')), ['12-25']);
  t.strictSame(dates(day('20200229', 'RRULE:FREQ=YEARLY;INTERVAL=1;BYMONTH=2;BYMONTHDAY=29')), ['02-29']);
  t.strictSame(dates(day('20191231', 'DTEND;VALUE=DATE:20200102', 'RRULE:FREQ=YEARLY')), ['12-31/01-01']);
  t.strictSame(dates(day('20270101', 'RRULE:FREQ=YEARLY')), ['2027-01-01', '2028-01-01'], 'not before it begins');
  t.strictSame(dates(day('20201126', 'RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH')), [
    ...['2026-11-26', '2027-11-25', '2028-11-23'],
  ]);
  t.strictSame(dates(day('20200525', 'RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO;UNTIL=20270601')), [
    ...['2026-05-25', '2027-05-31'],
  ]);
  t.strictSame(dates(day('20260501', 'RRULE:FREQ=MONTHLY;COUNT=3')), ['2026-05-01', '2026-06-01', '2026-07-01']);
  t.strictSame(
    dates(day('20260501', 'RRULE:FREQ=MONTHLY;COUNT=3', 'EXDATE;VALUE=DATE:20260601')),
    ['2026-05-01', '2026-07-01'],
    'but for its exceptions',
  );
  t.strictSame(dates(day('20260501', 'RDATE;VALUE=DATE:20260503,20260507')), [
    ...['2026-05-01', '2026-05-03', '2026-05-07'],
  ]);
  const moved = event('UID:20200704@x', 'RECURRENCE-ID;VALUE=DATE:20260704', 'DTSTART;VALUE=DATE:20260703');
  t.strictSame(dates(moved, day('20200704', 'RRULE:FREQ=YEARLY')), ['2026-07-03', '2027-07-04', '2028-07-04']);
});

t.test('whoever reads the file where the days are the same days', async (t) => {
  const zone = process.env.TZ;
  t.teardown(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });
  for (const TZ of ['Pacific/Auckland', 'America/New_York', 'America/Asuncion', 'UTC']) {
    process.env.TZ = TZ;
    t.strictSame(
      dates(day('20200904', 'DTEND;VALUE=DATE:20200909', 'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=1SA')),
      ['2026-10-03/2026-10-07', '2027-10-02/2027-10-06', '2028-10-07/2028-10-11'],
      TZ,
    );
  }
});

t.test('summaries are comments; long lines and line breaks of any kind', async (t) => {
  const text = file(
    day('20261225', 'SUMMARY:Christmas\\, the', '  first day', 'BEGIN:VALARM', 'DURATION:PT5M', 'END:VALARM'),
  );
  const { calendars, problems } = imported(text.replaceAll('\r', ''));
  t.strictSame(problems, []);
  t.strictSame(calendars[0]!.comments, ['Made of a.ics', '2026-12-25 Christmas, the first day']);
  t.ok(calendarDays(calendars[0]!.manifest.spec).has(Date.UTC(2026, 11, 25) / 86_400_000));
});

t.test('what is wrong is told with its line', async (t) => {
  t.match(said('hello\n'), [/^1 error is no iCalendar file/]);
  t.match(said(''), [/^1 error is no iCalendar file/]);
  t.match(said(file(event('UID:x'))), [/^3 error the event has no DTSTART/]);
  t.match(said(file(day('20260230'))), [/^5 error DTSTART "20260230" is not a date such as 20261225/]);
  t.match(said(file(day('20260203', 'DTEND;VALUE=DATE:20260201'))), [/^6 error DTEND "20260201" is before DTSTART/]);
  t.match(said(file(day('20260203', 'DURATION:PT5H'))), [/^6 error DURATION "PT5H" is not whole days/]);
  for (const rule of [
    'FREQ=FOO',
    'hello',
    'FREQ=YEARLY;BYEASTER=0',
    'FREQ=YEARLY;BYMONTH=13',
    'FREQ=HOURLY',
    'COUNT=1',
  ]) {
    t.match(said(file(day('20260203', `RRULE:${rule}`))), [/^6 error RRULE .*/], rule);
  }
  t.match(said(file(day('20260203', 'EXRULE:FREQ=YEARLY'))), [/^6 error EXRULE is not understood/]);
  t.match(said('BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n'), [
    /^3 error END:VCALENDAR where VEVENT of line 2 is open/,
  ]);
  t.match(said('BEGIN:VCALENDAR\nBEGIN:VEVENT\n'), [/^1 error VCALENDAR has no END/, /^2 error VEVENT has no END/]);
  t.match(said(file(['what is this'], day('20260203'))), [/^3 error "what is this" is no property/]);
  t.match(said(file(day('20200203'))), [/^1 error has no days from 2026 to 2028/]);
  t.match(
    said(file(event('UID:a', 'DTSTART;TZID=Europe/Berlin:20260605T220000', 'SUMMARY:Meeting'), day('20260203'))),
    [/^3 warning "Meeting" has times of day, and is left out/],
  );
  t.match(said(file(day('20260203', 'STATUS:CANCELLED'), day('20260204'))), [/^3 warning "" is cancelled/]);
  t.match(said(file(day('20200203', 'RRULE:FREQ=WEEKLY'))), [/^3 warning .* those until 2028-12-31 are listed/]);
});
