// Notifications of a whole installation: a task that fails, a mail server on loopback, and a center that is killed in between.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Notifier } from '../../manifests/index.js';
import { certificate, noCertificates } from '../support/certificates.js';
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
  const described = await user.ok(['describe', 'notifier', 'ops']);
  t.match(described, /Mail Server: +127\.0\.0\.1:\d+ \(None\)\n[\s\S]*Last 7 Days: +4 sent, 0 given up\n/);
});

const encrypted = (name: string, port: number, password: string) => `apiVersion: cloudtask.dev/v1
kind: Notifier
metadata: {name: ${name}, namespace: default}
spec:
  email:
    host: localhost
    port: ${port}
    user: ct
    passwordFrom: {secret: ${password}, key: password}
    from: ct@example.com
    to: [ops@example.com]
---
`;

t.test(
  'a password goes to the right server only, and only encrypted',
  { skip: noCertificates(), timeout: 120_000 },
  async (t) => {
    const user = new User();
    t.teardown(() => user.go());
    const own = certificate(user.home, 'localhost');
    const foreign = certificate(user.home, 'localhost', 'foreign');
    const passwords: unknown[] = [];
    const server = (pair: { cert: string; key: string }) =>
      startMailServer(t, {
        ...{ cert: readFileSync(pair.cert), key: readFileSync(pair.key), authOptional: false, disabledCommands: [] },
        onAuth: ({ password }, _session, done) => {
          passwords.push(password);
          if (password === 'hunter2') return done(null, { user: 'ct' });
          done(Object.assign(new Error('Invalid user name or password'), { responseCode: 535 }));
        },
      });
    const [right, wrong, plain] = [await server(own), await server(foreign), await startMailServer(t)];
    user.env.CTASK_NOTIFY_ALLOW = 'localhost';
    user.env.NODE_EXTRA_CA_CERTS = own.cert;
    await startUp(user);
    const file = join(user.home, 'password');
    for (const [name, value] of [
      ['smtp', 'hunter2'],
      ['old', 'hunter1'],
    ] as const) {
      writeFileSync(file, value);
      await user.ok(['create', 'secret', name, '--from-file', `password=${file}`]);
    }
    const all = [
      encrypted('right', right.port, 'smtp'),
      encrypted('old', right.port, 'old'),
      encrypted('none', right.port, 'none'),
    ];
    const others = [encrypted('wrong', wrong.port, 'smtp'), encrypted('plain', plain.port, 'smtp')];
    const applied = await user.ctask(['apply', '-f', '-'], { input: [...all, ...others].join('') });
    t.match(applied, {
      code: 0,
      stderr: /notifier default\/none: spec\.email\.passwordFrom: secret "none" does not exist/,
    });
    t.match(await user.ctask(['notifier', 'test', 'right']), { code: 0 });
    t.equal(right.mails.length, 1);
    t.match(await user.ctask(['notifier', 'test', 'old']), { code: 1, stderr: /535/ });
    t.same(passwords, ['hunter2', 'hunter1']);
    t.match(await user.ctask(['notifier', 'test', 'none']), {
      code: 1,
      stderr: /secret "none" has no value "password"/,
    });
    t.match(await user.ctask(['notifier', 'test', 'wrong']), { code: 1, stderr: /certificate/ });
    t.match(await user.ctask(['notifier', 'test', 'plain']), { code: 1, stderr: /STARTTLS/ });
    t.same(passwords, ['hunter2', 'hunter1'], 'neither of these was told one');
    t.same([...wrong.mails, ...plain.mails], []);
    t.notMatch(await user.ok(['get', 'notifiers', '-o', 'yaml']), /hunter/);
  },
);
