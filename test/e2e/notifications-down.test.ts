// A mail server that is down while runs fail and leaders are killed: whatever failed is told afterwards, in few mails, each once. The
// long form, two minutes and 50 failures, is `npm run notifications`.
import { setTimeout as elapse } from 'node:timers/promises';
import t from 'tap';
import type { Notifier, Run } from '../../manifests/index.js';
import { User } from '../support/ctask.js';
import { endRunners } from '../support/end-runners.js';
import { requirePostgres, startPostgres } from '../support/postgres.js';
import { type ReceivedMail, startMailServer } from '../support/smtp.js';
import { TwoCenters } from '../support/two-centers.js';
import { requireZooKeeper, startZooKeeper } from '../support/zookeeper.js';

const long = process.env.CTASK_TEST_LONG === '1';
const FAILURES = long ? 50 : 8;
const DOWN_MS = long ? 120_000 : 8_000;
const KILLS = long ? 3 : 1;
/** What is sent when a leader dies belongs to it for a minute; then there is the time of the retry. */
const PATIENCE_MS = 300_000;

t.setTimeout(600_000);

/** What a mail tells of: in the subject when it is one thing, else a line for each. */
function toldBy({ headers, body }: ReceivedMail): string[] {
  const one = /Failed default\/(fails-\d+): /.exec(headers.subject ?? '');
  if (one !== null) return [one[1]!];
  return [...body.matchAll(/^ {2}[\d-]+ [\d:]+ UTC {2}Failed default\/(fails-\d+): exit code 3$/gm)].map(
    ([, name]) => name!,
  );
}

t.test('the mail server is down, tasks fail, and leaders are killed', async (t) => {
  if (!requirePostgres(t) || !requireZooKeeper(t)) return;
  const user = new User();
  t.teardown(() => user.go());
  const postgres = await startPostgres();
  t.teardown(() => postgres.stop());
  const zookeeper = await startZooKeeper({ tickMs: 500 });
  t.teardown(() => zookeeper.stop());
  const mail = await startMailServer(t);
  user.env.CTASK_NOTIFY_ALLOW = '127.0.0.1';
  const centers = new TwoCenters(user, await postgres.createDatabase(), zookeeper.connectString);
  await centers.start();
  const agent = centers.startAgent('a1');
  await agent.until(({ stderr }) => stderr.includes('agent is ready'), 'agent is ready');
  t.teardown(async () => {
    await agent.end('SIGINT');
    endRunners(centers.agentDir('a1'));
  });
  await mail.stop();
  const begin = Date.now() + 5_000;
  await user.ok(['apply', '-f', '-'], { input: manifests(mail.port, begin) });
  for (let kill = 1; kill <= KILLS; kill += 1) {
    await elapse(begin + (kill * DOWN_MS) / (KILLS + 1) - Date.now());
    const leader = await centers.leader();
    await centers.kill(leader);
    await centers.leader(leader);
    await centers.restart(leader);
  }
  await elapse(begin + DOWN_MS - Date.now());
  await user.eventually<{ items: Run[] }>(['get', 'runs'], ({ items }) => {
    return items.filter(({ status }) => status?.state === 'Failed').length === FAILURES;
  });
  const { status } = await user.json<Notifier>(['get', 'notifier', 'ops']);
  t.match(status, { sent: 0, lastError: /ECONNREFUSED/ }, 'nothing has got through');
  const back = performance.now();
  await mail.start();
  const all = () => mail.mails.flatMap(toldBy);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  while (all().length < FAILURES) await mail.received(mail.mails.length + 1, signal);
  const tookMs = performance.now() - back;
  const sent = await user.eventually<Notifier>(['get', 'notifier', 'ops'], (now) => now.status?.sent === FAILURES);
  t.match(sent.status, { pending: 0, failed: 0 });
  const names = Array.from({ length: FAILURES }, (_, n) => `fails-${n}`);
  t.same(all().sort(), names.sort(), 'each failure is told, and none twice');
  t.equal(new Set(mail.mails.map(({ headers }) => headers['message-id'])).size, mail.mails.length);
  t.ok(mail.mails.length <= 2 + KILLS, `${mail.mails.length} mails`);
  const figures = `${FAILURES} failures in ${DOWN_MS / 1000} s, ${KILLS} times the leader was killed: ${mail.mails.length} mails (${mail.mails
    .map((one) => toldBy(one).length)
    .join(' + ')}), the last ${(tookMs / 1000).toFixed(1)} s after the mail server came back`;
  t.comment(figures);
});

function manifests(port: number, begin: number): string {
  const of = (kind: string, name: string, spec: object) => ({
    apiVersion: 'cloudtask.dev/v1',
    ...{ kind, metadata: { name, namespace: 'default' }, spec },
  });
  const email = { host: '127.0.0.1', port, tls: 'None', from: 'ct@example.com', to: ['ops@example.com'] };
  const tasks = Array.from({ length: FAILURES }, (_, n) =>
    of('Task', `fails-${n}`, {
      schedules: [{ at: new Date(begin + Math.floor((n * DOWN_MS) / FAILURES)).toISOString() }],
      notify: [{ notifier: 'ops' }],
      run: { script: `echo line ${n}; exit 3` },
    }),
  );
  const items = [of('Notifier', 'ops', { email, groupWait: '1s' }), ...tasks];
  return JSON.stringify({ apiVersion: 'cloudtask.dev/v1', kind: 'List', items });
}
