// Calendars from end to end: what is written here decides on the agent, and leaves no gap.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Run, Task } from '../../manifests/index.js';
import { startCliWorld } from '../support/cli-world.js';
import { startUp, User } from '../support/ctask.js';

const calendar = (name: string, spec: string) =>
  `apiVersion: cloudtask.dev/v1\nkind: Calendar\nmetadata: {name: ${name}}\nspec: ${spec}\n---\n`;
const task = (name: string, spec: string) =>
  `apiVersion: cloudtask.dev/v1\nkind: Task\nmetadata: {name: ${name}}\nspec:\n  run: {command: ["true"]}\n${spec}`;

const EVERY_DAY = '{weekdays: [Mon, Tue, Wed, Thu, Fri, Sat, Sun]}';
const NO_DAY = '{dates: [2000-01-01]}';

t.test('an agent follows a calendar', { timeout: 180_000 }, async (t) => {
  const user = new User();
  t.teardown(() => user.go());
  const up = await startUp(user);
  const apply = (input: string) => user.ctask(['apply', '-f', '-'], { input });
  const runs = async () => {
    const { items } = await user.json<{ items: Run[] }>(['get', 'runs', '--field-selector', 'spec.task=tick']);
    return items;
  };
  const tick = task('tick', '  schedules: [{every: 1s}]\n  calendar: {exclude: [closed]}\n');
  const applied = await apply(`${tick}---\n${calendar('closed', EVERY_DAY)}`);
  t.match(applied, { code: 0, stderr: /task default\/tick: its calendars leave out all time points/ });
  await user.ok(['rollout', 'status', 'task/tick']);
  const closed = await user.json<Task>(['get', 'task', 'tick']);
  t.notOk(closed.status?.nextTime, 'nothing is due');

  t.match(await apply(calendar('closed', NO_DAY)), { code: 0, stdout: 'calendar.cloudtask.dev/closed configured\n' });
  await user.eventually<{ items: Run[] }>(
    ['get', 'runs', '--field-selector', 'spec.task=tick,status.state=Succeeded'],
    ({ items }) => items.length >= 3,
  );
  t.ok(
    (await runs()).every(({ spec }) => spec.revision === 2),
    'nothing ran before, and nothing is made up for',
  );

  await apply(calendar('closed', EVERY_DAY));
  await user.ok(['rollout', 'status', 'task/tick']);
  await apply(calendar('closed', NO_DAY));
  await user.eventually<{ items: Run[] }>(['get', 'runs', '--field-selector', 'spec.task=tick'], ({ items }) =>
    items.some(({ spec, status }) => spec.revision === 4 && status?.state === 'Succeeded'),
  );
  const revisions = new Set((await runs()).map(({ spec }) => spec.revision));
  t.same([...revisions].sort(), [2, 4], 'nothing was due by the days between');
  const audited = await user.ctask(['audit', 'tick', '-o', 'json']);
  t.match(JSON.parse(audited.stdout), { ok: true, tasks: [{ missing: [], duplicate: [] }] }, audited.stderr);
  t.equal((await up.end('SIGINT')).code, 0);
});

async function world(t: Test) {
  const { user, center } = await startCliWorld(t);
  return { user, center, apply: (input: string) => user.type('apply -f -', { input }) };
}

t.test('calendars as a user sees them', async (t) => {
  const { user, apply } = await world(t);
  const spec =
    '  timeZone: Europe/Berlin\n  schedules:\n  - {name: a, cron: "0 8 * * *", calendar: {exclude: [hols]}}\n';
  const report = task('report', spec);
  t.match(await apply(report), {
    code: 7,
    stderr: /spec\.schedules\[0\]\.calendar\.exclude\[0\]: namespace "default" has no calendar "hols"/,
  });
  t.match(await apply(`${report}---\n${calendar('hols', '{dates: [12-25], weekdays: [Sun], description: free}')}`), {
    code: 0,
    stdout: /report created\n.*hols created\n/,
  });
  t.match((await user.type('get cal')).stdout, /^NAME +WEEKDAYS +DATES +TIMEZONE +AGE\nhols +Sun +1 +<none> /);
  const described = (await user.type('describe calendar hols')).stdout;
  t.match(described, /Description: +free\n/);
  t.match(described, /Next Days: +Sun \d{4}-/);
  t.match(described, /report +exclude +schedule a\n/);
  t.match((await user.type('describe task report')).stdout, /at 08:00 every day, not on days of calendar hols/);
  t.match(await user.type('next report --from 2026-12-24T12:00:00Z -c 2 --show-excluded'), {
    stdout:
      /12-25T07:00:00Z .*on a day of calendar hols\n.*12-26T07.*\n.*12-27T07.*on a day of calendar hols\n.*12-28T07/s,
    stderr: /left out: 2 by calendar/,
  });
  const exported = (await user.type('export')).stdout;
  t.match(exported, /^apiVersion: .*\nkind: Calendar\n.*kind: Task\n/s, 'in the order in which it can be applied');
  t.notMatch(exported, /calendars:/, 'what a task carries is filled in there');
  t.match(await user.type('delete calendar hols'), { code: 6, stderr: /a task names it: report/ });
  const file = join(user.home, 'all.yaml');
  await writeFile(file, `${calendar('hols', '{dates: [12-25]}')}${report}`);
  t.match(await user.type(`diff -f ${file}`), { code: 1, stdout: /^- {2}weekdays:$/m });
  t.match(
    await user.type(`delete -f ${file}`),
    { code: 0, stdout: /report" deleted.*hols" deleted/s },
    'in this order',
  );
});

t.test('a calendar from flags', async (t) => {
  const { user } = await world(t);
  t.match(await user.type('create calendar off --weekday Sat,Sun --date 12-25 --date 2026-12-28/2026-12-31'), {
    ...{ code: 0, stdout: 'calendar.cloudtask.dev/off created\n' },
  });
  t.match(JSON.parse((await user.type('get calendar off -o json')).stdout).spec, {
    weekdays: ['Sat', 'Sun'],
    dates: ['12-25', '2026-12-28/2026-12-31'],
  });
  const drafted = await user.type('create cal next --date 12-25 --timezone Asia/Tokyo --dry-run=client -o yaml');
  t.match(drafted.stdout, /namespace: default\nspec:\n {2}timeZone: Asia\/Tokyo\n {2}dates:\n {2}- 12-25\n/);
  t.match(await user.type('create calendar wrong --date 25.12.'), { code: 7, stderr: /spec\.dates\[0\]: .*12-25/ });
  t.match(await user.type('create calendar none'), { code: 7, stderr: /one of dates and weekdays must be given/ });
  t.match(await user.type('create calendar off --date 12-25'), { code: 6, stderr: /already exists/ });
});

t.test('a schedule that is suspended alone', async (t) => {
  const { user, apply } = await world(t);
  const schedules = '  schedules:\n  - {name: a, every: 1m, suspend: true}\n  - {name: b, cron: "0 8 * * *"}\n';
  t.match(await apply(task('both', schedules)), { code: 0, stderr: '' });
  const { stdout, stderr } = await user.type('next both --from 2026-12-24T12:00:00Z -c 1');
  t.match(stdout, /2026-12-25T08:00:00Z/);
  t.match(stderr, /a: every minute, suspended\n/);
});

t.test('without a server', async (t) => {
  const { user } = await world(t);
  const file = async (name: string, text: string) => {
    const path = join(user.home, name);
    await writeFile(path, text);
    return path;
  };
  const noServer = '-s http://127.0.0.1:1';
  const one = task('one', '  schedules: [{cron: "0 8 * * *"}]\n  calendar: {exclude: [hols]}\n');
  const both = await file('both.yaml', `${one}---\n${calendar('hols', '{dates: [12-25]}')}`);
  t.match(await user.type(`next -f ${both} --from 2026-12-24T12:00:00Z -c 1 ${noServer}`), { stdout: /2026-12-26T08/ });
  const alone = await file('alone.yaml', one);
  t.match(await user.type(`next -f ${alone} ${noServer}`), {
    code: 7,
    stderr: /days of calendar "hols" are not known here.*give its manifest along with the task/s,
  });
  t.match(await user.type(`next two -f ${both} ${noServer}`), { code: 5, stderr: /no task "two" is in them/ });
  const several = await file('several.yaml', `${one}---\n${one.replace('name: one', 'name: two')}`);
  t.match(await user.type(`next -f ${several} ${noServer}`), { code: 2, stderr: /several tasks.*one, two/s });
  const idle = await file('idle.yaml', `${one}---\n${calendar('hols', EVERY_DAY)}`);
  t.match(await user.type(`validate -f ${idle} ${noServer}`), {
    code: 0,
    stderr: /idle\.yaml:6:\d+: warning: spec\.schedules: calendars leave out all time points/,
  });
});

t.test('import ical', async (t) => {
  const { user } = await world(t);
  const path = join(user.home, 'x.ics');
  const lines = ['BEGIN:VCALENDAR', 'BEGIN:VEVENT', 'UID:1', 'DTSTART;VALUE=DATE:20201225', 'RRULE:FREQ=YEARLY'];
  await writeFile(path, [...lines, 'SUMMARY:Christmas', 'END:VEVENT', 'END:VCALENDAR', ''].join('\r\n'));
  const { code, stdout } = await user.type(`import ical ${path} --name hols --timezone Europe/Berlin`);
  t.equal(code, 0);
  t.match(stdout, /^# Made of .*x\.ics\n# 12-25 Christmas\napiVersion: cloudtask\.dev\/v1\nkind: Calendar\n/);
  t.match(stdout, /spec:\n {2}timeZone: Europe\/Berlin\n {2}dates:\n {2}- 12-25\n/);
  t.equal((await user.type('fmt -f -', { input: stdout })).stdout, stdout, 'in the style of fmt');
  t.match(await user.type('apply -f -', { input: stdout }), { code: 0, stdout: /hols created/ });
  t.match(await user.type(`import ical ${path}`), { code: 2, stderr: /--name/ });
  t.match(await user.type(`import ical ${path} --name x --years 0`), { code: 2, stderr: /--years "0"/ });
  await writeFile(path, [...lines, 'SUMMARY:Christmas', 'END:VEVENT', ''].join('\r\n'));
  t.match(await user.type(`import ical ${path} --name x`), {
    ...{ code: 7, stdout: '' },
    stderr: /x\.ics:1:1: error: VCALENDAR has no END/,
  });
});
