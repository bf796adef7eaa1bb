// C-15, C-16, C-17: objects from flags; what a dry run prints is what a create stores.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Task } from '../../manifests/index.js';
import { startCliWorld } from '../support/cli-world.js';

t.test('create from flags', async (t) => {
  const { center, user } = await startCliWorld(t);
  const lines = [
    "create task tick --schedule '*/5 * * * *' --env A=b=c -- echo hi",
    "create task full --schedule '0 2 * * *' --every 90s --at 2099-12-24T18:00:00+01:00 --timezone Europe/Berlin --cluster eu --selector disk=ssd,zone=a --label team=fin --timeout 1h --retries 2 --suspend --description 'All flags' -- sh -c 'date; date'",
    'create task once -- echo hi',
    'create namespace billing',
    "create cluster eu --description 'Machines in Frankfurt' --rebalance Manual --lost-after 10m",
  ];

  await t.test('the manifest of a dry run, applied after the create, is unchanged', async (t) => {
    for (const line of lines) {
      const [, kind, name] = line.split(' ');
      const dry = await user.type(line.replace(`${name}`, `${name} --dry-run=client -o yaml`), {
        env: { CTASK_SERVER: 'http://127.0.0.1:1' },
      });
      t.match(dry, { code: 0, stderr: '' }, line);
      const object = `${kind}.cloudtask.dev/${name}`;
      t.same(await user.type(line), { code: 0, stdout: `${object} created\n`, stderr: '' });
      t.match(await user.type('apply -f -', { input: dry.stdout }), { code: 0, stdout: `${object} unchanged\n` });
      t.match(await user.type(line), { code: 6, stderr: /AlreadyExists/ });
    }
    t.match(await center.task('full'), {
      metadata: { labels: { team: 'fin' } },
      spec: {
        schedules: [
          { cron: '0 2 * * *', name: 'default' },
          { every: '90s', name: 'schedule-2' },
          { at: '2099-12-24T18:00:00+01:00', name: 'schedule-3' },
        ],
        placement: { selector: { matchLabels: { disk: 'ssd', zone: 'a' } } },
        run: { command: ['sh', '-c', 'date; date'] },
        retry: { limit: 2 },
        suspend: true,
      },
    });
  });

  await t.test('probes 1 and 2: pipe it into apply, twice', async (t) => {
    const { stdout } = await user.type("create task t --schedule '*/5 * * * *' --dry-run=client -o yaml -- echo hi");
    t.match(await user.type('apply -f -', { input: stdout }), { stdout: 'task.cloudtask.dev/t created\n' });
    const version = async () => ((await center.task('t')) as Task).metadata.resourceVersion;
    const before = await version();
    t.match(await user.type('apply -f -', { input: stdout }), { stdout: 'task.cloudtask.dev/t unchanged\n' });
    t.equal(await version(), before);
  });

  await t.test('C-17: generateName is for create', async (t) => {
    const input = `apiVersion: cloudtask.dev/v1
kind: Task
metadata:
  generateName: report-
spec: {run: {command: [date]}}
`;
    const GENERATED = 'task.cloudtask.dev/report-[b-z2-9]{5}';
    const created = await user.type('create -f -', { input });
    t.match(created, { code: 0, stderr: '', stdout: new RegExp(`^${GENERATED} created\n$`) });
    const name = await user.type('create -f - -o name', { input });
    t.match(name, { code: 0, stdout: new RegExp(`^${GENERATED}\n$`) });
    t.match(await user.type(`get ${name.stdout.trim()} -o yaml`), { code: 0, stdout: /generateName: report-\n/ });
    t.match(await user.type('create -f - -o yaml', { input }), { stdout: /name: report-[b-z2-9]{5}\n/ });

    const env = { CTASK_SERVER: 'http://127.0.0.1:1' };
    const dry = await user.type('create -f - --dry-run=client -o yaml', { input, env });
    t.match(dry, { code: 0, stdout: /metadata:\n(.*\n)? {2}generateName: report-\n/ });
    t.notMatch(dry.stdout, / name: report/);
    t.match(await user.type('create -f - --dry-run=client', { input, env }), {
      stdout: 'task.cloudtask.dev/report-<random> created (dry run)\n',
    });
    const place = /STDIN:4:3:.*cannot use generate name with apply.*use "ctask create -f"/;
    t.match(await user.type('apply -f -', { input, env }), { code: 7, stdout: '', stderr: place });
    t.match(await user.type('delete -f -', { input, env }), { code: 7, stderr: place });
    t.match(await user.type('validate -f -', { input, env }), {
      ...{ code: 0, stderr: place, stdout: 'task.cloudtask.dev/report-<random> valid\n' },
    });
    const twice = `${input}---\n${input}`;
    const both = await user.type('create -f -', { input: twice });
    t.match(both, { code: 0, stdout: new RegExp(`^${GENERATED} created\n${GENERATED} created\n$`) });
  });

  await t.test('A-29: schedules that are over are told with their places, once', async (t) => {
    const task = (name: string) =>
      `apiVersion: cloudtask.dev/v1\nkind: Task\nmetadata: {name: ${name}}\nspec:\n  schedules:\n  - at: 2020-01-01T00:00:00Z\n  run: {command: [date]}\n`;
    const { code, stderr } = await user.type('apply -f -', { input: `${task('over-1')}---\n${task('over-2')}` });
    t.equal(code, 0);
    const over = /STDIN:(\d+):.*spec.schedules: all time points lie in the past/g;
    t.same(
      [...stderr.matchAll(over)].map(([, line]) => line),
      ['6', '14'],
    );
    t.equal(stderr.match(/lie in the past/g)?.length, 2, 'what the center says too is not said again');
  });

  await t.test('C-07: a dry run here finds what is wrong, without a server', async (t) => {
    const env = { CTASK_SERVER: 'http://127.0.0.1:1' };
    t.same(await user.type("create task bad --schedule '61 * * * *' --dry-run=client -- x", { env }), {
      code: 7,
      stdout: '',
      stderr:
        'The Task "bad" is invalid: \n* spec.schedules[0].cron: Invalid value: "61 * * * *": minute must be 0 to 59\n',
    });
    t.match(await user.type('create task ok --dry-run=client -- x', { env }), {
      code: 0,
      stdout: 'task.cloudtask.dev/ok created (dry run)\n',
    });
    t.match(await user.type('create task ok --dry-run=server -- x'), {
      code: 0,
      stdout: 'task.cloudtask.dev/ok created (server dry run)\n',
    });
    t.match(await user.type('get task ok'), { code: 5 });
  });

  await t.test('C-16: a run from a task', async (t) => {
    t.match(await user.type('create run --from=task/once --env A=b -- more'), {
      code: 0,
      stdout: /^run\.cloudtask\.dev\/once-\w+ created\n$/,
    });
    t.match(JSON.parse((await user.type('get runs -o json')).stdout).items, [
      { spec: { task: 'once', trigger: 'Manual', args: ['more'], env: [{ name: 'A', value: 'b' }] } },
    ]);
    t.match(await user.type('create run'), { code: 2, stderr: /--from/ });
    t.match(await user.type('create run --from=task/nope'), { code: 5 });
    t.match(await user.type('create run --from=task/once --dry-run=client'), { code: 2 });
  });

  await t.test('a task from a task: its definition, with what the flags say in place of what it says', async (t) => {
    const input = `apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: origin, labels: {team: fin, tier: gold}, annotations: {note: ask ann}}
spec:
  schedules: [{cron: "0 2 * * *"}, {name: more, every: 1h}]
  suspend: true
  run: {script: "echo $A $B", env: [{name: A, value: "1"}, {name: B, value: "2"}], workingDir: /tmp}
  retry: {limit: 2, backoff: {initial: 3s}}
  placement: {agents: [one]}
`;
    t.match(await user.type('apply -f -', { input }), { code: 0 });
    t.match(await user.type('label task/origin cloudtask.dev/applyset=demo'), { code: 0 });

    t.same(await user.type('create task copy --from=task/origin'), {
      ...{ code: 0, stdout: 'task.cloudtask.dev/copy created\n', stderr: '' },
    });
    const [origin, copy] = [(await center.task('origin')) as Task, (await center.task('copy')) as Task];
    t.same(copy.spec, { ...origin.spec, suspend: false }, 'the state of being suspended is not copied');
    t.same(copy.metadata.labels, { team: 'fin', tier: 'gold' }, 'the set is left to whoever applies it');
    t.same(copy.metadata.annotations, { note: 'ask ann' });
    t.not(copy.metadata.uid, origin.metadata.uid);

    const other =
      "create task other --from origin --every 90s --env B=3 --retries 5 --selector disk=ssd --label team=ops --timezone Europe/Berlin --suspend --dry-run=client -o yaml -- sh -c 'echo $B'";
    const dry = await user.type(other);
    t.match(dry, { code: 0, stderr: '' });
    t.match(await user.type('get task other'), { code: 5 });
    t.match(await user.type('apply -f -', { input: dry.stdout }), { code: 0, stdout: /other created/ });
    t.match(await center.task('other'), {
      metadata: { labels: { team: 'ops', tier: 'gold' } },
      spec: {
        timeZone: 'Europe/Berlin',
        schedules: [{ every: '90s', name: 'default' }],
        suspend: true,
        run: {
          command: ['sh', '-c', 'echo $B'],
          env: [
            { name: 'A', value: '1' },
            { name: 'B', value: '3' },
          ],
          workingDir: '/tmp',
        },
        retry: { limit: 5, backoff: { initial: '3s' } },
        placement: { agents: ['one'], selector: { matchLabels: { disk: 'ssd' } } },
      },
    });
    const { run, schedules } = ((await center.task('other')) as Task).spec;
    t.notOk('script' in run, 'a command takes the place of the script');
    t.equal(schedules?.length, 1);

    const elsewhere = 'create task copy -n billing --from=task/origin';
    t.match(await user.type(elsewhere), { code: 5, stderr: /origin/ });
    t.match(await user.type(`${elsewhere} --from-namespace default`), { code: 0, stderr: '' });
    t.match(await user.type('get task copy -n billing -o name'), { code: 0, stdout: 'task.cloudtask.dev/copy\n' });
    t.match(await user.type('create task copy --from=task/origin'), { code: 6, stderr: /AlreadyExists/ });
    t.match(await user.type('create task x --from=run/origin'), { code: 2, stderr: /expected task\/NAME/ });
    t.match(await user.type('create task x --from-namespace default -- y'), { code: 2, stderr: /goes with --from/ });
  });

  await t.test('clone: a task like another one, with fields set otherwise', async (t) => {
    const line =
      'clone task/origin twin --set spec.timeout=5m --set \'spec.schedules[0].cron=0 3 * * *\' --set spec.run.env.B.value="2b" --set spec.run.env.C.value=new --set metadata.labels.tier=tin';
    t.same(await user.type(line), { code: 0, stdout: 'task.cloudtask.dev/twin created\n', stderr: '' });
    t.match(await center.task('twin'), {
      metadata: { labels: { team: 'fin', tier: 'tin' }, annotations: { note: 'ask ann' } },
      spec: {
        timeout: '5m',
        suspend: false,
        schedules: [{ cron: '0 3 * * *' }, { name: 'more', every: '1h' }],
        run: {
          env: [
            { name: 'A', value: '1' },
            { name: 'B', value: '2b' },
            { name: 'C', value: 'new' },
          ],
        },
        retry: { limit: 2 },
      },
    });
    t.match(await user.type('clone origin twin2 --from-namespace default -n billing --set spec.retry.limit=7'), {
      code: 0,
    });
    t.match(JSON.parse((await user.type('get task twin2 -n billing -o json')).stdout).spec.retry, { limit: 7 });
    t.match(await user.type('clone origin twin --dry-run=server'), { code: 6, stderr: /AlreadyExists/ });
    t.match(await user.type('clone nope twin3'), { code: 5 });
    const wrong: [string, RegExp][] = [
      ['--set spec.timeout', /is not PATH=VALUE/],
      ['--set metadata.name=x', /only spec, labels and annotations/],
      ['--set spec.schedules[7].cron=x', /the list has 2 items only/],
      ['--set spec.timeout.x=1', /"5m" has no "x"/],
      ['--set spec.timeout={', /--set "spec.timeout=\{"/],
    ];
    for (const [flags, stderr] of wrong) t.match((await user.type(`clone twin twin4 ${flags}`)).stderr, stderr, flags);
    t.match(await user.type('clone origin twin5 --set spec.timeout=soon --dry-run=client'), {
      code: 7,
      stderr: /spec\.timeout/,
    });
    t.match(await user.type('get task twin5'), { code: 5 });
  });

  await t.test('A-51, and what is wrong on the command line', async (t) => {
    const { stdout } = await user.type('create namespace x --dry-run=client -o yaml --modeline');
    t.match(stdout, /^# yaml-language-server: \$schema=https:\S+\napiVersion: cloudtask\.dev\/v1\nkind: Namespace\n/);
    const table: [string, RegExp][] = [
      ['create namespace x --modeline', /--modeline goes with -o yaml only/],
      ['create task x', /a command is needed after --/],
      ['create task x --label a -- y', /--label "a" is not KEY=VALUE/],
      ['create task x --retries many -- y', /--retries "many" is not a number/],
      ['create task x -o go-template={{.}} -- y', /go-template is not supported/],
      ['create', /must specify -f/],
    ];
    for (const [line, stderr] of table) t.match(await user.type(line), { code: 2, stdout: '', stderr }, line);
    const file = join(user.home, 'x.yaml');
    writeFileSync(file, stdout);
    t.ok(existsSync(file));
    t.match(await user.run(['create', '-f', file]), { code: 0, stdout: 'namespace.cloudtask.dev/x created\n' });
  });
});
