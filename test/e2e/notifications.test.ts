// Notifications of a whole installation: a task that fails, a mail server on loopback, and a center that is killed in between.
import t from 'tap';
import type { Notifier } from '../../manifests/index.js';
import { startUp, User } from '../support/ctask.js';
import { descendants, wordsOf } from '../support/processes.js';
import { startMailServer } from '../support/smtp.js';

const manifests = (port: number) => `apiVersion: cloudtask.dev/v1
kind: Notifier
metadata: {name: ops, namespace: default}
spec:
  groupWait: 1s
  email: {host: 127.0.0.1, port: ${port}, tls: None, from: CloudTask <ct@example.com>, to: [ops@example.com]}
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: breaks, namespace: default}
spec:
  notify: [{notifier: ops}]
  run: {script: "echo all is lost; exit 7"}
`;

t.test('mail about a run that failed, also when the center dies before it is sent', { timeout: 240_000 }, async (t) => {
  const signal = AbortSignal.timeout(220_000);
  const user = new User();
  t.teardown(() => user.go());
  user.env.CTASK_NOTIFY_ALLOW = '127.0.0.1';
  const mail = await startMailServer(t);
  const up = await startUp(user);
  await user.ok(['apply', '-f', '-'], { input: manifests(mail.port) });
  const { code } = await user.ctask(['run', 'breaks', '-f']);
  t.equal(code, 1);
  const [first] = await mail.received(1, signal);
  t.same(first!.to, ['ops@example.com']);
  t.equal(first!.headers.subject, '[CloudTask] Failed default/breaks: exit code 7');
  t.match(first!.body, /Last lines of output:\n\n {2}all is lost\n/);

  t.match(await user.ok(['notifier', 'test', 'ops']), 'notifier.cloudtask.dev/ops tested: it was sent\n');
  t.match(mail.mails[1]?.headers.subject, /^\[CloudTask\] Test/);

  await mail.stop();
  await user.ctask(['run', 'breaks', '-f']);
  await user.eventually<Notifier>(['get', 'notifier', 'ops'], ({ status }) => status?.lastError !== undefined);
  t.match(await user.ctask(['notifier', 'test', 'notifier/ops']), { code: 1, stderr: /notifier\/ops.*ECONNREFUSED/ });
  t.match(await user.ctask(['notifier', 'test', 'other']), { code: 5 });
  const center = descendants(up.child.pid ?? 0).find((pid) => wordsOf(pid).includes('center'));
  t.ok(center, 'the process of the center');
  process.kill(center!, 'SIGKILL');
  await mail.start();
  const mails = await mail.received(4, signal);
  const failed = mails.filter(({ headers }) => headers.subject?.includes('Failed'));
  t.match(failed[1]?.body, /2 runs in a row, since/);
  const { status } = await user.eventually<Notifier>(['get', 'notifier', 'ops'], (now) => now.status?.sent === 4);
  t.match(status, { pending: 0, failed: 0, lastError: undefined });
  t.equal(mail.mails.length, 4, 'nothing is told twice');
  t.match(await user.ok(['get', 'notifiers']), /NAME +TYPE +STATUS +PENDING +LAST-SENT +AGE\nops +Email +Ready +0 /);
  t.match(await user.ok(['events', '--for', 'notifier/ops']), /NotificationFailed/);
});
