// Commands about objects against the real API: what they print, and what they end with.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { startCliWorld } from '../support/cli-world.js';
import { BILLING, HELLO, OTHER } from '../support/hello-manifests.js';

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
    const client = 'task.cloudtask.dev/hello validated (dry run)\n';
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

  await t.test('C-03: verbs that look and change take what manifests name, each in its namespace', async (t) => {
    const run = (verb: string, ...rest: string[]) => user.run([...verb.split(' '), '-R', '-f', dir, ...rest]);
    t.same(await run('get', '-o', 'name'), {
      ...{ code: 0, stderr: '' },
      stdout: 'namespace.cloudtask.dev/billing\ntask.cloudtask.dev/hello\ntask.cloudtask.dev/other\n',
    });
    t.match(await run('get'), { code: 0, stdout: /billing[\s\S]*hello[\s\S]*other/ });
    const one = await user.run(['get', '-f', join(dir, 'inner', 'c.yaml'), '-o', 'jsonpath={.metadata.namespace}']);
    t.match(one, { code: 0, stdout: /^billing\n?$/ });
    t.match(await run('describe'), { code: 0, stdout: /Name: +other\nNamespace: +billing/ });
    t.match(await run('label', 'by=files'), { code: 0, stdout: /hello labeled[\s\S]*other labeled/ });
    t.match(await run('label', '--list'), { code: 0, stdout: /by=files/ });
    t.match(await run('label', 'by-'), { code: 0, stdout: /other unlabeled/ });
    t.match(await run('annotate', 'by=files', 'by-'), { code: 2, stderr: /both modify and remove/ });
    const patch = await user.run(['patch', '-f', join(dir, 'b.yml'), '-p', '{"metadata": {"labels": {"x": null}}}']);
    t.match(patch, { code: 0, stdout: 'task.cloudtask.dev/hello patched (no change)\n' });
    for (const verb of ['get task', 'describe task', 'label task x=y']) {
      t.match(await run(verb), { code: 2, stderr: /names cannot be given together with -f/ }, verb);
    }
    t.match(await run('get -l a=b'), { code: 2, stderr: /a name cannot be given together with a selector/ });
    t.match(await user.type('label'), { code: 2 });
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
      /TASK +SLOT +ATTEMPT +SCHEDULED +LATENCY +REASON +REVISION +CAUSED-BY\n.* hello +<none> +1 +20\S+ +0ms /,
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
    t.match(await user.type('get tk', { env: { CTASK_SERVER: 'ftp://127.0.0.1:1' } }), {
      code: 2,
      stderr: 'error: the address of a server begins with http:// or https://, not "ftp://"\n',
    });
    t.match(await user.type('get tk', { env: { CTASK_SERVER: center.url.replace('http:', 'https:') } }), {
      code: 9,
      stderr:
        /^error: cannot connect to the server \S+: it does not speak TLS; is its address http:\/\/ instead of https:\/\/\?\n/,
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
