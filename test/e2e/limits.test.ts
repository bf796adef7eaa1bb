// How many runs a task has at once, and in all, on the embedded default.
import t from 'tap';
import { isFinal, type Run } from '../../manifests/index.js';
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

  await t.test('it goes with policies that let runs overlap or wait', async (t) => {
    const spec = { run: { command: ['true'] }, maxConcurrentRuns: 2 };
    const manifest = { apiVersion: 'cloudtask.dev/v1', kind: 'Task', metadata: { name: 'forbid' }, spec };
    const refused = await user.ctask(['apply', '-f', '-'], { input: JSON.stringify(manifest) });
    t.equal(refused.code, 7);
    t.match(refused.stderr, /maxConcurrentRuns.*goes with concurrencyPolicy Allow and Queue only/);
  });
});
