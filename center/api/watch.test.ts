import t, { type Test } from 'tap';
import { between, pick, seededRandom } from '../../test/chaos/random.js';
import { API, startApi, type TestApi, taskManifest } from '../../test/support/api.js';

const TASKS = `${API}/namespaces/default/tasks`;

const WRITES = 1000;
/** Events after which a client's connection is cut. */
const CUT_EVERY = 100;

/** The state that a client rebuilds from one list and the watches that follow it, until it sees the last write. */
async function rebuild(t: Test, api: TestApi, selector: string): Promise<{ state: string[]; cuts: number }> {
  const query = selector === '' ? '' : `&labelSelector=${encodeURIComponent(selector)}`;
  const list = await api.request('GET', `${API}/tasks?limit=500${query}`);
  const known = new Map<string, string>();
  for (const { metadata } of list.json.items) known.set(metadata.name, metadata.resourceVersion);
  let version = list.json.metadata.resourceVersion as string;
  let cuts = 0;
  for (let more = true; more; cuts++) {
    const watch = await api.lines(`${API}/tasks?watch=1&resourceVersion=${version}${query}`);
    for (let i = 0; i < CUT_EVERY && more; i++) {
      const { type, object } = await watch.next();
      const { name, resourceVersion } = object.metadata;
      if (Number(resourceVersion) <= Number(version)) t.fail(`${resourceVersion} after ${version}`);
      version = resourceVersion;
      if (type === 'DELETED' && !known.delete(name)) t.fail(`${name} was deleted and is not known`);
      if (type === 'ADDED' && known.has(name)) t.fail(`${name} was added and is known`);
      if (type === 'MODIFIED' && !known.has(name)) t.fail(`${name} was modified and is not known`);
      if (type !== 'DELETED') known.set(name, version);
      more = name !== LAST;
    }
    watch.close();
  }
  return { state: [...known].map((entry) => entry.join('@')).sort(), cuts };
}

const LAST = 'the-last';

t.test('list and watch rebuild the state through 1,000 random writes and cut connections (A-23)', async (t) => {
  const api = await startApi(t);
  await api.apply(taskManifest('t-0'), taskManifest('t-1'));
  const random = seededRandom(2311);
  const labels = () => ({ labels: { team: pick(random, ['red', 'blue']) } });
  const write = async (i: number) => {
    const name = `t-${between(random, 0, 39)}`;
    if (between(random, 0, 4) === 0) return api.request('DELETE', `${TASKS}/${name}`);
    return api.apply(taskManifest(name, { metadata: labels(), spec: { description: `version ${i}` } }));
  };
  const writes = async () => {
    for (let i = 0; i < WRITES; i++) await write(i);
    await api.apply(taskManifest(LAST, { metadata: { labels: { team: 'red' } } }));
  };
  const [all, red] = await Promise.all([rebuild(t, api, ''), rebuild(t, api, 'team=red'), writes()]);
  const stateOf = async (query: string) => {
    const { json } = await api.request('GET', `${API}/tasks${query}`);
    type Item = { metadata: { name: string; resourceVersion: string } };
    return json.items.map(({ metadata }: Item) => `${metadata.name}@${metadata.resourceVersion}`).sort();
  };
  t.ok(all.cuts >= 8, `the connection was cut ${all.cuts - 1} times`);
  t.strictSame(all.state, await stateOf(''), 'everything');
  t.strictSame(red.state, await stateOf('?labelSelector=team%3Dred'), 'a selection that objects enter and leave');
});

t.test('of two that replace an object at the same version, one is told (A-21)', async (t) => {
  const api = await startApi(t);
  await api.apply(taskManifest('a'));
  for (let round = 0; round < 20; round++) {
    const { json } = await api.request('GET', `${TASKS}/a`);
    const put = (who: string) =>
      api.request('PUT', `${TASKS}/a`, { body: { ...json, spec: { ...json.spec, description: `${who} ${round}` } } });
    const answers = await Promise.all([put('one'), put('other')]);
    t.same(answers.map(({ status }) => status).sort(), [200, 409]);
    const refused = answers.find(({ status }) => status === 409);
    t.match(refused?.json, { kind: 'Status', reason: 'Conflict', message: /the object has been modified/ });
  }
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
