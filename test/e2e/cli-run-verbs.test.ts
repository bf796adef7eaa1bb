// run, cancel, retry and backfill against the real API (C-69, C-70, C-72); the test plays the agent.
import t from 'tap';
import type { Run, Task } from '../../manifests/index.js';
import type { CliCenter } from '../support/cli-center.js';
import { startCliWorld } from '../support/cli-world.js';

const HOUR = 3_600_000;
const HELLO = `apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: hello, labels: {team: fin}}
spec: {schedules: [{every: 1h}], run: {command: [/bin/true]}}
`;
const created = /^run\.cloudtask\.dev\/(\S+) created\n$/;

/** The latest hour that is over, and the record of a slot that has consumed it. */
async function consumedUpTo(center: CliCenter, point: number): Promise<void> {
  const { metadata } = await center.task('hello');
  center.records.set(metadata.uid!, {
    ...{
      owner: 'a1',
      ownerEpoch: 1,
      revision: 1,
      suspended: false,
      cursor: point,
      attempt: 1,
      claimId: '',
      blockedBy: null,
    },
  });
}

t.test('run, cancel, retry, backfill', async (t) => {
  const { center, user } = await startCliWorld(t);
  await user.type('apply -f -', { input: HELLO });
  const now = Date.now();
  const hour = now - (now % HOUR);
  const iso = (time: number) => new Date(time).toISOString();
  const runOf = async (name: string) => (await center.store.get<Run>({ kind: 'Run', namespace: 'default', name }))!;
  const nameIn = (stdout: string) => created.exec(stdout)?.[1] ?? '';
  const failed = { state: 'Failed', exitCode: 3, startTime: now, endTime: now + 1000 } as const;

  await t.test('run --idempotency-key makes one run', async (t) => {
    const first = await user.type('run hello --idempotency-key deploy-17');
    const second = await user.type('run hello --idempotency-key deploy-17');
    t.equal(second.stdout, first.stdout);
    t.match(second.stderr, 'Warning: a run with this idempotency key exists already\n');
    const third = await user.type('run hello --idempotency-key deploy-18');
    t.not(third.stdout, first.stdout);
  });

  await t.test('run --agent asks for one that has the task', async (t) => {
    t.match(await user.type('run hello --agent a1'), {
      code: 6,
      stderr: /agent "a1" does not have the task; no agent has it/,
    });
    const status: Task['status'] = { state: 'Active', allocations: [{ slot: '', agent: 'a1' }] };
    await center.store.updateStatus<Task>({ kind: 'Task', namespace: 'default', name: 'hello' }, status);
    t.match(await user.type('run hello --agent a2'), { code: 6, stderr: /it is with a1/ });
    t.match(await user.type('run hello --agent a1'), { code: 0, stdout: created });
  });

  await t.test('run --wait -o json tells the run once, as it ended; -f -o ndjson its lines', async (t) => {
    const waiting = user.start('run hello --wait -o json --idempotency-key w'.split(' '));
    const find = async () =>
      (await center.store.list<Run>('Run')).items.find(({ status }) => status?.state === 'Pending')!;
    const made = new Promise<Run>((resolve) => {
      const off = center.store.onChange((changes) => {
        const added = changes.find(({ kind, type }) => kind === 'Run' && type === 'ADDED');
        if (added === undefined) return;
        off();
        resolve(added.object as Run);
      });
    });
    await center.progress(await made, failed);
    const { code, stdout } = await waiting.done;
    t.equal(code, 1);
    t.match(JSON.parse(stdout), { kind: 'Run', status: { state: 'Failed', exitCode: 3 } });
    t.match(await user.type('run hello -f -o json'), { code: 2 });
    t.match(await user.type('run hello --timeout 1s'), { code: 2 });
    const following = user.start(['run', 'hello', '-f', '-o', 'ndjson']);
    await following.until(({ stderr }) => stderr.includes(' created'));
    const run = await runOf(/run\.cloudtask\.dev\/(\S+) created/.exec(following.stderr)![1]!);
    await center.progress(run, { state: 'Running', startTime: now });
    await center.output(run, 'a line\n', { end: true });
    await center.progress(run, { state: 'Succeeded', startTime: now, endTime: now + 1 });
    t.match(JSON.parse((await following.done).stdout), { run: run.metadata.name, attempt: 1, seq: 1, line: 'a line' });
    await user.type(`cancel ${(await find()).metadata.name}`);
  });

  await t.test('cancel -l, and words that do not lie', async (t) => {
    const pending = nameIn((await user.type('run hello')).stdout);
    const running = await center.scheduled('hello', hour - 90 * HOUR, { state: 'Running', startTime: now });
    const { code, stdout } = await user.type('cancel -l team=fin');
    t.equal(code, 0);
    t.match(stdout, `run.cloudtask.dev/${pending} cancelled\n`, 'nobody had begun it');
    t.match(stdout, `run.cloudtask.dev/${running.metadata.name} cancel requested\n`);
    await center.scheduled('hello', hour - 90 * HOUR, { state: 'Cancelled', startTime: now, endTime: now });
    t.match(await user.type(`cancel ${running.metadata.name}`), { stdout: / cancelled\n$/ });
    t.same(await user.type('cancel -l team=fin'), {
      code: 0,
      stdout: '',
      stderr: 'No open runs found in default namespace.\n',
    });
  });

  await t.test('retry: the same time point, arguments and variables; once', async (t) => {
    const point = hour - 80 * HOUR;
    const open = await center.scheduled('hello', point, { state: 'Running', startTime: now });
    const { name } = open.metadata;
    t.match(await user.type(`retry ${name}`), { code: 6, stderr: /the run is Running/ });
    await center.scheduled('hello', point, failed);
    const first = await user.type(`retry run/${name}`);
    t.match(first, { code: 0, stdout: created, stderr: '' });
    const retried = await runOf(nameIn(first.stdout));
    t.match(retried.spec, { trigger: 'Retry', retryOf: name, scheduledTime: iso(point), revision: 1 });
    t.match(await user.type(`retry ${name}`), { stdout: first.stdout, stderr: /was retried already/ });
    t.match(await user.type('retry nope'), { code: 5 });

    const manual = nameIn((await user.type('run hello --env A=b -- x y')).stdout);
    await center.progress(await runOf(manual), failed);
    const again = await runOf(nameIn((await user.type(`retry ${manual}`)).stdout));
    t.match(again.spec, { args: ['x', 'y'], env: [{ name: 'A', value: 'b' }], retryOf: manual });
    t.equal(again.spec.scheduledTime, undefined);
  });

  await t.test('retry --wait and -f end as the run does', async (t) => {
    const { name } = (await center.scheduled('hello', hour - 75 * HOUR, failed)).metadata;
    const waiting = user.start(['retry', name, '--wait', '--propagate-exit-code']);
    await waiting.until(({ stdout }) => stdout.includes(' created'));
    const second = await runOf(nameIn(waiting.stdout));
    await center.progress(second, failed);
    t.match(await waiting.done, { code: 3, stderr: `run ${second.metadata.name}: Failed` });
    const following = user.start(['retry', second.metadata.name, '-f']);
    await following.until(({ stderr }) => stderr.includes(' created'));
    const third = await runOf(/run\.cloudtask\.dev\/(\S+) created/.exec(following.stderr)![1]!);
    await center.progress(third, { state: 'Running', startTime: now });
    await center.output(third, 'a line\n', { end: true });
    await center.progress(third, { state: 'Succeeded', startTime: now, endTime: now + 1 });
    t.match(await following.done, { code: 0, stdout: 'a line\n' });
    const both = await user.type(`retry ${name} ${second.metadata.name} --wait -o json`);
    t.equal(both.code, 1, 'the worst end is that of the command');
    t.match(JSON.parse(both.stdout).items, [{ status: { state: 'Failed' } }, { status: { state: 'Succeeded' } }]);
    t.match(await user.type(`retry ${name} --timeout 1s`), { code: 2, stderr: /--timeout goes with --wait or -f/ });
  });

  await t.test('retry of a revision that executes something else is refused, unless asked for', async (t) => {
    const run = await center.scheduled('hello', hour - 70 * HOUR, failed);
    await user.type('suspend hello');
    await user.type('resume hello');
    t.match(await user.type(`retry ${run.metadata.name}`), { code: 0 }, 'suspending changes nothing that is executed');
    const other = await center.scheduled('hello', hour - 69 * HOUR, failed);
    await user.type('apply -f -', { input: HELLO.replace('/bin/true', '/bin/false') });
    t.match(await user.type(`retry ${other.metadata.name}`), {
      code: 6,
      stderr: /it executed revision 3 of the task, whose revision 4 executes something else/,
    });
    t.match(await user.type(`retry ${other.metadata.name} --current-revision -o name`), { code: 0 });
  });

  await t.test('backfill: lists what it would do, runs each time point once, goes on after failures', async (t) => {
    const from = hour - 10 * HOUR;
    const line = `backfill hello --from ${iso(from)} --to ${iso(hour - 6 * HOUR)}`;
    t.match(await user.type(`${line} --dry-run`), { code: 1, stderr: /the trigger record of the task cannot be read/ });
    await consumedUpTo(center, hour - 7 * HOUR);
    await center.scheduled('hello', from, { ...failed, state: 'Succeeded' });
    await center.scheduled('hello', from + HOUR, { state: 'Missed' });
    const dry = await user.type(`${line} --dry-run`);
    t.equal(dry.code, 0);
    const actions = dry.stdout
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((row) => row.split(/ {3,}/).slice(3).join(' | '));
    t.same(actions, [
      'Succeeded | none: it has a run',
      'Missed | run',
      '<none> | run',
      '<none> | run',
      '<none> | none: it is to come by itself',
    ]);
    const session = user.start(`${line} --max-parallel 2`.split(' '));
    const nth = (count: number) => session.until(({ stdout }) => (stdout.match(/ created\n/g)?.length ?? 0) === count);
    const names = () => [...session.stdout.matchAll(/run\.cloudtask\.dev\/(\S+) created\n/g)].map((match) => match[1]!);
    await nth(2);
    const second = await runOf(names()[1]!);
    t.match(second.spec, { trigger: 'Backfill', scheduledTime: iso(from + 2 * HOUR) });
    await center.progress(second, failed);
    await nth(3);
    await center.progress(await runOf(names()[0]!), { ...failed, state: 'Succeeded', exitCode: 0 });
    await center.progress(await runOf(names()[2]!), { ...failed, state: 'Succeeded', exitCode: 0 });
    const { code, stderr } = await session.done;
    t.equal(code, 1);
    t.match(stderr, `# run ${second.metadata.name} ended: Failed (exit code 3)\n`);
    t.match(stderr, '# 1 of 3 runs did not succeed\n');
    t.same(await user.type(line), { code: 0, stdout: '', stderr: '# 5 of 5 time points need no run\n' }, 'none twice');
    t.match(await user.type('backfill hello --from then --to now'), {
      ...{ code: 2, stderr: /^error: --from "then" is not now, how long ago such as 6h, an RFC 3339 time, or/ },
    });
    const day = 'backfill hello --from 2020-01-02 --to 2020-01-02T01:00 --timezone Asia/Tokyo --dry-run';
    t.match(await user.type(day), { code: 0, stdout: /^TIME.*\n2020-01-01T15:00:00Z .*\n2020-01-01T16:00:00Z .*\n$/ });
    t.match(await user.type('backfill hello --from 1h --to 2h'), {
      code: 2,
      stderr: /--from "1h" is later than --to "2h"/,
    });
    t.match(await user.type('backfill hello --from 1s --to now --dry-run'), { code: 0 });
    const sharded = HELLO.replace('hello', 'sharded').replace('{sched', '{placement: {mode: Shards, shards: 2}, sched');
    await user.type('apply -f -', { input: sharded });
    t.match(await user.type('backfill sharded --from 1h --to now --dry-run'), {
      code: 2,
      stderr: 'error: --slot: the task has several slots: it has 0, 1; say which\n',
    });
  });
});
