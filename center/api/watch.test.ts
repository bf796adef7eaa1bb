import t from 'tap';
import { API, startApi, taskManifest } from '../../test/support/api.js';

const TASKS = `${API}/namespaces/default/tasks`;

t.test('a watch from a list tells every change, in order', async (t) => {
  const api = await startApi(t);
  await api.apply(taskManifest('t-0'), taskManifest('t-1'));
  const list = await api.request('GET', `${API}/tasks`);
  const known = new Map<string, string>();
  for (const { metadata } of list.json.items) known.set(metadata.name, metadata.resourceVersion);
  let version = list.json.metadata.resourceVersion as string;

  const writes = async () => {
    for (let i = 0; i < 150; i++) {
      const name = `t-${i % 7}`;
      if (i % 5 === 4) await api.request('DELETE', `${TASKS}/${name}`);
      else await api.apply(taskManifest(name, { spec: { description: `version ${i}` } }));
    }
    return api.apply(taskManifest('the-last'));
  };
  const done = writes();
  for (let more = true; more; ) {
    // Every few events the connection is given up and taken up again from the last version.
    const watch = await api.lines(`${API}/tasks?watch=1&resourceVersion=${version}`);
    t.equal(watch.status, 200);
    for (let i = 0; i < 20 && more; i++) {
      const { type, object } = await watch.next();
      t.ok(Number(object.metadata.resourceVersion) > Number(version), 'never backwards');
      version = object.metadata.resourceVersion;
      if (type === 'DELETED') t.ok(known.delete(object.metadata.name), 'only what was there');
      else known.set(object.metadata.name, version);
      more = object.metadata.name !== 'the-last';
    }
    watch.close();
  }
  await done;
  const end = await api.request('GET', `${API}/tasks`);
  const expected = end.json.items.map(({ metadata }: { metadata: { name: string; resourceVersion: string } }) => [
    metadata.name,
    metadata.resourceVersion,
  ]);
  t.same([...known].sort(), expected);
});

t.test('a watch begins with what exists, and follows the selector', async (t) => {
  const api = await startApi(t);
  const labelled = (team: string, description = '') =>
    taskManifest('a', { metadata: { labels: { team } }, spec: { description } });
  await api.apply(labelled('x'));
  const watch = await api.lines(`${TASKS}?watch=1&labelSelector=team%3Dx&timeoutSeconds=60`);
  t.match(await watch.next(), { type: 'ADDED', object: { metadata: { name: 'a' } } });
  await api.apply(labelled('x', 'changed'));
  t.match(await watch.next(), { type: 'MODIFIED', object: { spec: { description: 'changed' } } });
  const [moved] = await api.apply(labelled('y', 'changed'));
  const left = await watch.next();
  t.match(
    left,
    { type: 'DELETED', object: { metadata: { labels: { team: 'x' } } } },
    'leaving the selection is DELETED',
  );
  t.equal(left.object.metadata.resourceVersion, moved!.metadata.resourceVersion, 'at the version of the change');
  await api.apply(labelled('y', 'unseen'));
  await api.apply(labelled('x', 'back'));
  t.match(await watch.next(), { type: 'ADDED', object: { spec: { description: 'back' } } });
  await api.request('DELETE', `${TASKS}/a`);
  t.match(await watch.next(), { type: 'DELETED', object: { metadata: { labels: { team: 'x' } } } });
  t.match((await api.request('GET', '/metrics')).text, /cloudtask_watch_clients 1/);
});

t.test('a watch ends after its time', async (t) => {
  const api = await startApi(t);
  const watch = await api.lines(`${TASKS}?watch=1&timeoutSeconds=1`);
  t.equal(await watch.next(), undefined);
});
