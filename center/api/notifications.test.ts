// What the API tells of notifications: who is shown them, and what they say.
import t from 'tap';
import { API, startApi, taskManifest } from '../../test/support/api.js';
import { addUser } from '../../test/support/api-users.js';

const NAMESPACE = `${API}/namespaces/default`;
const notifier = {
  ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Notifier', metadata: { name: 'ops', namespace: 'default' } },
  spec: { webhook: { url: 'https://hooks.example.com/services/very-secret' } },
};

t.test('the latest of a notifier and of a task, and what names a notifier', async (t) => {
  const api = await startApi(t);
  await api.apply(notifier, taskManifest('told', { spec: { notify: [{ notifier: 'ops', on: ['Failed'] }] } }));
  const { token } = await addUser(api, 'ann', { role: 'viewer', namespace: 'default' });
  const test = await api.request('POST', `${NAMESPACE}/notifiers/ops/test`);
  const sent = await api.request('GET', `${NAMESPACE}/notifiers/ops/notifications`, { token });
  t.match(sent.json, {
    kind: 'NotificationList',
    items: [
      {
        ...{ id: test.json.id, event: 'Test', state: 'Pending', attempts: 0, regarding: undefined },
        notifier: { namespace: 'default', name: 'ops' },
      },
    ],
  });
  t.notMatch(sent.text, 'very-secret');
  const uses = await api.request('GET', `${NAMESPACE}/notifiers/ops/uses`, { token });
  t.match(uses.json, {
    kind: 'NotifierUseList',
    items: [{ kind: 'Task', namespace: 'default', name: 'told', on: ['Failed'] }],
    more: false,
  });
  const system = { name: 'all', namespace: 'cloudtask-system' };
  const { apiVersion } = notifier;
  const [notify, notifyRuns] = [[{ notifier: 'all', on: ['NoAgents'] }], [{ notifier: 'all', on: ['Late'] }]];
  await api.apply(
    { ...notifier, metadata: system },
    { apiVersion, kind: 'Cluster', metadata: { name: 'far' }, spec: { notify, notifyRuns } },
  );
  const far = await api.request('GET', `${API}/namespaces/cloudtask-system/notifiers/all/uses`);
  t.match(far.json.items, [
    { kind: 'Cluster', name: 'far', on: ['NoAgents'] },
    { kind: 'Cluster', name: 'far', on: ['Late'] },
  ]);
  const told = await api.request('GET', `${NAMESPACE}/tasks/told/notifications`, { token });
  t.match(told.json, { kind: 'NotificationList', items: [] });
  for (const path of ['notifiers/none/notifications', 'notifiers/none/uses', 'tasks/none/notifications']) {
    t.equal((await api.request('GET', `${NAMESPACE}/${path}`, { token })).status, 404, path);
    t.equal((await api.request('GET', `${API}/namespaces/other/${path}`, { token })).status, 403, path);
  }
  t.equal((await api.request('POST', `${NAMESPACE}/notifiers/ops/test`, { token })).status, 403);
});
