// ctask edit with real editors (C-20): programs that change the file they are given.
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { startCliWorld } from '../support/cli-world.js';

const TASK =
  'apiVersion: cloudtask.dev/v1\nkind: Task\nmetadata: {name: a}\nspec:\n  schedules:\n  - cron: "0 2 * * *"\n  run: {command: ["true"]}\n  timeout: 5m\n';

t.test('edit', async (t) => {
  const { center, user } = await startCliWorld(t);
  await user.type('apply -f -', { input: TASK });
  const seen = join(user.home, 'seen');
  /** An editor: a shell script that gets the file as $1. Each file as it was opened is kept in `seen`.N. */
  const edit = (script: string, target = 'task a', more: Record<string, string> = {}) => {
    const editor = join(user.home, 'editor.sh');
    writeFileSync(
      editor,
      `#!/bin/sh\nn=0; while [ -e "${seen}.$n" ]; do n=$((n+1)); done\ncp -p "$1" "${seen}.$n"\n${script}\n`,
    );
    chmodSync(editor, 0o755);
    return user.type(`edit ${target}`, { tty: true, env: { CTASK_EDITOR: editor, VISUAL: '/none', ...more } });
  };
  let opened = 0;
  const next = () => readFileSync(`${seen}.${opened++}`, 'utf8');
  const sed = (expression: string) => `sed '${expression}' "$1" > "$1.new" && mv "$1.new" "$1"`;

  await t.test('what is changed is saved', async (t) => {
    const done = await edit(sed('s/timeout: 5m/timeout: 6m/'));
    t.same(done, { code: 0, stdout: 'task.cloudtask.dev/a edited\n', stderr: '' });
    const task = await center.task('a');
    t.equal(task.spec.timeout, '6m');
    t.same(
      task.metadata.managedFields?.map(({ manager }) => manager),
      ['ctask'],
      'A-42 rule 9',
    );
    t.equal(statSync(`${seen}.0`).mode & 0o777, 0o600);
    const text = next();
    t.match(text, /^# Please edit the object below\. Lines beginning with a '#' will be ignored,\n/);
    t.match(text, 'timeout: 5m');
    t.notMatch(text, /managedFields|status:/);
  });

  await t.test('probe 11: nothing changed, nothing left', async (t) => {
    const nothing = { code: 0, stdout: '', stderr: 'Edit cancelled, no changes made.\n' };
    t.same(await edit('true'), nothing);
    t.same(await user.type('edit task/a', { tty: true, env: { EDITOR: 'true' } }), nothing);
    t.same(await edit('echo "# only a comment" >> "$1"'), nothing);
    t.same(await edit(': > "$1"'), { ...nothing, stderr: 'Edit cancelled, saved file was empty.\n' });
    opened += 3;
  });

  await t.test('what is wrong is shown in the file, until it is right', async (t) => {
    const fixed = await edit(
      `if grep -q '^# \\*' "$1"; then ${sed('s/timeout: soon/timeout: 7m/')}; else ${sed('s/timeout: 6m/timeout: soon/')}; fi`,
    );
    t.same(fixed, { code: 0, stdout: 'task.cloudtask.dev/a edited\n', stderr: '' });
    t.notMatch(next(), /^# \*/m);
    t.match(next(), /^# \* spec\.timeout: Invalid value: "soon": .*\n#\napiVersion/m);
    const yaml = await edit(
      `if grep -q '^# \\*' "$1"; then ${sed('s/{: broken/run:/')}; else ${sed('s/  run:/  {: broken/')}; fi`,
    );
    t.match(yaml, { code: 0, stderr: 'Edit cancelled, no changes made.\n' });
    next();
    t.match(next(), /^# \* the file is not YAML: /m);
  });

  await t.test('who gives up finds the changes in a file', async (t) => {
    const { code, stdout, stderr } = await edit(sed('s/timeout: 7m/timeout: soon/'));
    t.same([code, stdout], [7, '']);
    const [, path = ''] =
      /^Edit cancelled, no valid changes were saved\.\nA copy of your changes has been stored to "([^"]+)"\nThe Task "a" is invalid: \n\* spec\.timeout/.exec(
        stderr,
      ) ?? [];
    t.match(readFileSync(path, 'utf8'), 'timeout: soon');
    t.equal(statSync(path).mode & 0o777, 0o600);
    t.equal(statSync(dirname(path)).mode & 0o777, 0o700);
    rmSync(dirname(path), { recursive: true });
    opened += 2;
  });

  await t.test('somebody else was faster: their version comes back with the changes', async (t) => {
    const other = join(user.home, 'other.mjs');
    const headers = { 'content-type': 'application/merge-patch+json', authorization: `Bearer ${center.token}` };
    const request = { method: 'PATCH', headers, body: '{"metadata":{"labels":{"by":"other"}}}' };
    const url = `${center.url}/apis/cloudtask.dev/v1/namespaces/default/tasks/a`;
    writeFileSync(other, `await fetch(${JSON.stringify(url)}, ${JSON.stringify(request)});`);
    const first = `"${process.execPath}" "${other}"\n${sed('s/timeout: 7m/timeout: 8m/')}`;
    const done = await edit(`if grep -q '^# \\*' "$1"; then exit 0; fi\n${first}`);
    t.same(done, { code: 0, stdout: 'task.cloudtask.dev/a edited\n', stderr: '' });
    t.match(await center.task('a'), { metadata: { labels: { by: 'other' } }, spec: { timeout: '8m' } });
    opened += 1;
    t.match(next(), /^# \* the object has been modified meanwhile[\s\S]*by: other[\s\S]*timeout: 8m/m);
  });

  await t.test('what a repository owns is edited under another name', async (t) => {
    await user.type('apply -f - --field-manager gitsync:prod', { input: TASK.replace('name: a', 'name: g') });
    await edit(sed('s/timeout: 5m/timeout: 9m/'), 'task/g');
    t.same(
      (await center.task('g')).metadata.managedFields?.map(({ manager }) => manager),
      ['gitsync:prod', 'ctask-edit'],
    );
    opened += 1;
  });

  await t.test('without a terminal, without an editor', async (t) => {
    t.match(await user.type('edit task a', { env: { EDITOR: 'true' } }), {
      code: 2,
      stderr: /edit needs a terminal\n.*ctask patch/s,
    });
    t.match(await user.type('edit task a', { tty: true, env: { EDITOR: '/none/at/all' } }), {
      code: 2,
      stderr: /the editor "\/none\/at\/all" cannot be run/,
    });
    t.match(await edit('exit 3'), { code: 2, stderr: /ended with exit code 3/ });
    const path = readFileSync(`${seen}.${opened}`, 'utf8');
    t.ok(path);
    t.notOk(existsSync(`${seen}.${opened + 1}`), 'opened once');
  });
});
