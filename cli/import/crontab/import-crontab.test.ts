// What a crontab says, as tasks; and what is said about lines that cannot be tasks.
import t from 'tap';
import { formatProblem, hasField, parseManifests, type Task } from '../../../manifests/index.js';
import { manifestsText } from '../write-tasks.js';
import { type CrontabOptions, importCrontab } from './import-crontab.js';

const defaults: CrontabOptions = { system: false, timeZone: 'Europe/Berlin', users: true, home: '/home/ann' };

function tasksOf(text: string, options: Partial<CrontabOptions> = {}): Task[] {
  const { tasks, problems } = importCrontab(text, 'crontab', { ...defaults, ...options });
  t.same(problems.filter(({ severity }) => severity === 'error').map(formatProblem), []);
  return tasks.map(({ manifest }) => manifest);
}

const only = (text: string, options?: Partial<CrontabOptions>) => tasksOf(text, options)[0]!;
const environment = ({ spec }: Task) => Object.fromEntries(spec.run.env!.map(({ name, value }) => [name, value]));

/** What is said about a text: place and message. */
function said(text: string, options: Partial<CrontabOptions> = {}): string[] {
  return importCrontab(text, 'crontab', { ...defaults, ...options }).problems.map(
    ({ line, column, severity, message }) => `${line}:${column}: ${severity}: ${message}`,
  );
}

t.test('a line gets what cron gives it', async (t) => {
  t.same(only('5 4 * * 1-5 /usr/local/bin/backup-db.sh --full  \n'), {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { name: 'backup-db-sh' },
    spec: {
      timeZone: 'Europe/Berlin',
      schedules: [{ cron: '5 4 * * 1-5' }],
      run: {
        command: ['/bin/sh', '-c', '/usr/local/bin/backup-db.sh --full  '],
        env: [
          { name: 'PATH', value: '/usr/bin:/bin' },
          { name: 'SHELL', value: '/bin/sh' },
          { name: 'HOME', value: '/home/ann' },
        ],
        workingDir: '/home/ann',
      },
      concurrencyPolicy: 'Allow',
      missedRunPolicy: 'Skip',
    },
  });
});

t.test('variables hold for the lines below them', async (t) => {
  const [first, second] = tasksOf(
    `A = "two words"\nB='it is $A'\n  C=  raw "x" \n@daily one\nSHELL=/bin/bash\nPATH=/opt/bin\nHOME=/srv\nA=\n@daily two\n`,
  );
  t.match(environment(first!), { A: 'two words', B: 'it is $A', C: 'raw "x"', SHELL: '/bin/sh', HOME: '/home/ann' });
  t.match(environment(second!), { A: '', SHELL: '/bin/bash', PATH: '/opt/bin', HOME: '/srv' });
  t.match(second!.spec.run, { command: ['/bin/bash', '-c', 'two'], workingDir: '/srv' });
  t.same(only('* * * * * A=b cmd\n').spec.run.command, ['/bin/sh', '-c', 'A=b cmd'], 'no variable of the crontab');
});

t.test('what speaks to cron itself', async (t) => {
  const task = only('MAILTO=ops@example.com\nCRON_TZ=Asia/Tokyo\nRANDOM_DELAY=30\nTZ=UTC\n0 1 * * * x\n');
  t.same(task.metadata.annotations, { 'cron.cloudtask.dev/mailto': 'ops@example.com' });
  t.equal(task.spec.timeZone, 'Asia/Tokyo');
  t.same(task.spec.schedules, [{ cron: '0 1 * * *', jitter: '30m' }]);
  t.same(Object.keys(environment(task)).sort(), ['HOME', 'PATH', 'SHELL', 'TZ']);
});

t.test('the warning about MAILTO stands where the first one that counts is set', async (t) => {
  const place = (text: string) => said(text).map((line) => line.replace(/(?<=MAILTO).*/, ''));
  const text = 'MAILTO=""\n0 1 * * * x\nMAILTO=ops\nA=b\n0 2 * * * x\nMAILTO=ben\n0 3 * * * x\n';
  t.same(place(text), ['3:1: warning: MAILTO']);
  t.same(place('MAILTO=ops\nMAILTO=\n0 1 * * * x\n'), [], 'no line is under it');
});

t.test('a % ends the command', async (t) => {
  const run = (command: string) => {
    const { command: [, , text] = [], stdin } = only(`@daily ${command}\n`).spec.run;
    return stdin === undefined ? [text] : [text, stdin];
  };
  t.same(run('date +\\%F'), ['date +%F']);
  t.same(run('mail bob%Hi,%bye'), ['mail bob', 'Hi,\nbye\n']);
  t.same(run('cat%'), ['cat', '']);
  t.same(run('cat%a\\%b%'), ['cat', 'a%b\n']);
  t.same(run('cat%a\\b\\'), ['cat', 'a\\b\\\n']);
  t.same(run('echo a\\\\%b'), ['echo a\\\\', 'b\n'], 'a backslash takes another one with it');
  t.same(run('echo \\a \\\\'), ['echo \\a \\\\']);
});

t.test('fields', async (t) => {
  const cron = (times: string) => only(`${times} x\n`).spec.schedules?.[0]?.cron;
  t.equal(cron('0 0 13 * 5'), '0 0 13 * 5', 'either day, in both dialects');
  t.equal(cron('0 0 */2 * MON'), '0 0 */2 * +MON', 'a field that begins with * asks for both days');
  t.equal(cron('0 0 1-7 * */2'), '0 0 1-7 * +*/2');
  t.equal(cron('0 0 1,* * 5'), '0 0 * * *', 'every day is either of the two');
  t.equal(cron('0 0 */1 * 5'), '0 0 * * 5');
  t.equal(cron('*/90 0-5/30 * jan 0-7'), '*/60 0-5/24 * jan *');
  t.equal(cron('007 0 * * sun'), '7 0 * * sun');
  t.equal(cron('@hourly'), '@hourly');
});

const nobodys = { home: undefined } as unknown as Partial<CrontabOptions>;

t.test('a system crontab names users', async (t) => {
  const users = hasField('Task', 'spec.run.user');
  const text = '@daily root tidy\n0 1 * * * www-data /opt/www.sh\n';
  const [root, www] = tasksOf(text, { ...nobodys, system: true, users });
  t.same(root!.spec.run.command, ['/bin/sh', '-c', users ? 'tidy' : 'cd || exit; tidy']);
  t.equal(root!.spec.run.workingDir, users ? '/root' : undefined);
  t.same(www!.spec.run.command, ['/bin/sh', '-c', 'cd || exit; /opt/www.sh']);
  t.equal((www!.spec.run as { user?: string }).user, users ? 'www-data' : undefined);
});

t.test('where tasks have no user, it becomes an annotation', async (t) => {
  const options = { system: true, users: false, home: '/' };
  const task = only('@daily www-data x\n', options);
  t.same(task.metadata.annotations, { 'cron.cloudtask.dev/user': 'www-data' });
  t.notOk('user' in task.spec.run);
  t.match(said('@daily www-data x\n', options), [/1:1: warning: the user becomes an annotation/]);
});

t.test('names are readable, each there once, and always the same', async (t) => {
  const commands = [
    '/usr/local/bin/backup-db.sh --full',
    'cd /srv && ./backup-db.sh',
    'test -x /usr/sbin/anacron || run-parts --report /etc/cron.daily',
    'A=b nice -n 10 flock -n /tmp/l python3 -u /opt/Sync_Users.py',
    '[ -f /x ] && /usr/bin/env php artisan schedule:run',
    '"$HOME/bin/x y"',
    '~~',
    `/opt/${'long-'.repeat(20)}`,
  ];
  const names = () =>
    tasksOf(commands.map((command) => `@daily ${command}\n`).join('')).map((task) => task.metadata.name);
  t.same(names(), [
    'backup-db-sh',
    'backup-db-sh-2',
    'run-parts-cron-daily',
    'sync-users-py',
    'artisan',
    'x',
    'task',
    `${'long-'.repeat(9)}lo`,
  ]);
  t.same(names(), names());
  t.equal(only('@daily x.sh\n', { prefix: 'DB1_' }).metadata.name, 'db1-x-sh');
});

t.test('all that is wrong is said with its place', async (t) => {
  const text = `61 * * * * a
* * * *
* * * * *
5/15 * * * * a
0 0 * * fri-sun a
 0 22-6 * * * a
0 0 1,,2 * * a
0~30 * * * * a
@reboot a
@every_minute a
0 0 30 2 * a
A="x" y
CTASK_X=1
RANDOM_DELAY=soon
*/0 * * * * a
0 0 * * monday a
- 0 0 * * * fine \\
CRON_TZ=Mars/Olympus
@daily a\r
@daily last`;
  t.same(said(text), [
    '1:1: error: minute must be 0 to 59, not 61',
    '2:8: error: the line ends before its day of week',
    '3:10: error: there is no command',
    '4:1: error: minute "5/15" has a step without a range; crons disagree about it: write "5-59/15" or "5"',
    '5:9: error: day of week range "fri-sun" must ascend; write "5-7"',
    '6:4: error: hour range "22-6" must ascend; write "22-23,0-6"',
    '7:7: error: day of month has an empty item in its list',
    '8:1: error: minute "0~30" is a random value of cronie; write a number, and spec.schedules[].jitter for the spread',
    '9:1: error: nothing starts a task when a machine boots: a systemd unit does; --skip-errors imports the other lines',
    '10:1: error: "@every_minute" is not known; known are @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly',
    '11:1: error: spec.schedules[0].cron: Invalid value: "0 0 30 2 *": never fires; no date from 1970 to 2199 matches it',
    '12:6: error: nothing may follow the closing quote',
    '13:1: error: CTASK_X: names that begin with CTASK_ are reserved',
    '14:1: error: RANDOM_DELAY must be a number of minutes',
    '15:1: error: minute "*/0" has a step of 0',
    '16:9: error: day of week "monday" is not understood; it must be 0 to 7, or sun to sat',
    '17:1: warning: the "-" at the beginning keeps cron from logging the start; runs are always recorded here',
    '17:18: warning: the backslash belongs to the command: lines of a crontab do not continue',
    '19:9: warning: the carriage return at the end of the line is left out',
    '19:1: error: spec.timeZone: Invalid value: "Mars/Olympus": must be an IANA time zone, such as "Europe/Berlin"',
    '20:12: warning: the last line has no line break; some crons leave such a line out',
    '20:1: error: spec.timeZone: Invalid value: "Mars/Olympus": must be an IANA time zone, such as "Europe/Berlin"',
  ]);
  t.match(
    said('@daily a b c\n', { system: true, users: hasField('Task', 'spec.run.user') }).filter((line) =>
      / error: /.test(line),
    ),
    [],
  );
  t.match(said('@daily /bin/x\n', { system: true }), [/1:8: error: "\/bin\/x" is no name of a user/]);
  t.match(said('SHELL=/usr/bin/python3\n@daily x\n', nobodys), [/say --home DIR/]);
});

t.test('the text is what fmt would write, and what apply reads', async (t) => {
  const text = 'MAILTO=""\n0 0 * * * echo "a: b" # \u2028 not a comment\n@daily cat%#one\\%%two\n0 1 * * * x\n';
  const { tasks } = importCrontab(text, 'crontab', defaults);
  const yaml = manifestsText(tasks);
  t.match(yaml, /^# crontab:2: 0 0 \* \* \* echo "a: b" # {3}not a comment\napiVersion/);
  const { documents, problems } = parseManifests(yaml, 'x.yaml');
  t.same(problems, []);
  t.same(
    documents.map(({ given }) => given),
    tasks.map(({ manifest }) => manifest),
  );
});
