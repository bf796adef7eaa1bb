import t from 'tap';
import { parseManifests } from './parse-manifests.js';
import { danglingReferences } from './references.js';

const task = (cluster: string, namespace = 'default') =>
  `apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: a, namespace: ${namespace}}
spec:
  cluster: ${cluster}
  run: {command: [x]}
`;
const other = (kind: string, name: string) =>
  `apiVersion: cloudtask.dev/v1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec: {}\n`;

t.test('G-03: names that nothing in the set defines', async (t) => {
  const dangling = (...texts: string[]) => danglingReferences(parseManifests(texts.join('---\n'), 't.yaml').documents);
  t.match(dangling(task('eu-wst'), other('Cluster', 'eu-west')), [
    {
      file: 't.yaml',
      line: 5,
      column: 12,
      field: 'spec.cluster',
      severity: 'warning',
      message: 'spec.cluster: no Cluster "eu-wst" among these manifests; did you mean "eu-west"?',
    },
  ]);
  t.match(dangling(task('eu', 'bill'), other('Namespace', 'billing')), [
    { field: 'metadata.namespace', message: 'metadata.namespace: no Namespace "bill" among these manifests' },
  ]);
  t.same(dangling(task('eu')), [], 'a set without clusters says nothing about clusters');
  t.same(dangling(task('default'), other('Cluster', 'eu')), [], 'default exists by itself');
  t.same(dangling(task('eu'), other('Cluster', 'eu')), []);
});
