// Notifications of a whole installation: a task that fails, a mail server on loopback, and a center that is killed in between.
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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

const slow = `apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: slow, namespace: default}
spec:
  notify: [{notifier: ops, on: [LongerThan], longerThan: 1s}]
  run: {script: "echo at work; sleep 60"}
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
  const mails = await mail.received(3, signal);
  const failed = mails.filter(({ headers }) => headers.subject?.includes('Failed'));
  t.match(failed[1]?.body, /Failing since .*, 2 runs in a row/);
  const { status } = await user.eventually<Notifier>(['get', 'notifier', 'ops'], (now) => now.status?.sent === 3);
  t.match(status, { pending: 0, failed: 0, lastError: undefined });
  t.equal(mail.mails.length, 3, 'nothing is told twice, and a test is tried once');
  t.match(await user.ok(['get', 'notifiers']), /NAME +TYPE +STATUS +PENDING +LAST-SENT +AGE\nops +Email +Ready +0 /);
  t.match(await user.ok(['events', '--for', 'notifier/ops']), /NotificationFailed/);
  const described = await user.ok(['describe', 'notifier', 'ops']);
  t.match(described, /Mail Server: +127\.0\.0\.1:\d+ \(None\)\n[\s\S]*Last 7 Days: +3 sent, 0 given up\n/);
  t.match(described, /Named By:\n +Kind +Name +On\n +Task +breaks +Failed,Recovered,Missed,Lost\n/);
  t.match(described, /Latest Notifications:\n +Event +About +State +Time +Error\n(.*\n)* +Failed +breaks-\S+ +Sent +/);

  await user.ok(['apply', '-f', '-'], { input: slow });
  await user.ok(['run', 'slow']);
  const long = (await mail.received(4, signal))[3];
  t.equal(long!.headers.subject, '[CloudTask] Running long default/slow: still running after 1s');
  t.match(long!.body, /Last lines of output:\n\n {2}at work\n/);
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
      stderr: /there is no secret "none"/,
    });
    t.match(await user.ctask(['notifier', 'test', 'wrong']), { code: 1, stderr: /certificate/ });
    t.match(await user.ctask(['notifier', 'test', 'plain']), { code: 1, stderr: /STARTTLS/ });
    t.same(passwords, ['hunter2', 'hunter1'], 'neither of these was told one');
    t.same([...wrong.mails, ...plain.mails], []);
    t.notMatch(await user.ok(['get', 'notifiers', '-o', 'yaml']), /hunter/);
  },
);

const chats = `apiVersion: cloudtask.dev/v1
kind: Notifier
metadata: {name: chat, namespace: default}
spec:
  groupWait: 0s
  webhook: {format: Slack, urlFrom: {secret: hooks, key: slack}}
---
apiVersion: cloudtask.dev/v1
kind: Notifier
metadata: {name: pager, namespace: default}
spec:
  groupWait: 0s
  webhook: {format: PagerDuty, urlFrom: {secret: hooks, key: pager}, secretFrom: {secret: hooks, key: routing}}
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: changes, namespace: default}
spec:
  parameters: [{name: code, default: "4"}]
  notify: [{notifier: chat}, {notifier: pager}]
  run: {script: "echo all is lost; exit $CTASK_PARAM_CODE"}
`;

t.test('a chat and a pager, whose URLs nobody sees', { timeout: 120_000 }, async (t) => {
  const user = new User();
  t.teardown(() => user.go());
  const asked: { url: string; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      asked.push({ url: request.url ?? '', body });
      response.writeHead(request.url === '/hunter2-gone' ? 404 : 200).end('hunter2');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const options = join(user.home, 'up.yaml');
  writeFileSync(options, 'agents: 1\nnotifyAllow: [127.0.0.1]\n');
  user.env.CTASK_OPTIONS = options;
  const up = await startUp(user, ['--external-url', 'https://tasks.example.com']);
  const values = { slack: `/hunter2-slack`, pager: '/hunter2-pager', gone: '/hunter2-gone' };
  const files = Object.entries(values).map(([name, path]) => {
    const file = join(user.home, name);
    writeFileSync(file, `http://127.0.0.1:${port}${path}\n`);
    return `--from-file=${name}=${file}`;
  });
  const routing = join(user.home, 'routing');
  writeFileSync(routing, 'hunter2-key\n');
  await user.ok(['create', 'secret', 'hooks', ...files, `--from-file=routing=${routing}`]);
  await user.ok(['apply', '-f', '-'], { input: chats });
  const wait = (path: string, count: number) =>
    user.eventually<Notifier>(
      ['get', 'notifier', 'chat'],
      () => asked.filter(({ url }) => url === path).length >= count,
    );
  await user.ctask(['run', 'changes', '-f']);
  await wait('/hunter2-slack', 1);
  await wait('/hunter2-pager', 1);
  await user.ctask(['run', 'changes', '-f', '--param', 'code=0']);
  await wait('/hunter2-slack', 2);
  await wait('/hunter2-pager', 2);
  const said = (path: string) =>
    asked.filter(({ url }) => url === path).map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  const [failed, recovered] = said('/hunter2-slack');
  t.match(failed, { text: 'Failed default/changes: exit code 4' });
  t.match(
    JSON.stringify(failed),
    /```all is lost```.*<https:\/\/tasks\.example\.com\/console\/runs\/default\/changes-/,
  );
  t.match(recovered, { text: /^Recovered default\/changes: after one run/ });
  const incident = { routing_key: 'hunter2-key', dedup_key: 'cloudtask/default/changes' };
  t.match(said('/hunter2-pager'), [
    { ...incident, event_action: 'trigger' },
    { ...incident, event_action: 'resolve' },
  ]);
  const gone = chats.split('---')[0]!.replace('name: chat', 'name: gone').replace('key: slack', 'key: gone');
  await user.ok(['apply', '-f', '-'], { input: gone });
  const tried = await user.ctask(['notifier', 'test', 'gone']);
  t.match(tried, { code: 1, stderr: /notifier\/gone.*the URL in secret "hooks": the answer is 404/ });
  const open = gone.replace('urlFrom: {secret: hooks, key: gone}', 'url: "https://hooks.example.com/"');
  t.match(await user.ctask(['apply', '--dry-run=server', '-f', '-'], { input: open }), {
    stderr: /spec\.webhook\.url: with Slack whoever can read the URL can send; urlFrom keeps it in a Secret/,
  });
  const shown = [
    ...[
      ['get', 'notifiers', '-o', 'yaml'],
      ['get', 'notifiers', '-o', 'wide'],
      ['describe', 'notifier', 'gone'],
    ],
    ...[['events'], ['audit'], ['audit', '-o', 'json']],
  ];
  for (const command of shown) t.notMatch(await user.ok(command), /hunter2/, command.join(' '));
  t.match(
    await user.ok(['describe', 'notifier', 'pager']),
    /Webhook: +secret hooks\nFormat: +PagerDuty\nRouting Key: +with/,
  );
  t.notMatch(`${up.stdout}${up.stderr}`, /hunter2/, 'what the processes say');
});
