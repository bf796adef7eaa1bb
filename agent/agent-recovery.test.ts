// What a restart makes of what the process before it left: the cases in which it could start something twice or lose it.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { newUid, silentLogger, systemClock } from '../base/index.js';
import type { TriggerRecord } from '../coordination/index.js';
import { isFinal, type RunReport, type Task } from '../manifests/index.js';
import { AgentBench, type AgentProcess } from '../test/support/agent-bench.js';
import { final, startOnDemand, untilLogEnded } from '../test/support/agent-helpers.js';
import type { ClaimIntent, Journal } from './journal/journal.js';
import { openJournal } from './journal/open-journal.js';
import { platform } from './platform/index.js';
import { abortLaunch, readStarted } from './runner/attempt-files.js';
import { UNCLAIMED } from './runs/open-run.js';
import { AttemptDirectories } from './spool/attempt-directories.js';

const lines = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []);

async function kill({ child }: AgentProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Bounds the files of the process, as a full disk does: a write behind the limit fails. Linux only. */
function limitFiles({ child }: AgentProcess, bytes: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:`]);
}

/** One time point that is due at once, and then none for long. */
const overdue = { schedules: [{ every: '1h' }], catchUpWindow: '2h' };
const onePoint = () => ({ cursor: Date.now() - 3_600_000 });

/** A claim of a run of its own, written under this boot. */
function claimOf(bench: AgentBench, task: Task, change: Partial<ClaimIntent> = {}): ClaimIntent {
  const uid = newUid();
  const point = Date.now();
  const name = `${task.metadata.name}-${uid}`;
  const report: RunReport = {
    ...{ uid, name, namespace: 'default', task: task.metadata.name, taskUid: bench.uid(task), slot: '', revision: 1 },
    ...{ trigger: 'CatchUp', scheduledTime: point, schedule: '', state: 'Pending', attempts: [], attempt: 0 },
  };
  return {
    ...{ claimId: newUid(), runUid: uid, taskUid: bench.uid(task), slot: '', point, attempt: 1, revision: 1 },
    ...{ recordVersion: 0, directory: AttemptDirectories.relative(uid, 1), bootId: platform.bootId(), report },
    ...change,
  };
}

/** An agent has had the task, and is gone; its record was last written by `claim`, which its journal has. */
async function claimedBefore(
  bench: AgentBench,
  task: Task,
  change: Partial<ClaimIntent>,
  record: Partial<TriggerRecord> = {},
): Promise<ClaimIntent> {
  const agent = await bench.agent();
  const applied = agent.events.next('allocationApplied', ({ slots }) => slots === 1);
  const claim = claimOf(bench, task);
  await bench.allocate('a1', [task], { claimId: claim.claimId, ...record });
  await applied;
  await agent.detach();
  await withJournal(bench, (journal) => journal.append({ type: 'claim', claim: { ...claim, ...change } }));
  return claim;
}

/** The directory of an attempt that an earlier process gave up before anything started there. */
function leaveAborted(bench: AgentBench, uid: string): void {
  const directories = new AttemptDirectories(bench.dataDir('a1'), systemClock, silentLogger);
  abortLaunch(directories.make(AttemptDirectories.relative(uid, 1)));
}

/** Requests with output that an agent makes one after the other: what it had to say before them has been said. */
const OUTPUTS = 4;

async function untilShipped(bench: AgentBench, uid: string, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await bench.center.events.next('log', (name) => name.startsWith(uid));
}

async function untilFinal(bench: AgentBench, uid: string): Promise<RunReport> {
  for (;;) {
    const report = bench.center.runs.get(uid);
    if (report !== undefined && isFinal(report.state)) return report;
    await bench.center.events.next('report');
  }
}

/** Writes the journal of an agent that is not running, as its earlier process may have left it. */
async function withJournal(bench: AgentBench, write: (journal: Journal) => Promise<void>): Promise<void> {
  const directory = join(bench.dataDir('a1'), 'journal');
  const journal = openJournal({ directory, clock: systemClock, log: silentLogger });
  await journal.open();
  await write(journal);
  await journal.close();
}

t.test('an end that the journal could not take keeps its directory: a restart starts nothing twice', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agentProcess();
  const witness = join(bench.directory, 'witness');
  const gate = join(bench.directory, 'gate');
  const script = `echo x >> ${witness}; while [ ! -e ${gate} ]; do sleep 0.02; done; echo end`;
  const task = bench.task({ ...overdue, run: { script } });
  const started = agent.line('started');
  await bench.allocate('a1', [task], onePoint());
  const uid = String((await started).runUid);
  const quiet = join(bench.directory, 'quiet');
  const talker = bench.task({ ...overdue, run: { script: `until [ -e ${quiet} ]; do echo tick; sleep 0.02; done` } });
  const talkerStarted = agent.line('started');
  await bench.allocate('a1', [talker], onePoint());
  const talking = String((await talkerStarted).runUid);
  limitFiles(agent, 0);
  writeFileSync(gate, '');
  while (bench.center.runs.get(uid)?.state !== 'Succeeded') await bench.center.events.next('report');
  // An agent that does not wait for its journal would ship the end, and remove the directory, with the next output.
  await untilShipped(bench, talking, OUTPUTS);
  await kill(agent);
  writeFileSync(quiet, '');
  const again = await bench.agent();
  await untilLogEnded(bench, uid);
  while (again.pending().runs > 0) await again.events.next('ended');
  t.strictSame(lines(witness), ['x']);
  t.equal(bench.center.text(uid, 1, 'stdout'), 'end\n');
  t.match(bench.center.runs.get(uid), { state: 'Succeeded', attempt: 1 });
});

t.test('a claim of another boot is never started, however often the agent starts under this one', async (t) => {
  const bench = await AgentBench.open(t);
  const witness = join(bench.directory, 'witness');
  const task = bench.task({ ...overdue, run: { script: `echo x >> ${witness}` } });
  const claim = await claimedBefore(bench, task, { bootId: 'before the power cut' });
  await bench.agent(); // the data directory has seen this boot before
  t.match(await untilFinal(bench, claim.runUid), { state: 'Lost', reason: 'HostRestarted', attempt: 1 });
  t.strictSame(lines(witness), []);
});

t.test('a claim whose task the disk has lost is recorded, and no runner starts it any more', async (t) => {
  const bench = await AgentBench.open(t);
  const task = bench.task({ ...overdue, run: { command: ['true'] } });
  const claim = await claimedBefore(bench, task, {});
  const directories = new AttemptDirectories(bench.dataDir('a1'), systemClock, silentLogger);
  const handedOver = directories.make(AttemptDirectories.relative(claim.runUid, 1));
  rmSync(join(bench.dataDir('a1'), 'tasks'), { recursive: true });
  await bench.agent();
  const report = await untilFinal(bench, claim.runUid);
  t.match(report, { state: 'Lost', reason: 'TaskUnknown' });
  t.same(report.attempts, []);
  t.ok(!existsSync(handedOver) || readStarted(handedOver)?.aborted, 'nothing can be started there');
});

t.test('a retry after a restart has the arguments and the environment of the run on demand', async (t) => {
  const bench = await AgentBench.open(t);
  const witness = join(bench.directory, 'witness');
  const task = bench.task({
    run: { command: ['/bin/sh', '-c', `echo "$CTASK_ATTEMPT $* $EXTRA" >> ${witness}; exit 1`, 'sh'] },
    retry: { limit: 1, backoff: { initial: '1s', max: '1s' } },
  });
  const agent = await bench.agent();
  await bench.allocate('a1', [task]);
  const waits = agent.events.next('reported', ({ state, attempt }) => state === 'Pending' && attempt === 2);
  const run = startOnDemand(bench, task, { args: ['--only', 'table7'], env: [{ name: 'EXTRA', value: 'extra' }] });
  await waits;
  await agent.detach();
  await bench.agent();
  await untilFinal(bench, run.uid);
  t.strictSame(lines(witness), ['1 --only table7 extra', '2 --only table7 extra']);
});

t.test('what blocks a slot since its change of owner blocks it after a restart, too', async (t) => {
  const bench = await AgentBench.open(t);
  const witness = join(bench.directory, 'witness');
  const task = bench.task({ ...overdue, run: { script: `echo x >> ${witness}` } });
  const claim = await claimedBefore(bench, task, {}, { blockedBy: 'a run of a former owner' });
  await bench.agent();
  t.match(await untilFinal(bench, claim.runUid), { state: 'Skipped', reason: 'PreviousUnknown' });
  t.strictSame(lines(witness), []);
});

t.test('a run on demand that waits for its claim can be cancelled, and outlives the process', async (t) => {
  let offsetMs = 0;
  const bench = await AgentBench.open(t, { clock: { ...systemClock, now: () => systemClock.now() + offsetMs } });
  const witness = join(bench.directory, 'witness');
  const task = bench.task({ run: { command: ['/bin/sh', '-c', `echo "$0" >> ${witness}`] } });
  const agent = await bench.agent();
  const applied = agent.events.next('allocationApplied', ({ slots }) => slots === 1);
  await bench.allocate('a1', [task]);
  await applied;
  const suspect = agent.events.next('clockSuspect');
  offsetMs = 3_600_000; // nothing is claimed by a wrong clock
  await suspect;
  const unwanted = startOnDemand(bench, task, { args: ['unwanted'] });
  const wanted = startOnDemand(bench, task, { args: ['wanted'] });
  bench.center.request({ type: 'Cancel', runUid: unwanted.uid });
  t.match(await untilFinal(bench, unwanted.uid), { state: 'Cancelled', reason: 'Requested' });
  await agent.detach();
  offsetMs = 0;
  await bench.agent();
  t.match(await untilFinal(bench, wanted.uid), { state: 'Succeeded' });
  t.strictSame(lines(witness), ['wanted']);
});

t.test('a run on demand that was claimed before the restart is started after it, once', async (t) => {
  const bench = await AgentBench.open(t);
  const witness = join(bench.directory, 'witness');
  const command = ['/bin/sh', '-c', `echo "$0" $CTASK_SCHEDULED_TIME >> ${witness}`];
  const task = bench.task({ run: { command } });
  const toldTime = Date.UTC(2026, 0, 1);
  const claim = await claimedBefore(bench, task, { point: newUid(), args: ['argument'], toldTime });
  const { scheduledTime: _, ...report } = claim.report;
  const run = { ...report, trigger: 'Manual', manualId: String(claim.point), args: ['argument'], toldTime } as const;
  bench.center.request({ type: 'Start', run });
  await bench.agent();
  t.match(await untilFinal(bench, claim.runUid), { state: 'Succeeded' });
  bench.center.request({ type: 'Start', run });
  const retried = startOnDemand(bench, task, { args: ['retried'], toldTime: toldTime + 1000 });
  await untilFinal(bench, retried.uid);
  const next = startOnDemand(bench, task, { args: ['next'] });
  await untilFinal(bench, next.uid);
  const told = ['argument 2026-01-01T00:00:00.000Z', 'retried 2026-01-01T00:00:01.000Z', 'next'];
  t.strictSame(lines(witness), told, 'a retry or a backfill is told the time point that it makes up for');
});

t.test('an aborted directory of an attempt that runs in another one does not end its output', async (t) => {
  const bench = await AgentBench.open(t);
  const gate = join(bench.directory, 'gate');
  const script = `until [ -e ${gate} ]; do echo tick; sleep 0.02; done; echo output`;
  const task = bench.task({ ...overdue, run: { script } });
  const claim = await claimedBefore(bench, task, {});
  leaveAborted(bench, claim.runUid);
  const agent = await bench.agent(); // starts it in another directory
  while (bench.center.runs.get(claim.runUid)?.state !== 'Running') await bench.center.events.next('report');
  await agent.detach();
  leaveAborted(bench, claim.runUid); // as if the removal had not come that far
  await bench.agent();
  await untilShipped(bench, claim.runUid, OUTPUTS); // the end of what was left would be among it
  t.notOk(bench.center.logs.get(`${claim.runUid}/1`)?.position.ended);
  writeFileSync(gate, '');
  await untilFinal(bench, claim.runUid);
  await untilLogEnded(bench, claim.runUid);
  t.match(bench.center.text(claim.runUid, 1, 'stdout'), /^(tick\n)+output\n$/);
});

t.test('a run that waits in its slot is not missed because the agent restarts', async (t) => {
  const bench = await AgentBench.open(t);
  const gate = join(bench.directory, 'gate');
  const task = bench.task({
    ...{ schedules: [{ every: '1s' }], startingDeadline: '1s', concurrencyPolicy: 'Queue' },
    run: { script: `while [ ! -e ${gate} ]; do sleep 0.02; done` },
  });
  const agent = await bench.agent();
  const queued = agent.events.next('reported', ({ state }) => state === 'Queued');
  await bench.allocate('a1', [task]);
  const { uid, scheduledTime } = await queued;
  await bench.change(task, { suspended: true });
  await agent.detach();
  // Its deadline passes: that time goes by is what is tested.
  for (let left = 1; left > 0; left = Number(scheduledTime) + 1001 - systemClock.now()) await systemClock.sleep(left);
  await bench.agent();
  writeFileSync(gate, '');
  t.match(await untilFinal(bench, uid), { state: 'Succeeded' });
});

t.test('a disk that is full for a while stops claims for a while', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agentProcess();
  const task = bench.task({ schedules: [{ every: '1s' }], run: { command: ['true'] } });
  const ended = agent.line('ended');
  await bench.allocate('a1', [task]);
  await ended;
  const said = (words: string) => agent.line('log', ({ sentence }) => sentence === words);
  const failed = said('journal failed');
  const refused = said('the journal could not take a claim');
  limitFiles(agent, 0);
  await Promise.all([failed, refused]);
  const again = said('journal is written again');
  limitFiles(agent, 'unlimited');
  await again;
  await agent.line('claimed');
  await agent.line('ended');
  t.pass('it goes on');
});

t.test('a start without a claim that did not come about before the restart does not come about after it', async (t) => {
  const bench = await AgentBench.open(t);
  const witness = join(bench.directory, 'witness');
  const script = `echo $CTASK_SCHEDULED_TIME >> ${witness}`;
  const task = bench.task({ schedules: [{ every: '1s' }], partitionPolicy: 'Continue', run: { script } });
  // Far behind it, as it was when coordination could not be reached any more.
  const cursor = Date.now() - 10_000;
  const claim = await claimedBefore(bench, task, { recordVersion: UNCLAIMED }, { cursor, suspended: true });
  const agent = await bench.agent();
  t.match(await untilFinal(bench, claim.runUid), { state: 'Missed', reason: 'AgentRestarted' });
  const next = agent.events.next('ended', final('Succeeded'));
  await bench.change(task, { suspended: false });
  await next;
  const earliest = Math.min(...lines(witness).map((line) => Date.parse(line)));
  t.ok(earliest > Number(claim.point), 'nor does anything that it had passed');
});
