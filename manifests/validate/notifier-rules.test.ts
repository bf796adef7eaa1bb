import t from 'tap';
import type { AnyObject } from '../kinds/registry.js';
import { validateObject } from './validate-object.js';

const notifier = (spec: object): unknown => ({
  ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Notifier', metadata: { name: 'ops', namespace: 'default' }, spec },
});
const email = { host: 'mail.example.com', from: 'CloudTask <ct@example.com>', to: ['ops@example.com'] };
const said = (object: unknown) => validateObject(object as AnyObject).causes.map(({ message }) => message);

t.test('one way to send, and what it needs', async (t) => {
  t.same(said(notifier({ email })), []);
  t.same(said(notifier({ webhook: { url: 'https://hooks.example.com/x?y=1' }, groupWait: '1h' })), []);
  t.match(said(notifier({})), [/^spec: Required value: one of email and webhook/]);
  t.match(said(notifier({ email, webhook: { url: 'https://x.example' } })), [/^spec\.webhook: Forbidden: may not be/]);
  t.match(said(notifier({ email, groupWait: '2h' })), [/^spec\.groupWait: .*at most 1h/]);
  t.same(said(notifier({ email, quiet: [{ from: '22:00', to: '07:00', weekdays: ['Sat'], except: ['Lost'] }] })), []);
  t.match(said(notifier({ email, quiet: [{ from: '22:00', to: '24:00' }] })), [/^spec\.quiet\[0\]\.to: /]);
  t.match(said(notifier({ email, quiet: [{ from: '22:00', to: '07:00', timeZone: 'Europe/Berlln' }] })), [
    /^spec\.quiet\[0\]\.timeZone: .*"Europe\/Berlin"/,
  ]);
  const login = { user: 'ct', passwordFrom: { secret: 'smtp', key: 'password' } };
  t.same(said(notifier({ email: { ...email, ...login } })), []);
  t.match(said(notifier({ email: { ...email, user: 'ct' } })), [/^spec\.email\.passwordFrom: Required value/]);
  t.match(said(notifier({ email: { ...email, passwordFrom: login.passwordFrom } })), [/^spec\.email\.user: Required/]);
  t.match(said(notifier({ email: { ...email, ...login, tls: 'None' } })), [
    /^spec\.email\.user: Forbidden: .*reads the password/,
  ]);
});

t.test('a mail server is a name or an address; its port stands apart', async (t) => {
  const host = (host: string) => said(notifier({ email: { ...email, host } }));
  for (const fine of [
    'localhost',
    'a.b-c.example',
    '127.0.0.1',
    '::1',
    '2001:db8::25',
    '::ffff:10.0.0.1',
    '9am.example',
  ])
    t.same(host(fine), [], fine);
  for (const wrong of ['', 'a b', 'a..b', '-a', 'a.', '256.1.1.1', '1.2.3.4.5', '::1::', '[::1]', 'a:b', 'smtp://a'])
    t.match(host(wrong), [/^spec\.email\.host: .*must be a host name or an IP address, such as /], wrong);
  for (const wrong of ['127.0.0.1:2525', 'mail.example.com:587', '[::1]:25'])
    t.match(host(wrong), [/^spec\.email\.host: .*the port goes to spec\.email\.port$/], wrong);
});

t.test('a webhook: where to, and with what secret', async (t) => {
  const from = { secret: 'hook', key: 'url' };
  const url = 'https://hooks.example.com/x';
  for (const webhook of [
    ...[{ url }, { urlFrom: from }, { urlFrom: from, format: 'Slack' }, { format: 'PagerDuty', secretFrom: from }],
    ...[
      { urlFrom: from, format: 'DingTalk', secretFrom: from },
      { url, format: 'PagerDuty', secretFrom: from },
    ],
  ]) {
    t.same(said(notifier({ webhook })), [], JSON.stringify(webhook));
  }
  t.match(said(notifier({ webhook: {} })), [/^spec\.webhook\.url: Required value: or urlFrom/]);
  t.match(said(notifier({ webhook: { url, urlFrom: from } })), [/^spec\.webhook\.urlFrom: Forbidden/]);
  t.match(said(notifier({ webhook: { format: 'PagerDuty' } })), [/^spec\.webhook\.secretFrom: Required.*routing key/]);
  t.match(said(notifier({ webhook: { url, format: 'Slack', secretFrom: from } })), [
    /^spec\.webhook\.secretFrom: Forbidden: Slack knows no signature/,
  ]);
  t.match(said(notifier({ webhook: { url, format: 'slack' } })), [/^spec\.webhook\.format: .*Slack/]);
});

t.test('addresses hold one recipient, and nothing that ends a header', async (t) => {
  for (const address of [
    'a@example.com;b@example.com',
    'a',
    'a@b\r\nBcc: c@d',
    '<a@b>',
    'a b@c',
    'a@b,c@d',
    'a@b\u0000',
  ]) {
    t.match(
      said(notifier({ email: { ...email, to: [address] } })),
      [/^spec\.email\.to\[0\]: .*must be one address/],
      address,
    );
  }
  for (const from of ['Ct <a@b>\r\nBcc: c@d', 'Ct a@b', '"Ct" <a@b>', 'Ct <a@b> x']) {
    t.match(said(notifier({ email: { ...email, from } })), [/^spec\.email\.from: /], from);
  }
  for (const url of ['ftp://x', 'x', 'https://user:pw@x', 'file:///etc/passwd', 'http:/x', 'https:x']) {
    t.match(
      said(notifier({ webhook: { url } })),
      [/^spec\.webhook\.url: .*must be a URL that begins with https:/],
      url,
    );
  }
});

t.test('who is told: entries of tasks, namespaces and clusters', async (t) => {
  const task = (notify: unknown) => ({
    ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Task', metadata: { name: 't' } },
    spec: { run: { command: ['true'] }, notify },
  });
  const { object } = validateObject(task([{ notifier: 'ops' }]) as AnyObject);
  t.ok(object);
  t.match(said(task([{ notifier: 'ops', on: ['Failed', 'Broken'] }])), [/^spec\.notify\[0\]\.on\[1\]: /]);
  t.match(said(task([{ notifier: 'ops', on: [] }])), [/^spec\.notify\[0\]\.on: /]);
  t.match(said(task([{ on: ['Failed'] }])), [/^spec\.notify\[0\]\.notifier: Required/]);
  t.match(said(task([{ notifier: 'ops', subject: 'a\nb' }])), [/^spec\.notify\[0\]\.subject: .*one line/]);
  const entry = (extra: object) => said(task([{ notifier: 'ops', ...extra }]));
  t.same(entry({ on: ['LongerThan', 'Late'], longerThan: '30m', lateAfter: '5m' }), []);
  t.same(entry({ on: ['Late'] }), []);
  t.match(entry({ on: ['LongerThan'] }), [/^spec\.notify\[0\]\.longerThan: Required value: .*on: LongerThan/]);
  t.match(entry({ longerThan: '30m' }), [/^spec\.notify\[0\]\.longerThan: Forbidden: goes with on: LongerThan only/]);
  t.match(entry({ on: ['Failed'], lateAfter: '5m' }), [/^spec\.notify\[0\]\.lateAfter: Forbidden: goes with on: Late/]);
  t.match(entry({ on: ['Late'], lateAfter: '10ms' }), [/^spec\.notify\[0\]\.lateAfter: .*at least 1s/]);
  t.same(entry({ after: 3 }), []);
  t.same(entry({ flapping: { changes: 0, window: '10m' } }), []);
  t.match(entry({ after: 0 }), [/^spec\.notify\[0\]\.after: /]);
  t.match(entry({ after: 2, flapping: {} }), [/^spec\.notify\[0\]\.flapping: Forbidden: .*together with after/]);
  t.match(entry({ flapping: { window: '25h' } }), [/^spec\.notify\[0\]\.flapping\.window: .*at most 24h/]);
  const cluster = (on: string) => ({
    ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Cluster', metadata: { name: 'eu' } },
    spec: { notify: [{ notifier: 'ops', on: [on] }] },
  });
  const clusterRuns = (extra: object) =>
    said({
      ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Cluster', metadata: { name: 'eu' } },
      spec: { notifyRuns: [{ notifier: 'ops', ...extra }] },
    });
  t.same(clusterRuns({ namespaces: ['billing'], selector: { matchLabels: { team: 'fin' } }, after: 3 }), []);
  t.match(clusterRuns({ on: ['LongerThan'] }), [/^spec\.notifyRuns\[0\]\.longerThan: Required/]);
  t.match(clusterRuns({ on: ['AgentOffline'] }), [/^spec\.notifyRuns\[0\]\.on\[0\]: /]);
  t.match(clusterRuns({ selector: { matchLabels: { 'a b': 'x' } } }), [
    /^spec\.notifyRuns\[0\]\.selector\.matchLabels/,
  ]);
  t.match(
    entry({ selector: { matchLabels: { team: 'fin' } } }),
    [/unknown field "spec\.notify\[0\]\.selector"/],
    'a task is one task',
  );
  t.same(said(cluster('AgentOffline')), []);
  t.match(said(cluster('Failed')), [/^spec\.notify\[0\]\.on\[0\]: /], 'clusters tell of agents only');
});
