import t from 'tap';
import type { Notification, RunFacts } from '../store/notifications/notification-book.js';
import { composeMail, MAIL_IN_FULL } from './compose-mail.js';
import { linksOf, requireExternalUrl } from './console-links.js';
import { lastLines, oneLine } from './plain-text.js';

const NOW = Date.UTC(2026, 0, 1);
const about = { id: 'f00d', namespace: 'billing', notifier: 'ops', from: 'CloudTask <ct@example.com>' };
let ids = 0;
const news = (
  event: Notification['event'],
  extra: Partial<RunFacts> & { subject?: string; text?: string } = {},
): Notification => ({
  ...{ id: ++ids, key: `k${ids}`, event, attempts: 1 },
  facts: {
    ...{ about: 'Run', uid: 'u', name: 'report-1', namespace: 'billing', task: 'report', slot: '', state: 'Failed' },
    ...{
      trigger: 'Schedule',
      attempts: 2,
      exitCode: 3,
      agent: 'eu-1',
      scheduledTime: NOW,
      startTime: NOW,
      endTime: NOW + 90_000,
    },
    ...extra,
  } as RunFacts,
});
const none = { output: [] };

t.test('a mail says what failed, since when, and what to type', async (t) => {
  const failing = { since: NOW - 3_600_000, runs: 3 };
  const mail = composeMail(
    about,
    [news('Failed', { failing })],
    [{ output: ['one', '<two>'], nextTime: NOW + 3_600_000 }],
  );
  t.equal(
    mail.text,
    `Failed billing/report: exit code 3

  Run            report-1
  Due            2026-01-01 00:00:00 UTC
  Started        2026-01-01 00:00:00 UTC, for 1m30s
  Agent          eu-1
  Attempts       2
  Failing since  2025-12-31 23:00:00 UTC, 3 runs in a row
  Next run       2026-01-01 01:00:00 UTC

Last lines of output:

  one
  <two>

Look closer:

  ctask describe run/report-1 -n billing
  ctask logs run/report-1 -n billing
  ctask retry run/report-1 -n billing

-- 
Sent by CloudTask: notifier billing/ops. spec.notify says who is told of what
`,
  );
  t.match(mail, { subject: '[CloudTask] Failed billing/report: exit code 3', messageId: '<f00d@example.com>' });
  t.notMatch(mail.html, '<two>');
  const next = composeMail({ ...about, id: 'beef' }, [news('Recovered', { state: 'Succeeded' })], [none]);
  t.equal(next.references, mail.references, 'mails about one task are one thread');
  t.not(composeMail(about, [news('Failed', { task: 'other' })], [none]).references, mail.references);
});

t.test('many events are one mail, and its subject counts them', async (t) => {
  const subject = (...all: Notification[]) =>
    composeMail(
      about,
      all,
      all.map(() => none),
    ).subject;
  t.equal(subject(news('Failed'), news('Failed')), '[CloudTask] Failed billing/report (2 times)');
  t.equal(
    subject(news('Failed'), news('Lost', { task: 'x', state: 'Lost' })),
    '[CloudTask] 2 events: 1 Failed, 1 Lost',
  );
  t.equal(
    subject(news('Failed', { subject: 'Night' }), news('Failed', { subject: 'Night' })),
    'Night: Failed billing/report (2 times)',
  );
  t.match(subject(news('Failed', { subject: 'Night' }), news('Failed')), /^\[CloudTask\] /);
});

t.test('of many events each has a line, and what is not well is told in full once', async (t) => {
  const failing = (runs: number) => ({ failing: { since: NOW, runs } });
  const all = [
    ...[news('Failed', failing(1)), news('Failed', failing(2)), news('Recovered', { task: 'x', state: 'Succeeded' })],
    ...Array.from({ length: 30 }, (_, n) => news('Lost', { task: `t${n}`, state: 'Lost' })),
  ];
  const { text, html } = composeMail(
    about,
    all,
    all.map(() => none),
  );
  t.equal(text.match(/^ {2}2026-.* (Failed|Recovered|Lost) billing\//gm)?.length, all.length);
  t.equal(text.match(/^ {2}2026-.* \(run \S+\)$/gm)?.length, 2, 'the run, where several are about one task');
  t.equal(text.match(/^Look closer:$/gm)?.length, MAIL_IN_FULL);
  t.equal(text.match(/^ {2}Failing since .*, 2 runs in a row$/gm)?.length, 1);
  t.equal(html.match(/<h2 /g)?.length, MAIL_IN_FULL);
  const hundred = Array.from({ length: 100 }, (_, n) => news('Failed', { task: `${'t'.repeat(60)}${n}` }));
  const output = Array.from({ length: 20 }, () => 'x'.repeat(150));
  const large = composeMail(
    { ...about, externalUrl: 'https://tasks.example.com' },
    hundred,
    hundred.map(() => ({ output, externalUrl: 'https://tasks.example.com' })),
  );
  t.ok(Buffer.byteLength(large.html) < 102_000, `mail programs cut what is longer: ${Buffer.byteLength(large.html)}`);
});

t.test('headers: which list, which thread, and how to get out of it', async (t) => {
  const agents = (cluster: string): Notification => ({
    ...{ id: ++ids, key: `k${ids}`, event: 'AgentOffline', attempts: 1 },
    facts: { about: 'Agent', agent: 'eu-1', cluster, time: NOW },
  });
  const headers = (all: readonly Notification[], extra: object = {}) =>
    composeMail(
      { ...about, ...extra },
      all,
      all.map(() => none),
    ).headers;
  const one = composeMail(about, [news('Failed')], [none]);
  t.equal(one.inReplyTo, one.references);
  t.match(one.headers, {
    'List-Id': '<ops.billing.cloudtask.example.com>',
    'Auto-Submitted': 'auto-generated',
    'List-Unsubscribe': '<mailto:ct@example.com?subject=unsubscribe%20billing%2Fops>',
    'X-CloudTask-Events': 'Failed',
  });
  const known = { externalUrl: 'https://tasks.example.com/' };
  const page = (path: string) => ({ 'List-Unsubscribe': `<https://tasks.example.com/console/${path}>` });
  t.match(headers([news('Failed'), news('Recovered')], known), page('tasks/billing/report/manifest'));
  t.match(headers([agents('eu')], known), page('clusters/eu'));
  t.match(headers([news('Failed'), agents('eu')], known), page('notifiers/billing/ops'));
});

t.test('links, and no page elsewhere', async (t) => {
  const { text, html } = composeMail(
    { ...about, externalUrl: 'https://tasks.example.com' },
    [news('Failed', { name: 'a b/<c>', text: 'https://evil.example "x"' })],
    [{ output: ['<a href="https://evil.example">'], externalUrl: 'https://tasks.example.com' }],
  );
  t.match(text, /^ {2}Run and its output {2}https:\/\/tasks\.example\.com\/console\/runs\/billing\/a%20b%2F%3Cc%3E$/m);
  const targets = [...html.matchAll(/(?:href|src|url)\s*[=(]\s*["']([^"']*)/g)].map(([, target]) => target);
  t.same(targets, [
    'https://tasks.example.com/console/runs/billing/a%20b%2F%3Cc%3E',
    'https://tasks.example.com/console/tasks/billing/report',
    'https://tasks.example.com/console/tasks/billing/report/manifest',
  ]);
  const nobody = news('Missed', { state: 'Missed', attempts: 0 });
  const { startTime: _, endTime: __, ...facts } = nobody.facts as RunFacts;
  const links = linksOf(facts as RunFacts, 'https://tasks.example.com').map(({ label }) => label);
  t.same(links, ['Task'], 'there is no run of a time point that nobody has looked at');
  for (const wrong of ['ftp://x', 'x', 'https://a:b@x', 'https://x/?y', 'https://x/#y', 'javascript:alert(1)'])
    t.throws(() => requireExternalUrl(wrong), { code: 'CT_CONFIG_INVALID' }, wrong);
  requireExternalUrl('https://tasks.example.com/');
});

t.test('hostile texts stay texts', async (t) => {
  const evil = 'x\r\nBcc: a@b\u202e\u001b]52;c;x\u0007<script>';
  const mail = composeMail(about, [news('Failed', { message: evil, agent: evil, subject: evil, text: evil })], [none]);
  for (const char of ['\r', '\n', '\u001b', '\u202e']) t.notOk(mail.subject.includes(char));
  t.notOk(mail.text.includes('\u001b'));
  t.match(mail.subject, 'x Bcc: a@b');
  t.notMatch(mail.html, /<script>/);
  t.same(lastLines(Buffer.from('a\r\nb\rc\n\u001b[31mred\u001b[0m\n\xff\tz\n'), { lines: 3, width: 8 }), [
    'c',
    'red',
    'ÿ    z',
  ]);
  t.same(lastLines(Buffer.from('1234567890\n'), { lines: 3, width: 5 }), ['1234…']);
  t.same(lastLines(Buffer.from('\n \n'), { lines: 3, width: 5 }), []);
  t.equal(oneLine('a\n\tb', 10), 'a b');
  t.equal(oneLine('aaaa bbbb', 6), 'aaaa…');
});
