// Every event that there is: brought about in a center with its agents and its coordination, and told once, to those who asked for it,
// by a real mail server.
import t, { type Test } from 'tap';
import {
  API_VERSION,
  CLUSTER_EVENTS,
  type Cluster,
  NOTIFY_EVENTS,
  type Notifier,
  type NotifyEvent,
  type RunNotify,
  type RunReport,
  type Task,
} from '../../manifests/index.js';
import { agent, apply, center, eventually, report, task, type World, world } from '../support/leading-center.js';
import { type MailServer, startMailServer } from '../support/smtp.js';

const NOW = Date.now();
const HOUR = 3_600_000;
const notifications = {
  ...{ secrets: { unseal: async () => new Map() }, allowed: ['127.0.0.1'], leaseMs: 2_000 },
  alarms: { afterMs: 500, silenceMs: 1_500, forgottenMs: 86_400_000 },
};

const nameOf = (event: NotifyEvent) => event.toLowerCase();
const addressOf = (event: NotifyEvent) => `${nameOf(event)}@example.com`;

/** A notifier per event, in the namespace of those who name it. */
function notifiers(port: number): Notifier[] {
  return NOTIFY_EVENTS.flatMap((event) =>
    ['default', 'cloudtask-system'].map((namespace) => ({
      ...{ apiVersion: API_VERSION, kind: 'Notifier' as const, metadata: { name: nameOf(event), namespace } },
      spec: {
        email: { host: '127.0.0.1', port, tls: 'None' as const, from: 'ct@example.com', to: [addressOf(event)] },
        groupWait: '0s',
      },
    })),
  );
}

const cluster: Cluster = {
  ...{ apiVersion: API_VERSION, kind: 'Cluster', metadata: { name: 'default' } },
  spec: {
    notify: CLUSTER_EVENTS.map((event) => ({
      notifier: nameOf(event),
      on: event === 'Resolved' ? ['NoAgents', 'Resolved'] : [event],
    })),
  },
};

/** A task that is due once a day, and asks for this event. */
function asking(event: NotifyEvent, extra: Partial<RunNotify> = {}, spec: Partial<Task['spec']> = {}): Task {
  const on = (event === 'Flapping' ? ['Failed', 'Recovered'] : [event]) as RunNotify['on'];
  const schedules = [{ name: 'default', at: new Date(NOW + 24 * HOUR).toISOString() }];
  return task(nameOf(event), {
    schedules,
    notify: [{ notifier: nameOf(event), ...(on && { on }), ...extra }],
    ...spec,
  });
}

const eventsIn = (mail: MailServer, event: NotifyEvent): string[] =>
  mail.mails
    .filter(({ to }) => to.includes(addressOf(event)))
    .flatMap(({ headers }) => headers['x-cloudtask-events']?.split(', ') ?? []);

/** Resolves when each of them has been told. */
async function arrived(t: Test, w: World, mail: MailServer, ...events: NotifyEvent[]): Promise<void> {
  const missing = () => events.filter((event) => !eventsIn(mail, event).some((one) => one.includes(event)));
  if (missing().length > 0) {
    await mail.events.next('mail', () => missing().length === 0, w.signal).catch(() => t.same(missing(), []));
  }
}

t.test('each event arrives once, at those who asked for it', { timeout: 120_000 }, async (t) => {
  const w = await world(t);
  const mail = await startMailServer(t);
  let answers = true;
  const silent = () => Promise.reject(new Error('the store is away'));
  const store = new Proxy(w.store, {
    get(of, key) {
      const value: unknown = Reflect.get(of, key);
      if (key === 'notifications' && !answers) return Object.assign(Object.create(of.notifications), { epoch: silent });
      return typeof value === 'function' ? value.bind(of) : value;
    },
  });
  const { controllers } = await center(w, 'c1', { notifications, store });
  await controllers.start(w.signal);
  const other = await center(w, 'c2', { notifications });
  await other.controllers.start(w.signal);
  await w.store.apply([...notifiers(mail.port), cluster], { user: 'x' });

  // Nobody is there to fire what is due; then an agent that does nothing.
  const soon = [{ name: 'default', at: new Date(Date.now() + 1_000).toISOString() }];
  await apply(w, task('due', { schedules: soon }), asking('NoEligibleAgent', {}, { placement: { agents: ['a9'] } }));
  await arrived(t, w, mail, 'NoAgents');
  const standing = async () => (await w.store.notifications.alarmsOf('default')).map(({ event }) => event);
  t.ok((await standing()).includes('NoAgents'));
  const a1 = await agent(w, 'a1');
  await arrived(t, w, mail, 'AgentOnline', 'Resolved', 'NoEligibleAgent', 'NothingFires');
  t.notOk((await standing()).includes('NoAgents'));
  t.ok((await standing()).includes('NoEligibleAgent'), 'of its task');

  const flapping = { flapping: { changes: 2, window: '1h' } };
  const tasks = await apply(
    w,
    ...(['Failed', 'Succeeded', 'Recovered', 'Missed', 'Lost'] as const).map((event) => asking(event)),
    asking('Late', { lateAfter: '1m' }),
    asking('LongerThan', { longerThan: '1h' }),
    asking('Flapping', { ...flapping, on: ['Recovered', 'Missed'] }),
  );
  const of = (event: NotifyEvent) => tasks.find(({ metadata }) => metadata.name === nameOf(event))!;
  const ended = (event: NotifyEvent, n: number, state: RunReport['state']): RunReport => {
    const point = NOW - HOUR + n * 60_000;
    return { ...report(of(event), point, state), startTime: point, endTime: point + 1_000 };
  };
  await w.store.acceptReports('a1', [
    ended('Failed', 0, 'Failed'),
    ended('Failed', 1, 'Succeeded'),
    ended('Succeeded', 0, 'Succeeded'),
    ended('Succeeded', 1, 'Failed'),
    ended('Recovered', 0, 'TimedOut'),
    ended('Recovered', 1, 'Succeeded'),
    ended('Recovered', 2, 'Succeeded'),
    ended('Missed', 0, 'Missed'),
    ended('Lost', 0, 'Lost'),
    { ...report(of('Late'), NOW - HOUR, 'Running'), startTime: NOW },
    { ...report(of('LongerThan'), NOW - 2 * HOUR, 'Running'), startTime: NOW - 2 * HOUR },
    ...(['Failed', 'Succeeded', 'Failed', 'Succeeded'] as const).map((state, n) => ended('Flapping', n, state)),
  ]);
  await arrived(t, w, mail, 'Failed', 'Succeeded', 'Recovered', 'Missed', 'Lost', 'Late', 'LongerThan', 'Flapping');

  await w.store.heartbeat('a1', { cluster: 'default' }, {}, { clockOffsetMs: 5_000 });
  await other.controllers.stop();
  await arrived(t, w, mail, 'ClockSuspect', 'CenterLost');
  answers = false;
  const { looks } = controllers.counters.watch;
  await eventually(w, async () => (controllers.counters.watch.looks > looks + 3 ? true : undefined));
  answers = true;
  await arrived(t, w, mail, 'StoreUnreachable');

  // Without tasks no agent is missed.
  for (const name of ['due', 'noeligibleagent', ...tasks.map(({ metadata }) => metadata.name)]) {
    await w.store.delete({ kind: 'Task', namespace: 'default', name }, { user: 'x' });
  }
  await a1.membership.stop();
  w.server.expireSession(a1.session.current.session!.id);
  await arrived(t, w, mail, 'AgentOffline');
  await w.server.stop();
  await arrived(t, w, mail, 'CoordinationUnreachable');

  for (const event of NOTIFY_EVENTS) {
    // Who asks how an alarm ended is told the alarm, too; who is told that a task changes too often, that it recovered once.
    const besides: Partial<Record<NotifyEvent, string[]>> = { Resolved: ['NoAgents'], Flapping: ['Recovered'] };
    t.same(eventsIn(mail, event).sort(), [event, ...(besides[event] ?? [])].sort(), event);
  }
});
