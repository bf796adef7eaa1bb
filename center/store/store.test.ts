// What a store does, once on SQLite and once on PostgreSQL.
import t, { type Test } from 'tap';
import { CloudTaskError, silentLogger, systemClock } from '../../base/index.js';
import type { RunReport, Task } from '../../manifests/index.js';
import { type Postgres, requirePostgres, startPostgres } from '../../test/support/postgres.js';
import { report, task } from '../../test/support/store-objects.js';
import { openPostgresStore, openSqliteStore } from './index.js';
import type { Store } from './store.js';
import type { Change } from './store-types.js';

const user = { user: 'test' };
const common = { clock: systemClock, log: silentLogger };

async function openSqlite(dir: string): Promise<Store> {
  const store = openSqliteStore({ path: `${dir}/store.db`, ...common });
  await store.start(new AbortController().signal);
  return store;
}

const code = (error: unknown) => (error instanceof CloudTaskError ? error.code : String(error));

/** Opens a store on an empty database; it is stopped at the end of the test. */
type Open = (t: Test) => Promise<Store>;

async function objects(t: Test, open: Open) {
  const store = await open(t);
  const changes: Change[] = [];
  store.onChange((batch) => changes.push(...batch));

  t.same(
    (await store.list('Namespace')).items.map((n) => n.metadata.name),
    ['cloudtask-system', 'default'],
  );
  t.same(
    (await store.list('Cluster')).items.map((n) => n.metadata.name),
    ['default'],
  );

  const [first] = await store.apply([task('a', { labels: { team: 'x' } })], user);
  t.equal(first?.operation, 'created');
  t.equal(first?.object.metadata.generation, 1);
  const [second] = await store.apply([task('a', { labels: { team: 'x' } })], user);
  t.equal(second?.operation, 'unchanged');
  t.equal(second?.object.metadata.resourceVersion, first?.object.metadata.resourceVersion);
  const [third] = await store.apply([task('a', { labels: { team: 'y' } })], user);
  t.equal(third?.operation, 'configured');
  t.equal(third?.object.metadata.generation, 1, 'labels do not count as spec');
  const [fourth] = await store.apply([task('a', { labels: { team: 'y' } }, ['false'])], user);
  t.equal(fourth?.object.metadata.generation, 2);
  t.equal(fourth?.object.metadata.uid, first?.object.metadata.uid);

  await t.rejects(store.apply([task('a'), task('b', { namespace: 'nope' })], user), { code: 'CT_NOT_FOUND' });
  await t.rejects(store.apply([task('a')], { ...user, create: true }), { code: 'CT_ALREADY_EXISTS' });
  await t.rejects(store.apply([task('a', { resourceVersion: '1' })], user), { code: 'CT_CONFLICT' });
  const dry = await store.apply([task('z')], { ...user, dryRun: true });
  t.equal(dry[0]?.operation, 'created');
  t.equal(await store.get({ kind: 'Task', namespace: 'default', name: 'z' }), undefined, 'a dry run stores nothing');

  const key = { kind: 'Task', namespace: 'default', name: 'a' } as const;
  const suspended = await store.update<Task>(
    key,
    (object) => ({ ...object, spec: { ...object.spec, suspend: true } }),
    user,
  );
  t.equal(suspended.metadata.generation, 3);
  const status = await store.updateStatus<Task>(key, { state: 'Suspended' });
  t.equal(status?.metadata.generation, 3);
  const before = store.resourceVersion;
  await store.updateStatus<Task>(key, { state: 'Suspended' });
  t.equal(store.resourceVersion, before, 'the same status is no write');
  await t.rejects(store.delete(key, { ...user, uid: 'other' }), { code: 'CT_CONFLICT' });
  await store.delete(key, user);
  await t.rejects(store.delete(key, user), { code: 'CT_NOT_FOUND' });
  await t.rejects(store.delete({ kind: 'Namespace', namespace: '', name: 'default' }, user), { code: 'CT_FORBIDDEN' });

  t.same(
    changes.map(({ type }) => type),
    ['ADDED', 'MODIFIED', 'MODIFIED', 'MODIFIED', 'MODIFIED', 'DELETED'],
  );
  t.same(
    changes.map(({ resourceVersion }) => resourceVersion),
    changes.map((_, i) => changes[0]!.resourceVersion + i),
    'versions are consecutive in commit order',
  );
}

async function runs(t: Test, open: Open) {
  const store = await open(t);
  const [{ object } = { object: undefined }] = await store.apply([task('a', { labels: { team: 'x' } })], user);
  const uid = object!.metadata.uid;
  const point = Date.UTC(2026, 0, 1);
  const fence = { epoch: 1 };

  const reply = await store.acceptReports('eu-1', [report(uid, point), report('unknown', point)]);
  t.same(reply.accepted, [report(uid, point).uid]);
  t.equal(reply.refused[0]?.uid, report('unknown', point).uid);
  const attempt = { number: 1, state: 'Failed', agent: 'eu-1', exitCode: 3 } as const;
  await store.acceptReports('eu-1', [
    report(uid, point, { state: 'Failed', endTime: point + 5, attempts: [attempt] }),
    report(uid, point, { state: 'Running' }),
  ]);
  const failed = await store.getByUid<import('../../manifests/index.js').Run>('Run', report(uid, point).uid);
  t.equal(failed?.status?.state, 'Failed', 'a late Running does not undo the end');
  t.equal(failed?.status?.exitCode, 3);
  t.same(failed?.metadata.labels, { 'cloudtask.dev/task': 'a', team: 'x' }, 'a run has the labels of its task');
  const ofTeam = await store.list('Run', { labels: [{ key: 'team', operator: '=', values: ['x'] }] });
  t.equal(ofTeam.items.length, 1);
  const events = await store.list<import('../../manifests/index.js').Event>('Event');
  t.match(events.items, [{ spec: { reason: 'Failed', regarding: { kind: 'Task', name: 'a' }, count: 1 } }]);

  await store.recordVerdicts([{ report: report(uid, point + 1, { state: 'Lost', attempt: 1 }), agent: 'eu-2' }], fence);
  await store.acceptReports('eu-2', [report(uid, point + 1, { state: 'Succeeded' })]);
  const found = await store.getByUid<import('../../manifests/index.js').Run>('Run', report(uid, point + 1).uid);
  t.equal(found?.status?.state, 'Succeeded', 'the true end of a run called Lost stands');
  const wanted = [report(uid, point + 1).uid, 'nobody', report(uid, point).uid];
  const several = await store.listByUid('Run', [...wanted, ...Array.from({ length: 600 }, (_, i) => `no-${i}`)]);
  t.same(
    several.map(({ metadata }) => metadata.uid).sort(),
    [wanted[0], wanted[2]].sort(),
    'those that exist, at once',
  );

  const run = await store.createRun({ taskUid: uid, trigger: 'Manual', manualId: 'm1', slot: '', args: ['--x'] });
  t.equal(run.spec.manualId, 'm1');
  t.match(run.metadata.name, /^a-[0-9a-z]{10}$/);
  const assigned = await store.assignRun(run.metadata.uid, 'eu-1', fence);
  t.equal(assigned?.status?.agent, 'eu-1');
  t.equal((await store.openRuns({ agent: 'eu-1' })).length, 1);
  const asked = await store.requestCancel('default', run.metadata.name);
  t.ok(asked.spec.cancelRequestedTime);
  t.equal(asked.spec.cancelGracePeriod, undefined, 'it has the time that its task gives it');
  t.equal(asked.status?.state, 'Pending', 'the agent has it: it says when it is over');
  const other = await store.createRun({ taskUid: uid, trigger: 'Manual', manualId: 'm2', slot: '' });
  t.equal((await store.requestCancel('default', other.metadata.name)).status?.state, 'Cancelled');
  await t.rejects(store.createRun({ taskUid: 'nope', trigger: 'Manual', manualId: 'm', slot: '' }), {
    code: 'CT_NOT_FOUND',
  });

  const summary = (await store.runSummaries([uid])).get(uid);
  t.equal(summary?.open, 1);
  t.equal(summary?.lastFinished?.name, other.metadata.name);
  t.same(await store.existingTimePoints(uid, '', [point, point + 1, point + 2]), new Set([point, point + 1]));

  t.equal(await store.pruneRuns(uid, { runs: 1, olderThan: 0 }, fence), 0, 'the audit has not passed them');
  await store.setAuditedUpTo([{ taskUid: uid, slot: '', upTo: point + 10 }], fence);
  t.equal(await store.auditedUpTo(uid, ''), point + 10);
  const owed = [3, 1, 2].map((i) => ({ taskUid: uid, slot: '', point: point + i, schedule: 'default' }));
  await store.setAuditedUpTo([{ taskUid: uid, slot: '', upTo: point + 10 }], fence, owed);
  await store.setAuditedUpTo([], fence, owed.slice(1));
  t.same(await store.owedPoints(2), [owed[1], owed[2]], 'each once, oldest first');
  await store.settleOwed([owed[0]!, owed[1]!], fence);
  t.same(await store.owedPoints(10), [owed[2]]);
  const missed = [2, 3, 4].map((i) => report(uid, point + i, { state: 'Missed', attempt: 0, attempts: [] }));
  await store.acceptReports('eu-1', missed);
  t.equal(
    await store.pruneRuns(uid, { runs: 3, olderThan: 0 }, fence),
    0,
    'what was missed does not push out what ran',
  );
  t.equal(await store.pruneRuns(uid, { runs: 1, olderThan: 0 }, fence), 4, 'one of each is kept');
  await store.raiseEpoch(5);
  t.equal(await store.pruneOrphanRuns(10, { epoch: 5 }), 0);
  await store.delete({ kind: 'Task', namespace: 'default', name: 'a' }, user);
  await t.rejects(store.pruneOrphanRuns(10, fence), { code: 'CT_STALE_EPOCH' });
  t.equal(await store.pruneOrphanRuns(10, { epoch: 5 }), 2, 'the open run of the deleted task stays');
  t.same(await store.owedPoints(10), [], 'nobody asks for what it owes');
  await retryWithoutPlace(t, store);
}

/** Of two reports of a run that follow each other closely an agent sends the later one only. */
async function retryWithoutPlace(t: Test, store: Store) {
  const [{ object } = { object: undefined }] = await store.apply([task('b')], user);
  const running = report(object!.metadata.uid, Date.UTC(2026, 0, 2));
  const attempt = { number: 1, state: 'Failed', agent: 'eu-1', exitCode: 3 } as const;
  await store.acceptReports('eu-1', [running]);
  await store.acceptReports('eu-1', [
    { ...running, state: 'Queued', reason: 'AgentBusy', attempt: 2, attempts: [attempt] },
  ]);
  const waits = await store.getByUid<import('../../manifests/index.js').Run>('Run', running.uid);
  t.match(waits?.status, { state: 'Queued', reason: 'AgentBusy' });
}

async function logs(t: Test, open: Open) {
  const store = await open(t);
  const chunk = (stream: 'stdout' | 'stderr', streamOffset: number, text: string, end?: true) => ({
    header: {
      ...{ runUid: 'r', attempt: 1, stream, streamOffset, time: 1 },
      length: text.length,
      ...(end ? { end } : {}),
    },
    payload: Buffer.from(text),
  });
  const told: number[] = [];
  store.onLog(({ bytes }) => told.push(bytes));
  const reply = await store.appendLogs([
    chunk('stdout', 0, 'hello '),
    chunk('stderr', 0, 'oops '),
    chunk('stdout', 7, '?'),
  ]);
  t.same(reply.positions, [{ runUid: 'r', attempt: 1, stdout: 6, stderr: 5, ended: false }]);
  await store.appendLogs([
    chunk('stdout', 0, 'hello '),
    chunk('stdout', 6, 'world', true),
    chunk('stdout', 11, 'late'),
  ]);
  t.same(told, [11, 16]);
  t.same(await store.logLength('r', 1), { bytes: 16, ended: true });
  const whole = await store.readLog('r', 1, 0, 1000);
  t.equal(Buffer.concat(whole.pieces.map((p) => p.bytes)).toString(), 'hello oops world');
  t.equal(whole.ended, true);
  for (let offset = 0; offset < 16; offset++) {
    const slice = await store.readLog('r', 1, offset, 4);
    t.equal(Buffer.concat(slice.pieces.map((p) => p.bytes)).toString(), 'hello oops world'.slice(offset, offset + 4));
    t.equal(slice.nextOffset, Math.min(16, offset + 4));
    t.equal(slice.ended, offset + 4 >= 16);
  }
  t.same(await store.readLog('none', 1, 0, 10), { offset: 0, pieces: [], nextOffset: 0, ended: false });
}

async function pages(t: Test, open: Open) {
  const store = await open(t);
  const names = Array.from({ length: 25 }, (_, i) => `t-${String(i).padStart(2, '0')}`);
  await store.apply(
    names.map((name, i) => task(name, { labels: { half: i % 2 === 0 ? 'even' : 'odd' } })),
    user,
  );
  const first = await store.list<Task>('Task', { limit: 10 });
  t.equal(first.remaining, 15);
  await store.delete({ kind: 'Task', namespace: 'default', name: 't-15' }, user);
  await store.apply([task('t-155'), task('t-11', {}, ['changed'])], user);
  const seen = first.items.map(({ metadata }) => metadata.name);
  for (let token = first.continueToken; token !== undefined; ) {
    const page = await store.list<Task>('Task', { limit: 10, continueToken: token });
    t.equal(page.resourceVersion, first.resourceVersion);
    t.equal(page.remaining, seen.length === 10 ? 5 : undefined);
    seen.push(...page.items.map(({ metadata }) => metadata.name));
    for (const item of page.items) t.same(item.spec.run.command, ['true'], 'the first page is the snapshot');
    token = page.continueToken;
  }
  t.same(seen, names, 'what was deleted meanwhile is there, what was added is not');
  const odd = await store.list('Task', { labels: [{ key: 'half', operator: 'in', values: ['odd'] }] });
  t.equal(odd.items.length, 10);
  const fields = [{ field: 'spec.cluster', operator: '=', value: 'default' }] as const;
  t.equal((await store.list('Task', { fields })).items.length, 25);
  const text = await store.listText('Task', { fields });
  t.same(JSON.parse(`[${text.text}]`), (await store.list('Task', { fields })).items);
  t.equal(text.count, 25);

  const key = { kind: 'Task', namespace: 'default', name: 't-00' } as const;
  const count = (o: Task) => Number(o.metadata.annotations?.count ?? 0);
  const bump = () =>
    store.update<Task>(
      key,
      (o) => ({ ...o, metadata: { ...o.metadata, annotations: { count: String(count(o) + 1) } } }),
      user,
    );
  await Promise.all(Array.from({ length: 8 }, bump));
  t.equal(count((await store.get<Task>(key))!), 8, 'no update is lost');
  const stale = (await store.get<Task>(key))!;
  await bump();
  await t.rejects(
    store.update<Task>(key, () => stale, user),
    { code: 'CT_CONFLICT', details: { subject: 'Task default/t-00' } },
    'a version of its own is a precondition',
  );
}

async function edits(t: Test, open: Open) {
  const store = await open(t);
  const every = (seconds: number, command = 'true'): Task => {
    const plain = task('a', {}, [command]);
    return { ...plain, spec: { ...plain.spec, schedules: [{ name: 'default', every: `${seconds}s` }] } };
  };
  const [created] = await store.apply([every(1)], user);
  const { uid } = created!.object.metadata;
  t.same(await store.taskEdits([uid]), []);
  await store.apply([every(2)], user);
  await store.apply([every(2, 'false')], user);
  const was = (seconds: number) => ({
    schedules: [{ name: 'default', every: `${seconds}s` }],
    timeZone: 'UTC',
    dst: { gap: 'Shift', overlap: 'First' },
  });
  const [first, second] = [1, 2].map((n) => ({ taskUid: uid, from: n, schedules: was(n) }));
  t.same(await store.taskEdits([uid, 'unknown']), [first, second]);
  for (let seconds = 3; seconds < 20; seconds++) await store.apply([every(seconds)], user);
  const kept = await store.taskEdits([uid]);
  t.same(kept.length, 8, 'the latest');
  t.same(kept.at(-1)?.schedules, was(18));
  await store.delete({ kind: 'Task', namespace: 'default', name: 'a' }, user);
  t.same(await store.taskEdits([uid]), []);
}

async function continuations(t: Test, open: Open) {
  const store = await open(t);
  await store.raiseEpoch(1);
  const fence = { epoch: 1 };
  const [{ object } = { object: undefined }] = await store.apply([task('a')], user);
  const { uid } = object!.metadata;
  const point = Date.UTC(2026, 0, 1);
  const lost = report(uid, point, { state: 'Lost', reason: 'NeverReported', attempts: [], attempt: 0, endTime: point });
  await store.recordVerdicts([{ report: lost, agent: null }], fence);
  t.same(
    (await store.lostRuns([uid], point - 1)).map(({ metadata }) => metadata.uid),
    [lost.uid],
  );
  t.same(await store.lostRuns([uid], point), [], 'only those that were lost later');
  const next = { uid: lost.uid, agent: 'eu-2', attempt: 2, reason: 'Rerun' } as const;
  t.match((await store.continueRun(next, fence))?.status, {
    ...{ state: 'Pending', reason: 'Rerun', agent: 'eu-2', endTime: undefined },
    attempts: [{ number: 1, state: 'Lost', reason: 'NeverReported' }],
  });
  t.equal(await store.continueRun(next, fence), undefined, 'once');
  t.equal((await store.openRuns({ agent: 'eu-2' })).length, 1);
  const made = (agent: string, number: number) => [
    { number, state: 'Succeeded', agent, startTime: new Date(point).toISOString() } as const,
  ];
  const says = (agent: string, number: number, state: RunReport['state'] = 'Succeeded') =>
    store.acceptReports(agent, [report(uid, point, { state, attempt: number, attempts: made(agent, number) })]);
  await says('eu-1', 1);
  await says('eu-1', 2, 'Running');
  const status = async () => (await store.getByUid<import('../../manifests/index.js').Run>('Run', lost.uid))?.status;
  t.match(await status(), { state: 'Pending', agent: 'eu-2' }, 'a former owner does not count');
  await says('eu-2', 2);
  t.match(await status(), { state: 'Succeeded', agent: 'eu-2' });
  t.equal(await store.continueRun({ ...next, agent: 'eu-3', attempt: 3 }, fence), undefined, 'it has ended');
  const events = async (reason: string) =>
    (await store.list<import('../../manifests/index.js').Event>('Event')).items.filter(
      ({ spec }) => spec.reason === reason,
    );
  t.same(await events('StartedTwice'), []);
  await says('eu-1', 2);
  t.match(await events('StartedTwice'), [
    { spec: { type: 'Warning', message: /attempt 2 was started by agent eu-1 .*by agent eu-2/ } },
  ]);

  const other = report(uid, point + 1000, { attempts: [{ ...made('eu-1', 1)[0]!, state: 'Running' }] });
  await store.acceptReports('eu-1', [other]);
  const silent = { ...other, state: 'Lost', attempts: [{ ...made('eu-1', 1)[0]!, state: 'Lost' }] } as const;
  await store.recordVerdicts([{ report: silent, agent: 'eu-1' }], fence);
  await store.continueRun({ ...next, uid: other.uid }, fence);
  const running = { ...made('eu-2', 2)[0]!, state: 'Running' } as const;
  await store.acceptReports('eu-2', [{ ...other, revision: 2, attempt: 2, attempts: [...silent.attempts, running] }]);
  const { spec } = (await store.getByUid<import('../../manifests/index.js').Run>('Run', other.uid))!;
  t.equal(spec.revision, 1, 'an attempt after an edit leaves the revision by which the time point was due');
  await store.acceptReports('eu-1', [{ ...other, state: 'Succeeded', attempts: made('eu-1', 1) }]);
  t.match(await events('LateResult'), [
    { spec: { type: 'Normal', message: /attempt 1, which was called Lost, ended as Succeeded on agent eu-1$/ } },
  ]);
}

const suite = { objects, runs, logs, pages, edits, continuations };

for (const [what, run] of Object.entries(suite)) {
  t.test(`sqlite: ${what}`, (t) =>
    run(t, async (t) => {
      const store = await openSqlite(t.testdir());
      t.teardown(() => store.stop());
      return store;
    }),
  );
}

t.test('postgres', async (t) => {
  if (!requirePostgres(t)) return;
  const server: Postgres = await startPostgres();
  t.teardown(() => server.stop());
  for (const [what, run] of Object.entries(suite)) {
    await t.test(what, (t) =>
      run(t, async (t) => {
        const store = openPostgresStore({ url: await server.createDatabase(), ...common });
        await store.start(new AbortController().signal);
        t.teardown(() => store.stop());
        return store;
      }),
    );
  }
});

t.test('a store has one owner, and refuses what a newer version wrote', async (t) => {
  const dir = t.testdir();
  const store = await openSqlite(dir);
  await t.rejects(openSqlite(dir), { code: 'CT_LOCKED' });
  await store.stop();
  const { default: Database } = await import('better-sqlite3');
  const raw = new Database(`${dir}/store.db`);
  raw.pragma('user_version = 999');
  raw.close();
  const refused = await openSqlite(dir).then(
    () => 'opened',
    (error: unknown) => code(error),
  );
  t.equal(refused, 'CT_STORE_NEWER');
});
