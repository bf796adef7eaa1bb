// C-88: every example of every command's help is run as written, against a center with what the examples speak of.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import t, { type Test } from 'tap';
import { newUid } from '../../base/index.js';
import { createDeps } from '../../cli/create-deps.js';
import { examplesOf } from '../../cli/examples.js';
import type { Host } from '../../cli/host.js';
import { buildProgram } from '../../cli/program.js';
import type { Agent, Run, Task } from '../../manifests/index.js';
import type { CliCenter } from '../support/cli-center.js';
import { type CliUser, words } from '../support/cli-terminal.js';
import { startCliWorld } from '../support/cli-world.js';
import { repository } from '../support/ctask.js';

const task = (name: string, labels = '{}') =>
  `apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: ${name}, labels: ${labels}}
spec: {schedules: [{cron: "0 2 * * *"}], parameters: [{name: region}], run: {command: [date]}}
`;
const other = (kind: string, name: string) =>
  `apiVersion: cloudtask.dev/v1\nkind: ${kind}\nmetadata: {name: ${name}, labels: {rack: b12}}\nspec: {}\n`;

/** What the examples speak of. */
const WORLD = [
  task('hello', '{team: fin}'),
  task('nightly-report', '{team: fin}'),
  other('Cluster', 'eu'),
  other('Namespace', 'billing'),
].join('---\n');
const RUN = 'hello-4bx8kq2m7d';

/** Examples that end otherwise than with 0, and why. */
const ENDS: Readonly<Record<string, number>> = {
  'ctask ui': 2, // there is no terminal
  'ctask ui --context local -n billing': 2,
  'ctask ui -A -c runs --readonly': 2,
  'ctask edit task hello': 2,
  'ctask edit task/hello --field-manager ops': 2,
  'ctask audit': 1, // the runs here are made up: it says so
  'ctask audit -A --since 1h -o json': 1,
  'ctask diff -f examples/hello/task.yaml': 1, // it differs
  'ctask diff --applyset demo --prune -R -f examples': 1,
  'ctask diff task/hello --revision 1..2': 1,
  'ctask create token --agent --uses 5 --expires 10m': 5, // the center here has no authority
  'ctask secrets-key drop 3f0c9a5b7d21e846': 5,
  'ctask secrets-key drop 3f0c9a5b7d21e846 --context local': 5,
  'ctask notifier test ops': 5,
  'ctask notifier test ops --timeout 10s': 5,
  'ctask notifier test notifier/ops -n billing --timeout 2m': 5,
  'ctask doctor --zookeeper 127.0.0.1:2181 --store /var/lib/ctask/center': 1, // neither is there
  'ctask plugin list': 1, // there is none
  'ctask plugin list --name-only': 1,
};

/** Examples that create what the world has already. */
const CREATES = /^ctask create /;
const MADE = [
  ...['task/hello', 'task/tick', 'task/once', 'task/nightly', 'namespace/billing', 'cluster/eu'],
  'secret/ledger-db',
  ...['user/ann', 'user/ben', 'group/billing', 'serviceaccount/ci', 'role/starter', 'role/web'],
  ...['rolebinding/ops', 'rolebinding/deploy', 'clusterrolebinding/ann-admin', 'clusterrolebinding/audit'],
];
/** Whose tokens and passwords examples make. */
const PEOPLE = [other('User', 'ann'), other('ServiceAccount', 'ci')].join('---\n');

/** After so many changes a task is made anew. */
const GENERATIONS = 10;

/** No example takes nearly as long. */
const STUCK_MS = 20_000;

/** Nothing ends these but the user. */
const ENDLESS = /^ctask (get|events|logs)\b.* (-w|-f)\b/;

/** Examples that wait for what happens only now: done once they watch. */
const MEANWHILE: Readonly<Record<string, (center: CliCenter) => Promise<unknown>>> = {
  'ctask apply --wait=ready --timeout 30s -f examples/hello/task.yaml': comesIntoForce,
  'ctask wait task/hello --for=next-run --timeout=10m': (center) =>
    center.scheduled('hello', Math.floor(Date.now() / 1000) * 1000, { state: 'Running', startTime: Date.now() }),
};

function* examples(command: Command): Generator<string> {
  for (const inner of command.commands) {
    for (const { run } of examplesOf(inner)) yield run;
    yield* examples(inner);
  }
}

/** The center's other half: the leader and the agents, which this center does not have, do at once what is asked of them. */
function playLeaderAndAgents(center: CliCenter): () => void {
  return center.store.onChange((changes) => {
    for (const { kind, type, object } of changes) {
      if (kind === 'Run') void endRun(center, object as Run);
      if (kind === 'Task' && type === 'MODIFIED') void endTask(center, object as Task);
      if (kind === 'Agent') void drainAgent(center, object as Agent);
    }
  });
}

async function endRun(center: CliCenter, run: Run): Promise<void> {
  if (run.spec.manualId === undefined || run.status?.state !== 'Pending') return;
  const now = Date.now();
  await center.output(run, 'done\n', { end: true });
  await center.progress(run, { state: 'Succeeded', exitCode: 0, startTime: now, endTime: now });
}

/** Deleted in the foreground, and none of its runs is open. */
async function endTask(center: CliCenter, { metadata }: Task): Promise<void> {
  if (metadata.deletionTimestamp !== undefined) await center.store.finishDeletion(metadata.uid ?? '', { epoch: 1 });
}

async function drainAgent(center: CliCenter, { metadata, spec, status }: Agent): Promise<void> {
  const told = status?.conditions?.find(({ type }) => type === 'Drained')?.observedGeneration;
  if (spec.drain === undefined || told === metadata.generation) return;
  const now = new Date().toISOString();
  const drained = {
    type: 'Drained',
    status: 'True',
    reason: 'NothingLeft',
    message: 'no tasks',
    lastTransitionTime: now,
  } as const;
  await center.store.updateStatus<Agent>(
    { kind: 'Agent', namespace: '', name: metadata.name },
    { state: 'Ready', conditions: [{ ...drained, observedGeneration: metadata.generation ?? 1 }] },
  );
}

async function comesIntoForce(center: CliCenter): Promise<Task> {
  const hello = await center.task('hello');
  const lastTransitionTime = new Date().toISOString();
  const observedGeneration = hello.metadata.generation ?? 1;
  const ready = { type: 'Ready', status: 'True', reason: 'Accepted', message: 'fine', lastTransitionTime } as const;
  await center.store.updateStatus<Task>(
    { kind: 'Task', namespace: 'default', name: 'hello' },
    { state: 'Active', observedGeneration, conditions: [{ ...ready, observedGeneration }] },
  );
  return hello;
}

/** Everything as the examples expect it, whatever the one before has done. */
async function restore(t: Test, center: CliCenter, user: CliUser, config: string, example: string): Promise<void> {
  writeFileSync(join(user.home, 'config.yaml'), config, { mode: 0o600 });
  writeFileSync('other.yaml', config, { mode: 0o600 });
  writeFileSync('db-url.txt', 'postgres://db/ledger');
  writeFileSync('mail.env', 'USER=postmaster\n');
  for (const file of ['first-password.txt', 'new-password.txt']) writeFileSync(file, 'correct horse battery\n');
  if (CREATES.test(example) && !/--from[= ]/.test(example)) {
    for (const object of MADE) await user.run(['delete', object, '--ignore-not-found', '-y']);
    return;
  }
  const apply = async (input: string) => {
    // Whatever an example has made its own.
    const { code, stderr } = await user.type('apply --force-conflicts -f -', { input });
    if (code !== 0) t.fail(stderr);
  };
  // Of very many changes the first revision is forgotten, which an example asks for.
  const before = await center.store.get<Task>({ kind: 'Task', namespace: 'default', name: 'hello' });
  if ((before?.metadata.generation ?? 0) > GENERATIONS) await user.run(['delete', 'task', 'hello']);
  await apply(WORLD);
  if ((await center.task('hello')).metadata.generation === 1) {
    // So that there is a revision to look at and to go back to.
    await apply(WORLD.replaceAll('0 2 * * *', '0 3 * * *'));
    await apply(WORLD);
  }
  await center.agent('eu-1');
  await user.run(['apply', '-f', '-'], { input: other('Agent', 'eu-1') });
  await user.run(['uncordon', 'eu-1']);
  const now = Date.now();
  const hello = await comesIntoForce(center);
  center.records.set(hello.metadata.uid!, {
    ...{ owner: 'eu-1', ownerEpoch: 1, revision: hello.metadata.generation ?? 1, suspended: false, cursor: now },
    ...{ attempt: 0, claimId: '', blockedBy: null },
  });
  const run = await center.store.get<Run>({ kind: 'Run', namespace: 'default', name: RUN });
  if (run?.spec.taskUid === hello.metadata.uid) return;
  if (run !== undefined) await user.run(['delete', 'run', RUN]);
  await finished(center, hello);
}

async function finished(center: CliCenter, hello: Task): Promise<void> {
  const time = Date.now();
  const uid = newUid();
  await center.store.acceptReports('eu-1', [
    {
      ...{ uid, name: RUN, namespace: 'default', task: 'hello', taskUid: hello.metadata.uid!, slot: '' },
      ...{ revision: 1, trigger: 'Manual', scheduledTime: null, schedule: null, state: 'Succeeded', attempt: 1 },
      attempts: [{ number: 1, state: 'Succeeded', agent: 'eu-1', exitCode: 0 }],
      ...{ startTime: time, endTime: time },
    },
  ]);
  const run = (await center.store.getByUid<Run>('Run', uid))!;
  await center.output(run, 'hello\n', { end: true });
}

async function runExample(center: CliCenter, user: CliUser, example: string) {
  const [, line = example, input, output] = /^(.*?)(?: < (\S+))?(?: > (\S+))?$/.exec(example) ?? [];
  const endless = ENDLESS.test(line);
  const meanwhile = MEANWHILE[example];
  const session = user.start([...words(line), ...(endless || meanwhile ? ['-v', '6'] : [])], {
    ...(input === undefined ? {} : { input: await readFile(input, 'utf8') }),
  });
  if (endless || meanwhile !== undefined) {
    void session
      .until(({ stderr }) => /(watch|follow)=(1|true)/.test(stderr))
      .then(() => (meanwhile === undefined ? session.signal('SIGINT') : meanwhile(center)));
  }
  // One that waits for something nobody does fails by itself, and not the whole test by its time-out.
  const stuck = setTimeout(() => session.signal('SIGINT'), STUCK_MS);
  const outcome = await session.done;
  clearTimeout(stuck);
  if (output !== undefined) writeFileSync(output, outcome.stdout);
  return { ...outcome, code: endless && outcome.code === 130 ? 0 : outcome.code };
}

t.test('the examples of all commands', { timeout: 300_000 }, async (t) => {
  const { center, user } = await startCliWorld(t);
  const away = process.cwd();
  const directory = join(user.home, 'work');
  mkdirSync(directory);
  symlinkSync(join(repository, 'examples'), join(directory, 'examples'));
  process.chdir(directory);
  t.teardown(() => process.chdir(away));
  t.teardown(playLeaderAndAgents(center));
  for (const name of ['prod', 'old']) {
    await user.type(`config set-server ${name} -s http://127.0.0.1:1`);
    await user.type(`config set users.${name}.token ct_x`);
  }
  const config = await readFile(join(user.home, 'config.yaml'), 'utf8');
  const program = await buildProgram(createDeps({ env: {}, version: '0' } as unknown as Host));
  const all = [...new Set(examples(program))];
  t.ok(all.length > 100, `${all.length} examples`);
  for (const example of all) {
    await restore(t, center, user, config, example);
    if (example.startsWith('ctask undelete task/')) await user.type('delete task hello');
    if (/ (create token|set-password) /.test(example)) await user.type('apply -f -', { input: PEOPLE });
    if (example.includes('undo package')) await user.type('create package tool --from examples/gitops');
    if (/ package[ /]/.test(example)) await user.type('create package tool --from examples/hello');
    const { code, stdout, stderr } = await runExample(center, user, example);
    t.equal(code, ENDS[example] ?? 0, `${example}\n${stdout.slice(0, 300)}${stderr.slice(0, 500)}`);
  }
});
