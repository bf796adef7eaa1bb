// Lists that the center searches and orders, as pages of large installations ask for them.
import t from 'tap';
import { API, startApi, taskManifest } from '../../test/support/api.js';

const TASKS = `${API}/namespaces/default/tasks`;

const named = ({ json }: { json: { items: { metadata: { name: string } }[] } }) =>
  json.items.map(({ metadata }) => metadata.name);

t.test('lists', async (t) => {
  const api = await startApi(t);
  await api.apply(...['report-b', 'report-a', 'other', 'report-c'].map((name) => taskManifest(name)));

  await t.test('are searched by name and ordered, a page at a time', async (t) => {
    const first = await api.request('GET', `${TASKS}?search=REPORT&sortBy=-metadata.name&limit=2`);
    t.same(named(first), ['report-c', 'report-b']);
    t.equal(first.json.metadata.remainingItemCount, 1);
    const query = `search=REPORT&sortBy=-metadata.name&limit=2&continue=${first.json.metadata.continue}`;
    const second = await api.request('GET', `${TASKS}?${query}`);
    t.same(named(second), ['report-a']);
    t.equal(second.json.metadata.continue, undefined);
    t.same(named(await api.request('GET', `${TASKS}?search=port-a`)), ['report-a'], 'in the usual order too');
    t.same(named(await api.request('GET', `${TASKS}?sortBy=-metadata.name`)).length, 4, 'whole without a limit');
    t.same(
      named(await api.request('GET', `${TASKS}?fieldSelector=${encodeURIComponent('metadata.name in (other,none)')}`)),
      ['other'],
    );
  });

  await t.test('are ordered by what the kind is sorted by, and by nothing else', async (t) => {
    const refused = async (query: string) => (await api.request('GET', query)).json;
    t.match(await refused(`${TASKS}?sortBy=spec.run.command`), {
      code: 400,
      message: /parameter "sortBy": "spec.run.command" cannot be sorted by; known are metadata.name, spec.cluster/,
    });
    t.match(await refused(`${API}/runs?sortBy=metadata.name`), { code: 400, message: /runs come newest first/ });
    t.match(await refused(`${TASKS}?sortBy=-`), { code: 400 });
    const { json } = await api.request('GET', `${TASKS}?sortBy=metadata.name&limit=1`);
    const other = `${TASKS}?sortBy=status.state&continue=${json.metadata.continue}`;
    t.match(await refused(other), { code: 400, message: /the continue token is of a list in another order/ });
  });

  await t.test('and their watches tell of the same objects', async (t) => {
    const { json } = await api.request('GET', `${TASKS}?limit=1`);
    const since = `watch=1&resourceVersion=${json.metadata.resourceVersion}`;
    const searching = await api.lines(`${TASKS}?${since}&search=PORT`);
    const chosen = await api.lines(`${TASKS}?${since}&fieldSelector=${encodeURIComponent('metadata.name in (late)')}`);
    await api.apply(taskManifest('late'));
    await api.apply(taskManifest('report-d'));
    t.match(await searching.next(), { type: 'ADDED', object: { metadata: { name: 'report-d' } } });
    t.match(await chosen.next(), { type: 'ADDED', object: { metadata: { name: 'late' } } });
  });
});
