import t from 'tap';
import { calendarReferences, resolvedCalendar, sharingCalendars, withCalendars } from './calendar-references.js';
import type { Task } from './kinds/task.js';

const run = { command: ['x'] };

t.test('names with their places', async (t) => {
  const spec = {
    run,
    calendar: { only: ['a'] },
    schedules: [{ every: '1s' }, { every: '2s', calendar: { exclude: ['b', 'c'] } }],
  };
  t.same(
    calendarReferences(spec).map(({ name, field }) => `${name} ${field}`),
    ['a spec.calendar.only[0]', 'b spec.schedules[1].calendar.exclude[0]', 'c spec.schedules[1].calendar.exclude[1]'],
  );
  t.same(calendarReferences({ run }), []);
});

t.test('content in one order, and no more of it than is named', async (t) => {
  const a = resolvedCalendar('a', { description: 'x', dates: ['12-25', '01-01', '12-25'], weekdays: ['Sun', 'Mon'] });
  t.same(a, { name: 'a', weekdays: ['Mon', 'Sun'], dates: ['01-01', '12-25'] });
  const find = (name: string) => (name === 'a' ? a : undefined);
  const old = [{ name: 'old', dates: ['12-25'] }];
  t.same(withCalendars({ run, calendar: { exclude: ['a', 'b', 'a'] }, calendars: old }, find).calendars, [a]);
  t.notOk('calendars' in withCalendars({ run, calendars: old }, find));
});

t.test('equal calendars are once in memory', async (t) => {
  const task = (date: string): Task => ({
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { name: 'a' },
    spec: { run, calendar: { exclude: ['a'] }, calendars: [{ name: 'a', dates: [date] }] },
  });
  const [one, two, other] = ['12-25', '12-25', '12-26'].map((date) => sharingCalendars(task(date)).spec.calendars);
  t.equal(one, two);
  t.not(one, other);
  t.same(sharingCalendars(task('12-25')), task('12-25'), 'it says what it said');
});
