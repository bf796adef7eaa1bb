// spec.history.bytes: the output of a task within its limit, on SQLite and on PostgreSQL.
import Database from 'better-sqlite3';
import t, { type Test } from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import { requirePostgres, startPostgres } from '../../test/support/postgres.js';
import { report, task } from '../../test/support/store-objects.js';
import { openPostgresStore, openSqliteStore } from './index.js';
import type { Store } from './store.js';

const common = { clock: systemClock, log: silentLogger };
const FENCE = { epoch: 1 };
const RUNS = 250;
const BYTES = 1000;

function chunk(runUid: string, taskUid: string | undefined, text: string, streamOffset = 0, attempt = 1) {
  const header = { runUid, attempt, stream: 'stdout', streamOffset, time: 1, length: text.length } as const;
  return { header: { ...header, ...(taskUid === undefined ? {} : { taskUid }) }, payload: Buffer.from(text) };
}

async function trimmed(t: Test, store: Store): Promise<void> {
  const [made] = await store.apply([task('a')], { user: 'test' });
  const taskUid = made!.object.metadata.uid!;
  const runs = Array.from({ length: RUNS }, (_, i) => report(taskUid, 1000 * i, { state: 'Succeeded' }));
  const open = report(taskUid, 7, { state: 'Running' });
  await store.raiseEpoch(1);
  await store.acceptReports('eu-1', [open, ...runs]);
  await store.appendLogs([chunk(open.uid, taskUid, 'o'.repeat(BYTES))]);
  for (const { uid } of runs) await store.appendLogs([chunk(uid, taskUid, 'x'.repeat(BYTES))]);
  await store.appendLogs([chunk(runs[1]!.uid, taskUid, 'y'.repeat(BYTES), 0, 2), chunk('other', undefined, 'z')]);
  const text = async (uid: string, attempt = 1) =>
    Buffer.concat((await store.readLog(uid, attempt, 0, 1 << 20)).pieces.map(({ bytes }) => bytes)).toString();

  t.equal(await store.trimLogs(taskUid, (RUNS + 2) * BYTES, FENCE), 0, 'just within the limit');
  t.equal(await store.trimLogs(taskUid, (RUNS + 1) * BYTES + 1, FENCE), 1, 'a byte over it');
  t.match(
    await text(runs[0]!.uid),
    /^\[ctask: 1000 bytes of output were removed: over the \S+ KiB of history\.bytes of the task\]\n$/,
  );
  t.equal(await text(open.uid), 'o'.repeat(BYTES), 'what runs keeps its output');
  t.equal(await text(runs[1]!.uid), 'x'.repeat(BYTES));
  t.match(await store.logLength(runs[0]!.uid, 1), { ended: true });
  const late = await store.appendLogs([chunk(runs[0]!.uid, taskUid, 'late', BYTES)]);
  t.match(late.positions, [{ ended: true }], 'the agent learns that nothing more is wanted');
  t.notMatch(await text(runs[0]!.uid), 'late');

  t.equal(await store.trimLogs(taskUid, 10 * BYTES, FENCE), RUNS - 1 - 8);
  t.match(await text(runs[1]!.uid), /^\[ctask: 1000 bytes of output were removed/);
  t.equal(await text(runs[1]!.uid, 2), 'y'.repeat(BYTES), 'attempts go in the order in which they wrote');
  t.equal(await text(runs.at(-1)!.uid), 'x'.repeat(BYTES));
  t.equal((await store.list('Run')).items.length, RUNS + 1, 'the runs stay');
  t.equal(await store.trimLogs(taskUid, 0, FENCE), 8, 'the latest stays');
  t.equal(await text(runs[1]!.uid, 2), 'y'.repeat(BYTES));
  await store.pruneRuns(taskUid, { runs: 1, olderThan: 0 }, FENCE);
  await store.raiseEpoch(2);
  await store.appendLogs([chunk(runs.at(-1)!.uid, taskUid, 'x'.repeat(BYTES), 0, 3)]);
  await store.appendLogs([chunk('more', taskUid, 'm')]);
  await t.rejects(store.trimLogs(taskUid, 1, FENCE), { code: 'CT_STALE_EPOCH' });
  t.match(await text(runs.at(-1)!.uid, 3), /^x/);
}

t.test('sqlite', async (t) => {
  const directory = t.testdir();
  const store = openSqliteStore({ path: `${directory}/store.db`, ...common });
  await store.start(new AbortController().signal);
  await trimmed(t, store);
  await store.stop();
  const database = new Database(`${directory}/store-logs.db`, { readonly: true });
  const sums =
    'select (select bytes from task_logs) total, (select sum(bytes) from logs where task_uid is not null) of';
  const { total, of } = database.prepare(sums).get() as { total: number; of: number };
  t.equal(total, of, 'the sum that is kept is the sum');
  const plan = (sql: string) =>
    (database.prepare(`explain query plan ${sql}`).all() as { detail: string }[]).map(({ detail }) => detail).join();
  // What a limit costs does not grow with the past: a row by its key, and the oldest logs by an index in its order.
  t.match(plan("select bytes from task_logs where task_uid = 'a'"), /^SEARCH task_logs USING INDEX/);
  const oldest = "select id, run_uid, bytes from logs where task_uid = 'a' and id > 5 order by id limit 101";
  t.equal(plan(oldest), 'SEARCH logs USING INDEX logs_by_task (task_uid=? AND id>?)');
  database.close();
});

t.test('postgres', async (t) => {
  if (!requirePostgres(t)) return;
  const server = await startPostgres();
  t.teardown(() => server.stop());
  const url = await server.createDatabase();
  const store = openPostgresStore({ url, ...common });
  await store.start(new AbortController().signal);
  t.teardown(() => store.stop());
  await trimmed(t, store);
});
