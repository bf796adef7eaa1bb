import t from 'tap';
import { validateObject } from './validate-object.js';

const said = (spec: Record<string, unknown>) =>
  validateObject({
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { name: 'a' },
    spec: { run: { command: ['a'] }, ...spec },
  }).causes.map(({ message }) => message);

t.test('as whom a process runs', async (t) => {
  const run = (more: Record<string, unknown>) => said({ run: { command: ['a'], ...more } });
  t.same(run({ user: 'www-data', group: 'builders', umask: '027' }), []);
  t.same(run({ user: 'svc_1.x', umask: '0027' }), []);
  t.match(run({ group: 'builders' }), [/spec\.run\.user: Required value: must be given together with group/]);
  for (const user of ['1000', '', 'a b', '-x', 'a:b', 'x'.repeat(33)]) t.equal(run({ user }).length, 1, user);
  for (const umask of ['27', '888', '00027', 27]) t.equal(run({ user: 'a', umask }).length, 1, String(umask));
  t.match(run({ user: 'no such' }), [
    /Invalid value: "no such": must be the name of an account: .* begins with a letter or "_"$/,
  ]);
  t.match(run({ user: 'a', umask: '999' }), [/must be three octal digits, such as "027"$/]);
  t.match(run({ user: 'a', umask: 27 }), [/must be a string; write "027" in quotes$/]);
});

t.test('what is kept of output', async (t) => {
  t.same(said({ logs: {} }), []);
  t.same(said({ logs: { maxBytes: '64Ki' } }), []);
  t.match(said({ logs: { maxBytes: '63Ki' } }), [/spec\.logs\.maxBytes: .*"63Ki": must be at least 64Ki/]);
  t.match(said({ logs: { maxBytes: '1 MB' } }), [/must be a number of bytes, such as "512Ki", "10Mi" or "2G"/]);
  t.match(said({ logs: { maxBytes: 100_000 } }), [/write "100000" in quotes/]);
});

t.test('limits', async (t) => {
  const limits = (more: Record<string, unknown>) => said({ resources: { limits: more } });
  t.same(limits({ cpu: '500m', memory: '512Mi', pids: 64, openFiles: 1024, fileSize: '1G' }), []);
  for (const cpu of ['1', '1.5', '0.25', '16']) t.same(limits({ cpu }), [], cpu);
  for (const cpu of ['0', '0.0', '0m', 'm', '-1', '1.5m', '1 core', 2]) t.equal(limits({ cpu }).length, 1, String(cpu));
  t.match(limits({ cpu: '500x' }), [/Invalid value: "500x": must be a number of cores, such as "2", "0.5" or "500m"$/]);
  for (const wrong of [{ pids: 0 }, { openFiles: 3 }, { memory: '1x' }, { disk: '1Gi' }]) {
    t.equal(limits(wrong).length, 1, JSON.stringify(wrong));
  }
});

t.test('a script of the package that would be looked for elsewhere', async (t) => {
  const warned = (command: string[], more: object = {}) => {
    const run = { command, package: { name: 'tool' }, ...more };
    const manifest = { apiVersion: 'cloudtask.dev/v1', kind: 'Task', metadata: { name: 'a' }, spec: { run } };
    return validateObject(manifest).warnings.map(({ message }) => message);
  };
  const main = 'spec.run.workingDir: not set, so "main.py" is not looked for in the package; set workingDir: "."';
  t.same(warned(['python3', 'main.py']), [main]);
  t.same(warned(['python3', '-u', 'main.py', '--to', 'x.sql']), [main], 'once');
  t.match(warned(['sh', './bin/run.sh']), [/"\.\/bin\/run\.sh"/]);
  t.same(warned(['python3', 'main.py'], { workingDir: '.' }), []);
  t.same(warned(['python3', 'main.py'], { package: undefined }), [], 'without a package');
  t.same(warned(['bin/python3', 'main.py']), [], 'a program of the package may know its place');
  for (const word of ['/opt/main.py', 'example.org', '1.2', '-cmain.py', '*.py', 'https://x.org/a.js', 'out.csv']) {
    t.same(warned(['tool', word]), [], word);
  }
});
