// Rule R10: a retry that waits is made by whoever owns the slot then, once.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { RunReport, Task } from '../manifests/index.js';
import { AgentBench, type Teardown } from '../test/support/agent-bench.js';
import { ends, final } from '../test/support/agent-helpers.js';

const lines = (path: string) => readFileSync(path, 'utf8').trim().split('\n');

/** One time point that is due now; the next one is far away. */
const oncePolicy: { schedules: { at: string }[]; startingDeadline: string } = {
  schedules: [{ at: new Date(Date.now() - 1000).toISOString() }],
  startingDeadline: '10m',
};
const backoff = (wait: string) => ({ limit: 1, backoff: { initial: wait, max: wait } });

/** As the leader does with a Pending row: gives it to the owner. */
function handOver(bench: AgentBench, report: RunReport, change: Partial<RunReport> = {}): void {
  const given = { ...report, ...change, scheduledTime: report.scheduledTime ?? 0 };
  bench.center.request({ type: 'Continue', run: { report: given } });
}

async function failing(t: Teardown, wait: string, script = 'exit 1') {
  const bench = await AgentBench.open(t);
  const witness = join(bench.directory, 'witness');
  const text = `echo $CTASK_ATTEMPT >> ${witness}; ${script}`;
  const task = bench.task({ ...oncePolicy, retry: backoff(wait), run: { script: text } });
  const a1 = await bench.agent('a1');
  const a2 = await bench.agent('a2');
  const waits = a1.events.next('reported', final('Pending'));
  await bench.allocate('a1', [task], { cursor: Date.now() - 60_000 });
  return { bench, witness, task, a1, a2, pending: await waits };
}

const move = (bench: AgentBench, task: Task, owner: string, ownerEpoch: number) =>
  bench.change(task, { owner, ownerEpoch });

t.test('a retry that waits is given away and made by the next owner', async (t) => {
  const { bench, witness, task, a1, a2, pending } = await failing(t, '1s', '[ $CTASK_ATTEMPT = 2 ]');
  t.match(pending, { reason: 'Retry', attempt: 2 });
  const away = a1.events.next('givenAway');
  const end = a2.events.next('ended');
  await move(bench, task, 'a2', 2);
  handOver(bench, pending);
  t.match(await end, {
    uid: pending.uid,
    state: 'Succeeded',
    attempt: 2,
    attempts: [{ agent: 'a1' }, { agent: 'a2' }],
  });
  await away;
  t.equal(a1.pending().runs, 0);
  t.strictSame(lines(witness), ['1', '2']);
  t.match((await bench.record(task)).retried, { latest: [[pending.scheduledTime, 2]] });
  const ofA1 = bench.center.history.filter(({ state }) => state === 'Failed');
  t.strictSame(ofA1, [], 'the former owner calls it no end');
});

t.test('asked again, or too late, nothing is started a second time', async (t) => {
  const { bench, witness, task, a2, pending } = await failing(t, '100ms');
  while (bench.center.runs.get(pending.uid)?.state !== 'Failed') await bench.center.events.next('report');
  await move(bench, task, 'a2', 2);
  handOver(bench, pending);
  // What the second agent does next proves that it has looked at the request.
  const other = bench.task({ ...oncePolicy, run: { command: ['true'] } });
  const end = a2.events.next('ended');
  await bench.allocate('a2', [other], { cursor: Date.now() - 60_000 });
  t.not((await end).uid, pending.uid);
  t.equal(a2.pending().runs, 0);
  t.strictSame(lines(witness), ['1', '2']);
  t.equal(bench.center.runs.get(pending.uid)?.state, 'Failed', 'its end stands');
});

t.test('a retry of which the record does not know any more whether it was claimed does not stay open', async (t) => {
  const { bench, witness, task, a2, pending } = await failing(t, '1h');
  const lost = a2.events.next('reported', final('Lost'));
  const retried = { forgottenUpTo: pending.scheduledTime ?? 0, latest: [] };
  await bench.change(task, { owner: 'a2', ownerEpoch: 2, retried });
  handOver(bench, pending);
  t.match(await lost, { uid: pending.uid, reason: 'NeverReported', attempt: 2 });
  t.equal(a2.pending().runs, 0);
  t.strictSame(lines(witness), ['1']);
});

t.test('a former owner that gets its slot back makes no attempt that the owner between has made', async (t) => {
  const { bench, witness, task, a1, a2, pending } = await failing(t, '6s');
  const end = a2.events.next('ended');
  await move(bench, task, 'a2', 2);
  handOver(bench, pending, { reason: 'Rerun' }); // at once
  t.match(await end, { state: 'Failed', attempt: 2 });
  await move(bench, task, 'a1', 3);
  t.match(await a1.events.next('ended'), { uid: pending.uid, state: 'Lost', reason: 'ClaimUnknown', attempt: 2 });
  t.strictSame(lines(witness), ['1', '2']);
});

t.test('a former owner that gets its slot back asks what is open there', async (t) => {
  const { bench, witness, task, a1, pending } = await failing(t, '3s');
  const away = a1.events.next('givenAway');
  const retried = { forgottenUpTo: 0, latest: [[pending.scheduledTime ?? 0, 2] as const] };
  await bench.change(task, { owner: 'a2', ownerEpoch: 2, retried });
  await away;
  // The center did not give it to anybody: of the attempt it knows that it was claimed.
  bench.center.leaveOpen({
    type: 'Continue',
    run: { report: { ...pending, scheduledTime: pending.scheduledTime ?? 0 } },
  });
  const lost = a1.events.next('reported', final('Lost'));
  await move(bench, task, 'a1', 3);
  t.match(await lost, { uid: pending.uid, reason: 'NeverReported', attempt: 2 });
  t.strictSame(lines(witness), ['1']);
});

t.test('a restarted former owner gives its retry away', async (t) => {
  const { bench, witness, task, a1, pending } = await failing(t, '2s');
  await a1.detach();
  await move(bench, task, 'a2', 2);
  const again = await bench.agent('a1', false);
  const away = again.events.next('givenAway');
  await again.start(new AbortController().signal);
  t.match(await away, { runUid: pending.uid, attempt: 2 });
  t.strictSame(lines(witness), ['1']);
  t.match(bench.center.runs.get(pending.uid), { state: 'Pending', reason: 'Retry' });
});

t.test('a run to continue waits while a run of a former owner may be alive', async (t) => {
  const { bench, witness, task, a2, pending } = await failing(t, '1s');
  const claimed: string[] = [];
  a2.events.on('claimed', ({ runUid }) => void claimed.push(runUid));
  await bench.change(task, { owner: 'a2', ownerEpoch: 2, blockedBy: 'another run' });
  handOver(bench, pending, { reason: 'Rerun' });
  // What the agent does in another slot proves that it had its chance in this one.
  const other = bench.task({ schedules: [{ every: '1s' }], run: { command: ['true'] } });
  const twice = ends(a2, 2);
  await bench.allocate('a2', [other]);
  await twice;
  t.notOk(claimed.includes(pending.uid));
  const end = a2.events.next('ended', ({ uid }) => uid === pending.uid);
  await bench.change(task, { blockedBy: null }, 'a2');
  t.match(await end, { state: 'Failed', attempt: 2 });
  t.strictSame(lines(witness), ['1', '2']);
});
