// Mail about runs and agents: from the commit that ends a run to a real mail server, whoever leads and whatever the server does.
import t from 'tap';
import { type Agent, API_VERSION, type Notifier, type RunReport, type Task } from '../../manifests/index.js';
import {
  agent,
  apply,
  center,
  clock,
  eventually,
  report,
  task,
  type World,
  world,
} from '../../test/support/leading-center.js';
import { type MailServer, startMailServer } from '../../test/support/smtp.js';
import type { Stored } from '../store/store-types.js';

t.setTimeout(300_000);

const POINT = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const notifications = { secrets: { unseal: async () => new Map() }, allowed: ['127.0.0.1'], leaseMs: 2_000 };

function mailer(name: string, port: number, spec: Partial<Notifier['spec']> = {}, namespace = 'default'): Notifier {
  const email = {
    host: '127.0.0.1',
    port,
    tls: 'None' as const,
    from: 'CloudTask <ct@example.com>',
    to: ['ops@example.com'],
  };
  return {
    apiVersion: API_VERSION,
    kind: 'Notifier',
    metadata: { name, namespace },
    spec: { email, groupWait: '0s', ...spec },
  };
}

const told = (name: string, notify: Task['spec']['notify']) =>
  task(name, { ...(notify === undefined ? {} : { notify }) });

/** A report of the n-th run of a task. */
function end(of: Stored<Task>, n: number, state: RunReport['state'], extra: Partial<RunReport> = {}): RunReport {
  const point = POINT + n * HOUR;
  const attempts = [{ number: 1, agent: 'a1', exitCode: state === 'Succeeded' ? 0 : 3 }];
  return { ...report(of, point, state), attempts, startTime: point, endTime: point + 1000, ...extra } as RunReport;
}

async function statusOf({ store }: World, name: string, namespace = 'default') {
  return (await store.get<Notifier>({ kind: 'Notifier', namespace, name }))?.status;
}

async function leading(t: Parameters<typeof world>[0]): Promise<{ w: World; mail: MailServer }> {
  const w = await world(t);
  const mail = await startMailServer(t);
  const { controllers } = await center(w, 'c1', { notifications });
  await controllers.start(w.signal);
  return { w, mail };
}

t.test('who is told of what: the task, else its namespace; once', async (t) => {
  const { w, mail } = await leading(t);
  await w.store.apply([mailer('ops', mail.port)], { user: 'x' });
  await w.store.apply(
    [
      {
        apiVersion: API_VERSION,
        kind: 'Namespace',
        metadata: { name: 'default' },
        spec: { notify: [{ notifier: 'ops', to: ['owner@example.com'] }] },
      },
    ],
    { user: 'x' },
  );
  const own = [
    {
      notifier: 'ops',
      on: ['Failed' as const],
      to: ['a@example.com', 'b@example.com'],
      subject: 'Billing',
      text: 'Call Ann.',
    },
    { notifier: 'ops', on: ['Failed' as const], to: ['c@example.com'] },
  ];
  const [mine, general, quiet] = await apply(w, told('mine', own), told('general', undefined), told('quiet', []));
  const failed = end(mine!, 0, 'Failed');
  const bytes = Buffer.from('one\n<b>two\u001b]52;c;x\u0007\r\nBcc: evil@example.com\n');
  await w.store.appendLogs([
    {
      header: { runUid: failed.uid, attempt: 1, stream: 'stdout', streamOffset: 0, time: POINT, length: bytes.length },
      payload: bytes,
    },
  ]);
  await w.store.acceptReports('a1', [failed, end(quiet!, 0, 'Failed'), end(general!, 0, 'Succeeded')]);
  const both = await mail.received(2, w.signal);
  const [first, plain] = [...both].sort((a, b) => b.to.length - a.to.length);
  t.same(first!.to, ['a@example.com', 'b@example.com']);
  t.same(plain!.to, ['c@example.com']);
  t.equal(plain!.headers.subject, '[CloudTask] Failed default/mine: exit code 3');
  t.notMatch(plain!.body, 'Call Ann', 'words that are meant for others');
  t.equal(first!.from, 'ct@example.com');
  t.equal(first!.headers.subject, 'Billing: Failed default/mine: exit code 3');
  t.match(first!.headers['message-id'], /^<[0-9a-f]{32}@example\.com>$/);
  t.match(first!.headers.references, /^<thread\.[0-9a-f]{32}@example\.com>$/);
  t.equal(first!.headers['in-reply-to'], first!.headers.references);
  t.match(first!.headers, {
    'auto-submitted': 'auto-generated',
    'list-id': '<ops.default.cloudtask.example.com>',
    'list-unsubscribe': '<mailto:ct@example.com?subject=unsubscribe%20default%2Fops>',
  });
  t.notOk(first!.headers.bcc, 'output is no header');
  t.match(first!.body, /Call Ann\.[\s\S]*Last lines of output:\n\n {2}one\n {2}<b>two\n {2}Bcc: evil@example\.com/);
  t.match(first!.body, `ctask logs run/${failed.name} -n default`);
  t.match(first!.body, /<pre[^>]*>one\n&#60;b&#62;two/, 'HTML shows output as it is');
  t.notMatch(first!.body, '\u001b');
  await w.store.acceptReports('a1', [failed, end(general!, 1, 'TimedOut'), end(mine!, 1, 'Succeeded')]);
  const [, , second] = await mail.received(3, w.signal);
  t.same(second!.to, ['owner@example.com']);
  t.match(second!.headers.subject, /^\[CloudTask\] Timed out default\/general/);
  await w.store.acceptReports('a1', [end(general!, 2, 'Lost'), end(general!, 3, 'Succeeded')]);
  const [, , , third] = await mail.received(4, w.signal);
  t.match(third!.headers.subject, /^\[CloudTask\] 2 events: 1 Lost, 1 Recovered$/);
  t.match(third!.body, /Recovered default\/general: after 2 runs since 2026-01-01 01:00:01 UTC/);
  await w.store.acceptReports('a1', [end(general!, 4, 'Succeeded'), end(general!, 5, 'Skipped')]);
  await w.store.acceptReports('a1', [end(general!, 6, 'Missed')]);
  const all = await mail.received(5, w.signal);
  t.match(all[4]!.headers.subject, /Missed default\/general/, 'nothing was told of what went well');
  const status = await eventually(w, async () => {
    const now = await statusOf(w, 'ops');
    return now?.pending === 0 && now.sent === 6 ? now : undefined;
  });
  t.match(status, { failed: 0, lastSentTime: String, lastError: undefined });
});

t.test('a server that is down: one mail about all that failed meanwhile, and nobody else waits for it', async (t) => {
  const { w, mail } = await leading(t);
  const other = await startMailServer(t);
  await w.store.apply([mailer('down', mail.port), mailer('well', other.port)], { user: 'x' });
  await mail.stop();
  const both = await apply(w, told('t', [{ notifier: 'down' }]), told('u', [{ notifier: 'well' }]));
  const [failing, fine] = both;
  await w.store.acceptReports('a1', [end(failing!, 0, 'Failed')]);
  const broken = await eventually(w, async () => {
    const status = await statusOf(w, 'down');
    return status?.lastError === undefined ? undefined : status;
  });
  t.match(broken, { pending: 1, sent: 0, lastError: /ECONNREFUSED/, lastErrorTime: String });
  await w.store.acceptReports('a1', [
    end(fine!, 0, 'Failed'),
    ...Array.from({ length: 9 }, (_, n) => end(failing!, n + 1, 'Failed')),
  ]);
  await other.received(1, w.signal);
  await mail.start();
  const [grouped] = await mail.received(1, w.signal);
  t.equal(grouped!.headers.subject, '[CloudTask] Failed default/t (10 times)');
  t.match(grouped!.body, /Failing since +2026-01-01 00:00:01 UTC, 10 runs in a row/);
  await eventually(w, async () => ((await statusOf(w, 'down'))?.sent === 10 ? true : undefined));
  t.equal(mail.mails.length, 1);
  t.equal(other.mails.length, 1);
  const events = (
    await w.store.list('Event', { fields: [{ field: 'spec.reason', operator: '=', value: 'NotificationFailed' }] })
  ).items;
  t.match(events[0], { spec: { regarding: { kind: 'Notifier', name: 'down' }, message: /ECONNREFUSED/ } });
});

t.test('a leader that dies while it sends: the next one sends the same mail again, and only that one', async (t) => {
  const w = await world(t);
  const mail = await startMailServer(t);
  mail.stalls = true;
  const first = await center(w, 'c1', { notifications });
  await first.controllers.start(w.signal);
  await w.store.apply([mailer('ops', mail.port)], { user: 'x' });
  const [one] = await apply(w, told('t', [{ notifier: 'ops' }]));
  const handed = mail.events.next('data', () => true, w.signal);
  await w.store.acceptReports('a1', [end(one!, 0, 'Failed')]);
  const { taken } = await handed;
  // As after kill -9: the server has taken the mail, and the word of it never came back.
  await w.store.raiseEpoch(1_000);
  await mail.stop();
  taken();
  mail.stalls = false;
  await mail.start();
  await first.controllers.stop();
  await w.store.acceptReports('a1', [end(one!, 1, 'Failed')]);
  const next = await center(w, 'c2', { notifications });
  await next.controllers.start(w.signal);
  const mails = await mail.received(3, w.signal);
  const [sent, ...later] = mails.map(({ headers }) => headers['message-id']);
  t.equal(later.filter((id) => id === sent).length, 1, 'who gets it twice can tell');
  t.equal(new Set(later).size, 2, 'what came after it is a mail of its own');
  const again = mails.filter(({ headers }) => headers['message-id'] === sent);
  for (const { headers } of again) t.equal(headers.subject, '[CloudTask] Failed default/t: exit code 3');
});

t.test('recipients that the server refuses keep nobody else waiting', async (t) => {
  const w = await world(t);
  const mail = await startMailServer(t, {
    onRcptTo: ({ address }, _session, done) =>
      done(address.startsWith('gone') ? Object.assign(new Error('no such user'), { responseCode: 550 }) : null),
  });
  const { controllers } = await center(w, 'c1', { notifications });
  await controllers.start(w.signal);
  await w.store.apply([mailer('ops', mail.port)], { user: 'x' });
  const [gone, both, good] = await apply(
    w,
    told('gone', [{ notifier: 'ops', to: ['gone@example.com'] }]),
    told('both', [{ notifier: 'ops', to: ['gone@example.com', 'here@example.com'] }]),
    told('good', [{ notifier: 'ops' }]),
  );
  await w.store.acceptReports('a1', [end(gone!, 0, 'Failed'), end(both!, 0, 'Failed'), end(good!, 0, 'Failed')]);
  const mails = await mail.received(2, w.signal);
  t.same(
    mails.map(({ to }) => to),
    [['here@example.com'], ['ops@example.com']],
  );
  const status = await eventually(w, async () => {
    const now = await statusOf(w, 'ops');
    return now?.sent === 2 ? now : undefined;
  });
  t.match(status, { pending: 1 });
});

t.test('an agent that goes, and comes back', async (t) => {
  const { w, mail } = await leading(t);
  await w.store.apply(
    [
      mailer('ops', mail.port, {}, 'cloudtask-system'),
      {
        apiVersion: API_VERSION,
        kind: 'Cluster',
        metadata: { name: 'default' },
        spec: { notify: [{ notifier: 'ops' }] },
      },
    ],
    { user: 'x' },
  );
  const a1 = await agent(w, 'a1');
  const [online] = await mail.received(1, w.signal);
  t.equal(online!.headers.subject, '[CloudTask] Agent online a1: cluster default');
  await a1.membership.stop();
  w.server.expireSession(a1.session.current.session!.id);
  const [, offline] = await mail.received(2, w.signal);
  t.equal(offline!.headers.subject, '[CloudTask] Agent offline a1: cluster default');
  t.same(offline!.to, ['ops@example.com']);
  const { status } = (await w.store.get<Agent>({ kind: 'Agent', namespace: '', name: 'a1' }))!;
  t.equal(status?.state, 'NotReady');
});

t.test('a notifier that is not there yet, and one that may not be reached', async (t) => {
  const { w, mail } = await leading(t);
  const inside = mailer('inside', mail.port, {}, 'default');
  await w.store.apply([{ ...inside, spec: { ...inside.spec, email: { ...inside.spec.email!, host: '127.0.0.2' } } }], {
    user: 'x',
  });
  const [late, hidden] = await apply(w, told('late', [{ notifier: 'ops' }]), told('hidden', [{ notifier: 'inside' }]));
  await w.store.acceptReports('a1', [end(late!, 0, 'Failed'), end(hidden!, 0, 'Failed')]);
  const status = await eventually(w, async () => {
    const now = await statusOf(w, 'inside');
    return now?.lastError === undefined ? undefined : now;
  });
  t.match(status, { pending: 1, lastError: /127\.0\.0\.2:\d+ is not of the internet.*--notify-allow 127\.0\.0\.2/ });
  await eventually(w, async () => {
    const { items } = await w.store.list('Event', {
      fields: [{ field: 'spec.regarding.name', operator: '=', value: 'ops' }],
    });
    return items.length > 0 ? items : undefined;
  });
  await w.store.apply([mailer('ops', mail.port)], { user: 'x' });
  await mail.received(1, w.signal);
});

t.test('a run that takes long, and time points that are late: each is told once, whoever leads', async (t) => {
  const w = await world(t);
  const mail = await startMailServer(t);
  const first = await center(w, 'c1', { notifications });
  await first.controllers.start(w.signal);
  await w.store.apply([mailer('ops', mail.port), mailer('boss', mail.port)], { user: 'x' });
  const [long, late] = await apply(
    w,
    told('long', [
      { notifier: 'ops', on: ['LongerThan'], longerThan: '1s' },
      { notifier: 'boss', on: ['LongerThan'], longerThan: '10h', to: ['boss@example.com'] },
    ]),
    told('late', [{ notifier: 'ops', on: ['Late'], lateAfter: '5m' }]),
  );
  const now = Date.now();
  const attempts: RunReport['attempts'] = [{ number: 1, state: 'Running', agent: 'a1' }];
  const running = { ...report(long!, now, 'Running'), startTime: now, attempts };
  await w.store.acceptReports('a1', [running]);
  const [mails] = [await mail.received(1, w.signal)];
  t.equal(mails[0]!.headers.subject, '[CloudTask] Running long default/long: still running after 1s');
  t.match(mails[0]!.body, /Started +\d{4}-\d\d-\d\d [\d:]+ UTC\n[\s\S]*ctask cancel run\//);
  const begun = (n: number, delayMs: number, state: RunReport['state']) => ({
    ...report(late!, POINT + n * HOUR, state),
    ...{ startTime: POINT + n * HOUR + delayMs, attempts },
  });
  await w.store.acceptReports('a1', [begun(0, 299_999, 'Running'), begun(1, 300_000, 'Running')]);
  const [, second] = await mail.received(2, w.signal);
  t.equal(second!.headers.subject, '[CloudTask] Late default/late: started 5m after it was due');
  await w.store.acceptReports('a1', [begun(1, 300_000, 'Succeeded'), report(late!, POINT + 2 * HOUR, 'Pending')]);
  const [, , third] = await mail.received(3, w.signal);
  t.equal(third!.headers.subject, '[CloudTask] Late default/late: not started 5m after it was due');
  await first.controllers.stop();
  const next = await center(w, 'c2', { notifications });
  await next.controllers.start(w.signal);
  await w.store.acceptReports('a1', [begun(2, HOUR, 'Running')]);
  // Told to nobody again: what comes last is the first mail of the new leader.
  const [other] = await apply(w, told('other', [{ notifier: 'ops', on: ['LongerThan'], longerThan: '1s' }]));
  await w.store.acceptReports('a1', [{ ...report(other!, now, 'Running'), startTime: now }]);
  const all = await mail.received(4, w.signal);
  t.match(all[3]!.headers.subject, /default\/other/);
  t.equal(all.length, 4);
});

t.test('a time point that no agent looks at is late, and those behind it are not told', async (t) => {
  const { w, mail } = await leading(t);
  await w.store.apply([mailer('ops', mail.port)], { user: 'x' });
  const every = [{ name: 'default', every: '1s' }];
  const late = [{ notifier: 'ops', on: ['Late' as const], lateAfter: '2s' }];
  await apply(
    w,
    task('nobody', { schedules: every, notify: late, placement: { agents: ['gone'] } }),
    task('quiet', { schedules: every, notify: late, suspend: true }),
  );
  const [first] = await mail.received(1, w.signal);
  t.equal(first!.headers.subject, '[CloudTask] Late default/nobody: not started 2s after it was due');
  t.match(first!.body, 'ctask why nobody -n default');
  await apply(w, task('marker', { schedules: every, notify: late, placement: { agents: ['gone'] } }));
  const all = await mail.received(2, w.signal);
  t.match(all[1]!.headers.subject, /default\/marker/);
});

t.test('several failures in a row, and a task that changes to and fro', async (t) => {
  const { w, mail } = await leading(t);
  await w.store.apply([mailer('ops', mail.port), mailer('boss', mail.port)], { user: 'x' });
  const boss = { notifier: 'boss', to: ['boss@example.com'], after: 3 };
  const [grave, restless] = await apply(
    w,
    told('grave', [{ notifier: 'ops' }, boss]),
    told('restless', [{ notifier: 'ops', flapping: { changes: 2, window: '3h' } }]),
  );
  const boss3 = () => mail.mails.filter(({ to }) => to[0] === 'boss@example.com').map(({ headers }) => headers.subject);
  await w.store.acceptReports(
    'a1',
    [0, 1].map((n) => end(grave!, n, 'Failed')),
  );
  await mail.received(1, w.signal);
  t.same(boss3(), []);
  await w.store.acceptReports(
    'a1',
    [2, 3].map((n) => end(grave!, n, 'Failed')),
  );
  await mail.received(3, w.signal);
  t.same(boss3(), ['[CloudTask] Failed default/grave: exit code 3']);
  await w.store.acceptReports('a1', [end(grave!, 4, 'Succeeded')]);
  await mail.received(5, w.signal);
  t.match(boss3()[1], /^\[CloudTask\] Recovered default\/grave: after 4 runs since/);
  await w.store.acceptReports('a1', [end(restless!, 0, 'Failed')]);
  await mail.received(6, w.signal);
  await w.store.acceptReports('a1', [end(restless!, 1, 'Succeeded')]);
  await mail.received(7, w.signal);
  await w.store.acceptReports('a1', [end(restless!, 2, 'Failed'), end(restless!, 3, 'Succeeded')]);
  const flapping = (await mail.received(8, w.signal))[7];
  t.equal(
    flapping!.headers.subject,
    '[CloudTask] Flapping default/restless: changed 3 times within 3h between failing and succeeding; told again when it is steady',
  );
  await w.store.acceptReports(
    'a1',
    [4, 5, 6, 7].map((n) => end(restless!, n, 'Succeeded')),
  );
  const steady = (await mail.received(9, w.signal))[8];
  t.equal(steady!.headers.subject, '[CloudTask] Recovered default/restless: steady for 3h');
});

t.test('quiet hours: what happens meanwhile is one mail at their end', async (t) => {
  const w = await world(t);
  const mail = await startMailServer(t);
  // Three seconds before a full minute, at which the window ends.
  const offset = 57_000 - (Date.now() % 60_000);
  const shifted = new Proxy(clock, {
    get: (of, key) => (key === 'now' ? () => of.now() + offset : Reflect.get(of, key).bind(of)),
  });
  const ending = new Date(shifted.now() + 3_000).toISOString().slice(11, 16);
  const beginning = new Date(shifted.now() - 3_600_000).toISOString().slice(11, 16);
  const { controllers } = await center(w, 'c1', { notifications, clock: shifted });
  await controllers.start(w.signal);
  const always = { from: '00:00', to: '00:00', except: ['Lost' as const] };
  await w.store.apply(
    [
      mailer('night', mail.port, { quiet: [{ from: beginning, to: ending, except: ['Lost'] }] }),
      mailer('never', mail.port, { quiet: [always] }),
    ],
    { user: 'x' },
  );
  const [one, two] = await apply(w, told('one', [{ notifier: 'night' }]), told('two', [{ notifier: 'never' }]));
  await w.store.acceptReports('a1', [end(one!, 0, 'Failed'), end(one!, 1, 'Lost'), end(one!, 2, 'Failed')]);
  await w.store.acceptReports('a1', [end(two!, 0, 'Failed'), end(two!, 1, 'Missed')]);
  const mails = await mail.received(2, w.signal);
  t.equal(mails[0]!.headers.subject, '[CloudTask] 2 events: 1 Failed, 1 Lost', 'with what came before it');
  t.equal(mails[1]!.headers.subject, '[CloudTask] Failed default/one: exit code 3');
  await w.store.notifications.test({ namespace: 'default', notifier: 'never' }, 'ann');
  const test = (await mail.received(3, w.signal))[2];
  t.match(test!.headers.subject, /Test/, 'who asks for a test is awake');
  await w.store.apply([mailer('never', mail.port)], { user: 'x' });
  const rest = (await mail.received(4, w.signal))[3];
  t.match(rest!.headers.subject, /2 events: 1 Failed, 1 Missed/, 'whoever takes the hours away is told at once');
});
