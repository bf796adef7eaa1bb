// Who is told of a task: the nearest list counts, and of it what is about the task.
import t from 'tap';
import type { ClusterObject, NamespaceObject, TaskObject } from '../api/objects.js';
import { toldOf } from './notify-actions.js';

const ops = { notifier: 'ops' };
const task = (notify?: object[]): TaskObject =>
  ({ metadata: { name: 'a', namespace: 'shop', labels: { team: 'web' } }, spec: { notify } }) as never;
const namespace = (notify?: object[]): NamespaceObject => ({ metadata: { name: 'shop' }, spec: { notify } }) as never;
const cluster = (notifyRuns?: object[]): ClusterObject =>
  ({ metadata: { name: 'default' }, spec: { notify: [ops], notifyRuns } }) as never;

t.test('the nearest list counts, also an empty one', async (t) => {
  t.match(toldOf(task([]), namespace([ops]), cluster([ops])), { by: 'Task', rules: [], home: 'shop' });
  t.match(toldOf(task(), namespace([]), cluster([ops])), { by: 'Namespace', rules: [], others: 0, home: 'shop' });
  const far = toldOf(task(), namespace(), cluster([ops]));
  t.match(far, { by: 'Cluster', rules: [ops], home: 'cloudtask-system' });
  t.equal(toldOf(task(), namespace(), cluster()), undefined, 'what it says of agents is not of tasks');
  t.equal(toldOf(task(), undefined, undefined), undefined);
});

t.test('entries choose tasks by labels and namespaces; a list that chooses none counts all the same', async (t) => {
  const of = (team: string) => ({ ...ops, selector: { matchLabels: { team } } });
  t.same(toldOf(task(), namespace([of('web'), of('fin')]), undefined)?.rules, [of('web')]);
  const none = toldOf(task(), namespace([of('fin')]), cluster([ops]));
  t.match(none, { by: 'Namespace', rules: [], others: 1 });
  const inside = (...namespaces: string[]) => ({ ...ops, namespaces });
  t.same(toldOf(task(), undefined, cluster([inside('blog'), inside('blog', 'shop')]))?.rules, [inside('blog', 'shop')]);
});
