// Notifiers in words: nothing of what may be a credential is among them.
import t from 'tap';
import type { NotifierObject } from '../api/objects.js';
import { fieldWords, notifierFacts, notifierState, recipientWords, ruleFacts, wayWords } from './notifiers.js';

const notifier = (spec: object, status?: object): NotifierObject =>
  ({ metadata: { name: 'ops', namespace: 'shop', uid: 'u' }, spec, status }) as never;

t.test('mail', async (t) => {
  const mail = notifier({
    description: 'For the crew',
    email: {
      ...{ host: 'mail.example.com', tls: 'StartTls', user: 'ct', from: 'ct@example.com' },
      ...{ passwordFrom: { secret: 'smtp', key: 'password' }, to: ['a@example.com', 'b@example.com'] },
    },
  });
  t.equal(wayWords(mail), 'Mail');
  t.equal(recipientWords(mail), 'a@example.com, b@example.com');
  t.same(Object.fromEntries(notifierFacts(mail)), {
    'Mail server': 'mail.example.com',
    Encryption: 'StartTls',
    User: 'ct',
    From: 'ct@example.com',
    Password: 'password of secret smtp',
    To: 'a@example.com, b@example.com',
  });
  t.equal(notifierState(mail), 'Ready');
  t.equal(notifierState(notifier({}, { lastError: 'no' })), 'Failing');
});

t.test('of a URL its host, and of what has a value no value', async (t) => {
  const secret = 'T0P-S3CRET';
  const hook = notifier({
    webhook: {
      ...{ url: `https://me:${secret}@hooks.example.com:8443/services/${secret}?token=${secret}`, format: 'Slack' },
      headers: [
        { name: 'x-key', value: secret },
        { name: 'x-other', valueFrom: { secret: 'hook', key: 'other' } },
      ],
      anything: { value: secret },
    },
  });
  t.equal(wayWords(hook), 'Slack');
  t.equal(recipientWords(hook), 'hooks.example.com:8443');
  t.same(notifierFacts(hook), [
    ['URL', 'hooks.example.com:8443'],
    ['Format', 'Slack'],
    ['Headers', 'x-key, x-other'],
  ]);
  t.equal(recipientWords(notifier({ webhook: { url: secret } })), '', 'what is no URL is not told at all');
  t.equal(recipientWords(notifier({ webhook: { urlFrom: { secret: 'hook', key: 'url' } } })), '');
  const quiet = [{ from: '22:00', to: '07:00' }];
  t.equal(wayWords(notifier({ quiet, webhook: { url: 'https://a.example', format: 'CloudTask' } })), 'Webhook');
  t.same(notifierFacts(notifier({ webhook: { urlFrom: { secret: 'hook', key: 'url' } } })), [
    ['URL', 'url of secret hook'],
  ]);
});

t.test('quiet hours, and what entries choose by', async (t) => {
  const quiet = [
    { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin', except: ['Lost', 'AgentOffline'] },
    { from: '00:00', to: '00:00', weekdays: ['Sat', 'Sun'] },
  ];
  t.same(notifierFacts(notifier({ quiet, webhook: {} })), [
    ['Quiet', '22:00 to 07:00 (Europe/Berlin); told all the same: Lost, AgentOffline'],
    ['Quiet', 'a whole day from 00:00 on (UTC), when it begins on Sat or Sun'],
  ]);
  const matchExpressions = [
    { key: 'tier', operator: 'In', values: ['a', 'b'] },
    { key: 'old', operator: 'DoesNotExist' },
  ];
  const rule = {
    notifier: 'ops',
    on: ['Failed'],
    after: 1,
    selector: { matchLabels: { team: 'fin' }, matchExpressions },
  };
  t.same(ruleFacts(rule), [['Only of tasks with', 'team=fin, tier in (a, b), !old']]);
  t.same(ruleFacts({ namespaces: ['shop', 'blog'], after: 3, flapping: { changes: 2 }, text: 'Call Ann' }), [
    ['Only in', 'shop, blog'],
    ['After', '3 failures in a row'],
    ['Flapping', 'told once when it changes more than 2 times within 1h'],
    ['Text', 'Call Ann'],
  ]);
});

t.test('fields that nobody has put into words are called as they are', async (t) => {
  t.equal(fieldWords('groupWait'), 'Group wait');
  t.equal(fieldWords('secretFrom'), 'Signed with');
});
