// Field managers on the command line: conflicts, patches, labels, editors. Ids are those of the standard.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { startCliWorld } from '../support/cli-world.js';

const task = (name: string, spec = '') =>
  `apiVersion: cloudtask.dev/v1\nkind: Task\nmetadata: {name: ${name}}\nspec:\n  schedules:\n  - cron: "0 2 * * *"\n  run: {command: ["true"]}\n${spec}`;

t.test('apply', async (t) => {
  const { center, user } = await startCliWorld(t);
  const managers = async (name: string) =>
    Object.fromEntries(
      (await center.task(name)).metadata.managedFields?.map(({ manager, fields }) => [manager, fields]) ?? [],
    );

  await t.test('C-08: the manager is ctask, of what the manifest says', async (t) => {
    await user.type('apply -f -', { input: task('a', '  timeout: 15m\n') });
    t.same(await managers('a'), {
      ctask: [
        '/spec/run/command',
        '/spec/schedules/{name=default}/cron',
        '/spec/schedules/{name=default}/name',
        '/spec/timeout',
      ],
    });
    t.match(await user.type('apply --server-side -f -', { input: task('a', '  timeout: 15m\n') }), {
      stdout: 'task.cloudtask.dev/a unchanged\n',
    });
    t.match(await user.type('apply --server-side --dry-run=client -f -', { input: task('a') }), {
      code: 2,
      stderr: /did you mean --dry-run=server instead\?/,
    });
  });

  await t.test('C-09: a conflict tells both values, who, when, and the ways out', async (t) => {
    const { timeout } = await center.store
      .update(
        { kind: 'Task', namespace: 'default', name: 'a' },
        (object) => ({ ...object, spec: { ...object.spec, timeout: '20m' } }) as typeof object,
        { user: 'operator-1', as: { manager: 'ui', operation: 'Update' } },
      )
      .then(({ spec }) => spec as { timeout: string });
    t.equal(timeout, '20m');
    const { code, stdout, stderr } = await user.type('apply -f -', { input: task('a', '  timeout: 10m\n') });
    t.same([code, stdout], [6, '']);
    const lines = stderr.split('\n');
    t.equal(lines[0], 'error: Apply failed with 1 conflict: conflict with "ui" using cloudtask.dev/v1: .spec.timeout');
    t.match(lines[1], /^ {2}\.spec\.timeout {3}yours: 10m {3}live: 20m {3}set by ui \(operator-1\) \d+s ago$/);
    t.equal(
      lines[2],
      'Please review the fields above--they currently have other managers. Here are the ways you can resolve this:',
    );
    t.match(stderr, /--force-conflicts.*\n\* If you do not intend.*\n\* You may co-own fields/);
    t.match(await user.type('apply -f - -o json', { input: task('a', '  timeout: 10m\n') }), {
      code: 6,
      stderr: /"reason": "FieldManagerConflict"/,
    });
    t.match(await user.type('diff -f -', { input: task('a', '  timeout: 10m\n') }), {
      code: 6,
      stderr: /Apply failed with 1 conflict/,
    });
    t.match(await user.type('apply --force-conflicts -f -', { input: task('a', '  timeout: 10m\n') }), {
      code: 0,
      stdout: 'task.cloudtask.dev/a configured\n',
    });
    t.notOk((await managers('a')).ui);
    t.match(await user.type('apply --field-manager=ui -f -', { input: task('a', '  timeout: 1m\n') }), {
      code: 6,
      stderr: /conflict with "ctask"/,
    });
  });

  await t.test('what a manifest no longer says goes; with two objects the conflict names its line', async (t) => {
    await user.type('apply -f -', { input: task('a') });
    t.equal((await center.task('a')).spec.timeout, undefined);
    await user.type('apply -f - --field-manager other', {
      input: `${task('b', '  timeout: 1m\n')}---\n${task('c', '  timeout: 1m\n')}`,
    });
    const file = join(user.home, 'two.yaml');
    writeFileSync(file, `${task('b', '  timeout: 2m\n')}---\n${task('c', '  timeout: 2m\n')}`);
    const { stderr } = await user.run(['apply', '-f', file]);
    t.match(
      stderr,
      /^error: Apply failed with 2 conflicts: conflicts with "other" using cloudtask.dev\/v1:\n- task.cloudtask.dev\/b in default \.spec\.timeout\n- task/,
    );
    t.match(stderr, /two\.yaml:8:12: \.spec\.timeout +yours: 2m +live: 1m/);
  });

  await t.test('C-13: --validate', async (t) => {
    const wrong = task('v', '  timeuot: 1m\n');
    t.match(await user.type('apply -f -', { input: wrong }), {
      code: 7,
      stderr: /STDIN:8:3: error: unknown field "spec.timeuot"; did you mean "timeout"\?/,
    });
    const warned = await user.type('apply --validate=warn -f -', { input: wrong });
    t.match(warned, { code: 0, stdout: 'task.cloudtask.dev/v created\n', stderr: /STDIN:8:3: warning: unknown field/ });
    t.equal(warned.stderr.match(/unknown field/g)?.length, 1);
    t.match(await user.type('apply --validate=ignore -f -', { input: wrong }), { code: 0, stderr: '' });
    t.match(await user.type('apply --validate=maybe -f -', { input: wrong }), { code: 2 });
  });

  await t.test('C-06: --continue-on-error applies what can be', async (t) => {
    const dir = join(user.home, 'some');
    mkdirSync(dir);
    writeFileSync(join(dir, '1.yaml'), task('one', '  timeout: soon\n'));
    writeFileSync(join(dir, '2.yaml'), task('two'));
    writeFileSync(join(dir, '3.yaml'), task('three').replace('name: three', 'name: three, namespace: nope'));
    t.match(await user.run(['apply', '-f', dir]), { code: 7, stdout: '' });
    const some = await user.run(['apply', '--continue-on-error', '-f', dir]);
    t.match(some, { code: 1, stdout: 'task.cloudtask.dev/two created\n' });
    t.match(some.stderr, /1\.yaml:8:12: error: spec\.timeout/);
    t.match(some.stderr, /Error from server \(NotFound\): namespaces.cloudtask.dev "nope" not found/);
    const json = await user.run([
      'apply',
      '--continue-on-error',
      '-o',
      'json',
      '-f',
      join(dir, '2.yaml'),
      '-f',
      join(dir, '3.yaml'),
    ]);
    t.match(JSON.parse(json.stdout), {
      results: [{ operation: 'unchanged' }, { operation: 'failed' }],
      summary: { unchanged: 1, failed: 1 },
    });
  });

  await t.test('C-07: a bare --dry-run is client, and old', async (t) => {
    t.match(await user.type('apply -f - --dry-run', { input: task('d') }), {
      ...{ code: 0, stdout: 'task.cloudtask.dev/d validated (dry run)\n' },
      stderr: 'Warning: --dry-run is deprecated and can be replaced with --dry-run=client\n',
    });
  });

  await t.test('C-38: managedFields are shown when asked for', async (t) => {
    t.notMatch((await user.type('get task a -o yaml')).stdout, /managedFields/);
    t.notMatch((await user.type('get tasks -o json')).stdout, /managedFields/);
    t.match(
      (await user.type('get task a -o yaml --show-managed-fields')).stdout,
      /managedFields:\n {2}- manager: ctask\n/,
    );
  });
});

t.test('patch, label, annotate, replace, set', async (t) => {
  const { center, user } = await startCliWorld(t);
  await user.type('apply -f -', { input: task('a') });
  await user.type('apply -f -', { input: task('b') });
  const line = (words: string, name = 'a') => ({
    code: 0,
    stdout: `task.cloudtask.dev/${name} ${words}\n`,
    stderr: '',
  });
  const managers = async () => (await center.task('a')).metadata.managedFields?.map(({ manager }) => manager);

  await t.test('C-21: patch', async (t) => {
    t.same(await user.run(['patch', 'task', 'a', '-p', '{"spec":{"timeout":"5m"}}']), line('patched'));
    t.same(await user.run(['patch', 'task/a', '-p', 'spec: {timeout: 5m}']), line('patched (no change)'));
    t.same(await managers(), ['ctask'], 'A-42 rule 9');
    const json = (value: string) => [
      'patch',
      'task',
      'a',
      '--type',
      'json',
      '-p',
      `[{"op":"test","path":"/spec/timeout","value":"${value}"},{"op":"remove","path":"/spec/timeout"}]`,
    ];
    t.match(await user.run(json('9m')), { code: 7, stdout: '', stderr: /testing value \/spec\/timeout failed/ });
    t.same(await user.run([...json('5m'), '--dry-run=server']), line('patched (server dry run)'));
    t.same(await user.run(json('5m')), line('patched'));
    const file = join(user.home, 'patch.yaml');
    writeFileSync(file, 'spec:\n  retry: {limit: 2}\n');
    t.same(await user.run(['patch', 'task/a', '--patch-file', file]), line('patched'));
    t.match(await user.type('patch task a --patch-file - -o json', { input: '{"spec":{"retry":null}}' }), {
      code: 0,
      stdout: /"limit": 0/,
    });
    t.match(await user.type('patch task a --type strategic -p {}'), {
      code: 2,
      stderr: /strategic merge patches are not offered/,
    });
    t.match(await user.type('patch task a'), { code: 2, stderr: /give either -p or --patch-file/ });
    t.match(await user.type('patch task none -p {}'), { code: 5, stderr: /tasks.cloudtask.dev "none" not found/ });
    t.match(await user.run(['patch', 'task', 'a', '-p', '{"spec":{"timeout":"soon"}}']), {
      code: 7,
      stderr: /The Task "a" is invalid: \n\* spec\.timeout: Invalid value: "soon"/,
    });
    t.match(await user.run(['patch', 'task', 'a', '-p', '{"metadata":{"resourceVersion":"1"}}']), {
      code: 6,
      stderr: /the object has been modified/,
    });
  });

  await t.test('C-23: label', async (t) => {
    t.same(await user.type('label task a team=fin tier=1'), line('labeled'));
    t.same((await center.task('a')).metadata.labels, { team: 'fin', tier: '1' });
    const generation = (await center.task('a')).metadata.generation;
    t.same(await user.type('label task/a team=fin'), line('not labeled'));
    t.match(await user.type('label task a team=ops'), {
      code: 6,
      stdout: '',
      stderr: "error: 'team' already has a value (fin), and --overwrite is false\n",
    });
    t.same(await user.type('label task a team=ops --overwrite --dry-run=client'), line('labeled (dry run)'));
    t.same(await user.type('label task a team=ops --overwrite'), line('labeled'));
    t.same(await user.type('label task a tier-'), line('unlabeled'));
    t.match(await user.type('label task a tier-'), {
      code: 0,
      stdout: 'task.cloudtask.dev/a not labeled\n',
      stderr: 'label "tier" not found.\n',
    });
    t.same((await user.type('label task a --list')).stdout, 'team=ops\n');
    t.equal((await center.task('a')).metadata.generation, generation, 'A-04');
    t.match(await user.type('label tasks --all x=y'), {
      stdout: 'task.cloudtask.dev/a labeled\ntask.cloudtask.dev/b labeled\n',
    });
    t.match(await user.type('label tasks -l team=ops z=1'), { stdout: 'task.cloudtask.dev/a labeled\n' });
    t.match(await user.type('label task a q=1 --resource-version=1'), { code: 6 });
    t.match(await user.type('label task a'), { code: 2, stderr: /at least one label update is required/ });
    t.match(await user.type('label task a k=1 k-'), { code: 2, stderr: /can not both modify and remove a label/ });
    t.match(await user.run(['label', 'task', 'a', 'bad key=1']), { code: 7 });
    t.match(
      await user.type('apply -f -', { input: task('a') }),
      { stdout: 'task.cloudtask.dev/a unchanged\n' },
      'an apply leaves labels of others alone',
    );
  });

  await t.test('C-23: annotate', async (t) => {
    t.same(await user.run(['annotate', 'task', 'a', 'note=ask ann']), line('annotated'));
    t.same((await center.task('a')).metadata.annotations, { note: 'ask ann' });
    t.same(await user.run(['annotate', 'task', 'a', 'note=ask ann']), line('unchanged'));
    t.same(await user.run(['annotate', 'task', 'a', 'note-']), line('annotated'));
    t.equal((await center.task('a')).metadata.annotations, undefined);
  });

  await t.test('C-22: replace', async (t) => {
    const { stdout } = await user.type('get task a -o yaml');
    const input = stdout.replace('  timeZone: UTC', '  timeZone: Europe/Berlin');
    t.same(await user.type('replace -f -', { input }), line('replaced'));
    t.equal((await center.task('a')).spec.timeZone, 'Europe/Berlin');
    t.match(await user.type('replace -f -', { input }), { code: 6, stderr: /the object has been modified/ });
    t.match(await user.type('replace -f -', { input: task('none') }), { code: 5 });
    t.match(await user.type('replace --force -f -', { input }), { code: 2, stderr: /--force does not apply/ });
  });

  await t.test('C-25: set schedule, set env', async (t) => {
    t.same(await user.run(['set', 'schedule', 'a', '0 3 * * *', '--timezone', 'Asia/Tokyo']), line('schedule updated'));
    t.match((await center.task('a')).spec, {
      timeZone: 'Asia/Tokyo',
      schedules: [{ name: 'default', cron: '0 3 * * *' }],
    });
    t.same(await user.run(['set', 'schedule', 'task/a', '0 3 * * *']), line('unchanged'));
    t.same(await user.run(['set', 'schedule', 'a', '@daily', '--name', 'extra']), line('schedule updated'));
    t.match(await user.run(['set', 'schedule', 'a', '@daily']), {
      code: 2,
      stderr: /say which with --name \(default, extra\)/,
    });
    t.match(await user.run(['set', 'schedule', 'a', '61 * * * *', '--name', 'extra']), { code: 7, stderr: /minute/ });
    t.same(await user.type('set env a MODE=full X=1=2'), line('env updated'));
    t.same(await user.type('set env task/a MODE=less X-'), line('env updated'));
    t.same((await user.type('set env a --list')).stdout, 'MODE=less\n');
    t.same(await user.type('set env a MODE-'), line('env updated'));
    t.equal((await center.task('a')).spec.run.env, undefined);
    t.match(await user.type('set env a MODE'), { code: 2 });
  });
});
