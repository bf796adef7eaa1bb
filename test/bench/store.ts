// What the store takes in: run records and log bytes, committed, against the same volume written by better-sqlite3 alone
// (one table, one index, batches) in the same run. Goals 16, 17 and 19 of the performance reference.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import Database from 'better-sqlite3';
import { silentLogger, systemClock } from '../../base/index.js';
import { openSqliteStore, type Store } from '../../center/store/index.js';
import { type LogChunk, type RunReport, runName, runUid, type Task } from '../../manifests/index.js';
import { median, printReport, report, summarise } from './figures.js';

const ROUNDS = 3;
const BATCH = 500;
const RECORDS = 20_000;
const TASKS = 200;
const CALLERS = 4;
const CHUNK_BYTES = 64 * 1024;
const CHUNKS_PER_REQUEST = 16;
const LOG_BYTES = 128 * 1024 * 1024;

type Synchronous = 'FULL' | 'NORMAL';
const directories: string[] = [];

function directory(): string {
  const path = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'ctask-bench-store-'));
  directories.push(path);
  return path;
}

async function openStore(synchronous: Synchronous): Promise<Store> {
  const store = openSqliteStore({
    path: join(directory(), 'store.db'),
    clock: systemClock,
    log: silentLogger,
    synchronous,
  });
  await store.start(new AbortController().signal);
  return store;
}

const perSecond = (count: number, began: number) => (count / (performance.now() - began)) * 1000;

/** Run table with index (task_id, sched_at desc), WAL, batches of 500: the reference of the goal. */
function rawRecords(synchronous: Synchronous): number {
  const db = new Database(join(directory(), 'raw.db'));
  db.pragma('journal_mode = WAL');
  db.pragma(`synchronous = ${synchronous}`);
  db.exec(`create table runs (id text primary key, task_id text, sched_at integer, state text, agent text,
    exit_code integer, started_at integer, ended_at integer);
    create index runs_by_task on runs (task_id, sched_at desc)`);
  const insert = db.prepare('insert into runs values (?, ?, ?, ?, ?, ?, ?, ?)');
  const records = newReports(['a', 'b', 'c', 'd']);
  const began = performance.now();
  for (let start = 0; start < records.length; start += BATCH) {
    db.transaction(() => {
      for (const r of records.slice(start, start + BATCH)) {
        insert.run(r.uid, r.taskUid, r.scheduledTime, r.state, 'eu-1', 0, r.startTime, r.endTime);
      }
    })();
  }
  const rate = perSecond(records.length, began);
  db.close();
  return rate;
}

/** Records a second, and how long the main thread is busy with each, µs: it has a ZooKeeper session to keep. */
async function ourRecords(synchronous: Synchronous): Promise<{ rate: number; busy: number }> {
  const store = await openStore(synchronous);
  const tasks = Array.from({ length: TASKS }, (_, i) => taskNamed(`task-${i}`));
  const outcomes = await store.apply(tasks, { user: 'bench' });
  const records = newReports(outcomes.map(({ object }) => object.metadata.uid));
  const batches = Array.from({ length: RECORDS / BATCH }, (_, i) => records.slice(i * BATCH, (i + 1) * BATCH));
  const before = performance.eventLoopUtilization();
  const began = performance.now();
  const caller = async (agent: string) => {
    for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) await store.acceptReports(agent, batch);
  };
  await Promise.all(Array.from({ length: CALLERS }, (_, i) => caller(`agent-${i}`)));
  const rate = perSecond(RECORDS, began);
  const busy = (performance.eventLoopUtilization(before).active * 1000) / RECORDS;
  await store.stop();
  return { rate, busy };
}

function newReports(taskUids: readonly string[]): RunReport[] {
  return Array.from({ length: RECORDS }, (_, i) => {
    const taskUid = taskUids[i % taskUids.length]!;
    const point = Date.UTC(2026, 0, 1) + i * 1000;
    const key = { taskUid, slot: '', point };
    const times = { startTime: point + 2, endTime: point + 40 };
    return {
      uid: runUid(key),
      name: runName('task', key),
      namespace: 'default',
      task: `task-${i % taskUids.length}`,
      ...{ taskUid, slot: '', revision: 1, trigger: 'Schedule', scheduledTime: point, schedule: 'default' },
      state: 'Succeeded',
      ...times,
      attempts: [
        {
          ...{ number: 1, state: 'Succeeded', agent: 'eu-1', pid: 1000 + i, exitCode: 0 },
          startTime: new Date(times.startTime).toISOString(),
          endTime: new Date(times.endTime).toISOString(),
        },
      ],
      attempt: 1,
    };
  });
}

function taskNamed(name: string): Task {
  return {
    apiVersion: 'cloudtask.dev/v1',
    kind: 'Task',
    metadata: { name, namespace: 'default' },
    spec: { cluster: 'default', run: { command: ['true'] } },
  };
}

const PAYLOAD = Buffer.alloc(CHUNK_BYTES, 'all work and no play makes a dull log line\n');

/** 64 KiB blobs, 16 per transaction, in a table with rowid: the reference of the goal. */
function rawBlobs(): number {
  const db = new Database(join(directory(), 'raw.db'));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.exec('create table chunks (run text, seq integer, data blob)');
  const insert = db.prepare('insert into chunks values (?, ?, ?)');
  const began = performance.now();
  for (let seq = 0; seq < LOG_BYTES / CHUNK_BYTES; seq += CHUNKS_PER_REQUEST) {
    db.transaction(() => {
      for (let i = 0; i < CHUNKS_PER_REQUEST; i++) insert.run('r', seq + i, PAYLOAD);
    })();
  }
  const rate = perSecond(LOG_BYTES / 1e6, began);
  db.close();
  return rate;
}

async function ourLogs(): Promise<number> {
  const store = await openStore('FULL');
  const perCaller = LOG_BYTES / CALLERS;
  const began = performance.now();
  const caller = async (runUidOf: string) => {
    for (let offset = 0; offset < perCaller; offset += CHUNK_BYTES * CHUNKS_PER_REQUEST) {
      // One body, many chunks: as decoded from a request.
      const body = Buffer.alloc(CHUNK_BYTES * CHUNKS_PER_REQUEST, PAYLOAD);
      const chunks: LogChunk[] = Array.from({ length: CHUNKS_PER_REQUEST }, (_, i) => ({
        header: {
          ...{ runUid: runUidOf, attempt: 1, stream: 'stdout', time: 1, length: CHUNK_BYTES },
          streamOffset: offset + i * CHUNK_BYTES,
        },
        payload: body.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES),
      }));
      await store.appendLogs(chunks);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, (_, i) => caller(`run-${i}`)));
  const rate = perSecond(LOG_BYTES / 1e6, began);
  await store.stop();
  return rate;
}

async function creates(): Promise<{ rate: number; p50: number }> {
  const store = await openStore('FULL');
  const times: number[] = [];
  let next = 0;
  const began = performance.now();
  const caller = async () => {
    while (next < 4000) {
      const start = performance.now();
      await store.apply([taskNamed(`t-${next++}`)], { user: 'bench', create: true });
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  const rate = perSecond(times.length, began);
  await store.stop();
  return { rate, p50: summarise(times).p50 };
}

const k = (value: number) => `${(value / 1000).toFixed(1)} k/s`;
const mb = (value: number) => `${value.toFixed(0)} MB/s`;

for (const synchronous of ['FULL', 'NORMAL'] as const) {
  const raw: number[] = [];
  const ours: number[] = [];
  const busy: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    raw.push(rawRecords(synchronous));
    const result = await ourRecords(synchronous);
    ours.push(result.rate);
    busy.push(result.busy);
  }
  const [a, b] = [median(ours), median(raw)];
  const what = `run records, batches of ${BATCH}, ${synchronous}`;
  report(what, k(a), k(b), a / b, '>= 38 k/s or 0.6 x', a >= 38_000 || a / b >= 0.6);
  const main = median(busy);
  report('main thread for each of them', `${main.toFixed(0)} µs`, '', undefined, '<= 60 µs', main <= 60);
}
{
  const raw: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    raw.push(rawBlobs());
    ours.push(await ourLogs());
  }
  const [a, b] = [median(ours), median(raw)];
  report('log bytes, chunks of 64 KiB', mb(a), mb(b), a / b, '>= 145 MB/s or 0.4 x', a >= 145 || a / b >= 0.4);
}
const { rate, p50 } = await creates();
report('create a task, 4 at a time, FULL', k(rate), `p50 ${p50.toFixed(2)} ms`, undefined, '>= 1.2 k/s', rate >= 1200);
printReport();
for (const path of directories) rmSync(path, { recursive: true, force: true });
