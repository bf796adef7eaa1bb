// G-26: what is exported from one center makes another one the same.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { startCliWorld } from '../support/cli-world.js';

const OBJECTS = `apiVersion: cloudtask.dev/v1
kind: Namespace
metadata: {name: billing, labels: {team: fin}}
spec: {}
---
apiVersion: cloudtask.dev/v1
kind: Cluster
metadata: {name: default}
spec: {lostAfter: 7m}
---
apiVersion: cloudtask.dev/v1
kind: Cluster
metadata: {name: eu}
spec: {lostAfter: 10m}
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: report, namespace: billing, annotations: {cloudtask.dev/change-cause: first}}
spec:
  cluster: eu
  schedules: [{cron: "0 2 * * *"}]
  timeZone: Europe/Berlin
  run:
    script: |
      echo one
      echo two
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: hello, labels: {team: ops}}
spec:
  schedules: [{every: 90s}]
  run: {command: [echo, hi], env: [{name: A, value: "b: c"}]}
`;

t.test('export', async (t) => {
  const from = await startCliWorld(t);
  await from.user.type('apply --applyset prod -f -', { input: OBJECTS });
  await from.user.type('suspend report -n billing');
  await from.center.store.updateStatus({ kind: 'Task', namespace: 'default', name: 'hello' }, { state: 'Active' });
  const out = join(from.user.home, 'out');

  await t.test('only what an author writes', async (t) => {
    const { code, stdout } = await from.user.type('export');
    t.match(
      { code, stdout },
      { code: 0, stdout: /^apiVersion: cloudtask.dev\/v1\nkind: Task\nmetadata:\n {2}name: hello\n/ },
    );
    t.notMatch(stdout, /status:|uid:|resourceVersion|generation|creationTimestamp|managedFields|applyset/);
    t.match(JSON.parse((await from.user.type('export task/hello -o json')).stdout), {
      kind: 'Task',
      spec: { suspend: false },
    });
    t.match(await from.user.type('export tasks -A -l team=none'), {
      code: 0,
      stdout: '',
      stderr: 'No resources found\n',
    });
    t.match(await from.user.type('export runs'), { code: 2, stderr: /runs are made by the system/ });
    t.match(await from.user.type('export task/nope'), { code: 5 });
    t.match(await from.user.type('export --split-by kind'), { code: 2 });
    t.match(await from.user.type('export --split-by size -d x'), { code: 2 });
  });

  await t.test('into a fresh center', async (t) => {
    const to = await startCliWorld(t);
    await t.test('a file per kind, applied to a fresh center, leaves no difference', async (t) => {
      const { code, stdout } = await from.user.run(['export', '-A', '--split-by', 'kind', '-d', out]);
      t.same(
        { code, files: stdout.trim().split('\n') },
        {
          code: 0,
          files: ['namespaces', 'clusters', 'tasks'].map((kind) => join(out, `${kind}.yaml`)),
        },
      );
      t.match((await to.user.run(['diff', '-f', out])).code, 1);
      t.match(await to.user.run(['apply', '-f', out]), { code: 0, stderr: '' });
      t.same(await to.user.run(['diff', '-f', out]), { code: 0, stdout: '', stderr: '' });
      t.same(await from.user.run(['diff', '-f', out]), { code: 0, stdout: '', stderr: '' }, 'nor on the first one');
      const all = 'export -A';
      t.equal((await to.user.type(all)).stdout, (await from.user.type(all)).stdout);
    });

    await t.test('what cannot be meant', async (t) => {
      for (const flags of ['-A', '-l a=b']) t.match(await from.user.type(`export task/hello ${flags}`), { code: 2 });
    });

    await t.test('a file per object', async (t) => {
      const each = join(from.user.home, 'each');
      t.match(await from.user.run(['export', '-A', '--split-by', 'object', '-d', each]), { code: 0 });
      t.same(readdirSync(each).sort(), ['billing', 'clusters', 'default', 'namespaces']);
      t.match(
        readFileSync(join(each, 'billing', 'tasks', 'report.yaml'), 'utf8'),
        /script: \|\n {6}echo one\n {6}echo two\n/,
      );
      t.same(await to.user.run(['diff', '-R', '-f', each]), { code: 0, stdout: '', stderr: '' });
    });
  });
});
