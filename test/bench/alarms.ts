// What the leader spends on alarms when no agent may run any of 100,000 tasks, against 1,000 in the same run: the longest turn of its
// event loop in one look, the processor time of that look, and the time until it is noted that they begin and that they are over.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '../../base/fake-clock.js';
import { silentLogger, systemClock } from '../../base/index.js';
import { RecordCache } from '../../center/controllers/allocation/record-cache.js';
import { StoreView } from '../../center/controllers/store-view.js';
import { taskViewOf } from '../../center/controllers/task-view.js';
import { ALARM_TIMES, Alarms } from '../../center/notifications/index.js';
import { openSqliteStore, type Stored } from '../../center/store/index.js';
import type { Task } from '../../manifests/index.js';
import { task } from '../support/store-objects.js';
import { median, ms, printReport, report } from './figures.js';

const FEW = 1_000;
const MANY = 100_000;
const LOOKS = 9;
const ROUNDS = 5;
/** A look goes over all tasks, in turns, and what it tells is as much: neither grows with them. */
const TURN_RATIO_MAX = 10;
const NOTE_RATIO_MAX = 3;

const directory = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'ctask-bench-alarms-'));

interface Spent {
  /** ms */
  readonly turn: number;
  readonly cpu: number;
  readonly whole: number;
}

/** ms of processor time. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Turns as processor time: how long a busy machine keeps them waiting is not theirs. */
async function spentOn(work: () => Promise<void>): Promise<Spent> {
  let turn = 0;
  let over = false;
  const began = performance.now();
  const first = cpuMs();
  let before = first;
  const tick = () => {
    const now = cpuMs();
    turn = Math.max(turn, now - before);
    before = now;
    if (!over) setImmediate(tick);
  };
  setImmediate(tick);
  await work();
  const spent = { cpu: cpuMs() - first, whole: performance.now() - began };
  await new Promise<void>((resolve) => setImmediate(resolve));
  over = true;
  return { turn, ...spent };
}

/** The first look that tells, later ones, and the one that tells that it is over. */
async function measure(count: number, ineligible: boolean) {
  const store = openSqliteStore({
    ...{
      path: join(directory, `${randomUUID()}.db`),
      clock: systemClock,
      log: silentLogger,
      synchronous: 'NORMAL',
    },
  });
  await store.start(new AbortController().signal);
  const view = new StoreView(store);
  const cache = new RecordCache();
  const add = (i: number) => {
    const { spec, ...rest } = task(`t${i}`);
    const metadata = { ...rest.metadata, uid: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`, generation: 1 };
    const made = { ...rest, metadata: { ...metadata, creationTimestamp: '2026-01-01T00:00:00Z' } };
    const stored = { ...made, spec: { ...spec, schedules: [{ every: '1h' }] } } as unknown as Stored<Task>;
    view.tasks.set(metadata.uid, taskViewOf(stored));
    const owner = ineligible ? null : 'a1';
    const record = { slot: '', owner, ownerEpoch: 1, revision: 1, suspended: false, blockedBy: null };
    cache.set(metadata.uid, { taskUid: metadata.uid, ...record });
  };
  for (let i = 0; i < count; i += 1) add(i);
  cache.filled = true;
  const clock = new FakeClock(Date.now());
  const leadership = {
    ...{ store, clock, log: silentLogger, fence: { epoch: 1 }, signal: new AbortController().signal },
    failed: () => undefined,
  };
  const members = { members: new Map([['a1', { registration: { cluster: 'default' } }]]) };
  const alarms = new Alarms(leadership as never, view, cache, members as never);
  const look = () => spentOn(() => alarms.look());
  await look();
  await clock.advance(ALARM_TIMES.afterMs);
  const told = await look();
  const again: Spent[] = [];
  for (let i = 0; i < LOOKS; i += 1) {
    again.push(await look());
    add(count + i); // another one each time
  }
  for (let i = 0; i < count + LOOKS; i += 1)
    view.tasks.delete(`00000000-0000-4000-8000-${String(i).padStart(12, '0')}`);
  await look();
  await clock.advance(ALARM_TIMES.afterMs);
  const over = await look();
  await store.stop();
  const middle = (all: readonly Spent[], of: keyof Spent) => median(all.map((spent) => spent[of]));
  return { told: told.whole, over: over.whole, turn: middle(again, 'turn'), cpu: middle(again, 'cpu') };
}

async function rounds(count: number, ineligible: boolean) {
  const all: Awaited<ReturnType<typeof measure>>[] = [];
  for (let i = 0; i < ROUNDS; i += 1) all.push(await measure(count, ineligible));
  const middle = (of: 'told' | 'over' | 'turn' | 'cpu') => median(all.map((one) => one[of]));
  return { told: middle('told'), over: middle('over'), turn: middle('turn'), cpu: middle('cpu') };
}

try {
  const few = await rounds(FEW, true);
  const many = await rounds(MANY, true);
  const well = await rounds(MANY, false);
  const tasks = `${MANY.toLocaleString('en')} ineligible tasks`;
  const against = (what: string, ours: number, theirs: number, max: number) =>
    report(
      what,
      ms(ours),
      `${FEW.toLocaleString('en')}: ${ms(theirs)}`,
      ours / theirs,
      `≤ ${max} ×`,
      ours / theirs <= max,
    );
  against(`${tasks}: the longest turn of a look`, many.turn, few.turn, TURN_RATIO_MAX);
  against(`${tasks}: 200 of them are told`, many.told, few.told, NOTE_RATIO_MAX);
  against(`${tasks}: they are over`, many.over, few.over, NOTE_RATIO_MAX);
  const what = `${MANY.toLocaleString('en')} tasks that have their agents: a look`;
  report(what, `${ms(well.cpu)} CPU, longest turn ${ms(well.turn)}`, '', undefined, '', true);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
printReport();
