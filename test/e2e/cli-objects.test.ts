// Commands about objects against the real API: what they print, and what they end with.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { startCliWorld } from '../support/cli-world.js';

const HELLO = `apiVersion: cloudtask.dev/v1
kind: Task
metadata:
  name: hello
  labels: {team: fin}
spec:
  schedules:
  - cron: "0 2 * * *"
  timeZone: Europe/Berlin
  run:
    command: ["/bin/echo", "hi"]
`;
const BILLING = 'apiVersion: cloudtask.dev/v1\nkind: Namespace\nmetadata: {name: billing}\nspec: {}\n';
const OTHER = HELLO.replace('name: hello', 'name: other\n  namespace: billing');

const REFUSED = 'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?\n';

t.test('apply', async (t) => {
  const { center, user } = await startCliWorld(t);
  const dir = join(user.home, 'deploy');
  mkdirSync(join(dir, 'inner'), { recursive: true });
  writeFileSync(join(dir, 'b.yml'), HELLO);
  writeFileSync(join(dir, 'a.yaml'), `---\n${BILLING}---\n`);
  writeFileSync(join(dir, 'notes.txt'), 'not a manifest');
  writeFileSync(join(dir, 'inner', 'c.yaml'), OTHER);

  await t.test('dry runs store nothing, and say so (C-02, C-07)', async (t) => {
    const client = 'task.cloudtask.dev/hello configured (dry run)\n';
    t.match(await user.type('apply --dry-run=client -f -', { input: HELLO }), { code: 0, stdout: client });
    const server = 'task.cloudtask.dev/hello created (server dry run)\n';
    t.match(await user.type('apply --dry-run=server -f -', { input: HELLO }), { code: 0, stdout: server });
    t.match(await user.type('get tasks'), {
      code: 0,
      stdout: '',
      stderr: 'No resources found in default namespace.\n',
    });
    t.match(await user.type('apply --dry-run=maybe -f -'), { code: 2 });
  });

  await t.test('files in the order of their names, directories only when asked for (C-01)', async (t) => {
    t.same(await user.run(['apply', '-f', dir]), {
      ...{ code: 0, stdout: 'namespace.cloudtask.dev/billing created\ntask.cloudtask.dev/hello created\n', stderr: '' },
    });
    t.same(await user.run(['apply', '-R', '-f', dir]), {
      code: 0,
      stdout:
        'namespace.cloudtask.dev/billing unchanged\ntask.cloudtask.dev/hello unchanged\ntask.cloudtask.dev/other created\n',
      stderr: '',
    });
  });

  await t.test('unchanged bumps nothing; changed is configured (C-05)', async (t) => {
    const before = await center.task('hello');
    t.match(await user.type('apply -f -', { input: HELLO }), { stdout: 'task.cloudtask.dev/hello unchanged\n' });
    t.equal((await center.task('hello')).metadata.resourceVersion, before.metadata.resourceVersion);
    const changed = HELLO.replace('hi', 'ho');
    t.match(await user.type('apply -f - -o name', { input: changed }), { stdout: 'task.cloudtask.dev/hello\n' });
    t.equal((await center.task('hello')).metadata.generation, 2);
    t.match(JSON.parse((await user.type('apply -f - -o json', { input: changed })).stdout), {
      ...{ kind: 'List', items: [{ kind: 'Task', metadata: { generation: 2 } }] },
      results: [{ operation: 'unchanged', kind: 'Task', name: 'hello', namespace: 'default' }],
      summary: { created: 0, configured: 0, unchanged: 1, pruned: 0, failed: 0 },
    });
  });

  await t.test('all that is wrong at once, nothing applied (A-20, A-32, C-06, C-13)', async (t) => {
    const file = join(user.home, 't.yaml');
    const wrong = HELLO.replace('hello', 'bad').replace('timeZone', 'timeZoen').replace('0 2', '61 2');
    writeFileSync(file, `${wrong}---\n${HELLO.replace('name: hello', 'name: fine')}`);
    const { code, stdout, stderr } = await user.run(['apply', '-f', file]);
    t.match({ code, stdout }, { code: 7, stdout: '' });
    t.equal(
      stderr.replaceAll(`${user.home}/`, ''),
      [
        't.yaml:8:11: error: spec.schedules[0].cron: Invalid value: "61 2 * * *": minute must be 0 to 59',
        '  7 |   schedules:',
        '  8 |   - cron: "61 2 * * *"',
        '    |           ^^^^^^^^^^^^',
        't.yaml:9:3: error: unknown field "spec.timeZoen"; did you mean "timeZone"?',
        '  8 |   - cron: "61 2 * * *"',
        '  9 |   timeZoen: Europe/Berlin',
        '    |   ^^^^^^^^',
        't.yaml#2 (Task default/fine) ok',
        'error: 2 problems in 1 of 2 documents; nothing was applied',
        '',
      ].join('\n'),
    );
    t.match(await user.type('get task fine'), { code: 5 });
  });

  await t.test('what cannot be read or does not belong', async (t) => {
    t.match(await user.type('apply -f /nope.yaml'), {
      code: 2,
      stderr: 'error: the path "/nope.yaml" does not exist\n',
    });
    t.match(await user.type('apply -f -', { input: '# nothing\n' }), {
      code: 1,
      stderr: 'error: no objects passed to apply\n',
    });
    t.match(await user.type('apply -f -', { input: HELLO, env: { CTASK_NAMESPACE: 'nope' } }), {
      ...{ code: 5, stderr: /^Error from server \(NotFound\): namespaces\.cloudtask\.dev "nope" not found/ },
    });
    t.match(
      await user.type('apply -n billing -f -', { input: HELLO.replace('hello', 'hello\n  namespace: default') }),
      {
        ...{ code: 2, stderr: 'the namespace of the object, "default", is not the one asked for, "billing"' },
      },
    );
  });

  await t.test('create refuses what exists (C-14)', async (t) => {
    t.match(await user.type('create -f -', { input: HELLO }), {
      ...{ code: 6, stderr: 'Error from server (AlreadyExists): tasks.cloudtask.dev "hello" already exists' },
    });
    const create = "create task tick --schedule '*/5 * * * *' --env A=b=c";
    const { stdout: manifest } = await user.type(`${create} --dry-run=client -o yaml -- echo hi`);
    t.match(await user.type('apply -f -', { input: manifest }), { stdout: 'task.cloudtask.dev/tick created\n' });
    t.match(await user.type('apply -f -', { input: manifest }), { stdout: 'task.cloudtask.dev/tick unchanged\n' });
    t.match(await center.task('tick'), {
      spec: { run: { command: ['echo', 'hi'], env: [{ name: 'A', value: 'b=c' }] } },
    });
    t.match(await user.type("create task bad --schedule '61 * * * *' -- x"), {
      code: 7,
      stderr: /minute must be 0 to 59/,
    });
  });
});

t.test('get', async (t) => {
  const { center, user } = await startCliWorld(t);
  await user.type('apply -f -', { input: `${BILLING}---\n${HELLO}---\n${OTHER}` });
  const now = Date.now();
  const run = await center.scheduled('hello', now - 60_000, {
    state: 'Failed',
    exitCode: 3,
    startTime: now - 60_000,
    endTime: now - 20_000,
  });
  const ages = (text: string) => text.replace(/ \d+s$/gm, ' 0s');

  await t.test('tables (C-34, C-35)', async (t) => {
    t.same(
      { ...(await user.type('get tk')), stdout: ages((await user.type('get tk')).stdout) },
      {
        code: 0,
        stdout:
          'NAME    SCHEDULE    STATUS      LAST-RUN   NEXT-RUN   AGE\n' +
          'hello   0 2 * * *   <unknown>   <none>     <none>     0s\n',
        stderr: '',
      },
    );
    t.equal(
      ages((await user.type('get tasks -A --show-labels')).stdout).replace(/ \d+s /g, ' 0s '),
      'NAMESPACE   NAME    SCHEDULE    STATUS      LAST-RUN   NEXT-RUN   AGE   LABELS\n' +
        'billing     other   0 2 * * *   <unknown>   <none>     <none>     0s    team=fin\n' +
        'default     hello   0 2 * * *   <unknown>   <none>     <none>     0s    team=fin\n',
    );
    t.equal(
      ages((await user.type('get ru')).stdout),
      `NAME               STATUS   EXIT   TRIGGER    AGENT   DURATION   AGE\n${run.metadata.name}   Failed   3      Schedule   a1      40s        0s\n`,
    );
    t.match(
      (await user.type('get runs -o wide')).stdout,
      /TASK +ATTEMPT +SCHEDULED +LATENCY +REASON +REVISION\n.* hello +1 +20\S+ +0ms /,
    );
    t.match(await user.type('get all'), {
      stdout: /^NAME.*\ntask\.cloudtask\.dev\/hello .*\n\nNAME.*\nrun\.cloudtask\.dev\/hello-/,
    });
    t.match(await user.type('get task,ns default hello --ignore-not-found'), {
      code: 0,
      stdout: /hello.*\n\nNAME.*\n.*default/s,
    });
    t.equal((await user.type('get tk --no-headers')).stdout.split('\n').length, 2);
  });

  await t.test('names and selectors (C-34, C-39, C-46, C-47)', async (t) => {
    t.equal(
      (await user.type('get task/hello run/hello-x -o name --ignore-not-found')).stdout,
      'task.cloudtask.dev/hello\n',
    );
    t.equal((await user.type("get tasks -A -o name -l 'team in (fin,ops),!legacy'")).stdout.split('\n').length, 3);
    t.equal((await user.type('get tasks -A -o name -l team=ops')).stdout, '');
    t.match((await user.type('get runs --field-selector status.state=Failed -o name')).stdout, run.metadata.name);
    t.match(await user.type('get runs --field-selector spec.nonsense=1'), { code: 2, stderr: /cannot be selected by/ });
    t.match(await user.type('get task hello -l a=b'), {
      code: 2,
      stderr: /a name cannot be given together with a selector/,
    });
    t.match(await user.type('get task hello -A'), { code: 2 });
    t.match(await user.type('get task/hello hello'), { code: 2 });
  });

  await t.test('whole objects (C-36, C-38)', async (t) => {
    t.match(
      (await user.type('get task hello -o yaml')).stdout,
      /^apiVersion: cloudtask.dev\/v1\nkind: Task\nmetadata:\n {2}name: hello\n/,
    );
    t.match(JSON.parse((await user.type('get tasks -A -o json')).stdout), {
      kind: 'List',
      items: [{ kind: 'Task' }, { kind: 'Task' }],
    });
    t.same(JSON.parse((await user.type('get agents -o json')).stdout), { apiVersion: 'v1', kind: 'List', items: [] });
    const path = 'jsonpath={range .items[*]}{.metadata.name}{"\\t"}{.spec.schedules[0].cron}{"\\n"}{end}';
    t.equal((await user.run(['get', 'tk', '-o', path])).stdout, 'hello\t0 2 * * *\n');
    t.equal(
      (await user.type('get tasks -A --sort-by=.metadata.name -o name')).stdout,
      'task.cloudtask.dev/hello\ntask.cloudtask.dev/other\n',
    );
    const { stdout } = await user.type('get task hello -o yaml');
    t.match(await user.type('apply -f -', { input: stdout }), {
      code: 0,
      stdout: 'task.cloudtask.dev/hello unchanged\n',
    });
  });

  await t.test('what is not there (C-34, C-37, C-91)', async (t) => {
    t.same(await user.type('get task nope'), {
      code: 5,
      stdout: '',
      stderr: 'Error from server (NotFound): tasks.cloudtask.dev "nope" not found\n',
    });
    t.same(await user.type('get tsk'), {
      ...{
        code: 2,
        stdout: '',
        stderr: 'error: the server doesn\'t have a resource type "tsk"\nDid you mean this?\n\ttasks (tk)\n',
      },
    });
    const { code, stdout, stderr } = await user.type('get task nope -o json');
    t.match(
      { code, stdout, status: JSON.parse(stderr) },
      { code: 5, stdout: '', status: { kind: 'Status', code: 404 } },
    );
    t.match(await user.type('get tk', { env: { CTASK_TOKEN: 'ct_wrong' } }), {
      code: 4,
      stdout: '',
      stderr: 'error: You must be logged in to the server (Unauthorized)',
    });
    t.same(await user.type('get tk', { env: { CTASK_SERVER: 'http://127.0.0.1:1' } }), {
      code: 9,
      stdout: '',
      stderr: REFUSED,
    });
    const away = join(user.home, 'away.yaml');
    const config = readFileSync(join(user.home, 'config.yaml'), 'utf8').replace(/http:\/\/\S+/, 'http://127.0.0.1:1');
    writeFileSync(away, config, { mode: 0o600 });
    t.same(await user.type('get tk', { env: { CTASK_CONFIG: away } }), {
      code: 9,
      stdout: '',
      stderr: `${REFUSED}context: local (from ~/away.yaml)\n`,
    });
  });

  await t.test('watch: what is there, then a row per change, through a restart of the center (C-44)', async (t) => {
    const watch = user.start(['get', 'tasks', '-w', '--output-watch-events']);
    await watch.until(({ stdout }) => stdout.includes('hello'));
    await user.type('suspend hello');
    await watch.until(({ stdout }) => /MODIFIED +hello .*<suspended>/.test(stdout));
    await center.hangUp();
    await watch.until(({ stderr }) => stderr.includes('connection lost'));
    await center.listen();
    await user.type('delete task hello');
    await watch.until(({ stdout }) => /DELETED +hello /.test(stdout));
    watch.signal('SIGINT');
    const { code, stderr } = await watch.done;
    t.match({ code, stderr }, { code: 130, stderr: 'connection lost; trying again\n' });
    t.match(await user.type('get task nope -w'), { code: 5 });
    t.match(await user.type('get tk,ru -w'), { code: 2 });
  });
});

t.test('describe, delete, suspend, next, cancel', async (t) => {
  const { center, user } = await startCliWorld(t);
  await user.type('apply -f -', { input: `${BILLING}---\n${HELLO}---\n${OTHER}` });
  const now = Date.now();
  const run = await center.scheduled('hello', now - 60_000, {
    state: 'Failed',
    exitCode: 3,
    startTime: now - 60_000,
    endTime: now - 20_000,
  });

  await t.test('describe (C-52)', async (t) => {
    const { code, stdout } = await user.type('describe task hello');
    t.equal(code, 0);
    const stable = stdout
      .replace(/\w{3}, \d\d \w{3} \d{4} [\d:]{8} ([+-]\d{4}) \(.*?\)/g, 'DATE $1')
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
      .replace(/ \d+s( |$)/gm, ' 0s$1')
      .replaceAll(run.metadata.name, 'RUN');
    t.equal(
      stable,
      [
        'Name:           hello',
        'Namespace:      default',
        'Labels:         team=fin',
        'Annotations:    <none>',
        'API Version:    cloudtask.dev/v1',
        'Kind:           Task',
        'Created:        DATE +0000',
        'Generation:     1',
        'Status:         <unknown>',
        'Health:         <unknown>',
        'Schedules:',
        '  Name     Schedule   Time Zone      Next',
        '  default  0 2 * * *  Europe/Berlin  DATE +0100',
        'Suspend:             false',
        'Concurrency Policy:  Forbid',
        'Missed Run Policy:   RunOnce',
        'Starting Deadline:   0s',
        'Timeout:             <none>',
        'Retry:               <none>',
        'Placement:',
        '  Cluster:       default',
        '  Selector:      <none>',
        '  Agents:        <any>',
        '  Eligible:      0 of 0 agents',
        '  Allocated to:  <none>',
        'Command:        ["/bin/echo","hi"]',
        'Next Runs:      TIME, TIME, TIME, TIME, TIME',
        'Recent Runs:',
        '  Name              Status  Exit  Trigger   Duration  Age',
        '  RUN  Failed  3     Schedule  0s       0s',
        'Conditions:     <none>',
        'Events:',
        '  Type     Reason  Age  From      Message',
        '  ----     ------  ---  ----      -------',
        '  Warning  Failed  0s   agent/a1  run RUN failed: exit code 3',
        '',
      ].join('\n'),
    );
    t.match(await user.type('describe task hel'), { code: 0, stdout: /^Name: +hello$/m }, 'a prefix will do');
    t.match(await user.type('describe task nope'), { code: 5 });
    t.match(
      (await user.type(`describe run/${run.metadata.name}`)).stdout,
      /Attempts:\n {2}Number .*\n {2}1 +Failed +a1 +3 /,
    );
    t.equal((await user.type('describe tasks -A')).stdout.split('\n\n\nName:').length, 2);
    await center.agent('a1');
    t.match((await user.type('describe agent a1')).stdout, /Status: +Ready/);
    t.match((await user.type('describe cluster default')).stdout, /Agents:\n {2}Name .*\n {2}a1 +Ready/);
    t.match((await user.type('describe ns billing')).stdout, /Kind: +Namespace/);
  });

  await t.test('suspend and resume are idempotent (C-26)', async (t) => {
    const line = (operation: string) => ({ code: 0, stdout: `task.cloudtask.dev/hello ${operation}\n`, stderr: '' });
    t.same(await user.type('suspend task/hello'), line('suspended'));
    t.same(await user.type('suspend hello'), line('unchanged'));
    t.match(await user.type('next hello'), { code: 0, stderr: /the task is suspended/ });
    t.same(await user.type('resume task hello'), line('resumed'));
    t.same(await user.type('resume tk/hello'), line('unchanged'));
    t.match(await user.type('suspend nope'), { code: 5 });
  });

  await t.test('next of a task', async (t) => {
    const { stdout } = await user.type('next hello --from 2026-03-28T00:00:00Z -c 2 -o json');
    t.equal(
      stdout,
      '{"task":"default/hello","times":["2026-03-28T01:00:00Z","2026-03-29T01:00:00Z"],"timeZone":"Europe/Berlin"}\n',
    );
    t.match((await user.type('next task/hello')).stdout, /^TIME +EUROPE\/BERLIN +IN\n/);
    t.match(await user.type('next nope'), { code: 5 });
  });

  await t.test('cancel', async (t) => {
    const open = await center.scheduled('hello', now - 5000, { state: 'Running', startTime: now - 5000 });
    t.same(await user.type(`cancel run/${open.metadata.name}`), {
      code: 0,
      stdout: `run.cloudtask.dev/${open.metadata.name} cancel requested\n`,
      stderr: '',
    });
    t.match(await user.type(`cancel ${open.metadata.name}`), { code: 0 }, 'twice is once');
    t.match(await user.type(`cancel ${run.metadata.name}`), { code: 0, stdout: / unchanged \(Failed\)\n/ });
    t.match(await user.type('cancel'), { code: 2 });
    t.match(await user.type('cancel task/hello'), { code: 2 });
  });

  await t.test('events', async (t) => {
    t.match(await user.type('events --for task/hello --types Warning'), {
      code: 0,
      stdout: /Warning +Failed +task\/hello/,
    });
    t.match(await user.type('events --for task/nope'), {
      code: 0,
      stdout: '',
      stderr: 'No events found in default namespace.\n',
    });
    t.match(await user.type('events --types Bad'), { code: 2 });
  });

  await t.test('delete (C-18, C-19)', async (t) => {
    t.match(await user.type('delete task hello --dry-run=client'), {
      stdout: /deleted from default namespace \(dry run\)/,
    });
    t.same(await user.type('delete task hello'), {
      code: 0,
      stdout: 'task.cloudtask.dev "hello" deleted from default namespace\n',
      stderr: '',
    });
    t.match(await user.type('delete task hello'), { code: 5, stderr: 'tasks.cloudtask.dev "hello" not found' });
    t.same(await user.type('delete task/hello --ignore-not-found'), { code: 0, stdout: '', stderr: '' });
    t.match(await user.type('delete tasks'), { code: 2 });
    t.match(await user.type('delete tasks --all'), { code: 0, stderr: 'No resources found\n' });
    const no = await user.type('delete tasks --all -n billing', { tty: true, input: 'n\n' });
    t.match(no, {
      code: 0,
      stdout: '',
      stderr:
        /the following 1 resource\(s\):\ntask\.cloudtask\.dev\/other in billing namespace\n.*\(y\/N\): deletion is cancelled/s,
    });
    const yes = await user.type('delete tasks --all -n billing', { tty: true, input: 'y\n' });
    t.match(yes, { code: 0, stdout: 'task.cloudtask.dev "other" deleted from billing namespace\n' });
    t.same(await user.type('delete -f -', { input: BILLING }), {
      code: 0,
      stdout: 'namespace.cloudtask.dev "billing" deleted\n',
      stderr: '',
    });
  });
});

t.test('config, version, api-resources, cluster-info (C-55, C-57, C-82)', async (t) => {
  const { center, user } = await startCliWorld(t);
  t.match(
    (await user.type('config view')).stdout,
    /^apiVersion: config\.cloudtask\.dev\/v1\nkind: Config\ncurrent-context: local\n/,
  );
  t.same(await user.type('config current-context'), { code: 0, stdout: 'local\n', stderr: '' });
  t.match(await user.type('config set-context --current -n billing'), { stdout: 'Context "local" modified.\n' });
  t.match(await user.type('get tasks'), { stderr: 'No resources found in billing namespace.\n' });
  t.match(await user.type('config set-server two -s http://127.0.0.1:2'), { stdout: 'Server "two" created.\n' });
  t.match(await user.type('config set-credentials me --token ct_secret'), { stdout: 'User "me" created.\n' });
  t.match(await user.type('config set-context second -s two --user me'), { stdout: 'Context "second" created.\n' });
  t.notMatch((await user.type('config view')).stdout, 'ct_secret');
  t.match((await user.type('config view --raw -o json')).stdout, 'ct_secret');
  t.equal(
    (await user.type('config get-contexts')).stdout,
    'CURRENT   NAME     SERVER   USER    NAMESPACE\n*         local    local    local   billing\n          second   two      me\n',
  );
  t.same(await user.type('config use-context second'), {
    code: 0,
    stdout: 'Switched to context "second".\n',
    stderr: '',
  });
  t.match(await user.type('get tasks'), { code: 9 });
  t.match(await user.type('get tasks --context local'), { code: 0 });
  t.match(await user.type('config use-context nope'), { code: 2 });
  t.match(await user.type('config delete-context second'), { code: 0, stderr: /removed your active context/ });
  t.match(await user.type('get tasks'), { code: 2, stderr: /no server is configured/ });
  await user.type('config use-context local');
  t.same(await user.type('version'), {
    code: 0,
    stdout: 'Client Version: v1.2.3\nServer Version: v9.8.7\n',
    stderr: 'Warning: the versions of client (1.2.3) and server (9.8.7) are more than one minor version apart\n',
  });
  t.match(await user.type('version -s 127.0.0.1:1'), { code: 9, stdout: 'Client Version: v1.2.3\n' });
  t.match(
    (await user.type('api-resources')).stdout,
    /^NAME +SHORTNAMES +APIVERSION +NAMESPACED +KIND\ntasks +tk +cloudtask\.dev\/v1 +true +Task\n/,
  );
  const names = async (flags: string) =>
    (await user.type(`api-resources --no-headers ${flags}`)).stdout.match(/^\S+/gm);
  t.same(await names('--namespaced=false'), ['clusters', 'agents', 'namespaces']);
  t.same(await names('--namespaced=false --sort-by name'), ['agents', 'clusters', 'namespaces']);
  t.same(await names('--sort-by kind --verbs create,list'), ['agents', 'clusters', 'namespaces', 'tasks']);
  t.same(await names('--api-group other'), null);
  t.match((await user.type('api-resources -o wide')).stdout, /VERBS +CATEGORIES\ntasks .* get,list,watch\S* +all\n/);
  t.match(await user.type('api-resources -o name --verbs delete --namespaced=true'), {
    stdout: 'tasks.cloudtask.dev\nruns.cloudtask.dev\n',
  });
  t.match(await user.type('api-resources --sort-by age'), { code: 2 });
  t.match((await user.type('cluster-info')).stdout, `center is running at ${center.url} (9.8.7)`);
});
