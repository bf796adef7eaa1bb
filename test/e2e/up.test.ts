// The main job on the embedded default, as a user types it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type Event, type Namespace, type Run, repeatedKeys, type Task } from '../../manifests/index.js';
import { startUp, User } from '../support/ctask.js';
import { alive, descendants } from '../support/processes.js';

/** Before the next time point of the example. */
const ON_TIME_MS = 5_000;

t.test('apply, watch, follow, run, suspend, resume, delete', { timeout: 180_000 }, async (t) => {
  const user = new User();
  t.teardown(() => user.go());
  const up = await startUp(user);

  await t.test('a second apply changes nothing', async (t) => {
    t.equal(await user.ok(['apply', '-f', 'examples/hello']), 'task.cloudtask.dev/hello created\n');
    const first = await user.json<Task>(['get', 'task', 'hello']);
    t.equal(await user.ok(['apply', '-f', 'examples/hello']), 'task.cloudtask.dev/hello unchanged\n');
    const second = await user.json<Task>(['get', 'task', 'hello']);
    t.equal(second.metadata.generation, first.metadata.generation);
    t.equal(second.spec.concurrencyPolicy, 'Forbid', 'defaults are visible');
  });

  await t.test('it fires on time, once per time point', async (t) => {
    const watch = user.start(['get', 'runs', '-w']);
    await watch.until(({ stdout }) => (stdout.match(/Succeeded/g) ?? []).length >= 3, 'three runs succeed', 40_000);
    const ended = await watch.end('SIGINT');
    t.equal(ended.code, 130);
    t.notMatch(ended.stderr, /at .*\.js:/);
    const { items } = await user.json<{ items: Run[] }>(['get', 'runs']);
    const points = items.map((run) => run.spec.scheduledTime);
    t.equal(new Set(points).size, points.length);
    for (const run of items.filter((run) => run.status?.state === 'Succeeded')) {
      const late = Date.parse(run.status!.startTime!) - Date.parse(run.spec.scheduledTime!);
      // How late exactly is for the benches to say: here a busy machine must not fail.
      t.ok(late >= 0 && late < ON_TIME_MS, `late by ${late} ms`);
    }
  });

  await t.test('the log is followed and ends with the run', async (t) => {
    const { code, stdout, stderr } = await user.ctask(['logs', '-f', 'task/hello']);
    t.equal(code, 0, stderr);
    t.match(stdout, /^hello from hello, due at 20\d\d-/m);
  });

  await t.test('describe shows what one needs to know', async (t) => {
    const text = await user.ok(['describe', 'task', 'hello']);
    for (const part of ['Name:', 'hello', 'Schedules:', 'Next Runs:', 'Recent Runs:', 'Conditions:', 'Events:'])
      t.match(text, part);
  });

  await t.test('run -f shows the output and ends as the run does', async (t) => {
    const fine = await user.ctask(['run', 'hello', '-f']);
    t.equal(fine.code, 0, fine.stderr);
    t.match(fine.stdout, /hello from hello/);
    const failing = `apiVersion: cloudtask.dev/v1\nkind: Task\nmetadata: {name: failing}\nspec:\n  run: {command: ["/bin/sh", "-c", "echo out; echo err >&2; exit 3"]}\n`;
    await user.ok(['apply', '-f', '-'], { input: failing });
    const failed = await user.ctask(['run', 'failing', '-f']);
    t.equal(failed.code, 1, failed.stderr);
    t.match(failed.stdout, /out\n/);
    t.equal((await user.ctask(['run', 'failing', '-f', '--propagate-exit-code'])).code, 3);
  });

  await t.test('suspend and resume', async (t) => {
    t.match(await user.ok(['suspend', 'task/hello']), 'task.cloudtask.dev/hello suspended');
    t.match(await user.ok(['suspend', 'task/hello']), 'unchanged');
    await user.eventually<Task>(['get', 'task', 'hello'], (task) => task.status?.state === 'Suspended');
    const skipped = await user.eventually<{ items: Run[] }>(
      ['get', 'runs', '--field-selector', 'spec.task=hello'],
      ({ items }) => items.some((run) => run.status?.state === 'Skipped' && run.status.reason === 'Suspended'),
    );
    t.ok(skipped.items.length > 0);
    t.match(await user.ok(['resume', 'task/hello']), 'task.cloudtask.dev/hello resumed');
    await user.eventually<Task>(['get', 'task', 'hello'], (task) => task.status?.state !== 'Suspended');
  });

  await t.test('a namespace counts its tasks, and an agent that starts is not reported as gone', async (t) => {
    const { items: tasks } = await user.json<{ items: Task[] }>(['get', 'tasks']);
    await user.eventually<Namespace>(['get', 'namespace', 'default'], ({ status }) => status?.tasks === tasks.length);
    const { items: events } = await user.json<{ items: Event[] }>(['get', 'events', '-A']);
    const reasons = events.map(({ spec }) => spec.reason);
    t.ok(reasons.includes('AgentJoined'));
    t.notOk(reasons.includes('AgentOffline'));
  });

  await t.test('all errors of a file at once, exit 7, nothing applied', async (t) => {
    const file = join(user.home, 'two.yaml');
    const lines = [
      'apiVersion: cloudtask.dev/v1',
      'kind: Task',
      'metadata: {name: first}',
      'spec:',
      '  concurencyPolicy: Forbid',
      '  schedules:',
      '  - cron: "61 * * * *"',
      '  run: {command: [/bin/true]}',
      '---',
      'apiVersion: cloudtask.dev/v1',
      'kind: Task',
      'metadata: {name: second}',
      'spec: {run: {command: [/bin/true]}}',
      '',
    ];
    writeFileSync(file, lines.join('\n'));
    const { code, stdout, stderr } = await user.ctask(['apply', '-f', file]);
    t.equal(code, 7);
    t.equal(stdout, '');
    t.match(stderr, 'two.yaml:5:3: error: unknown field "spec.concurencyPolicy"; did you mean "concurrencyPolicy"?');
    t.match(
      stderr,
      /two\.yaml:7:11: error: spec\.schedules\[0\]\.cron: Invalid value: "61 \* \* \* \*": minute must be 0 to 59/,
    );
    t.match(stderr, 'nothing was applied');
    t.equal((await user.ctask(['get', 'task', 'second'])).code, 5);
  });

  await t.test('what is there is shown or deleted, what is not is named, exit 5', async (t) => {
    const some = await user.ctask(['get', 'task.cloudtask.dev/hello', 'task/nope']);
    t.equal(some.code, 5);
    t.match(some.stdout, /^hello /m);
    t.match(some.stderr, 'tasks.cloudtask.dev "nope" not found');
    const gone = await user.ctask(['delete', 'task', 'nope', 'failing', 'nil']);
    t.equal(gone.code, 5);
    t.equal(gone.stdout, 'task.cloudtask.dev "failing" deleted from default namespace\n');
    t.match(gone.stderr, /"nope" not found[\s\S]*"nil" not found/);
    t.equal((await user.ctask(['delete', 'tasks', '--all', '-n', ''])).code, 2, 'an empty namespace is a mistake');
  });

  await t.test('delete', async (t) => {
    t.equal(await user.ok(['delete', 'task', 'hello']), 'task.cloudtask.dev "hello" deleted from default namespace\n');
    const gone = await user.ctask(['get', 'task', 'hello']);
    t.equal(gone.code, 5);
    t.match(gone.stderr, 'Error from server (NotFound): tasks.cloudtask.dev "hello" not found');
  });

  await t.test('the line that it printed starts one more agent', async (t) => {
    const line = /One more agent on this machine:\n {2}ctask (.*)\n/.exec(up.stdout)?.[1] ?? '';
    const agent = user.start([...line.split(' '), '--data-dir', join(user.home, 'more')]);
    await agent.until(({ stderr }) => stderr.includes('agent is ready'), 'the agent is registered', 60_000);
    const { items } = await user.json<{ items: unknown[] }>(['get', 'agents']);
    t.equal(items.length, 2);
    t.equal((await agent.end('SIGTERM')).code, 0);
  });

  await t.test('a port that is taken is said in words, with what to do', async (t) => {
    const { port } = new URL(up.url);
    const second = await user.ctask(['up', '--data-dir', join(user.home, 'second'), '--port', port]);
    t.not(second.code, 0);
    t.match(second.stderr, `port ${port} of 127.0.0.1 is in use already\nhint: choose another one with --port`);
  });

  await t.test('SIGINT ends everything it started', async (t) => {
    const pids = descendants(up.child.pid!);
    t.ok(pids.length >= 3, `supervised processes: ${pids.length}`);
    const { code } = await up.end('SIGINT');
    t.equal(code, 0);
    t.same(pids.filter(alive), []);
  });

  await t.test('its backup is restored elsewhere, and the line that starts it there is said', async (t) => {
    const archive = join(user.home, 'up.tar');
    const place = join(user.home, "ann's");
    await user.ok(['backup', '--up', '--data-dir', join(user.home, 'up'), '-q', '-f', archive]);
    const restored = await user.ok(['restore', '--up', '--data-dir', place, '-q', '-f', archive]);
    t.match(restored, `Start it: ctask up --data-dir '${user.home}/ann'\\''s'\n`);
  });

  await t.test('started again, coordination is where further agents know it', async (t) => {
    const zookeeper = (text: string) => / --zookeeper (127\.0\.0\.1:\d+) /.exec(text)?.[1];
    const again = await startUp(user);
    t.ok(zookeeper(up.stdout));
    t.equal(zookeeper(again.stdout), zookeeper(up.stdout));
    t.equal((await again.end('SIGINT')).code, 0);
  });

  await t.test('what all of them have logged is lines of JSON, each field once', async (t) => {
    const logs = join(user.home, 'up', 'logs');
    const lines = readdirSync(logs).flatMap((name) => readFileSync(join(logs, name), 'utf8').split('\n'));
    const said = lines.filter((line) => line !== '');
    t.ok(said.length > 20, `${said.length} lines`);
    for (const line of said) {
      const { process, msg, time } = JSON.parse(line) as Record<string, string>;
      if (!/^(up|center|agent|coordination)$/.test(process ?? '') || !msg || !time) t.fail(line);
      if (repeatedKeys(line).length > 0) t.fail(`twice: ${line}`);
    }
  });
});
