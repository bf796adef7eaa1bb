// How many runs a task has at once, and in all, on the embedded default.
import t from 'tap';
import { isFinal, type Run, type Task } from '../../manifests/index.js';
import { startUp, User } from '../support/ctask.js';

const runsOf = (task: string) => ['get', 'runs', '--field-selector', `spec.task=${task}`];

/** Most of the runs that were going on at the same time. */
function peakOf(runs: readonly Run[]): number {
  const spans = runs.flatMap(({ status: { startTime, endTime } = {} }) =>
    startTime === undefined ? [] : [{ from: Date.parse(startTime), to: Date.parse(endTime ?? '9999-12-31') }],
  );
  return Math.max(...spans.map(({ from: at }) => spans.filter(({ from, to }) => from <= at && to > at).length));
}

t.test('limits of a task', { timeout: 180_000 }, async (t) => {
  const user = new User();
  t.teardown(() => user.go());
  await startUp(user);
  const task = (name: string, spec: object) =>
    user.ok(['apply', '-f', '-'], {
      input: JSON.stringify({ apiVersion: 'cloudtask.dev/v1', kind: 'Task', metadata: { name }, spec }),
    });

  await t.test('maxConcurrentRuns', async (t) => {
    const limited = { schedules: [{ every: '1s' }], maxConcurrentRuns: 2 };
    await task('allow', { ...limited, concurrencyPolicy: 'Allow', run: { command: ['sleep', '2.6'] } });
    await task('queue', { ...limited, concurrencyPolicy: 'Queue', run: { command: ['sleep', '2.6'] } });
    const ended = async (name: string) =>
      (
        await user.eventually<{ items: Run[] }>(
          runsOf(name),
          ({ items }) => items.filter(({ status }) => isFinal(status?.state ?? 'Pending')).length >= 10,
        )
      ).items.filter(({ status }) => isFinal(status?.state ?? 'Pending'));
    const allow = await ended('allow');
    const queue = await ended('queue');
    t.equal(peakOf(allow), 2);
    t.equal(peakOf(queue), 2);
    const words = (runs: readonly Run[]) =>
      new Set(runs.map(({ status }) => (status?.state === 'Succeeded' ? 'Succeeded' : status?.reason)));
    t.strictSame(words(allow), new Set(['Succeeded', 'ConcurrencyLimit']));
    t.strictSame(words(queue), new Set(['Succeeded', 'ConcurrencyQueueFull']));
    t.match(await user.ok(['describe', 'task', 'allow']), /Concurrency Policy: +Allow, at most 2 at once/);
    await user.ok(['delete', 'tasks', 'allow', 'queue']);
  });

  await t.test('a run on demand that is one too many is refused, and why says so', async (t) => {
    const spec = { concurrencyPolicy: 'Allow', maxConcurrentRuns: 2, run: { command: ['sleep', '60'] } };
    await task('manual', spec);
    await user.ok(['run', 'manual']);
    await user.ok(['run', 'manual']);
    await user.eventually<{ items: Run[] }>(runsOf('manual'), ({ items }) =>
      items.every(({ status }) => status?.state === 'Running'),
    );
    t.match(
      await user.ok(['why', 'manual']),
      /2 runs are open, .*time points are skipped \(maxConcurrentRuns, Allow\)/,
    );
    const third = await user.ctask(['run', 'manual', '--wait']);
    t.equal(third.code, 1);
    t.match(third.stdout + third.stderr, /Skipped.*ConcurrencyLimit/);
  });

  await t.test('maxRuns: complete after the last one, active again with a larger number', async (t) => {
    const spec = { schedules: [{ every: '1s' }], run: { command: ['sh', '-c', 'exit 0'] } };
    await task('thrice', { ...spec, maxRuns: 3 });
    const complete = await user.eventually<Task>(
      ['get', 'task', 'thrice'],
      ({ status }) => status?.state === 'Complete' && (status.skippedRuns ?? 0) > 0,
    );
    t.match(complete.status, { lastRun: { state: 'Succeeded' } }, 'what is skipped does not hide it');
    t.equal(complete.status?.nextTime, undefined);
    t.match(
      complete.status?.conditions?.find(({ type }) => type === 'Complete'),
      { status: 'True', reason: 'MaxRuns', message: 'it has had 3 runs by its schedules (maxRuns)' },
    );
    t.match(await user.ok(['get', 'task', 'thrice']), /Complete +Succeeded\/\w+ \(\d+ skipped\) +<none>/);
    t.match(await user.ok(['describe', 'task', 'thrice']), /Next Runs: +<none>/);
    const next = await user.ctask(['next', 'thrice']);
    t.match(next, { code: 0, stdout: /<complete>/, stderr: /the task is complete/ });
    t.match(await user.ok(['why', 'thrice']), /MaxRuns +it has had 3 runs/);
    t.match(await user.ok(['rollout', 'status', 'task/thrice']), /is complete: it has had its runs/);
    await user.ok(['wait', 'task/thrice', '--for', 'condition=Complete']);
    await task('thrice', { ...spec, maxRuns: 1000 });
    const active = await user.eventually<Task>(
      ['get', 'task', 'thrice'],
      ({ status }) => status?.nextTime !== undefined && ['Active', 'Running'].includes(status.state ?? ''),
    );
    t.equal(active.status?.conditions?.find(({ type }) => type === 'Complete')?.status, 'False');
    const { items } = await user.eventually<{ items: Run[] }>(
      runsOf('thrice'),
      ({ items }) => items.filter(({ status }) => status?.state === 'Succeeded').length > 3,
    );
    t.ok(items.some(({ status }) => status?.reason === 'MaxRuns'));
    await user.ok(['delete', 'task', 'thrice']);
  });

  await t.test('it goes with policies that let runs overlap or wait', async (t) => {
    const spec = { run: { command: ['true'] }, maxConcurrentRuns: 2 };
    const manifest = { apiVersion: 'cloudtask.dev/v1', kind: 'Task', metadata: { name: 'forbid' }, spec };
    const refused = await user.ctask(['apply', '-f', '-'], { input: JSON.stringify(manifest) });
    t.equal(refused.code, 7);
    t.match(refused.stderr, /maxConcurrentRuns.*goes with concurrencyPolicy Allow and Queue only/);
  });
});
