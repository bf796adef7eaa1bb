import t from 'tap';
import { duplicateObjects } from './duplicates.js';
import { formatProblems } from './format-problems.js';
import { parseManifests } from './parse-manifests.js';

const task = (name: string, namespace?: string) =>
  `apiVersion: cloudtask.dev/v1\nkind: Task\nmetadata:\n  name: ${name}\n${
    namespace === undefined ? '' : `  namespace: ${namespace}\n`
  }spec: {run: {command: ["true"]}}\n`;

t.test('an object may be defined once in a set of files', async (t) => {
  const one = parseManifests([task('a'), task('b', 'x'), task('b', 'y')].join('---\n'), 'one.yaml');
  const two = parseManifests([task('a', 'default'), task('c')].join('---\n'), 'two.yaml');
  t.strictSame(duplicateObjects(one.documents), []);
  const problems = duplicateObjects([...one.documents, ...two.documents]);
  t.match(problems, [
    { file: 'two.yaml', line: 4, column: 9, document: 1, message: 'Task default/a is defined already at one.yaml:1' },
  ]);
  t.equal(problems.length, 1);
  t.equal(
    duplicateObjects([...one.documents, ...two.documents], 'other').length,
    0,
    'the namespace of the command counts',
  );
  const text = formatProblems([one, two, { documents: [], problems, total: 0 }]);
  t.match(
    text,
    /^two\.yaml:4:9: error: Task default\/a is defined already at one\.yaml:1\n {2}3 \| metadata:\n {2}4 \| {3}name: a\n {4}\| {9}\^\n/,
  );
  t.match(text, /\none\.yaml#1 \(Task default\/a\) ok\n/);
  t.notMatch(text, /two\.yaml#1 /);
  t.match(text, /error: 1 problem in 1 of 5 documents; nothing was applied$/);
});
