// What the API tells of notifications: who is shown them, and what they say.
import t from 'tap';
import { API, startApi, taskManifest } from '../../test/support/api.js';
import { accessObject, addUser } from '../../test/support/api-users.js';
import { notifyWarnings } from './notify-warnings.js';

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

t.test('addresses of an entry are for mail', async (t) => {
  const api = await startApi(t);
  const email = { host: 'mail.example.com', from: 'ct@example.com', to: ['ops@example.com'] };
  await api.apply(notifier, { ...notifier, metadata: { name: 'post', namespace: 'default' }, spec: { email } });
  const notify = [{ notifier: 'post', to: ['a@example.com'] }, { notifier: 'ops' }, { notifier: 'ops', to: ['a@b'] }];
  const told = await notifyWarnings(api.store, await api.apply(taskManifest('told', { spec: { notify } })));
  const words = 'notifier "ops" is a webhook; nobody at these addresses is told';
  t.same(told, [`task default/told: spec.notify[2].to: ${words}`]);
});

t.test('what is wrong with a cluster by now, for those who may read it', async (t) => {
  const api = await startApi(t);
  const cluster = (name: string) => ({
    apiVersion: notifier.apiVersion,
    kind: 'Cluster',
    metadata: { name },
    spec: {},
  });
  const role = (name: string, ...known: string[]) =>
    accessObject('Role', name, { rules: [{ verbs: ['get'], kinds: known }] });
  await api.apply(cluster('eu'), cluster('us'), role('clusters', 'Cluster'), role('both', 'Cluster', 'Task'));
  const picky = { spec: { cluster: 'eu', placement: { agents: ['a9'] } } };
  const [task] = await api.apply(taskManifest('picky', picky));
  const ask = async (name: string, token?: string) =>
    api.request('GET', `${API}/clusters/${name}/alarms`, token === undefined ? {} : { token });
  const events = async (name: string, token?: string) =>
    (await ask(name, token)).json.items.map(({ event }: { event: string }) => event);
  t.same((await ask('eu')).json, { kind: 'AlarmList', apiVersion: 'cloudtask.dev/v1', metadata: {}, items: [] });

  const { uid } = task!.metadata;
  const of = { commands: ['ctask get agents'], message: 'it is wrong' };
  const common = { subject: 'x', ...of };
  await api.store.notifications.noteAlarms({
    raised: [
      {
        ...{ ...of, key: 'NoAgents/eu', event: 'NoAgents', to: { cluster: 'eu' }, subject: 'cluster eu' },
        regarding: { kind: 'Cluster', name: 'eu' },
      },
      {
        ...{ ...common, key: 'ClockSuspect/a1', event: 'ClockSuspect', to: { cluster: 'us' } },
        regarding: { kind: 'Agent', name: 'a1' },
      },
      {
        ...{ ...common, key: `NoEligibleAgent/${uid}`, event: 'NoEligibleAgent' },
        to: { taskUid: uid!, namespace: 'default' },
        regarding: { kind: 'Task', namespace: 'default', name: 'picky', uid: uid! },
      },
      {
        ...{ ...common, key: 'CenterLost/c2', event: 'CenterLost', to: { all: true } },
        regarding: { kind: 'Cluster', name: 'default' },
      },
    ],
    over: [],
  });
  const { json } = await ask('eu');
  const since = json.items[1].since;
  t.match(since, /^\d{4}-.*Z$/);
  const noAgents = json.items.find(({ event }: { event: string }) => event === 'NoAgents');
  t.same(noAgents, {
    event: 'NoAgents',
    ...of,
    subject: 'cluster eu',
    since,
    regarding: { kind: 'Cluster', name: 'eu' },
  });
  t.same((await events('eu')).sort(), ['CenterLost', 'NoAgents', 'NoEligibleAgent']);
  t.same((await events('us')).sort(), ['CenterLost', 'ClockSuspect']);
  const { token } = await addUser(api, 'ann', { role: 'clusters' });
  t.same((await events('eu', token)).sort(), ['CenterLost', 'NoAgents'], 'tasks that may not be read are left out');
  const bob = await addUser(api, 'bob', { role: 'both' });
  t.equal((await events('eu', bob.token)).length, 3);
  const { token: viewer } = await addUser(api, 'cleo', { role: 'viewer', namespace: 'default' });
  t.equal((await ask('eu', viewer)).status, 403);
  t.equal((await ask('none')).status, 404);

  await api.store.notifications.noteAlarms({ raised: [], over: ['NoAgents/eu'] });
  t.same((await events('eu')).sort(), ['CenterLost', 'NoEligibleAgent'], 'what is over stands no more');
});
