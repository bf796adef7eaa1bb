import fc from 'fast-check';
import t, { type Test } from 'tap';
import type { RunState, Task } from '../../../manifests/index.js';
import { goldenView, misfit, plainText } from '../../../test/support/dashboard-lines.js';
import {
  anAgent,
  aRun,
  aTask,
  largeWorld,
  NOON,
  smallWorld,
  type TaskWish,
} from '../../../test/support/dashboard-objects.js';
import { doctorLines, findingRows } from './doctor.js';
import { examine, type Finding } from './doctor-model.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
const context = { now: NOON, ascii: false };
const iso = (time: number) => new Date(time).toISOString();

/** Nothing is wrong with it unless the wish says so. */
const good = (name: string, { spec, status }: Omit<TaskWish, 'name'> = {}): Task =>
  aTask({ name, spec: { timeout: '1h', cluster: 'eu', ...spec }, ...(status === undefined ? {} : { status }) });

const runsOf = (task: Task, states: readonly RunState[], took = 5000) =>
  states.map((state, index) =>
    aRun({ name: `${task.metadata.name}-${index}`, task, state, before: (states.length - index) * 15 * MINUTE, took }),
  );

const condition = (type: string, status: 'True' | 'False', reason: string, message: string, since: number) => ({
  ...{ type, status, reason, message, lastTransitionTime: iso(since) },
});

const unallocated = (name: string, since: number, spec: Partial<Task['spec']> = {}): Task =>
  good(name, {
    spec,
    status: {
      state: 'Unallocated',
      conditions: [
        condition('Ready', 'False', 'NoEligibleAgent', 'no agent that is registered may run the task', since),
      ],
    },
  });

const suspendedSince = (name: string, since: number, suspendReason?: string): Task =>
  good(name, {
    spec: { suspend: true, ...(suspendReason === undefined ? {} : { suspendReason }) },
    status: {
      state: 'Suspended',
      conditions: [condition('Suspended', 'True', 'SuspendedByUser', 'no time point fires', since)],
    },
  });

/** The one finding about one task. */
function only(t: Test, task: Task, runs = runsOf(task, []), runsCut = false): Finding | undefined {
  const { findings } = examine({ tasks: [task], runs, agents: [anAgent('eu-1')], runsCut }, NOON);
  t.ok(findings.length < 2, findings.map(({ what }) => what).join('; '));
  return findings[0];
}

t.test('nothing is found where nothing is wrong', async (t) => {
  const task = good('fine');
  t.equal(only(t, task, runsOf(task, ['Failed', 'Failed', 'Succeeded', 'Failed', 'Failed'])), undefined);
  t.equal(only(t, good('on-demand', { spec: { schedules: [] } })), undefined);
  t.equal(only(t, good('over-soon', { spec: { schedules: [{ at: iso(NOON + 1) }] } })), undefined);
});

t.test('no agent', async (t) => {
  const task = unallocated('homeless', NOON - 5 * MINUTE);
  t.match(only(t, task), {
    severity: 'Error',
    subject: 'billing/homeless',
    what: 'no agent that is registered may run the task (cluster eu: 1 of 1 agents ready)',
    remedy: /<w>/,
  });
  t.match(only(t, unallocated('far', NOON - 5 * MINUTE, { cluster: 'us' })), {
    remedy: /^Start an agent in cluster us/,
  });
  t.equal(only(t, unallocated('new', NOON - 30_000)), undefined, 'the leader is about to place it');
});

t.test('an agent that cannot schedule it', async (t) => {
  const message = 'agent eu-1 cannot schedule the task: its time zone data are older';
  const conditions = [condition('Ready', 'False', 'TaskRefused', message, NOON - DAY)];
  t.match(only(t, good('refused', { status: { state: 'Degraded', conditions } })), {
    severity: 'Error',
    what: message,
  });
});

t.test('failing, three times or more in a row', async (t) => {
  const task = good('weak');
  t.match(only(t, task, runsOf(task, ['Succeeded', 'Failed', 'Cancelled', 'TimedOut', 'Skipped', 'Lost'])), {
    severity: 'Error',
    what: '3 runs in a row did not end well, the latest Lost 14m ago',
  });
  t.equal(only(t, task, runsOf(task, ['Failed', 'Failed', 'Failed', 'Succeeded'])), undefined, 'it is well again');
  t.match(only(t, task, runsOf(task, ['Failed', 'Failed', 'Failed']), true), { what: /^at least 3 runs/ });
});

t.test('never fires', async (t) => {
  const over = [{ at: iso(NOON - DAY) }, { name: 'b', cron: '* * * * *', endTime: iso(NOON - DAY) }];
  t.match(only(t, good('over', { spec: { schedules: over } })), { severity: 'Note', what: /are over/ });
  t.match(only(t, good('never', { spec: { schedules: [{ cron: '0 0 30 2 *' }] } })), {
    severity: 'Warning',
    what: 'its schedules yield no time point',
  });
  const done = [condition('Complete', 'True', 'MaxRuns', '', NOON)];
  t.match(only(t, good('done', { status: { state: 'Complete', conditions: done } })), {
    severity: 'Note',
    what: /maxRuns/,
  });
  const leap = good('leap', { spec: { schedules: [{ cron: '0 0 29 2 *' }] } });
  t.equal(only(t, leap), undefined, 'in two years it will');
});

t.test('runs that take longer than the time between them', async (t) => {
  const slow = (policy: 'Allow' | 'Forbid' | 'Queue' | 'Replace') =>
    good('slow', { spec: { concurrencyPolicy: policy } });
  const found = (policy: 'Allow' | 'Forbid' | 'Queue' | 'Replace', took: number, count = 4) => {
    const task = slow(policy);
    return only(t, task, runsOf(task, new Array(count).fill('Succeeded'), took));
  };
  t.match(found('Forbid', 20 * MINUTE), {
    severity: 'Warning',
    what: 'runs take 20m and are due every 15m: time points are skipped',
  });
  t.match(found('Queue', 20 * MINUTE), { what: /wait for one another/ });
  t.equal(found('Allow', 20 * MINUTE), undefined);
  t.equal(found('Forbid', 14 * MINUTE), undefined);
  t.equal(found('Forbid', 20 * MINUTE, 2), undefined, 'twice is not regularly');
  const task = slow('Forbid');
  const once = [...runsOf(task, ['Succeeded'], 60 * MINUTE), ...runsOf(good('slow'), ['Failed', 'Succeeded'], MINUTE)];
  t.equal(only(t, task, once), undefined, 'one long run is an accident');
});

t.test('nothing would end a run', async (t) => {
  const { timeout: _, ...spec } = good('endless').spec;
  const endless = (more: Partial<Task['spec']> = {}) => {
    const task = good('endless');
    return { ...task, spec: { ...spec, ...more } };
  };
  t.match(only(t, endless()), { severity: 'Note', what: /^there is no timeout/ });
  t.equal(only(t, endless({ concurrencyPolicy: 'Allow' })), undefined);
  t.equal(only(t, endless({ schedules: [] })), undefined);
  const long = aRun({ name: 'endless-1', task: endless(), state: 'Running', before: 26 * 60 * MINUTE });
  t.match(only(t, endless(), [long]), { severity: 'Warning', what: /^run endless-1 has been running for 26h,/ });
});

t.test('where nobody sets timeouts it is said once', async (t) => {
  const tasks = (count: number) =>
    Array.from({ length: count }, (_none, i) => {
      const { timeout: _, ...spec } = good('x').spec;
      return { ...good(`t${i}`), spec };
    });
  const found = (count: number) => examine({ tasks: tasks(count), runs: [], agents: [] }, NOON).findings;
  t.equal(found(3).length, 3);
  t.match(found(4), [
    { severity: 'Note', subject: '4 tasks', remedy: /They are billing\/t0, billing\/t1, billing\/t2 and 1 more\.$/ },
  ]);
});

t.test('suspended for more than 30 days; nothing else matters then', async (t) => {
  t.match(only(t, suspendedSince('old', NOON - 31 * DAY, 'the move')), {
    severity: 'Note',
    what: 'suspended for 31d: the move',
  });
  t.equal(only(t, suspendedSince('new', NOON - 29 * DAY)), undefined);
  const failed = suspendedSince('failed', NOON - DAY);
  t.equal(only(t, failed, runsOf(failed, ['Failed', 'Failed', 'Failed'])), undefined);
  const { metadata, spec } = good('unsaid', { spec: { suspend: true } });
  t.equal(only(t, { apiVersion: 'cloudtask.dev/v1', kind: 'Task', metadata, spec }), undefined);
});

t.test('many tasks in the same second', async (t) => {
  const tasks = (count: number, jitter?: string) =>
    Array.from({ length: count }, (_, i) =>
      good(`t${i}`, { spec: { schedules: [{ cron: '0 13 * * *', ...(jitter === undefined ? {} : { jitter }) }] } }),
    );
  const found = (all: readonly Task[]) => examine({ tasks: all, runs: [], agents: [] }, NOON).findings;
  t.match(found(tasks(51)), [
    { severity: 'Warning', subject: '51 tasks', what: 'they start in the same second, 13:00:00Z', task: undefined },
  ]);
  t.same(found(tasks(50)), []);
  t.same(found(tasks(200, '30m')), [], 'jitter spreads them');
  const idle = tasks(60).map((task) => ({ ...task, spec: { ...task.spec, suspend: true } }));
  t.same(found(idle), []);
});

t.test('what is being deleted is not looked at', async (t) => {
  const going = good('going', { spec: { schedules: [{ cron: '0 0 30 2 *' }] }, status: { state: 'Terminating' } });
  t.match(examine({ tasks: [going], runs: [], agents: [] }, NOON), { findings: [], tasks: 0 });
});

/** One of everything. */
function sickWorld() {
  const failing = good('refresh-exchange-rates-of-all-currencies');
  const slow = good('給与計算');
  const { timeout: _, ...endless } = good('endless').spec;
  const hanging = { ...good('sync-ledger'), spec: endless };
  const tasks = [
    ...[failing, slow, hanging, unallocated('dunning', NOON - DAY, { cluster: 'us' })],
    suspendedSince('old-import', NOON - 90 * DAY, 'until the new data centre is there'),
    good('migrate-2025', { spec: { schedules: [{ at: iso(NOON - 300 * DAY) }] } }),
    { ...good('vacuum'), spec: endless },
    good('nightly-report'),
    ...Array.from({ length: 60 }, (_, i) => good(`tenant-${i}`, { spec: { schedules: [{ cron: '0 3 * * *' }] } })),
  ];
  const runs = [
    ...runsOf(failing, ['Succeeded', 'Failed', 'TimedOut', 'Failed', 'Failed']),
    ...runsOf(slow, ['Succeeded', 'Succeeded', 'Succeeded'], 20 * MINUTE),
    aRun({ name: 'sync-ledger-m7x2q', task: hanging, state: 'Running', before: 3 * DAY }),
  ];
  return { tasks, runs, agents: [anAgent('eu-1'), anAgent('eu-2')] };
}

t.test('the worst first, as read (T-36)', async (t) => {
  const report = examine(sickWorld(), NOON);
  t.same(report.counts, { Error: 2, Warning: 3, Note: 3 });
  goldenView(t, 'doctor', (size) => doctorLines({ report, top: 0, selected: 1 }, size, context));
  const eighty = [{ width: 80, height: 24 }];
  const ascii = { now: NOON, ascii: true };
  goldenView(t, 'doctor-ascii', (size) => doctorLines({ report, top: 0, selected: 2 }, size, ascii), eighty);
  const well = examine({ tasks: [good('fine')], runs: [], agents: [] }, NOON);
  goldenView(t, 'doctor-well', (size) => doctorLines({ report: well, top: 0, selected: 0 }, size, context), eighty);
});

t.test('every finding can be reached, and under the cursor it is whole', async (t) => {
  const report = examine(sickWorld(), NOON);
  for (const [index, { remedy, what }] of report.findings.entries()) {
    const size = { width: 120, height: 12 };
    const top = Math.max(0, index - findingRows(size.height) + 1);
    const text = plainText(doctorLines({ report, top, selected: index }, size, context)).replace(/\s+/g, ' ');
    t.ok(text.includes(remedy) && text.includes(`${what}.`), what);
  }
});

t.test('any report in any window takes exactly its cells', async () => {
  const reports = [sickWorld(), smallWorld(), largeWorld(1000), { tasks: [], runs: [], agents: [] }].map((world) =>
    examine(world, NOON),
  );
  const size = fc.record({ width: fc.integer({ min: 1, max: 140 }), height: fc.integer({ min: 0, max: 50 }) });
  fc.assert(
    fc.property(fc.constantFrom(...reports), size, fc.nat(40), fc.boolean(), (report, window, selected, ascii) => {
      const lines = doctorLines({ report, top: selected, selected }, window, { now: NOON, ascii });
      const wrong = misfit(lines, window);
      if (wrong !== undefined) throw new Error(wrong);
    }),
  );
});
