// Every folder of examples/ is applied for real and does what its first line asks.
import { readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Notifier, Run, Task } from '../../manifests/index.js';
import { repository, startUp, User } from '../support/ctask.js';

/** What shows that an example answers its question. */
const proofs: Record<string, (t: Test, user: User) => Promise<void>> = {
  async hello(t, user) {
    const { items } = await user.eventually<{ items: Run[] }>(
      ['get', 'runs', '--field-selector', 'spec.task=hello'],
      ({ items }) => items.some((run) => run.status?.state === 'Succeeded'),
    );
    const done = items.find((run) => run.status?.state === 'Succeeded')!;
    t.match(
      await user.ok(['logs', done.metadata.name]),
      `hello from hello, due at ${done.spec.scheduledTime!.slice(0, 19)}`,
    );
  },
  async 'nightly-report'(t, user) {
    const { times, timeZone } = await user.json<{ times: string[]; timeZone: string }>([
      'next',
      'nightly-report',
      '--from',
      '2026-03-28T12:00:00Z',
    ]);
    t.equal(timeZone, 'Europe/Berlin');
    t.equal(times[0], '2026-03-29T01:00:00Z', '02:00 does not exist that night: the first instant after the gap');
    const run = await user.ctask(['run', 'nightly-report', '-f']);
    t.match(run, { code: 0, stdout: 'report for daily\ndone\n' });
  },
  async calendar(t, user) {
    const from = ['--from', '2026-12-24T12:00:00Z'];
    const { times } = await user.json<{ times: string[] }>(['next', 'workday-report', '-c', '2', ...from]);
    t.same(times, ['2027-01-04T08:00:00Z', '2027-01-05T08:00:00Z'], 'after Christmas, a closed week and a weekend');
    const shown = await user.ok(['next', 'workday-report', '-c', '1', '--show-excluded', ...from]);
    t.match(shown, /2026-12-25T08:00:00Z .*<excluded> +on a day of calendar holidays\n/);
    const made = await user.ok(['import', 'ical', '--name', 'holidays', 'examples/calendar/holidays.ics']);
    t.match(made, /# 12-25\/12-26 Christmas\n/);
  },
  async dependencies(t, user) {
    t.match(await user.ctask(['run', 'extract', '-f']), { code: 0, stdout: 'rows for now\n' });
    const runs = (task: string) =>
      user.eventually<{ items: Run[] }>(['get', 'runs', '--field-selector', `spec.task=${task}`], ({ items }) =>
        items.some(({ status }) => status?.endTime !== undefined),
      );
    const [load] = (await runs('load')).items;
    t.match(load, { spec: { trigger: 'Dependency' }, status: { state: 'Failed', exitCode: 4 } });
    const [alarm] = (await runs('alarm')).items;
    t.same(alarm!.spec.causedBy, [load!.metadata.name]);
    t.match(await user.ok(['logs', alarm!.metadata.name]), `somebody should look at ${load!.metadata.name}`);
  },
  async retries(t, user) {
    const run = await user.ctask(['run', 'retries', '-f']);
    t.equal(run.code, 0, run.stderr);
    t.match(run.stdout, 'attempt 3 succeeds');
    const { items } = await user.json<{ items: Run[] }>([
      'get',
      'runs',
      '--field-selector',
      'spec.task=retries,spec.trigger=Manual',
    ]);
    t.match(
      items[0]!.status!.attempts!.map(({ number, state, exitCode }) => ({ number, state, exitCode })),
      [
        { number: 1, state: 'Failed', exitCode: 17 },
        { number: 2, state: 'Failed', exitCode: 17 },
        { number: 3, state: 'Succeeded', exitCode: 0 },
      ],
    );
    const log = await user.ok(['logs', items[0]!.metadata.name]);
    t.match(log, 'step 2');
    t.match(log, 'a note about step 2');
  },
  async alerts(t, user) {
    t.match(await user.ctask(['run', 'alerts', '-f']), { code: 1, stdout: 'the queue is full\n' });
    const waiting = await user.eventually<Notifier>(['get', 'notifier', 'chat'], ({ status }) => !!status?.lastError);
    t.match(waiting.status, { pending: 1, lastError: 'there is no secret "hooks"' });
    const said: string[] = [];
    const slack = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += String(chunk)));
      request.on('end', () => {
        said.push(body);
        response.end('ok');
      });
    });
    await new Promise<void>((resolve) => slack.listen(0, '127.0.0.1', resolve));
    t.teardown(() => slack.close());
    const file = join(user.home, 'slack-url');
    writeFileSync(file, `http://127.0.0.1:${(slack.address() as AddressInfo).port}/services/T0/B0/x\n`);
    await user.ok(['create', 'secret', 'hooks', '--from-file', `slack=${file}`]);
    t.match(await user.ctask(['notifier', 'test', 'chat']), { code: 0 });
    t.match(JSON.parse(said[0]!), { text: 'Test: notifications of this notifier arrive' });
    await user.eventually<Notifier>(['get', 'notifier', 'chat'], ({ status }) => status?.pending === 0);
    t.match(JSON.parse(said[1]!), { text: 'Failed default/alerts: exit code 3' });
    t.match(said[1], 'Look at the queue first, then call Ann.');
  },
  async parameters(t, user) {
    t.match(await user.ctask(['run', 'parameters', '-f']), {
      code: 0,
      stdout: 'called with --region=eu\nwould deploy 3 at a time\n',
    });
    const value = ['--param', 'region=us', '--param', 'count=7'];
    t.match(await user.ctask(['run', 'parameters', '-f', ...value]), {
      code: 0,
      stdout: 'called with --region=us\nwould deploy 7 at a time\n',
    });
    t.match(await user.ctask(['run', 'parameters', '-f', ...value, '--param', 'dry-run=false']), {
      code: 0,
      stdout: 'called with --region=us\n',
    });
    t.match(await user.ctask(['run', 'parameters', '--param', 'count=21']), {
      code: 7,
      stderr: 'parameters.count: Invalid value: "21": must be at most 20',
    });
    const { items } = await user.json<{ items: Run[] }>(['get', 'runs', '--field-selector', 'spec.task=parameters']);
    t.equal(items.length, 3, 'what is refused makes no run');
    const used = items.find(({ spec }) => spec.parameters?.some(({ value: text }) => text === 'false'))!;
    const again = await user.ok(['retry', used.metadata.name, '-o', 'name']);
    const repeated = await user.eventually<Run>(['get', again.trim()], (run) => run.status?.state === 'Succeeded');
    t.strictSame(repeated.spec.parameters, used.spec.parameters);
    t.equal(await user.ok(['logs', repeated.metadata.name]), 'called with --region=us\n');
  },
  async access(t, user) {
    const can = async (act: string, who: string) =>
      (await user.ctask(['auth', 'can-i', ...act.split(' '), '--as', who])).code;
    t.same([await can('run tasks', 'ann'), await can('cancel runs', 'ann')], [0, 0]);
    t.same(
      [await can('suspend tasks', 'ann'), await can('get secrets', 'ann'), await can('run tasks -A', 'ann')],
      [1, 1, 1],
    );
    const ci = 'serviceaccount:ci';
    t.same(
      [await can('apply tasks', ci), await can('create users', ci), await can('apply tasks -n other', ci)],
      [0, 1, 1],
    );
    const token = (await user.ok(['create', 'token', '--serviceaccount', 'ci', '--expires', '30d'])).trim();
    const manifest = JSON.stringify({
      ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Task', metadata: { name: 'merged' } },
      spec: { run: { command: ['true'] } },
    });
    t.match(
      await user.ok(['apply', '-f', '-', '--token', token], { input: manifest }),
      'task.cloudtask.dev/merged created',
    );
    await user.ok(['delete', 'task', 'merged', '-y', '--token', token]);
    t.match(await user.ctask(['get', 'users', '--token', token]), {
      code: 4,
      stderr: /"serviceaccount:ci" may not list users/,
    });
    t.match(await user.ok(['get', 'tokens', '-o', 'wide']), /LAST-USED.*\nci-\w+ .* \d+s /s);
  },
  async 'one-shot'(t, user) {
    const { times } = await user.json<{ times: string[] }>([
      'next',
      'one-shot',
      '--from',
      '2026-01-01T00:00:00Z',
      '-c',
      '5',
    ]);
    t.same(times, ['2026-12-31T23:00:00Z']);
  },
};

t.test('examples', { timeout: 180_000 }, async (t) => {
  const user = new User();
  t.teardown(() => user.go());
  user.env.CTASK_NOTIFY_ALLOW = '127.0.0.1';
  const up = await startUp(user);
  const folders = readdirSync(join(repository, 'examples'), { withFileTypes: true })
    // pipelines: gitops.test.ts; metrics: monitoring.test.ts; what is no manifest yet: cli/commands/import/import.test.ts; none at
    // all: deploy.test.ts
    .filter((entry) => entry.isDirectory() && !['gitops', 'import', 'monitoring', 'deploy'].includes(entry.name))
    .map((entry) => entry.name);
  t.same(folders.sort(), Object.keys(proofs).sort(), 'each example has a proof');
  for (const folder of folders) {
    await t.test(folder, async (t) => {
      t.match(await user.ok(['apply', '-f', `examples/${folder}`]), /^([a-z]+\.cloudtask\.dev\/\S+ created\n)+$/);
      await user.eventually<{ items: Task[] }>(['get', 'tasks'], ({ items }) =>
        items.every(({ status }) => (status?.allocations?.length ?? 0) === 1),
      );
      await proofs[folder]!(t, user);
      t.match(await user.ok(['delete', '-f', `examples/${folder}`]), 'deleted from default namespace');
    });
  }
  t.equal((await up.end('SIGINT')).code, 0);
});
