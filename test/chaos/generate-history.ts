// Correct histories for the tests of the checker: a small world in which everything goes as promised, outages included.
import type {
  DeclaredTask,
  History,
  Phase,
  RecordedRun,
  RecordVersion,
  Rule,
  StoredOutput,
  WitnessEnd,
  WitnessStart,
} from './history.js';
import { between, pick, seededRandom } from './random.js';
import { timePoints } from './time-points.js';

/** The same fields, to be changed by a mutation. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? Mutable<E>[] : T[K] };
export type MutableHistory = Mutable<History>;

const START = Date.parse('2026-01-01T00:00:00Z');
const LENGTH_MS = 240_000;
const SESSION_MS = 5_000;
const RULES: readonly Rule[] = [
  { everyMs: 2000 },
  { everyMs: 5000 },
  { everyMs: 7000, anchor: START - 3000 },
  { secondsStep: 7 },
  { secondsStep: 10 },
];

interface Outage {
  readonly agent: string;
  readonly from: number;
  readonly to: number;
}

/** Ownership of one slot: who from when. */
type Owners = { from: number; agent: string }[];

export function generateHistory(seed: number): MutableHistory {
  const random = seededRandom(seed);
  const agents = ['a1', 'a2', 'a3'];
  const outages: Outage[] = agents.slice(0, between(random, 0, 2)).map((agent, i) => {
    const from = START + 60_000 + i * 70_000 + between(random, 0, 5_000);
    return { agent, from, to: from + between(random, SESSION_MS + 1_000, 40_000) };
  });
  const world: World = {
    random,
    agents,
    outages,
    zxid: 1n,
    pid: 1000,
    starts: [],
    ends: [],
    records: [],
    outputs: [],
    versions: [],
  };
  const tasks = Array.from({ length: 6 }, (_, i) => declare(random, i));
  for (const task of tasks) live(world, task);
  return {
    window: { from: START, to: START + LENGTH_MS },
    tasks,
    starts: world.starts,
    ends: world.ends,
    records: world.records,
    outputs: world.outputs,
    versions: inOrder(world.versions),
    listWrites: outages.map(({ agent, from }) => ({
      time: from + SESSION_MS + 100,
      path: `/cloudtask/allocations/${agent}/rev`,
    })),
    presence: agents.flatMap((agent) => presenceOf(agent, outages)),
    stable: [{ from: START + 20_000, to: START + 50_000 }],
    agentFaults: outages.map(({ agent, from }) => ({ agent, at: from })),
  } as MutableHistory;
}

/** Numbers the writes; one that only changes the owner leaves the cursor where it is. */
function inOrder(versions: readonly RecordVersion[]): RecordVersion[] {
  const cursors = new Map<string, number>();
  return [...versions]
    .sort((a, b) => a.time - b.time)
    .map((version, i) => {
      const cursor = Math.max(cursors.get(version.taskUid) ?? 0, version.cursor);
      cursors.set(version.taskUid, cursor);
      return { ...version, cursor, zxid: BigInt(i + 1) };
    });
}

function declare(random: () => number, i: number): DeclaredTask {
  const rule = pick(random, RULES);
  const created = START - between(random, 1_000, 20_000);
  const phases: Phase[] = [{ invoked: created, effective: created + 300, rule, suspended: false }];
  const at = START + between(random, 90_000, 110_000);
  const change = { invoked: at, effective: at + between(random, 10, 3_000) };
  const kind = pick(random, ['none', 'suspend', 'edit', 'delete']);
  if (kind === 'suspend') {
    const resume = { invoked: at + 60_000, effective: at + 60_500 };
    phases.push({ ...change, rule, suspended: true }, { ...resume, rule, suspended: false });
  }
  if (kind === 'edit') phases.push({ ...change, rule: pick(random, RULES), suspended: false });
  return {
    id: `task${i}#1`,
    name: `task${i}`,
    uid: `uid-${i}`,
    concurrency: pick(random, ['Allow', 'Forbid'] as const),
    retries: between(random, 0, 1),
    latestStartMs: 60_000,
    phases,
    ...(kind === 'delete' ? { deleted: change } : {}),
  };
}

interface World {
  readonly random: () => number;
  readonly agents: readonly string[];
  readonly outages: readonly Outage[];
  zxid: bigint;
  pid: number;
  readonly starts: WitnessStart[];
  readonly ends: WitnessEnd[];
  readonly records: RecordedRun[];
  readonly outputs: StoredOutput[];
  readonly versions: RecordVersion[];
}

function live(world: World, task: DeclaredTask): void {
  const owners: Owners = [{ from: 0, agent: pick(world.random, world.agents) }];
  for (const outage of world.outages) {
    if (owners.at(-1)!.agent !== outage.agent) continue;
    const others = world.agents.filter(
      (agent) => agent !== outage.agent && !away(world, agent, outage.from + SESSION_MS),
    );
    owners.push({ from: outage.from + SESSION_MS, agent: pick(world.random, others) });
  }
  const state = { cursor: START - 30_000, aliveUntil: 0 };
  const write = (time: number, change: Partial<RecordVersion>) => {
    const owner = ownerAt(owners, time);
    const claim = { attempt: 0, claimId: `c${world.versions.length}`, ...change };
    const leaderPart = JSON.stringify({ owner });
    world.versions.push({ zxid: 0n, time, taskUid: task.uid, owner, cursor: state.cursor, leaderPart, ...claim });
  };
  write(task.phases[0]!.effective, {});
  for (const { from } of owners.slice(1)) write(from, {});
  for (const [index, phase] of task.phases.entries()) {
    const next = task.phases[index + 1] ?? task.deleted;
    const last = next?.effective ?? START + LENGTH_MS + 10_000;
    for (const point of timePoints(phase.rule, Math.max(phase.effective, state.cursor), last)) {
      state.cursor = point;
      fire(world, task, { point, suspended: phase.suspended, owners, state, write });
    }
  }
}

interface Firing {
  readonly point: number;
  readonly suspended: boolean;
  readonly owners: Owners;
  readonly state: { aliveUntil: number };
  readonly write: (time: number, change: Partial<RecordVersion>) => void;
}

function fire(world: World, task: DeclaredTask, { point, suspended, owners, state, write }: Firing): void {
  const { random } = world;
  const agent = ownerAt(owners, point - 1000);
  const unrun = (decided: string, reason: string): void => {
    world.records.push({ ...nameOf(task, point), taskUid: task.uid, point, state: decided, reason, attempts: [] });
    write(Math.max(point - 500, owners.find((one) => one.from > point)?.from ?? 0), { cursor: point });
  };
  const [decided, reason] = suspended
    ? ['Skipped', 'Suspended']
    : away(world, agent, point - 1000)
      ? ['Missed', 'NoOwner']
      : task.concurrency === 'Forbid' && state.aliveUntil > point
        ? ['Skipped', 'Concurrent']
        : [];
  if (decided !== undefined && reason !== undefined) {
    unrun(decided, reason);
    return;
  }
  const first = { task, point, agent };
  write(point - 1000, { cursor: point, attempt: 1 });
  if (away(world, agent, point)) {
    const attempts = [{ number: 1, state: 'Lost', agent }];
    world.records.push({ ...nameOf(task, point), taskUid: task.uid, point, state: 'Lost', attempts });
    if (random() < 0.5) run(world, first, 1, point + 5, 0);
    return;
  }
  const fails = random() < 0.3;
  const attempts = [run(world, first, 1, point + between(random, 0, 400), fails ? 3 : 0)];
  if (fails && task.retries > 0) {
    const again = attempts[0]!.endTime + 500;
    write(again - 100, { cursor: point, attempt: 2 });
    attempts.push(run(world, first, 2, again, 0));
  }
  state.aliveUntil = attempts.at(-1)!.endTime;
  world.records.push({
    ...nameOf(task, point),
    taskUid: task.uid,
    point,
    state: attempts.at(-1)!.state,
    attempts,
  });
}

function run(
  world: World,
  { task, point, agent }: { task: DeclaredTask; point: number; agent: string },
  attempt: number,
  startTime: number,
  exitCode: number,
) {
  const endTime = startTime + between(world.random, 10, 900);
  const process = { run: `${task.uid}/${point}`, attempt, pid: world.pid++ };
  world.starts.push({ ...process, task: task.id, point, agent, time: startTime });
  const sha256 = `digest of ${process.run}/${attempt}`;
  // A disk that was full cut it: what the center has says nothing then.
  const cut = process.pid % 20 === 0;
  world.ends.push({ ...process, time: endTime, exitCode, ...(cut ? {} : { output: sha256 }) });
  world.outputs.push({ run: process.run, attempt, bytes: 100, sha256: cut ? 'another' : sha256 });
  return { number: attempt, state: exitCode === 0 ? 'Succeeded' : 'Failed', agent, startTime, endTime };
}

function nameOf(task: DeclaredTask, point: number): { uid: string; name: string } {
  return { uid: `${task.uid}/${point}`, name: `${task.name}-${point}` };
}

function ownerAt(owners: Owners, time: number): string {
  return owners.filter(({ from }) => from <= time).at(-1)!.agent;
}

function away(world: World, agent: string, time: number): boolean {
  return world.outages.some((outage) => outage.agent === agent && time >= outage.from && time < outage.to);
}

function presenceOf(agent: string, outages: readonly Outage[]) {
  const mine = outages.filter((outage) => outage.agent === agent);
  const starts = [0, ...mine.map(({ to }) => to)];
  return starts.map((from, i) => ({
    agent,
    from,
    ...(mine[i] === undefined ? {} : { to: mine[i].from + SESSION_MS - 50 }),
  }));
}
