// Jobs of CloudTask 2 as tasks: each field, each type of schedule against the original's documented rule, and what is refused.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { parseManifests, type Task } from '../../../manifests/index.js';
import { repository } from '../../../test/support/ctask.js';
import { manifestsText } from '../write-tasks.js';
import { importCloudtask } from './import-cloudtask.js';
import type { OriginalSchedule } from './original-job.js';
import { originalTimes } from './original-times.js';
import { scheduleDifference, scheduleOf } from './schedules.js';
import type { CloudtaskTarget } from './to-task.js';

const target: CloudtaskTarget = { timeZone: 'Europe/Berlin', windows: false };
const DAY_MS = 86_400_000;

const schedule = (fields: object = {}) => ({
  ...{ enabled: 1, turnmode: 4, interval: 1, startdate: '03/19/2018', starttime: '8:00', selectat: '' },
  ...fields,
});
const job = (fields: object = {}) => ({
  ...{ jobid: 'a1', name: 'job', location: 'eu', groupid: 'g', servers: [], filename: '', cmd: 'date', env: [] },
  ...{ description: '', timeout: 0, enabled: 1, schedule: [schedule()], ...fields },
});

function imported(value: unknown, options: Partial<CloudtaskTarget> = {}) {
  const { tasks, problems } = importCloudtask(JSON.stringify(value), 'jobs.json', { ...target, ...options });
  return {
    tasks: tasks.map(({ manifest }) => manifest).filter((manifest): manifest is Task => manifest.kind === 'Task'),
    others: tasks.map(({ manifest }) => manifest).filter(({ kind }) => kind !== 'Task'),
    said: problems.map(({ severity, message }) => `${severity}: ${message}`),
  };
}

t.test('the example: jobs with runtimes, groups and servers', async (t) => {
  const text = readFileSync(join(repository, 'examples/import/cloudtask-2.export'), 'utf8');
  const { tasks, problems, before } = importCloudtask(text, 'jobs.json', target);
  t.match(
    problems.map(({ line, column, severity, message }) => ({ line, column, severity, message })),
    [{ line: 36, severity: 'warning', message: /"Nightly_Report": notifysetting: notifier billing\/mail is a draft/ }],
  );
  const { documents, problems: wrong } = parseManifests(manifestsText(tasks), 'x.yaml');
  t.same(wrong, [], 'apply takes it');
  t.same(
    documents.map(({ kind, object }) => `${kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`),
    [
      'Namespace /billing',
      'Cluster /frankfurt',
      'Notifier billing/mail',
      'Task billing/nightly-report',
      'Task billing/poll',
    ],
  );
  const [report, poll] = documents.slice(3).map(({ given }) => given as Task);
  t.match(report, {
    spec: {
      notify: [
        {
          ...{ notifier: 'mail', on: ['Failed', 'Lost'], to: ['ops@example.com'] },
          ...{ subject: 'Job Failed', text: 'please check' },
        },
      ],
      description: 'The report of the day before',
      cluster: 'frankfurt',
      placement: { agents: ['fra-01'] },
      timeZone: 'Europe/Berlin',
      schedules: [
        { cron: '0 8 * * 1,5', interval: { weeks: 2, from: '2018-03-18' }, startTime: '2018-03-18T23:00:00Z' },
        { name: 'schedule-2', cron: '30 6 L * *' },
      ],
      run: { script: 'cd /opt/report\n./report.sh --daily', interpreter: ['/bin/bash'] },
      timeout: '3600s',
      missedRunPolicy: 'Skip',
    },
  });
  t.same(report!.spec.run.env, [
    { name: 'MODE', value: 'full' },
    { name: 'OPTIONS', value: 'a=b=c' },
  ]);
  t.same(before, [
    'ctask create namespace billing',
    'ctask create package poll --from poll-2018-03-19_10-00-00.tar.gz -n billing',
  ]);
  t.equal(poll!.spec.suspend, undefined, 'apply is refused until the package is there');
  t.match(poll!.spec, {
    run: { package: { name: 'poll' }, workingDir: '.', script: './poll.sh' },
    schedules: [
      { every: '10m', anchor: '2018-03-19T08:00:00Z', window: { from: '09:00' }, endTime: '2030-12-31T22:59:59Z' },
    ],
  });
});

t.test('jobs alone, a line each or as an array; places that are given beat those of the jobs', async (t) => {
  const lines = `${JSON.stringify(job({ name: 'a' }))}\n${JSON.stringify(job({ name: 'b', timeout: { $numberInt: '5' } }))}\n`;
  const names = importCloudtask(lines, 'jobs.json', target).tasks.map(({ manifest }) => manifest.metadata.name);
  t.same(names, ['g', 'eu', 'a', 'b']);
  const { tasks, others } = imported([job()], { namespace: 'ops', cluster: 'west', prefix: 'old-', windows: true });
  t.same(others, []);
  t.match(tasks, [
    { metadata: { name: 'old-job', namespace: 'ops' }, spec: { cluster: 'west', run: { script: 'date' } } },
  ]);
  t.equal(tasks[0]!.spec.run.interpreter, undefined, 'cmd.exe');
  t.throws(() => imported({ tasks: [] }), { code: 'CT_USAGE' });
  t.throws(() => importCloudtask('{"jobs": [', 'jobs.json', target), { code: 'CT_MANIFEST_SYNTAX' });
  t.throws(() => importCloudtask('{"jobs": [\n  {"name": 1]}', 'jobs.json', target), {
    code: 'CT_MANIFEST_SYNTAX',
    message: /^jobs\.json:2:13: (?!.*position)/,
  });
});

t.test('mail: several recipients, what is no address, a notifier per namespace', async (t) => {
  const mail = (to: string, enabled: unknown = true) => ({ enabled, subject: 'a\nb', to, content: '' });
  const { tasks, others, said } = imported([
    job({ notifysetting: { failed: mail('a@x.org; b@x.org;'), succeed: mail('bobliu;c@x.org', 1) } }),
    job({ name: 'two', notifysetting: { failed: mail('a@x.org', false), succeed: mail('') } }),
    job({ name: 'three', notifysetting: { failed: mail('d@x.org') } }),
  ]);
  t.same(tasks[0]!.spec.notify, [
    { notifier: 'mail', on: ['Failed', 'Lost'], to: ['a@x.org', 'b@x.org'], subject: 'a b' },
    { notifier: 'mail', on: ['Succeeded'], to: ['c@x.org'], subject: 'a b' },
  ]);
  t.equal(tasks[1]!.spec.notify, undefined);
  t.match(others, [{ kind: 'Namespace' }, { kind: 'Cluster' }, { kind: 'Notifier', metadata: { namespace: 'g' } }]);
  t.match(said, [/succeed\.to: "bobliu" is no address, and is left out$/, /notifier g\/mail is a draft/]);
  t.equal(said.length, 2);
});

t.test('disabled jobs and schedules, jobs on demand, groups of one name', async (t) => {
  const { tasks, said } = imported([
    job({ enabled: 0 }),
    job({ name: 'two', schedule: [schedule({ enabled: 0 }), schedule()] }),
    job({ name: 'three', schedule: [] }),
    job({ name: 'job', location: 'us' }),
  ]);
  t.match(tasks[0]!.spec, { suspend: true, suspendReason: 'the job was disabled' });
  t.match(tasks[1]!.spec.schedules, [{ suspend: true }, { name: 'schedule-2', suspend: undefined }]);
  t.same(said, ['warning: job "two": schedule[0]: is disabled, and so is suspended']);
  t.equal(tasks[2]!.spec.schedules, undefined);
  t.same(
    tasks.map(({ metadata, spec }) => [metadata.namespace, metadata.name, spec.cluster]),
    [
      ['g', 'job', 'eu'],
      ['g', 'two', 'eu'],
      ['g', 'three', 'eu'],
      ['g-2', 'job', 'us'],
    ],
  );
});

t.test('all that is wrong is said, with the job and the field', async (t) => {
  const { tasks, said } = imported([
    job({ name: 'bad', cmd: '', timeout: -1, env: ['A B=1', 'CTASK_X=1'] }),
    job({ name: 'never', schedule: [schedule({ turnmode: 6, selectat: '2', monthlyof: { day: 31 } })] }),
    job({
      name: 'times',
      schedule: [
        schedule({ turnmode: 7, interval: 0, startdate: '02/30/2018', starttime: '25:00' }),
        schedule({ interval: 0 }),
        schedule({ turnmode: 5, selectat: '1,8' }),
        schedule({ turnmode: 2, starttime: '10:00', endtime: '09:00' }),
        schedule({ turnmode: 6, selectat: '1', monthlyof: { day: 0, week: '5:1' } }),
      ],
    }),
    job({ name: 'odd', schedule: [schedule({ turnmode: 3, interval: 5 })] }),
  ]);
  t.same(
    tasks.map(({ metadata }) => metadata.name),
    ['odd'],
  );
  t.same(said, [
    'error: job "bad": timeout: must be a number of seconds',
    'error: job "bad": cmd: is missing',
    'error: job "bad": env[0]: "A B=1" is not NAME=value',
    'error: job "bad": env[1]: names that begin with CTASK_ are reserved',
    'error: job "never": spec.schedules[0].cron: Invalid value: "0 8 31 2 *": never fires; no date from 1970 to 2199 matches it',
    'error: job "times": schedule[0].turnmode: 7 is none of 1 to 6',
    'error: job "times": schedule[0].startdate: "02/30/2018" is not MM/DD/YYYY',
    'error: job "times": schedule[0].starttime: is not HH:mm',
    'error: job "times": schedule[1].interval: 0 is not 1 or more; the first CloudTask ended its agent at such a schedule',
    'error: job "times": schedule[2].selectat: "1,8" must be numbers from 0 to 6',
    'error: job "times": schedule[3].endtime: is before starttime: it never ran',
    'error: job "times": schedule[4].monthlyof.week: must be 0 to 4, a colon and a weekday from 0 to 6',
    'warning: job "odd": schedule[0]: the interval goes on over midnight, as it did: a window with restart: true begins anew each day',
  ]);
});

t.test('uploaded files become packages', async (t) => {
  const files = [
    'a-2018-01-01_00-00-00.tar.gz',
    'a-2018-01-01_00-00-00.tar.gz',
    'a-2019-01-01_00-00-00.tar.gz',
    "-it's.zip",
    '',
  ];
  const jobs = files.map((filename, i) => job({ name: `j${i}`, filename, groupid: i === 1 ? 'h' : 'g' }));
  const text = JSON.stringify(jobs);
  const { tasks, before } = importCloudtask(text, 'jobs.json', target);
  const found = tasks.flatMap(({ manifest }) => (manifest.kind === 'Task' ? [manifest as Task] : []));
  t.same(
    found.map(({ metadata, spec }) => [metadata.namespace, spec.run.package?.name, spec.run.workingDir]),
    [
      ['g', 'a', '.'],
      ['h', 'a', '.'],
      ['g', 'a-2', '.'],
      ['g', 'it-s', '.'],
      ['g', undefined, undefined],
    ],
  );
  t.same(before, [
    'ctask create namespace g',
    'ctask create namespace h',
    'ctask create package a --from a-2018-01-01_00-00-00.tar.gz -n g',
    'ctask create package a --from a-2018-01-01_00-00-00.tar.gz -n h',
    'ctask create package a-2 --from a-2019-01-01_00-00-00.tar.gz -n g',
    "ctask create package it-s --from './-it'\\''s.zip' -n g",
  ]);
  const placed = importCloudtask(text, 'jobs.json', { ...target, namespace: 'ops' });
  t.equal(
    placed.before[0],
    'ctask create package a --from a-2018-01-01_00-00-00.tar.gz -n ops',
    'into one that is there',
  );
});

const FIRST_DAY = Date.UTC(2024, 0, 1) / DAY_MS;
const minute = fc.integer({ min: 0, max: 1439 });
const originals = fc
  .record({
    enabled: fc.constant(true),
    turnmode: fc.integer({ min: 1, max: 6 }),
    interval: fc.integer({ min: 1, max: 40 }),
    startDay: fc.integer({ min: FIRST_DAY, max: FIRST_DAY + 1500 }),
    length: fc.option(fc.integer({ min: 0, max: 500 }), { nil: undefined }),
    times: fc.tuple(minute, minute),
    weekdays: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 }),
    months: fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1 }),
    // Days that some months have not are left out there by both.
    day: fc.oneof(fc.constant(0), fc.integer({ min: -28, max: 28 })),
    week: fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 6 })),
  })
  .map(({ length, times, weekdays, months, ...one }): OriginalSchedule => {
    const [startMinute, endMinute] = times.sort((a, b) => a - b) as [number, number];
    const selected = (one.turnmode === 5 ? weekdays : months).sort((a, b) => a - b);
    return {
      ...one,
      startMinute,
      endMinute,
      selected,
      ...(length === undefined ? {} : { endDay: one.startDay + length }),
    };
  });

t.test('each type of schedule has the time points of the documented rule', async (t) => {
  fc.assert(
    fc.property(originals, (original) => scheduleDifference(original) === undefined),
    { seed: 2018, numRuns: 120 },
  );
  const weekly = {
    ...fc.sample(originals, { seed: 1, numRuns: 1 })[0]!,
    turnmode: 5,
    interval: 1,
    selected: [1, 3, 5],
  };
  t.equal(scheduleDifference(weekly), undefined);
  t.same(scheduleOf({ ...weekly, selected: [1] }, 'UTC').cron?.slice(-1), '1');
  // The comparison sees what it is there for: the last weekday is not the fifth.
  const last = { ...weekly, turnmode: 6, day: 0, week: [0, 1] as const, selected: [3] };
  const march = [...originalTimes({ ...last, startDay: Date.UTC(2026, 2, 1) / DAY_MS }, Date.UTC(2026, 3, 1))];
  t.same(
    march.map((time) => new Date(time).getUTCDate()),
    [30],
  );
});
