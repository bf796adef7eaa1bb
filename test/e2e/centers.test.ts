// More than one center, as processes of their own. The long form of the second test, 200 tasks and two minutes, is
// `npm run centers`.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as elapse } from 'node:timers/promises';
import t from 'tap';
import { list } from 'tar';
import { silentLogger, systemClock } from '../../base/index.js';
import { startEmbeddedServer } from '../../coordination/index.js';
import type { Run, Task } from '../../manifests/index.js';
import { User } from '../support/ctask.js';
import { endRunners } from '../support/end-runners.js';
import { count } from '../support/fleet.js';
import { requirePostgres, startPostgres } from '../support/postgres.js';
import { TwoCenters } from '../support/two-centers.js';
import { requireZooKeeper, startZooKeeper } from '../support/zookeeper.js';

const long = process.env.CTASK_TEST_LONG === '1';
const TASKS = long ? 200 : 20;
const KILLS_FOR_MS = long ? 120_000 : 20_000;

t.setTimeout(600_000);

t.test('centers with different stores refuse to share a root', async (t) => {
  const user = new User();
  t.teardown(() => user.go());
  const options = { host: '127.0.0.1', port: 0, tickMs: 200, clock: systemClock, log: silentLogger };
  const server = await startEmbeddedServer({ dataDir: join(user.home, 'coordination'), ...options });
  t.teardown(() => server.stop());
  const zookeeper = `127.0.0.1:${server.port}`;
  const center = (store: string, root: string) =>
    user.start(['center', '--data-dir', join(user.home, store), '--port', '0', '--zookeeper', `${zookeeper}${root}`]);
  const first = center('a', '');
  await first.until(({ stderr }) => stderr.includes('center is ready'), 'the first center is ready');
  mkdirSync(join(user.home, 'b'), { mode: 0o700 });
  const secret = 'coordination.secret';
  copyFileSync(join(user.home, 'a', secret), join(user.home, 'b', secret));
  const stranger = await center('b', '').done;
  t.equal(stranger.code, 2);
  t.match(stranger.stderr, /belongs to another store \([0-9a-f]{12}\); this center has the store [0-9a-f]{12}/);
  t.match(stranger.stderr, 'hint: give all centers of an installation one store');
  t.notMatch(stranger.stderr, 'center is ready', 'it never served anybody');
  const elsewhere = center('b', '/other');
  await elsewhere.until(({ stderr }) => stderr.includes('center is ready'), 'under a root of its own it is welcome');
  await Promise.all([first.end('SIGTERM'), elsewhere.end('SIGTERM')]);
  const again = center('a', '');
  await again.until(({ stderr }) => stderr.includes('center is ready'), 'the first one comes back');
  await again.end('SIGTERM');
});

t.test('the leader of two centers on PostgreSQL is killed again and again', async (t) => {
  if (!requirePostgres(t) || !requireZooKeeper(t)) return;
  const user = new User();
  t.teardown(() => user.go());
  const postgres = await startPostgres();
  t.teardown(() => postgres.stop());
  const zookeeper = await startZooKeeper({ tickMs: 500 });
  t.teardown(() => zookeeper.stop());
  const centers = new TwoCenters(user, await postgres.createDatabase(), zookeeper.connectString);
  await centers.start();
  const agents = ['a1', 'a2'].map((name) => centers.startAgent(name));
  for (const agent of agents) await agent.until(({ stderr }) => stderr.includes('agent is ready'), 'agent is ready');
  t.teardown(async () => {
    for (const agent of agents) await agent.end('SIGINT');
    for (const name of ['a1', 'a2']) endRunners(centers.agentDir(name));
  });
  const witness = join(user.home, 'witness');
  writeFileSync(witness, '');
  await user.ok(['apply', '-f', '-'], { input: manifests(witness) });
  const names = Array.from({ length: TASKS }, (_, i) => `every1-${i}`);
  await user.eventually<{ items: Task[] }>(['get', 'tasks', '-l', 'witness=yes'], ({ items }) =>
    items.every((task) => (task.status?.allocations?.length ?? 0) === 1),
  );
  const follower = user.start(['run', 'talker', '-f']);
  await follower.until(({ stdout }) => stdout.includes('line 2\n'), 'the log is followed');
  const watch = user.start(['get', 'runs', '-w', '--watch-only', '-l', 'cloudtask.dev/task=every1-0', '-o', 'json']);
  const from = Date.now();
  let kills = 0;
  while (Date.now() - from < KILLS_FOR_MS) {
    const leader = await centers.leader();
    await centers.kill(leader);
    kills += 1;
    await centers.leader(leader);
    await centers.restart(leader);
  }
  const to = Date.now();
  writeFileSync(join(user.home, 'enough'), '');
  const { code, stdout, stderr } = await follower.done;
  t.equal(code, 0, code === 0 ? 'the followed run succeeded' : stderr.slice(-2000));
  const lines = stdout.trimEnd().split('\n');
  t.strictSame(
    lines,
    lines.map((_, i) => `line ${i + 1}`),
    'the followed log has no gap and no repetition',
  );
  const testimony = () =>
    readFileSync(witness, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => ({ task: line.split(' ')[0]!, point: Date.parse(line.split(' ')[1]!) }));
  const deadline = performance.now() + 60_000;
  let counted = count(testimony(), names, from, to);
  while (counted.missing.length > 0 && performance.now() < deadline) {
    await elapse(500);
    counted = count(testimony(), names, from, to);
  }
  t.comment(`${kills} leaders killed, ${counted.expected} time points`);
  t.same(counted.missing, []);
  t.same(counted.duplicate, []);
  const last = Math.floor(to / 1000) * 1000;
  await watch.until(({ stdout }) => stdout.includes(new Date(last).toISOString()), 'the watch shows the last run');
  watch.child.kill('SIGINT');
  const seen = [...(await watch.done).stdout.matchAll(/"scheduledTime": "([^"]+)"/g)].map(([, time]) =>
    Date.parse(time!),
  );
  const expected = Array.from({ length: (last - Math.ceil(from / 1000) * 1000) / 1000 }, (_, i) => last - i * 1000);
  t.same(
    expected.filter((point) => !seen.includes(point)),
    [],
    'the watch has shown every run',
  );
  await user.eventually<{ items: Run[] }>(['get', 'runs', '--field-selector', 'status.state=Running'], ({ items }) =>
    items.every((run) => Date.parse(run.spec.scheduledTime ?? '') > to),
  );
  const audit = await user.ctask(['audit', '-o', 'json']);
  t.equal(audit.code, 0, audit.code === 0 ? 'the audit is clean' : audit.stdout.slice(0, 4000) + audit.stderr);
  const bundle = join(user.home, 'bundle.tar.gz');
  await user.ok(['support-bundle', '-f', bundle]);
  const packed: string[] = [];
  await list({ file: bundle, onReadEntry: ({ path }) => void packed.push(path) });
  t.same(
    packed.filter((path) => path.includes('/logs/')).sort(),
    [...['agents/a1', 'agents/a2'], ...['centers/c1', 'centers/c2']].map((of) => `ctask-support/logs/${of}.jsonl`),
    'log lines of both centers, and of agents whichever center they are connected to',
  );
});

function manifests(witness: string): string {
  const line = 'echo "$CTASK_TASK $CTASK_SCHEDULED_TIME" >> "$WITNESS"';
  const tasks = Array.from({ length: TASKS }, (_, i) => ({
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { name: `every1-${i}`, labels: { witness: 'yes' } },
    spec: {
      schedules: [{ every: '1s' }],
      run: { command: ['/bin/sh', '-c', line], env: [{ name: 'WITNESS', value: witness }] },
      concurrencyPolicy: 'Allow',
      history: { runs: 1000 },
    },
  }));
  const script = `i=1; until [ -e ${join(witness, '..', 'enough')} ]; do echo "line $i"; i=$((i+1)); sleep 0.2; done`;
  const talker = {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { name: 'talker' },
    spec: { run: { command: ['/bin/sh', '-c', script] } },
  };
  return JSON.stringify({ apiVersion: 'cloudtask.dev/v1', kind: 'List', items: [...tasks, talker] });
}
