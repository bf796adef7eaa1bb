// What apply would change, sets of objects, plans: against the real API (C-11, C-60, G-01, G-02, G-09, G-10).
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { startCliWorld } from '../support/cli-world.js';

const manifest = (name: string, command = 'one', hour = 2, extra = '') => `apiVersion: cloudtask.dev/v1
kind: Task
metadata:
  name: ${name}
${extra}spec:
  schedules:
  - cron: "0 ${hour} * * *"
  run:
    command: ["${command}"]
`;

const FILE = 'cloudtask.dev.v1.Task.default.hello';

t.test('diff', async (t) => {
  const { center, user } = await startCliWorld(t);
  await user.type('apply -f -', { input: manifest('hello') });

  await t.test('C-60, probe 3: nothing, a difference, a bad file, no center', async (t) => {
    t.same(await user.type('diff -f -', { input: manifest('hello') }), { code: 0, stdout: '', stderr: '' });
    const before = (await center.task('hello')).metadata.resourceVersion;
    const { code, stdout, stderr } = await user.type('diff -f -', { input: manifest('hello', 'two') });
    t.same({ code, stderr }, { code: 1, stderr: '' });
    const context = /^( .*|@@ -\d+,7 \+\d+,7 @@)\n/gm;
    t.equal(
      stdout.replace(context, ''),
      `diff -u -N LIVE/${FILE} MERGED/${FILE}\n--- LIVE/${FILE}\n+++ MERGED/${FILE}\n-    - one\n+    - two\n`,
    );
    t.equal(stdout.match(context)?.length, 7, 'three lines before and after');
    t.equal((await center.task('hello')).metadata.resourceVersion, before, 'nothing was stored');
    t.match(await user.type('diff -f -', { input: manifest('hello', 'x', 61) }), { code: 7, stdout: '' });
    const away = { CTASK_SERVER: 'http://127.0.0.1:1' };
    t.match(await user.type('diff -f -', { input: manifest('hello'), env: away }), { code: 9, stdout: '' });
    t.match(await user.type('diff -f -', { input: '' }), { code: 2, stderr: 'error: no objects passed to diff\n' });
    t.match(await user.type('diff'), { code: 2, stderr: /must specify -f/ });
    t.match(await user.type('diff --diff-exit-code 42 -f -', { input: manifest('hello', 'two') }), { code: 42 });
    t.match(await user.type('diff --diff-exit-code 256 -f -', { input: manifest('hello') }), { code: 2 });
  });

  await t.test('what is new, what it does to the next run, and colours on a terminal', async (t) => {
    const created = await user.type('diff -f -', { input: manifest('new') });
    t.match(created, { code: 1, stdout: /^# next run: none -> 20\S+T02:00:00Z\ndiff -u -N / });
    t.match(created.stdout, /\n@@ -0,0 \+1,\d+ @@\n\+apiVersion: cloudtask.dev\/v1\n\+kind: Task\n/);
    t.notMatch(created.stdout, /uid|creationTimestamp|generation|resourceVersion/);
    t.match(
      (await user.type('diff -f -', { input: manifest('hello', 'one', 3) })).stdout,
      /T02:00:00Z -> \S+T03:00:00Z\n/,
    );
    const coloured = await user.type('diff -f -', { input: manifest('hello', 'two'), tty: true });
    t.match(coloured.stdout, '\u001b[31m-    - one\u001b[0m\n\u001b[32m+    - two\u001b[0m\n');
    const plain = { input: manifest('hello', 'two'), tty: true, env: { NO_COLOR: '1' } };
    t.notMatch((await user.type('diff -f -', plain)).stdout, '\u001b');
    const hostile = manifest('hello', '\\u001b[2J');
    t.notMatch((await user.type('diff -f -', { input: hostile })).stdout, '\u001b');
  });

  await t.test('for programs, and for a comment on a change', async (t) => {
    const input = `${manifest('hello', 'two')}---\n${manifest('new')}`;
    const { code, stdout } = await user.type('diff -o json -f -', { input });
    t.equal(code, 1);
    t.same(JSON.parse(stdout), {
      changes: [
        {
          ...{ operation: 'configured', kind: 'Task', name: 'hello', namespace: 'default' },
          fields: [{ path: 'spec.run.command[0]', operation: 'replace', live: 'one', merged: 'two' }],
        },
        { operation: 'created', kind: 'Task', name: 'new', namespace: 'default' },
      ],
      summary: { created: 1, configured: 1, unchanged: 0, pruned: 0 },
    });
    const comment = await user.type('diff -o markdown -f -', { input });
    t.match(comment, { code: 1, stdout: /^<!-- ctask-diff -->\n### ctask diff: 1 created, 1 changed\n/ });
    t.match(comment.stdout, '<code>task.cloudtask.dev/hello</code> in default configured</summary>');
    t.match(comment.stdout, /\n```diff\n@@ [^`]*\n- {4}- one\n\+ {4}- two\n[^`]*```\n/);
    const ticks = await user.type('diff -o markdown -f -', { input: manifest('hello', '```') });
    t.match(ticks.stdout, /\n````diff\n.*\n````\n/s, 'the fence is longer than what is in it');
    t.match(await user.type('diff -o markdown -f -', { input: manifest('hello') }), {
      ...{ code: 0, stdout: '<!-- ctask-diff -->\n### ctask diff: no differences\n' },
    });
  });

  await t.test('CTASK_EXTERNAL_DIFF compares two directories', async (t) => {
    const script = join(user.home, 'compare');
    writeFileSync(script, '#!/bin/sh\necho "$1"; ls "$2" "$3"; grep -h -- "- two" "$3"/*; exit 1\n');
    chmodSync(script, 0o755);
    const run = (command: string) =>
      user.type('diff -f -', { input: manifest('hello', 'two'), env: { CTASK_EXTERNAL_DIFF: command } });
    const { code, stdout } = await run(`${script} --brief`);
    t.match({ code, stdout }, { code: 1, stdout: new RegExp(`^--brief\\n.*${FILE}\\n.*- two\\n$`, 's') });
    t.match(await run('/nonexistent/program'), { code: 2, stderr: /cannot be run/ });
    t.match(await run('false'), { code: 1 });
    const left = readdirSync(tmpdir()).filter((name) => name.startsWith(`ctask-diff-${process.pid}-`));
    t.same(left, [], 'the directories are gone');
  });

  await t.test('C-27: two revisions', async (t) => {
    await user.type('apply -f -', { input: manifest('hello', 'two') });
    t.match(await user.type('diff task/hello --revision 1..2'), { code: 1, stdout: /\n- {4}- one\n\+ {4}- two\n/ });
    t.same(await user.type('diff task/hello --revision 2'), { code: 0, stdout: '', stderr: '' });
    t.match(await user.type('diff task/hello --revision 1..9'), { code: 5 });
    t.match(await user.type('diff task/hello --revision new'), { code: 2 });
    t.match(await user.type('diff --revision 1'), { code: 2 });
    const both = await user.type('diff task/hello -f -', { input: manifest('hello', 'two') });
    t.match(both, { code: 2, stderr: /a task goes with --revision/ });
  });
});

t.test('applysets', async (t) => {
  const { center, user } = await startCliWorld(t);
  const dir = join(user.home, 'deploy');
  mkdirSync(dir);
  const file = (name: string) => join(dir, `${name}.yaml`);
  for (const name of ['a', 'b', 'c']) writeFileSync(file(name), manifest(name));
  const names = async () => (await user.type('get tasks -o name')).stdout;

  await t.test('G-09: members are labelled, and belong to one set', async (t) => {
    const line = (name: string) => `task.cloudtask.dev/${name} created\n`;
    t.same(await user.run(['apply', '--applyset', 'prod', '-f', dir]), {
      ...{ code: 0, stdout: ['a', 'b', 'c'].map(line).join(''), stderr: '' },
    });
    t.match((await center.task('a')).metadata.labels, { 'cloudtask.dev/applyset': 'prod' });
    const again = await user.run(['apply', '--applyset', 'prod', '--prune', '-f', dir]);
    t.equal(again.stdout, ['a', 'b', 'c'].map((name) => `task.cloudtask.dev/${name} unchanged\n`).join(''));
    const other = await user.run(['apply', '--applyset', 'test', '-f', file('a')]);
    t.match(other, {
      ...{ code: 6, stdout: '' },
      stderr: /tasks\.cloudtask\.dev "a" belongs to applyset "prod" and cannot be applied with applyset "test"/,
    });
    t.match(
      await user.run(['apply', '-f', file('a')]),
      { stdout: 'task.cloudtask.dev/a unchanged\n' },
      'it stays in it',
    );
    const written = manifest('d', 'one', 2, '  labels: {cloudtask.dev/applyset: prod}\n');
    t.match(await user.type('apply -f -', { input: written }), { code: 7, stderr: /is set by the center/ });
    const { stdout: whole } = await user.type('get task a -o yaml');
    t.match(
      await user.type('apply -f -', { input: whole }),
      { code: 0, stdout: /a unchanged/ },
      'what get prints applies',
    );
  });

  await t.test('C-11, probe 13: what is no longer in the files is pruned', async (t) => {
    rmSync(file('b'));
    const dry = await user.run(['apply', '--applyset', 'prod', '--prune', '--dry-run=server', '-f', dir]);
    t.match(dry, { code: 0, stdout: /b pruned \(server dry run\)\n$/ });
    t.match(await names(), 'task.cloudtask.dev/b\n');
    const diff = await user.run(['diff', '--applyset', 'prod', '--prune', '-f', dir]);
    t.match(diff, { code: 1, stdout: /\n@@ -1,\d+ \+0,0 @@\n-apiVersion/ });
    t.match(await user.run(['diff', '--applyset', 'prod', '-f', dir]), { code: 0 }, 'only when asked for');
    await user.type('apply -f -', { input: manifest('mine') });
    const pruned = await user.run(['apply', '--applyset', 'prod', '--prune', '-f', dir]);
    t.match(pruned, { code: 0, stdout: /c unchanged\ntask\.cloudtask\.dev\/b pruned\n$/, stderr: '' });
    t.equal(await names(), 'task.cloudtask.dev/a\ntask.cloudtask.dev/c\ntask.cloudtask.dev/mine\n');
  });

  await t.test('G-10: guards', async (t) => {
    const empty = join(user.home, 'empty');
    mkdirSync(empty);
    const prune = ['apply', '--applyset', 'prod', '--prune', '-f', empty];
    t.match(await user.run(prune), {
      code: 1,
      stderr: /every member of applyset "prod" would be pruned; use --allow-empty/,
    });
    t.match(await user.run(['apply', '--prune', '-f', dir]), { code: 2, stderr: /--prune needs --applyset NAME/ });
    t.match(await user.run(['apply', '--applyset', 'No Name', '-f', dir]), { code: 2, stderr: /DNS label/ });
    const keep = '  annotations: {cloudtask.dev/prune: disabled}\n';
    await user.type('apply --applyset prod -f -', { input: manifest('c', 'one', 2, keep) });
    t.same(await user.run([...prune, '--allow-empty']), {
      ...{ code: 0, stdout: 'task.cloudtask.dev/a pruned\n' },
      stderr: 'Warning: task.cloudtask.dev/c is not pruned: annotation cloudtask.dev/prune is "disabled"\n',
    });
    t.equal(await names(), 'task.cloudtask.dev/c\ntask.cloudtask.dev/mine\n');
  });

  await t.test('a set with namespaces loses them after what is in them; all of it or nothing', async (t) => {
    const namespace = 'apiVersion: cloudtask.dev/v1\nkind: Namespace\nmetadata: {name: billing}\nspec: {}\n';
    const inner = manifest('inner', 'one', 2, '  namespace: billing\n');
    await user.type('apply --applyset all -f -', { input: `${namespace}---\n${inner}---\n${manifest('outer')}` });
    await user.type('apply -f - -n billing', { input: manifest('guest') });
    const rest = { input: manifest('outer', 'changed') };
    const refused = await user.type('apply --applyset all --prune -f -', rest);
    t.match(refused, { code: 6, stdout: '', stderr: /the namespace still holds 1 object/ });
    t.match((await center.task('outer')).spec.run.command, ['one'], 'nothing was changed');
    t.match(await center.task('inner', 'billing'), { kind: 'Task' });
    await user.type('delete task guest -n billing');
    t.match(await user.type('apply --applyset all --prune -f -', rest), {
      stdout:
        'task.cloudtask.dev/outer configured\ntask.cloudtask.dev/inner pruned\nnamespace.cloudtask.dev/billing pruned\n',
    });
  });

  await t.test('G-02: a plan is done as it was shown, or not at all', async (t) => {
    for (const name of ['a', 'b']) writeFileSync(file(name), manifest(name));
    rmSync(file('c'));
    await user.run(['apply', '--applyset', 'plan', '-f', file('a')]);
    writeFileSync(file('a'), manifest('a', 'two'));
    await user.type('apply --applyset plan -f -', { input: manifest('old') });
    const plan = async () => {
      const { code, stdout } = await user.run(['diff', '-o', 'plan', '--applyset', 'plan', '--prune', '-f', dir]);
      t.equal(code, 1);
      writeFileSync(join(user.home, 'p.json'), stdout);
      return JSON.parse(stdout) as object;
    };
    const use = (...more: string[]) => user.run(['apply', '--plan', join(user.home, 'p.json'), ...more]);
    t.match(await plan(), {
      kind: 'Plan',
      summary: { created: 1, configured: 1, pruned: 1 },
      objects: [{ metadata: { name: 'a' } }, { metadata: { name: 'b', resourceVersion: '' } }],
      prunes: [{ kind: 'Task', namespace: 'default', name: 'old' }],
    });
    await user.type('suspend a');
    t.match(await use(), { code: 6, stdout: '', stderr: /the object has been modified/ });
    await plan();
    await user.type('apply -f -', { input: manifest('b', 'by somebody else') });
    t.match(await use(), { code: 6 }, 'what was to be created exists');
    await plan();
    await user.type('suspend old');
    t.match(await use(), { code: 6, stderr: /what applyset "plan" would lose has changed/ });
    await plan();
    t.match(await use('--dry-run=server'), { code: 0, stdout: /old pruned \(server dry run\)/ });
    t.same(await use(), {
      code: 0,
      stdout: 'task.cloudtask.dev/a configured\ntask.cloudtask.dev/b configured\ntask.cloudtask.dev/old pruned\n',
      stderr: '',
    });
    t.match(await use(), { code: 6 }, 'a plan is used once');
    t.match(await use('-f', dir), { code: 2 });
    t.match(await user.run(['apply', '--plan', file('a')]), { code: 2, stderr: /is not JSON/ });
  });
});
