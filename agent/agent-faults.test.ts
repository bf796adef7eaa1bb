import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { systemClock } from '../base/index.js';
import { AgentBench } from '../test/support/agent-bench.js';
import { byTime, ends, final, startOnDemand, untilLogEnded } from '../test/support/agent-helpers.js';
import { LEAD_MAX_MS } from './schedule-loop/claim-lead.js';

t.test('an agent that is restarted adopts what runs and reports what has ended meanwhile', async (t) => {
  const bench = await AgentBench.open(t);
  const first = await bench.agent();
  const gate = join(bench.directory, 'gate');
  const witness = join(bench.directory, 'witness');
  const wait = (name: string) =>
    `echo ${name} >> ${witness}; while [ ! -e ${gate}.${name} ]; do sleep 0.02; done; echo end`;
  const short = bench.task({ run: { script: wait('short') } });
  const long = bench.task({ run: { script: wait('long') } });
  await bench.allocate('a1', [short, long]);
  const shortRun = startOnDemand(bench, short);
  await first.events.next('started');
  const longRun = startOnDemand(bench, long);
  await first.events.next('started');
  const before = (await bench.session.current.getData(bench.layout.agent('a1'))).stat.ephemeralOwner;
  await first.detach();
  await writeFile(`${gate}.short`, '');
  const second = await bench.agent('a1', false);
  const shortEnd = second.events.next('ended', (report) => report.uid === shortRun.uid);
  await second.start(new AbortController().signal);
  t.match(await shortEnd, { state: 'Succeeded', attempt: 1 });
  const after = (await bench.session.current.getData(bench.layout.agent('a1'))).stat.ephemeralOwner;
  t.equal(after, before, 'the session is the same: nothing moved');
  const longEnd = second.events.next('ended', (report) => report.uid === longRun.uid);
  await writeFile(`${gate}.long`, '');
  t.match(await longEnd, { state: 'Succeeded' });
  await untilLogEnded(bench, shortRun.uid);
  await untilLogEnded(bench, longRun.uid);
  t.equal(bench.center.text(longRun.uid, 1, 'stdout'), 'end\n');
  t.equal(readFileSync(witness, 'utf8'), 'short\nlong\n', 'nothing was started twice');
});

t.test('the center may be away: tasks fire, and everything is told later', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const task = bench.task({ schedules: [{ every: '1s' }], run: { script: 'echo $CTASK_RUN_ID' } });
  await bench.allocate('a1', [task]);
  await agent.events.next('reported', final('Succeeded'));
  await bench.center.stop();
  const away = [await agent.events.next('ended'), await agent.events.next('ended')];
  await bench.center.start();
  for (const report of away) {
    while (!bench.center.runs.has(report.uid)) await agent.events.next('reported');
    await untilLogEnded(bench, report.uid);
    t.equal(bench.center.text(report.uid, 1, 'stdout'), `${report.uid}\n`);
  }
});

t.test('claims whose replies are lost start their run once', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const witness = join(bench.directory, 'witness');
  const tasks = Array.from({ length: 5 }, () =>
    bench.task({
      schedules: [{ every: '1s' }],
      run: { script: `echo $CTASK_TASK $CTASK_SCHEDULED_TIME >> ${witness}` },
    }),
  );
  await bench.allocate('a1', tasks);
  await agent.events.next('claimed');
  for (let round = 0; round < 3; round++) {
    const go = bench.server.pauseReplies(); // what is asked now is done, but not answered
    // What was claimed before starts and ends meanwhile; on a slow machine nothing may be left of it.
    await Promise.race([agent.events.next('ended'), systemClock.sleep(2000)]);
    bench.server.dropConnections();
    go();
    await agent.events.next('claimed');
    await agent.events.next('started');
  }
  await ends(agent, 10);
  await agent.stop();
  const lines = readFileSync(witness, 'utf8').trim().split('\n');
  t.equal(new Set(lines).size, lines.length, 'no time point ran twice');
  for (const task of tasks) {
    const points = [...bench.center.runs.values()].filter((run) => run.taskUid === bench.uid(task)).sort(byTime);
    for (const [index, run] of points.entries()) {
      const before = points[index - 1];
      if (before !== undefined)
        t.equal((run.scheduledTime ?? 0) - (before.scheduledTime ?? 0), 1000, 'none is missing');
    }
  }
});

t.test('a slot that moves is dropped; a run of it goes on', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const task = bench.task({
    schedules: [{ every: '1s' }],
    run: { command: ['sleep', '1.2'] },
    concurrencyPolicy: 'Allow',
  });
  await bench.allocate('a1', [task]);
  await agent.events.next('started');
  const applied = agent.events.next('allocationApplied', ({ slots }) => slots === 0);
  await bench.change(task, { owner: 'a2', ownerEpoch: 2 });
  await applied;
  t.match(await agent.events.next('ended'), { state: 'Succeeded' });
  const { cursor } = await bench.record(task);
  t.ok(cursor <= Date.now() + LEAD_MAX_MS);
  t.equal((await bench.record(task)).cursor, cursor, 'nothing claims any more');
});

t.test('one process per data directory; one name per data directory', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const twin = await bench.agent('a1', false);
  await t.rejects(twin.start(new AbortController().signal), { code: 'CT_LOCKED' });
  await agent.stop();
  t.ok(existsSync(join(bench.dataDir('a1'), 'agent.json')));
});

t.test('kill -9 of the agent: what runs is adopted, no time point runs twice, none is without a record', async (t) => {
  const bench = await AgentBench.open(t);
  const witness = join(bench.directory, 'witness');
  const script = `echo $CTASK_TASK $CTASK_SCHEDULED_TIME >> ${witness}; sleep 0.3; echo done`;
  const tasks = Array.from({ length: 3 }, () =>
    bench.task({ schedules: [{ every: '1s' }], concurrencyPolicy: 'Allow', run: { script } }),
  );
  const begin = Date.now();
  let agent = await bench.agentProcess();
  await bench.allocate('a1', tasks, { cursor: begin });
  for (const event of ['started', 'claimed']) {
    await agent.line(event);
    agent.child.kill('SIGKILL');
    await once(agent.child, 'exit');
    agent = await bench.agentProcess();
  }
  await agent.line('ended');
  agent.child.kill('SIGKILL');
  await once(agent.child, 'exit');
  const last = await bench.agent();
  for (const task of tasks) await bench.change(task, { suspended: true });
  while (last.pending().runs > 0) await last.events.next('reported');
  const lines = readFileSync(witness, 'utf8').trim().split('\n');
  t.equal(new Set(lines).size, lines.length, 'no time point ran twice');
  for (const task of tasks) {
    const runs = [...bench.center.runs.values()].filter((run) => run.taskUid === bench.uid(task)).sort(byTime);
    const points = runs.map((run) => run.scheduledTime ?? 0);
    t.strictSame(
      points,
      points.map((_, index) => (points[0] ?? 0) + index * 1000),
      'every time point has its record',
    );
    for (const run of runs) {
      const ran = lines.includes(`${run.task} ${new Date(run.scheduledTime ?? 0).toISOString()}`);
      if (run.state === 'Succeeded') t.ok(ran, 'what succeeded has its witness');
      if (run.state === 'Missed') t.notOk(ran, 'what is recorded as missed did not run');
    }
    t.ok(points.length >= 4);
  }
});

t.test('a clock that is off stops the claims, and they go on when it is right again', async (t) => {
  let offsetMs = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + offsetMs };
  const bench = await AgentBench.open(t, { clock });
  const agent = await bench.agent();
  const task = bench.task({ schedules: [{ every: '1s' }], run: { command: ['true'] } });
  await bench.allocate('a1', [task]);
  await agent.events.next('ended');
  const suspect = agent.events.next('clockSuspect');
  offsetMs = 3_600_000;
  t.match(await suspect, { suspect: true });
  const { cursor } = await bench.record(task);
  t.ok(cursor <= Date.now() + LEAD_MAX_MS, 'nothing was claimed by the wrong clock');
  const missed = [...bench.center.runs.values()].filter((run) => run.state === 'Missed');
  t.ok(missed.length <= 1, 'at most the one whose claim was on its way');
  await bench.center.events.next('heartbeat');
  const { clockOffsetMs = 0 } = bench.center.lastHeartbeat ?? {};
  t.ok(clockOffsetMs < -3_590_000, 'the center is told how far it is off');
  const right = agent.events.next('clockSuspect');
  offsetMs = 0;
  t.match(await right, { suspect: false });
});

t.test('an attempt that cannot be handed over ahead of its time fails at its time, and not before', async (t) => {
  const bench = await AgentBench.open(t);
  const agent = await bench.agent();
  const task = bench.task({ schedules: [{ every: '1s' }], run: { command: ['true'] } });
  writeFileSync(join(bench.dataDir('a1'), 'attempts'), 'in the way'); // no directory can be made, as on a full disk
  await bench.allocate('a1', [task]);
  for (let i = 0; i < 3; i++) {
    const { state, reason, scheduledTime, attempts } = await agent.events.next('ended');
    t.match({ state, reason }, { state: 'Failed', reason: 'StartFailed' });
    t.ok(Date.parse(attempts[0]?.endTime ?? '') >= (scheduledTime ?? 0), 'its retries count from here');
  }
});
