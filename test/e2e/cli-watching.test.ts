// events, top, why and next against the real API; the test plays controllers and agents.
import t from 'tap';
import type { TriggerRecord } from '../../coordination/index.js';
import type { Agent, Cluster } from '../../manifests/index.js';
import { startCliWorld } from '../support/cli-world.js';

const task = (name: string, spec = 'schedules: [{cron: "0 2 * * *"}]') =>
  `apiVersion: cloudtask.dev/v1\nkind: Task\nmetadata: {name: ${name}}\nspec: {run: {command: [/bin/true]}, ${spec}}\n`;

t.test('events (C-53)', async (t) => {
  const { center, user } = await startCliWorld(t);
  await user.type('apply -f -', { input: `${task('hello')}---\n${task('other')}` });
  const now = Date.now();
  const ended = { startTime: now - 2000, endTime: now - 1000 } as const;
  const failed = await center.scheduled('hello', now - 60_000, { state: 'Failed', exitCode: 3, ...ended });
  await center.scheduled('other', now - 60_000, { state: 'Succeeded', ...ended });

  await t.test('in order, of one object, of one type', async (t) => {
    const { stdout } = await user.type('events');
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((row) => row.split(/ {3,}/));
    t.same(
      rows.map((row) => row.slice(1, 4)),
      [
        ['TYPE', 'REASON', 'OBJECT'],
        ['Warning', 'Failed', 'task/hello'],
        ['Normal', 'Completed', 'task/other'],
      ],
    );
    t.match(await user.type('events --for task/other'), { stdout: /^LAST-SEEN.*\n.*task\/other.*\n$/ });
    t.match(await user.type('events --types Warning --no-headers'), { stdout: /^\S+ +Warning +Failed .*\n$/ });
    t.match((await user.type(`events --for run/${failed.metadata.name}`)).stdout, /run \S+ failed: exit code 3/);
    await center.scheduled('hello', now - 30_000, { state: 'Missed' });
    t.notMatch((await user.type(`events --for run/${failed.metadata.name}`)).stdout, 'Missed');
    t.match(await user.type('events --for nonsense'), { code: 2 });
    t.match(await user.type('events -o xml'), { code: 2 });
  });

  await t.test('as objects: a List, or one by one while watching', async (t) => {
    t.match(JSON.parse((await user.type('events -o json')).stdout), {
      kind: 'List',
      items: [{ kind: 'Event' }, {}, {}],
    });
    const lines = (await user.type('events -o ndjson')).stdout.trimEnd().split('\n');
    t.equal(lines.length, 3);
    t.match(JSON.parse(lines[0]!), { apiVersion: 'cloudtask.dev/v1', kind: 'Event', spec: { reason: 'Failed' } });
    const watch = user.start(['events', '-w', '-o', 'ndjson', '--types', 'Warning']);
    const plain = user.start(['events', '-w', '--no-headers']);
    await watch.until(({ stdout }) => stdout.split('\n').length === 3);
    await plain.until(({ stdout }) => stdout.split('\n').length === 4);
    await center.hangUp();
    await center.scheduled('other', now, { state: 'Succeeded', ...ended });
    await center.scheduled('other', now + 1, { state: 'Lost', startTime: now });
    await center.listen();
    await watch.until(({ stdout }) => stdout.includes('"Lost"'));
    await plain.until(({ stdout }) => /Lost +task\/other/.test(stdout));
    for (const session of [watch, plain]) session.signal('SIGINT');
    t.match(await watch.done, { code: 130, stdout: /^[^\n]*\n[^\n]*\n[^\n]*\n$/ });
    t.match(await plain.done, { code: 130 });
  });
});

t.test('top (C-59)', async (t) => {
  const { center, user } = await startCliWorld(t);
  await user.type('apply -f -', { input: `${task('busy')}---\n${task('idle')}` });
  const now = Date.now();
  for (let i = 1; i <= 4; i++) {
    const startTime = now - i * 60_000;
    const state = i === 1 ? 'Failed' : 'Succeeded';
    await center.scheduled('busy', startTime, { state, startTime, endTime: startTime + i * 10_000 });
  }
  await center.scheduled('idle', now - 5000, { state: 'Running', startTime: now - 300_000, agent: 'a2' });
  await center.store.heartbeat('a1', { cluster: 'default' }, {}, { load: 0.5, cpus: 4, running: 1, tasks: 7 });
  await center.store.heartbeat(
    'a2',
    { cluster: 'default' },
    {},
    { load: 3, cpus: 4, running: 2, tasks: 1, spoolBytes: 2048 },
  );
  await center.agent('a3');
  const rows = async (line: string) =>
    (await user.type(line)).stdout
      .trimEnd()
      .split('\n')
      .map((row) => row.split(/ {3,}/));
  t.same(await rows('top agents'), [
    ['NAME', 'LOAD%', 'LOAD', 'CPUS', 'RUNNING', 'TASKS', 'SPOOL'],
    ['a2', '75%', '3.00', '4', '2', '1', '2Ki'],
    ['a1', '13%', '0.50', '4', '1', '7', '0Ki'],
    ['a3', '<unknown>', '<unknown>', '<unknown>', '0', '0', '0Ki'],
  ]);
  t.same(
    (await rows('top ag --sort-by tasks --no-headers')).map(([name]) => name),
    ['a1', 'a2', 'a3'],
  );
  t.same(await rows('top tasks'), [
    ['NAME', 'RUNS/24H', 'FAIL%', 'P50', 'P95', 'MAX'],
    ['busy', '4', '25%', '20s', '40s', '40s'],
    ['idle', '1', '<none>', '<none>', '<none>', '<none>'],
  ]);
  const [header, run] = await rows('top runs -A');
  t.same(header, ['NAMESPACE', 'NAME', 'TASK', 'AGENT', 'ATTEMPT', 'DURATION']);
  t.match(run, ['default', /^idle-/, 'idle', 'a2', '1', /^5m/]);
  t.match(await user.type('top nodes'), { code: 2 });
  t.match(await user.type('top agents --sort-by nope'), { code: 2, stderr: /is not one of NAME, LOAD%/ });
  t.same(await user.type('top runs -l a=b'), { code: 0, stdout: '', stderr: 'No resources found\n' });
});

t.test('why', async (t) => {
  const { center, user } = await startCliWorld(t);
  const now = Date.now();
  const selector = 'placement: {selector: {matchLabels: {disk: ssd}}}';
  await user.type('apply -f -', {
    input: `${task('hello', `schedules: [{every: 1h}], ${selector}`)}---\n${task('odd', 'timeout: 1m')}`,
  });
  const why = async (name = 'hello') =>
    JSON.parse((await user.type(`why ${name} -o json`)).stdout) as {
      findings: { reason: string; message: string }[];
      agents: object;
    };
  const reasons = async (name?: string) => (await why(name)).findings.map(({ reason }) => reason);
  const { uid = '' } = (await center.task('hello')).metadata;
  const record = (extra: Partial<TriggerRecord>) =>
    center.records.set(uid, {
      ...{
        owner: 'a1',
        ownerEpoch: 1,
        revision: 1,
        suspended: false,
        cursor: now,
        attempt: 0,
        claimId: '',
        blockedBy: null,
      },
      ...extra,
    });

  await t.test('no agents, none that may have it, none that has it', async (t) => {
    t.same(await reasons(), ['NoAgents', 'NoRecord']);
    t.same(await reasons('odd'), ['NoSchedule', 'NoAgents', 'NoRecord']);
    const ready: Agent['status'] = { state: 'Ready' };
    for (const [name, labels] of [
      ['a1', { disk: 'ssd' }],
      ['a2', { disk: 'hdd' }],
      ['a3', {}],
      ['a4', { disk: 'ssd' }],
    ] as const) {
      await center.store.heartbeat(name, { cluster: 'default' }, labels, name === 'a4' ? {} : { ...ready });
      if (name !== 'a4') await center.store.updateStatus<Agent>({ kind: 'Agent', namespace: '', name }, ready);
    }
    await center.store.heartbeat('b1', { cluster: 'other' }, {}, {});
    record({ owner: null });
    t.same(await reasons(), ['Unallocated']);
    await user.type('cordon a1');
    t.same(await reasons(), ['NoEligibleAgent', 'Unallocated']);
    t.match(await why(), {
      agents: {
        ...{ total: 4, eligible: 0 },
        items: [
          { name: 'a1', eligible: false, reasons: ['cordoned'] },
          { name: 'a2', reasons: ['label disk is hdd, not ssd'] },
          { name: 'a3', reasons: ['label disk missing'] },
          { name: 'a4', reasons: ['offline'] },
        ],
      },
    });
    await user.type('uncordon a1');
  });

  await t.test('nothing keeps it; in words', async (t) => {
    record({});
    await center.scheduled('hello', now - 60_000, { state: 'Skipped', reason: 'ConcurrencyForbid' });
    const { code, stdout } = await user.type('why task/hello');
    t.equal(code, 0);
    t.match(
      stdout,
      /^Task: +default\/hello\nNext Time Point: +\S.* \(in \S+\)\nAgent: +a1\nEligible: +1 of 4 agents\n/,
    );
    t.match(stdout, /^Last Not Run: +hello-\w+: Skipped \(ConcurrencyForbid\), /m);
    t.match(stdout, /^Findings: +nothing keeps the task from running$/m);
    t.match(stdout, /^ {2}a1 +yes +yes$/m);
    t.match(stdout, /^ {2}a3 +no +no +label disk missing$/m);
    t.match(await user.type('why nope'), { code: 5 });
  });

  await t.test('suspended, blocked, open, not in force, refused, its cluster held', async (t) => {
    const open = await center.scheduled('hello', now, { state: 'Running', startTime: now });
    record({ blockedBy: open.metadata.uid! });
    await user.type('suspend hello');
    t.same(await reasons(), ['Suspended', 'Applying', 'Blocked', 'RunOpen']);
    t.match(
      (await why()).findings[3]?.message,
      `run ${open.metadata.name} is Running; while it is open time points are skipped (Forbid)`,
    );
    record({ revision: 9, owner: 'a2' });
    t.match((await why()).findings[1], {
      reason: 'OwnerIneligible',
      message: /^agent a2, .*: label disk is hdd, not ssd$/,
    });
    record({ revision: 9, owner: 'gone' });
    await user.type('resume hello');
    t.same(await reasons(), ['OwnerAbsent', 'RunOpen']);
    record({ revision: 9 });
    const refusedTasks = [{ uid, message: 'no such zone' }];
    await center.store.heartbeat('a1', { cluster: 'default' }, { disk: 'ssd' }, { refusedTasks });
    const lastTransitionTime = new Date(now).toISOString();
    const stopped = {
      type: 'MovesStopped',
      status: 'True',
      reason: 'MassLoss',
      message: '9 agents went',
      lastTransitionTime,
    } as const;
    await center.store.updateStatus<Cluster>(
      { kind: 'Cluster', namespace: '', name: 'default' },
      { conditions: [stopped] },
    );
    t.match((await why()).findings, [
      { reason: 'TaskRefused', message: 'agent a1 cannot schedule the task: no such zone' },
      { reason: 'RunOpen' },
      { reason: 'MovesStopped', message: '9 agents went' },
    ]);
  });
});

t.test('next (C-71)', async (t) => {
  const { user } = await startCliWorld(t);
  await user.type('apply -f -', {
    input: `${task('late')}---\n${task('soon', 'schedules: [{every: 1m}]')}---\n${task('odd', 'timeout: 1m')}`,
  });
  t.match((await user.type('next --all -c 1')).stdout, /^TASK +TIME +LOCAL +IN\ndefault\/soon .*\ndefault\/late .*\n$/);
  const all = JSON.parse((await user.type('next --all -c 1 -o json')).stdout) as {
    tasks: { task: string; times: string[] }[];
  };
  t.same(all.tasks.map(({ task: name, times }) => [name, times.length]).sort(), [
    ['default/late', 1],
    ['default/odd', 0],
    ['default/soon', 1],
  ]);
  t.match(await user.type('next odd'), { code: 0, stdout: '', stderr: 'task "odd" has no further time points\n' });
  t.same(await user.type("next --expr '0 0 31 2 *'"), { code: 0, stdout: '', stderr: '"0 0 31 2 *" never fires\n' });
  t.match(await user.type("next --expr '61 * * * *'"), {
    code: 7,
    stderr: 'error: "61 * * * *": minute must be 0 to 59',
  });
  t.match(await user.type('next hello --all'), { code: 2 });
});

t.test('why: a shard that has had its runs, and runs that are as many as may be', async (t) => {
  const { center, user } = await startCliWorld(t);
  const spec = 'schedules: [{every: 1h}], placement: {mode: Shards, shards: 2}, maxRuns: 3';
  await user.type('apply -f -', {
    input: `${task('split', `${spec}, concurrencyPolicy: Queue, maxConcurrentRuns: 2`)}`,
  });
  const { uid = '' } = (await center.task('split')).metadata;
  const record = { owner: 'a1', ownerEpoch: 1, revision: 1, suspended: false, cursor: 0, attempt: 0, claimId: '' };
  const runs = (first: number, second: number) => {
    center.records.set(`${uid}.0`, { ...record, blockedBy: null, runs: first });
    center.records.set(`${uid}.1`, { ...record, blockedBy: null, runs: second });
  };
  const findings = async () => (await user.type('why split')).stdout;
  runs(2, 3);
  t.match(await findings(), /MaxRuns +it has had 3 runs by its schedules in a slot, and may have 3/);
  runs(2, 2);
  t.notMatch(await findings(), /MaxRuns/);
  const now = Date.now();
  for (const [slot, count] of [
    ['0', 1],
    ['1', 2],
  ] as const) {
    t.notMatch(await findings(), /RunOpen/, 'there is room in each shard');
    for (let i = 0; i < count; i++) {
      await center.scheduled('split', now - i * 1000, { slot, state: 'Running', startTime: now });
    }
  }
  t.match(await findings(), /RunOpen +2 runs are open, run split-\w+ .*time points wait \(maxConcurrentRuns, Queue\)/);
});
