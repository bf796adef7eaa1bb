import t from 'tap';
import type { Notification, RunFacts } from '../store/notifications/notification-book.js';
import { composeMail } from './compose-mail.js';
import { lastLines, oneLine } from './plain-text.js';

const NOW = Date.UTC(2026, 0, 1);
const about = { id: 'f00d', namespace: 'billing', notifier: 'ops', from: 'CloudTask <ct@example.com>' };
let ids = 0;
const news = (
  event: Notification['event'],
  extra: Partial<RunFacts> & { subject?: string; text?: string } = {},
): Notification => ({
  ...{ id: ++ids, event, attempts: 1 },
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

  Run       report-1
  Due       2026-01-01 00:00:00 UTC
  Started   2026-01-01 00:00:00 UTC, for 1m30s
  Agent     eu-1
  Attempts  2
  Not well  3 runs in a row, since 2025-12-31 23:00:00 UTC
  Next run  2026-01-01 01:00:00 UTC

Last lines of output:

  one
  <two>

Look closer:

  ctask describe run/report-1 -n billing
  ctask logs run/report-1 -n billing
  ctask retry run/report-1 -n billing

-- 
Sent by CloudTask: notifier billing/ops. Who is told of what stands in spec.notify.
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
