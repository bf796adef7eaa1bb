// C-15, C-16: objects from flags; what a dry run prints is what a create stores.
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
