import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { AgentBench } from '../test/support/agent-bench.js';
import { startOnDemand, untilLogEnded } from '../test/support/agent-helpers.js';
import { tarGz } from '../test/support/archives.js';
import { digestOf } from '../test/support/package-server.js';

const SCRIPT = '#!/bin/sh\nprintf "%s|" "$0" "$1" "$(pwd)" "$CTASK_PACKAGE_DIR"\n';
const program = (version: string) =>
  tarGz([
    { name: 'bin/run', content: SCRIPT, mode: 0o755 },
    { name: 'version', content: version },
  ]);
const packagePath = (bench: AgentBench, digest: string, ...steps: string[]) =>
  join(bench.dataDir('a1'), 'packages', digest.slice('sha256:'.length), 'files', ...steps);

t.test('a package is fetched when the agent gets the task; its program runs from there', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const digest = bench.center.packages.add(program('1'));
  const reference = { name: 'tools', digest };
  const asked = bench.center.packages.events.next('request');
  const plain = bench.task({ run: { command: ['./bin/run', 'x'], package: reference } });
  const inside = bench.task({ run: { command: ['bin/run', 'y'], package: reference, workingDir: 'bin' } });
  const scripted = bench.task({
    run: { script: 'echo "$(cat version) $(basename "$CTASK_PACKAGE_DIR")"', package: reference, workingDir: '.' },
  });
  const fromPath = bench.task({ run: { command: ['cat', 'version'], package: reference, workingDir: '.' } });
  await bench.allocate('a1', [plain, inside, scripted, fromPath]);
  await asked;
  const text = async (task: typeof plain) => {
    const run = startOnDemand(bench, task);
    const end = await agent.events.next('ended', ({ uid }) => uid === run.uid);
    t.match(end, { state: 'Succeeded' });
    await untilLogEnded(bench, run.uid);
    return bench.center.text(run.uid, 1, 'stdout');
  };
  const place = packagePath(bench, digest);
  const [program0, argument, directory, said] = (await text(plain)).split('|');
  t.equal(program0, join(place, 'bin/run'));
  t.equal(argument, 'x');
  t.match(directory, /\/attempts\/.*\/work$/, "the attempt's own directory");
  t.equal(said, place);
  t.equal(await text(inside), `${join(place, 'bin/run')}|y|${join(place, 'bin')}|${place}|`);
  t.equal(await text(scripted), '1 files\n');
  t.equal(await text(fromPath), '1');
  t.equal(bench.center.packages.requests.length, 1);
});

t.test('a new version runs from the next run on', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const [first, second] = ['1', '2'].map((version) => bench.center.packages.add(program(version))) as [string, string];
  const run = { command: ['cat', 'version'], workingDir: '.' };
  const task = bench.task({ run: { ...run, package: { name: 'tools', digest: first } } });
  await bench.allocate('a1', [task]);
  const text = async () => {
    const { uid } = startOnDemand(bench, task);
    await agent.events.next('ended', (report) => report.uid === uid);
    await untilLogEnded(bench, uid);
    return bench.center.text(uid, 1, 'stdout');
  };
  t.equal(await text(), '1');
  const changed = { ...task, metadata: { ...task.metadata, generation: 2 }, spec: { ...task.spec } };
  changed.spec.run = { ...run, package: { name: 'tools', digest: second } };
  bench.center.tasks.set(bench.uid(task), changed);
  const fetched = bench.center.packages.events.next('request');
  const applied = agent.events.next('allocationApplied');
  await bench.change(task, { revision: 2 });
  await Promise.all([fetched, applied]);
  t.equal(await text(), '2');
});

t.test(
  'an attempt whose package does not come in time fails to start, and says why; the next one finds it',
  async (t) => {
    const bench = await AgentBench.open(t);
    const agent = await bench.agent();
    const bytes = program('1');
    const task = bench.task({
      schedules: [{ at: new Date(Date.now() + 1000).toISOString() }],
      startingDeadline: '2s',
      retry: { limit: 1, backoff: { initial: '1s' } },
      run: { command: ['./bin/run'], package: { name: 'tools', digest: digestOf(bytes) } },
    });
    await bench.allocate('a1', [task]);
    const failed = await bench.center.events.next(
      'report',
      ({ state, attempts }) => state === 'Pending' && attempts.length > 0,
    );
    t.match(failed.attempts[0], {
      ...{ state: 'Failed', reason: 'StartFailed' },
      message: /^Package: tools \(sha256:[0-9a-f]{12}…\) did not come in time: .*center answered 404/,
    });
    bench.center.packages.add(bytes);
    t.match(await agent.events.next('ended'), { state: 'Succeeded', attempts: [{}, { state: 'Succeeded' }] });
  },
);

t.test('a package that may not be unpacked is told as it is', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const digest = bench.center.packages.add(tarGz([{ name: '../../etc/passwd', content: 'x' }]));
  const task = bench.task({ run: { command: ['./x'], package: { name: 'tools', digest } } });
  await bench.allocate('a1', [task]);
  startOnDemand(bench, task);
  t.match(await agent.events.next('ended'), {
    ...{ state: 'Failed', reason: 'StartFailed' },
    message: /^Package: tools \(.*\) is refused: entry "\.\.\/\.\.\/etc\/passwd": a path may not contain "\.\."/,
  });
});

t.test('a run that waits for its package can be cancelled', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const digest = digestOf(program('1'));
  const task = bench.task({ run: { command: ['./bin/run'], package: { name: 'tools', digest } } });
  await bench.allocate('a1', [task]);
  const claimed = agent.events.next('claimed');
  const run = startOnDemand(bench, task);
  await claimed;
  bench.center.request({ type: 'Cancel', runUid: run.uid });
  t.match(await agent.events.next('ended'), { state: 'Cancelled', attempts: [] });
});

t.test('a run that waits for its package outlives a restart of the agent', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const bytes = program('1');
  const task = bench.task({ run: { command: ['./bin/run'], package: { name: 'tools', digest: digestOf(bytes) } } });
  await bench.allocate('a1', [task]);
  const claimed = agent.events.next('claimed');
  startOnDemand(bench, task);
  await claimed;
  await agent.detach();
  t.notOk(existsSync(packagePath(bench, digestOf(bytes))));
  bench.center.packages.add(bytes);
  const next = await bench.agent('a1', false);
  const ended = next.events.next('ended');
  await next.start(new AbortController().signal);
  t.match(await ended, { state: 'Succeeded', attempts: [{ state: 'Succeeded' }] });
});
