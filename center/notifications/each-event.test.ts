// Each event, from what is reported to a mail server: it arrives once, with those who asked for it and nobody else, in its own words, as
// text and as HTML with links to the console.
import t from 'tap';
import { AGENT_EVENTS, API_VERSION, RUN_EVENTS, type RunReport } from '../../manifests/index.js';
import { agent, apply, center, report, task, world } from '../../test/support/leading-center.js';
import { startMailServer } from '../../test/support/smtp.js';

t.setTimeout(120_000);

const POINT = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

/** States of runs, one after the other, and the subjects of the mails about the event. What takes a limit of time has tests of its own. */
const RUNS: Readonly<Record<string, { states: RunReport['state'][]; subjects: string[] }>> = {
  Failed: {
    states: ['Failed', 'TimedOut', 'Succeeded', 'Skipped'],
    subjects: ['2 events: 1 Failed, 1 Timed out'],
  },
  Succeeded: {
    states: ['Succeeded', 'Failed', 'Cancelled'],
    subjects: ['Succeeded default/succeeded: the run succeeded'],
  },
  Recovered: {
    states: ['Succeeded', 'Failed', 'Lost', 'Succeeded', 'Succeeded'],
    subjects: ['Recovered default/recovered: after 2 runs since 2026-01-01 01:00:01 UTC'],
  },
  Missed: { states: ['Missed', 'Succeeded'], subjects: ['Missed default/missed: Missed'] },
  Lost: { states: ['Lost', 'Succeeded'], subjects: ['Lost default/lost: exit code 3'] },
};

const addressOf = (event: string): string => `${event.toLowerCase()}@example.com`;

t.test('each event arrives once, with those who asked for it', async (t) => {
  const events = RUN_EVENTS.filter((event) => RUNS[event] !== undefined);
  t.equal(events.length, Object.keys(RUNS).length);
  const w = await world(t);
  const mail = await startMailServer(t);
  const secrets = { unseal: async () => new Map() };
  const options = { secrets, allowed: ['127.0.0.1'], externalUrl: 'https://tasks.example.com' };
  const { controllers } = await center(w, 'c1', { notifications: options });
  await controllers.start(w.signal);
  const email = {
    host: '127.0.0.1',
    port: mail.port,
    tls: 'None' as const,
    from: 'ct@example.com',
    to: ['all@example.com'],
  };
  const notifier = (namespace: string) => ({
    ...{ apiVersion: API_VERSION, kind: 'Notifier' as const, metadata: { name: 'ops', namespace } },
    spec: { email, groupWait: '300ms' },
  });
  const cluster = {
    ...{ apiVersion: API_VERSION, kind: 'Cluster' as const, metadata: { name: 'default' } },
    spec: { notify: AGENT_EVENTS.map((event) => ({ notifier: 'ops', on: [event], to: [addressOf(event)] })) },
  };
  await w.store.apply([notifier('default'), notifier('cloudtask-system'), cluster], { user: 'x' });
  const tasks = await apply(
    w,
    ...events.map((event) =>
      task(event.toLowerCase(), { notify: [{ notifier: 'ops', on: [event], to: [addressOf(event)] }] }),
    ),
  );
  const reports = events.flatMap((event, index) =>
    RUNS[event]!.states.map((state, n) => {
      const point = POINT + n * HOUR;
      const attempts =
        state === 'Missed' ? [] : [{ number: 1, agent: 'a1', state, exitCode: state === 'Succeeded' ? 0 : 3 }];
      return { ...report(tasks[index]!, point, state), attempts, startTime: point, endTime: point + 1000 } as RunReport;
    }),
  );
  await w.store.acceptReports('a1', reports);
  await w.store.acceptReports('a1', reports); // again, as after an answer that was lost
  const a1 = await agent(w, 'a1');
  await mail.received(events.length + 1, w.signal);
  await a1.membership.stop();
  w.server.expireSession(a1.session.current.session!.id);
  await mail.received(events.length + 2, w.signal);
  const expected = [
    ...events.flatMap((event) => RUNS[event]!.subjects.map((subject) => [addressOf(event), subject])),
    [addressOf('AgentOnline'), 'Agent online a1: cluster default'],
    [addressOf('AgentOffline'), 'Agent offline a1: cluster default'],
  ];
  const got = mail.mails.map(({ to, headers }) => [to.join(), headers.subject?.replace('[CloudTask] ', '')]);
  t.same(got.sort(), expected.sort());
  for (const { headers, body } of mail.mails) {
    t.match(headers['content-type'], /^multipart\/alternative;/);
    t.match(body, /^Content-Type: text\/plain; charset=utf-8$/m);
    t.match(body, /^Content-Type: text\/html; charset=utf-8$/m);
    t.match(body, /href="https:\/\/tasks\.example\.com\/console\//, String(headers.subject));
  }
});
