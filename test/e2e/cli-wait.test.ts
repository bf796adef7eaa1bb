// ctask wait against the real API (C-61); the test plays controllers and agents.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Agent, Condition, Run, Task } from '../../manifests/index.js';
import type { CliCenter } from '../support/cli-center.js';
import type { CliSession } from '../support/cli-terminal.js';
import { startCliWorld } from '../support/cli-world.js';

const task = (name: string) =>
  `apiVersion: cloudtask.dev/v1\nkind: Task\nmetadata: {name: ${name}, labels: {team: fin}}\nspec: {run: {command: [/bin/true]}}\n`;

async function tell(center: CliCenter, name: string, status: 'True' | 'False', observedGeneration = 1): Promise<void> {
  const lastTransitionTime = new Date().toISOString();
  const ready: Condition = {
    type: 'Ready',
    status,
    reason: 'Told',
    message: 'told',
    observedGeneration,
    lastTransitionTime,
  };
  await center.store.updateStatus<Task>(
    { kind: 'Task', namespace: 'default', name },
    { state: 'Active', conditions: [ready] },
  );
}

const READY_PATH = '--for=jsonpath={.status.conditions[?(@.type=="Ready")].status}=True';

/** The command has its list and hears of changes; it says so with -v=6. */
const watches = (session: CliSession, plural: string) =>
  session.until(({ stderr }) => new RegExp(`${plural}\\?\\S*watch=1\\S* 200`).test(stderr));

t.test('wait', async (t) => {
  const { center, user } = await startCliWorld(t);
  const now = Date.now();
  await user.type('apply -f -', { input: `${task('hello')}---\n${task('other')}` });
  const waiting = (line: string) => user.start(line.split(' '));

  await t.test('for a condition, in time or not', async (t) => {
    const late = 'error: timed out waiting for the condition on tasks/hello\n';
    t.same(await user.type('wait task/hello --for=condition=Ready --timeout=20ms'), {
      code: 8,
      stdout: '',
      stderr: late,
    });
    t.same(await user.type('wait task/hello --for=condition=Ready --timeout=0'), {
      ...{ code: 8, stdout: '', stderr: 'error: condition not met for tasks/hello\n' },
    });
    await tell(center, 'hello', 'False');
    const session = waiting('wait task hello --for=condition=ready --timeout=-1s');
    const other = waiting('wait tk/hello --for=condition=Ready=False');
    t.same(await other.done, { code: 0, stdout: 'task.cloudtask.dev/hello condition met\n', stderr: '' });
    await tell(center, 'hello', 'True');
    t.same(await session.done, { code: 0, stdout: 'task.cloudtask.dev/hello condition met\n', stderr: '' });
    t.match(await user.type('wait task/hello --for=condition=Ready --timeout=0'), { code: 0 });
  });

  await t.test('what is said of an older generation does not count (A-05)', async (t) => {
    await user.type('apply -f -', { input: task('hello').replace('/bin/true', '/bin/echo') });
    t.match(await user.type('wait task/hello --for=condition=Ready --timeout=0'), { code: 8 });
    await tell(center, 'hello', 'True', 2);
    t.match(await user.type('wait task/hello --for=condition=Ready --timeout=0'), { code: 0 });
  });

  await t.test('several objects, several wishes, all of them', async (t) => {
    const words = 'wait tasks -l team=fin --for=condition=Ready --for=jsonpath={.status.state}=Active';
    t.same(await user.type(`${words} --timeout=0`), {
      code: 8,
      stdout: 'task.cloudtask.dev/hello condition met\n',
      stderr: 'error: condition not met for tasks/other\n',
    });
    const session = waiting('wait tasks --all --for=condition=Ready --for=jsonpath={.status.state}=Active');
    await session.until(({ stdout }) => stdout.includes('hello condition met'));
    await tell(center, 'other', 'True');
    t.match(await session.done, { code: 0, stdout: /other condition met\n$/ });
    t.match(await user.type('wait task hello other --for=condition=Ready --timeout=0'), { code: 0 });
    const file = join(user.home, 'hello.yaml');
    writeFileSync(file, task('hello'));
    t.match(await user.run(['wait', '-f', file, '--for=condition=Ready']), { code: 0, stdout: /hello condition met/ });
  });

  await t.test('for a field', async (t) => {
    t.match(await user.type('wait task/hello --for=jsonpath={.spec.timeout} --timeout=0'), { code: 8 });
    t.match(await user.type('wait task/hello --for=jsonpath=.metadata.generation=2 --timeout=0'), { code: 0 });
    t.match(await user.run(['wait', 'task/hello', READY_PATH]), { code: 0 });
    t.match(await user.type('wait task/hello --for=jsonpath={.spec}=x'), { code: 2, stderr: /not to one value/ });
    t.match(await user.type('wait task/hello --for=jsonpath={.metadata.*}=x'), { code: 2, stderr: /more than one/ });
  });

  await t.test('for what comes and what goes, through a restart of the center', async (t) => {
    const coming = waiting('wait -v=6 task/new --for=create --for=condition=Ready --timeout=1m');
    const going = waiting('wait -v=6 task/other --for=delete --timeout=1m');
    await watches(coming, 'tasks');
    await watches(going, 'tasks');
    await center.hangUp();
    await center.listen();
    await user.type('get tasks'); // a read is repeated on a connection that the old server has left behind
    await user.type('apply -f -', { input: task('new') });
    await tell(center, 'new', 'True');
    t.match(await coming.done, { code: 0, stdout: 'task.cloudtask.dev/new condition met\n' });
    await user.type('delete task other');
    t.match(await going.done, { code: 0, stdout: 'task.cloudtask.dev/other condition met\n' });
    t.match(await user.type('wait task/other --for=delete'), { code: 0 }, 'gone already');
    t.match(await user.type('wait tasks -l no=such --for=delete'), { code: 0, stdout: '' });
    const gone = waiting('wait -v=6 task/new --for=condition=Ready=False --timeout=1m');
    await watches(gone, 'tasks');
    await user.type('delete task new');
    t.match(await gone.done, {
      code: 5,
      stdout: '',
      stderr: /^Error from server \(NotFound\): tasks\.cloudtask\.dev "new" not found$/m,
    });
  });

  await t.test('for the end of a run', async (t) => {
    const run = await center.scheduled('hello', now, { state: 'Running', startTime: now });
    const { name } = run.metadata;
    const over = waiting(`wait run/${name} --for=complete --timeout=1m`);
    const fine = waiting(`wait run/${name} --for=succeeded --timeout=1m`);
    const failed = waiting(`wait run/${name} --for=condition=Failed --timeout=1m`);
    await center.scheduled('hello', now, { state: 'Failed', exitCode: 3, startTime: now, endTime: now + 1000 });
    t.match(await over.done, { code: 0, stdout: `run.cloudtask.dev/${name} condition met\n` });
    t.match(await fine.done, { code: 1, stdout: '', stderr: `error: run "${name}" ended as Failed (exit code 3)\n` });
    t.match(await failed.done, { code: 0 });
    t.match(await user.type('wait task/hello --for=complete'), { code: 2, stderr: /are about runs, not about tasks/ });
  });

  await t.test('conditions of a run say what holds (A-06)', async (t) => {
    const start = new Date(now + 5000).toISOString();
    const end = new Date(now + 9000).toISOString();
    const words = { state: 'Succeeded', startTime: now + 5000, endTime: now + 9000 } as const;
    const run = await center.scheduled('hello', now + 5000, words);
    const { items } = JSON.parse((await user.type('get runs -o json')).stdout) as { items: Run[] };
    const shown = items.find(({ metadata }) => metadata.uid === run.metadata.uid);
    t.match(shown?.status?.conditions, [
      { type: 'Scheduled', status: 'True', reason: 'Assigned' },
      { type: 'Started', status: 'True', reason: 'ProcessStarted', lastTransitionTime: start },
      { type: 'Complete', status: 'True', reason: 'Succeeded', lastTransitionTime: end },
    ]);
    const skipped = await center.scheduled('hello', now + 6000, { state: 'Skipped', reason: 'ConcurrencyForbid' });
    t.match(skipped.status?.conditions?.at(-1), { type: 'Cancelled', reason: 'ConcurrencyForbid' });
    const missed = await center.scheduled('hello', now + 7000, { state: 'Missed' });
    t.match(missed.status?.conditions?.at(-1), { type: 'Failed', reason: 'Missed' });
  });

  await t.test('for the next run of a task', async (t) => {
    const before = await center.scheduled('hello', now + 20_000, { state: 'Running', startTime: now });
    const session = waiting('wait -v=6 task/hello --for=next-run --timeout=1m');
    await watches(session, 'runs');
    await center.progress(before, { state: 'Succeeded', startTime: now, endTime: now + 1 });
    await center.scheduled('hello', now + 30_000, { state: 'Skipped' });
    const run = JSON.parse((await user.type('run hello -o json')).stdout) as Run;
    t.equal(session.stdout, '', 'what ended, was skipped or waits has not begun');
    await center.progress(run, { state: 'Running', startTime: now });
    t.match(await session.done, { code: 0, stdout: 'task.cloudtask.dev/hello condition met\n' });
    t.match(await user.type('wait task/nope --for=next-run'), { code: 5 });
    t.match(await user.type('wait agents --all --for=next-run'), { code: 2 });
  });

  await t.test('cluster-wide kinds', async (t) => {
    await center.agent('a1');
    const conditions: Agent['status'] = {
      state: 'Ready',
      conditions: [
        {
          type: 'Schedulable',
          status: 'True',
          reason: 'NotCordoned',
          message: 'x',
          lastTransitionTime: new Date(now).toISOString(),
        },
      ],
    };
    await center.store.updateStatus<Agent>({ kind: 'Agent', namespace: '', name: 'a1' }, conditions);
    t.match(await user.type('wait ag/a1 --for=condition=Schedulable'), {
      stdout: 'agent.cloudtask.dev/a1 condition met\n',
    });
  });

  await t.test('what is not understood', async (t) => {
    t.match(await user.type('wait task/hello'), { code: 2, stderr: /must specify --for/ });
    t.match(await user.type('wait task/hello --for=ready'), { code: 2, stderr: /--for "ready" is not understood/ });
    t.match(await user.type('wait task/hello --for=condition='), { code: 2 });
    t.match(await user.type('wait task/hello --for=delete --for=create'), { code: 2 });
    t.match(await user.type('wait tasks --for=delete'), { code: 2, stderr: /give -l or --all/ });
    t.match(await user.type('wait task/hello --for=create --timeout=soon'), { code: 2 });
    t.match(await user.type('wait task/nope --for=condition=Ready'), { code: 5 });
    t.same(await user.type('wait tasks -l no=such --for=condition=Ready'), {
      ...{ code: 5, stdout: '', stderr: 'error: no matching resources found\n' },
    });
  });
});
