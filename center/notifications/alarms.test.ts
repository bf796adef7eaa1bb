// What is wrong with the installation, told by whoever finds it: real centers, agents, coordination and a real mail server.
import t from 'tap';
import { silentLogger } from '../../base/index.js';
import { Election, encodeTriggerRecord, readTriggerRecord } from '../../coordination/index.js';
import { API_VERSION, type Cluster, type Notifier, type Task } from '../../manifests/index.js';
import {
  agent,
  apply,
  center,
  clock,
  eventually,
  layout,
  report,
  task,
  type World,
  world,
} from '../../test/support/leading-center.js';
import { type MailServer, startMailServer } from '../../test/support/smtp.js';
import type { Alarm } from '../store/notifications/notification-book.js';

t.setTimeout(300_000);

const quickly = {
  ...{ secrets: { unseal: async () => new Map() }, allowed: ['127.0.0.1'], leaseMs: 2_000 },
  alarms: { afterMs: 500, silenceMs: 1_500, forgottenMs: 86_400_000 },
};

const mailer = (name: string, port: number, namespace: string): Notifier => ({
  ...{ apiVersion: API_VERSION, kind: 'Notifier', metadata: { name, namespace } },
  spec: {
    email: { host: '127.0.0.1', port, tls: 'None', from: 'ct@example.com', to: [`${name}@example.com`] },
    groupWait: '0s',
  },
});

const watching = (port: number): [Notifier, Cluster] => [
  mailer('ops', port, 'cloudtask-system'),
  {
    ...{ apiVersion: API_VERSION, kind: 'Cluster', metadata: { name: 'default' } },
    spec: { notify: [{ notifier: 'ops' }] },
  },
];

/** What was told, in the order of what happened; a mail of several pieces has a line for each, with its time. */
const pieces = (mail: MailServer): string[] =>
  mail.mails.flatMap(({ body }) => {
    const lines = [...body.matchAll(/^ {2}\S+ \S+ UTC {2}(.*)$/gm)].map((line) => line[1]!);
    const heads =
      lines.length > 0
        ? lines
        : [
            body
              .trim()
              .split('\n')
              .find((line) => TOLD.test(line)) ?? '',
          ];
    return heads.flatMap((head) => TOLD.exec(head)?.[1] ?? []);
  });
const TOLD = /^((?:Resolved: )?(?:Agent|No|Clock|Lost) .*?): /;

/** Resolves when so many pieces have arrived. */
async function told(w: World, mail: MailServer, count: number): Promise<string[]> {
  if (pieces(mail).length < count) await mail.events.next('mail', () => pieces(mail).length >= count, w.signal);
  return pieces(mail);
}

t.test(
  'a cluster without agents, a task without one, a clock that is off: told once, and when it is over',
  async (t) => {
    const w = await world(t);
    const mail = await startMailServer(t);
    const first = await center(w, 'c1', { notifications: quickly });
    await first.controllers.start(w.signal);
    await w.store.apply([...watching(mail.port), mailer('own', mail.port, 'default')], { user: 'x' });
    const on = ['NoEligibleAgent' as const, 'Resolved' as const];
    const daily = { schedules: [{ name: 'default', every: '24h' }] };
    await apply(w, task('picky', { ...daily, placement: { agents: ['a9'] }, notify: [{ notifier: 'own', on }] }));
    t.same(await told(w, mail, 1), ['No agents cluster default']);
    await agent(w, 'a1');
    t.same((await told(w, mail, 4)).slice(1).sort(), [
      'Agent online a1',
      'No eligible agent default/picky',
      'Resolved: No agents cluster default',
    ]);
    const picky = mail.mails.find(({ to }) => to[0] === 'own@example.com');
    t.equal(
      picky?.headers.subject,
      '[CloudTask] No eligible agent default/picky: no agent of cluster default may run it',
    );
    t.match(picky?.body, 'ctask why picky -n default');
    await first.controllers.stop();
    const next = await center(w, 'c2', { notifications: quickly });
    await next.controllers.start(w.signal);
    await w.store.heartbeat('a1', { cluster: 'default' }, {}, { clockOffsetMs: 5_000 });
    t.same((await told(w, mail, 5)).slice(4), ['Clock suspect agent a1'], 'the next leader tells nothing again');
    await w.store.heartbeat('a1', { cluster: 'default' }, {}, {});
    await agent(w, 'a9');
    t.same((await told(w, mail, 8)).slice(5).sort(), [
      'Agent online a9',
      'Resolved: Clock suspect agent a1',
      'Resolved: No eligible agent default/picky',
    ]);
    const reasons = (await w.store.list('Event', {})).items.map(({ spec }) => (spec as { reason: string }).reason);
    for (const reason of ['NoAgents', 'NoEligibleAgent', 'ClockSuspect', 'AlarmOver']) {
      t.ok(reasons.includes(reason), reason);
    }
  },
);

t.test('a cluster whose tasks fire no more needs no agents', async (t) => {
  const w = await world(t);
  const mail = await startMailServer(t);
  const first = await center(w, 'c1', { notifications: quickly });
  await first.controllers.start(w.signal);
  const [ops, cluster] = watching(mail.port);
  const clusters = ['by-hand', 'past', 'later', 'done', 'everywhere', 'real'].map((name) => ({
    ...cluster,
    metadata: { name },
  }));
  await w.store.apply([ops, ...clusters], { user: 'x' });
  const of = (name: string, spec: Partial<Task['spec']>) => task(name, { cluster: name, ...spec });
  const daily = { schedules: [{ name: 'default', every: '24h' }] };
  const [, , , done] = await apply(
    w,
    of('by-hand', { schedules: [] }),
    of('past', { schedules: [{ name: 'once', at: '2026-01-01T00:00:00Z' }] }),
    of('later', { ...daily, suspendUntil: '2099-01-01T00:00:00Z' }),
    of('done', { ...daily, maxRuns: 1 }),
    of('everywhere', { ...daily, placement: { mode: 'EveryAgent' } }),
    of('real', daily),
  );
  t.same((await told(w, mail, 2)).sort(), ['No agents cluster done', 'No agents cluster real']);
  const path = layout.trigger(done!.metadata.uid, '');
  const { record, version } = (await readTriggerRecord(first.session.current, path))!;
  await first.session.current.setData(path, encodeTriggerRecord({ ...record, runs: 1 }), version);
  await w.store.acceptReports('a1', [report(done!, Date.now() - 1_000, 'Succeeded')]);
  t.same((await told(w, mail, 3)).slice(2), ['Resolved: No agents cluster done']);
});

t.test('nothing fires: a center that does not lead finds it, and sends it when the leader does nothing', async (t) => {
  const w = await world(t);
  const mail = await startMailServer(t);
  const standby = await center(w, 'c2', { notifications: quickly });
  // Somebody who leads and does nothing: it stands first in line, and that is all.
  const idle = new Election({ session: (await center(w, 'c1')).session, layout, id: 'c1', clock, log: silentLogger });
  await idle.start(w.signal);
  t.teardown(() => idle.stop());
  await standby.controllers.start(w.signal);
  await w.store.apply(watching(mail.port), { user: 'x' });
  const [often] = await apply(w, task('often', { schedules: [{ name: 'default', every: '1s' }] }));
  const [first] = await mail.received(1, w.signal);
  t.match(
    first!.headers.subject,
    /^\[CloudTask\] Nothing fires installation: nothing fires, and since .*Z time points are due$/,
  );
  t.same([standby.controllers.isLeader, standby.controllers.counters.watch.alarm], [false, 1]);
  // It fires again; the leader is well, and this center sends nothing more by itself.
  await w.store.acceptReports('a1', [report(often!, Date.now(), 'Running')]);
  await eventually(w, async () => {
    const { items } = await w.store.list('Event', {});
    return items.some(({ spec }) => (spec as { reason: string }).reason === 'AlarmOver') ? true : undefined;
  });
  await idle.stop();
  const [, second] = await mail.received(2, w.signal);
  t.match(second!.headers.subject, /Resolved: Nothing fires installation: after/);
});

t.test('a center that is gone, and centers that cannot reach ZooKeeper', async (t) => {
  const w = await world(t);
  const mail = await startMailServer(t);
  const first = await center(w, 'c1', { notifications: quickly });
  await first.controllers.start(w.signal);
  const second = await center(w, 'c2', { notifications: quickly });
  await second.controllers.start(w.signal);
  await w.store.apply(watching(mail.port), { user: 'x' });
  await eventually(w, async () => (first.controllers.counters.watch.looks > 3 ? true : undefined));
  await second.controllers.stop();
  t.same(await told(w, mail, 1), ['Lost center c2']);
  await second.controllers.start(w.signal);
  t.same((await told(w, mail, 2)).slice(1), ['Resolved: Lost center c2']);
  const third = await center(w, 'c3', { notifications: quickly });
  await w.server.stop();
  third.controllers.watch(); // it has never stood for election
  t.same(
    (await told(w, mail, 5)).slice(2).sort(),
    [1, 2, 3].map((n) => `No ZooKeeper center c${n}`),
  );
});

t.test('a center whose name never comes back is forgotten, and whoever was told is told so', async (t) => {
  const w = await world(t);
  const mail = await startMailServer(t);
  const forgetting = { ...quickly, alarms: { ...quickly.alarms, forgottenMs: 2_000 } };
  const first = await center(w, 'c1', { notifications: forgetting });
  await first.controllers.start(w.signal);
  const second = await center(w, 'c2', { notifications: forgetting });
  await second.controllers.start(w.signal);
  await w.store.apply(watching(mail.port), { user: 'x' });
  // Told by a center that died for good; nobody can say how it is by now.
  const alarm: Alarm = {
    ...{ key: 'CoordinationUnreachable/c9', event: 'CoordinationUnreachable', to: { all: true }, subject: 'center c9' },
    ...{ message: 'it cannot reach ZooKeeper', commands: [], regarding: { kind: 'Cluster', name: 'default' } },
  };
  await w.store.notifications.noteAlarms({ raised: [alarm], over: [] });
  await eventually(w, async () => (first.controllers.counters.watch.looks > 3 ? true : undefined));
  await second.controllers.stop();
  t.same((await told(w, mail, 4)).sort(), [
    ...['Lost center c2', 'No ZooKeeper center c9'],
    ...['Resolved: Lost center c2', 'Resolved: No ZooKeeper center c9'],
  ]);
  t.ok(mail.mails.some(({ body }) => /nobody has found it for \S+: it is forgotten/.test(body)));
  const { looks } = first.controllers.counters.watch;
  await eventually(w, async () => (first.controllers.counters.watch.looks > looks + 3 ? true : undefined));
  t.same(await w.store.notifications.alarms(), [], 'nor is it found again');
});
