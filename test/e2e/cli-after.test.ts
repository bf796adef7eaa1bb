// spec.after through apply, as managers own it: against the real API.
import t from 'tap';
import type { Task } from '../../manifests/index.js';
import { startCliWorld } from '../support/cli-world.js';

const manifest = (name: string, after = '') => `apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: ${name}}
spec:
${after}  run: {command: [x]}
`;
const waitsFor = (...names: string[]) => `  after: {tasks: [${names.map((name) => `{name: ${name}}`).join(', ')}]}\n`;

t.test('dependencies are taken back by leaving them out', async (t) => {
  const { center, user } = await startCliWorld(t);
  const afterOf = async () => ((await center.task('c')) as Task).spec.after;
  const apply = (text: string, flags = '') => user.type(`apply -f - ${flags}`, { input: text });
  t.match(await apply([manifest('a'), manifest('b'), manifest('c', waitsFor('a', 'b'))].join('---\n')), { code: 0 });
  t.same(await afterOf(), {
    tasks: [
      { name: 'a', on: 'Succeeded' },
      { name: 'b', on: 'Succeeded' },
    ],
    match: 'All',
  });
  t.match(await apply(manifest('c', waitsFor('b'))), { code: 0, stdout: /configured/ });
  t.same(await afterOf(), { tasks: [{ name: 'b', on: 'Succeeded' }], match: 'All' });
  t.match(await apply(manifest('c', waitsFor('b'))), { code: 0, stdout: /unchanged/ });
  t.match(await apply(manifest('c')), { code: 0, stdout: /configured/, stderr: '' });
  t.equal(await afterOf(), undefined);
  t.match(await apply(manifest('a', waitsFor('c'))), { code: 0 }, 'no circle any more');
  t.match(await apply(manifest('c', waitsFor('a'))), { code: 7, stderr: /circle: c -> a -> c/ });

  // Two managers: each owns the tasks that it names.
  t.match(await apply(manifest('c', waitsFor('b'))), { code: 0 });
  t.match(await apply(manifest('c', waitsFor('b', 'd')), '--field-manager other'), {
    code: 0,
    stderr: /"d" does not exist/,
  });
  t.match(await apply(manifest('c')), { code: 0 });
  t.same((await afterOf())?.tasks.map(({ name }) => name).sort(), ['b', 'd'], 'the other one still wants them');

  const patch = JSON.stringify({ spec: { after: { tasks: [{ name: 'a' }] } } });
  t.match(await user.type(`patch task c -p '${patch}'`), { code: 7, stderr: /circle: c -> a -> c/ });
});
