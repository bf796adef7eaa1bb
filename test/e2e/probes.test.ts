// Twenty things that somebody who comes from kubectl types first, as he types them, against `ctask up`. Each must do what he expects.
import { type SpawnOptions, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type Outcome, program, Running, startUp, User } from '../support/ctask.js';
import { descendants, wordsOf } from '../support/processes.js';

const user = new User();
const bin = join(user.home, 'bin');
mkdirSync(bin);
const entry = join(bin, 'ctask');
writeFileSync(entry, `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
chmodSync(entry, 0o755);
const env = { ...user.env, PATH: `${bin}:${process.env.PATH}` };

const shells = new Set<Running>();

/** A line typed into a shell in the user's home. */
function start(line: string): Running {
  const options: SpawnOptions = { env, cwd: user.home, stdio: ['ignore', 'pipe', 'pipe'], detached: true };
  const shell = new Running(spawn('bash', ['-c', line], options));
  shells.add(shell);
  void shell.done.then(() => shells.delete(shell));
  return shell;
}

/** The shell and what it has started. */
async function end(shell: Running, signal: NodeJS.Signals): Promise<void> {
  if (!shell.ended) process.kill(-(shell.child.pid ?? 0), signal);
  await shell.done;
}

async function type(line: string): Promise<Outcome> {
  return start(line).done;
}

/** `what` is compared as `t.match` does; every probe also shows no stack and no noise of a closed pipe. */
async function probe(t: Test, line: string, what: Partial<Outcome> | Record<string, unknown>): Promise<Outcome> {
  const outcome = await type(line);
  const { code, stdout, stderr } = outcome;
  t.match({ code, stdout, stderr }, what, line, { stdout, stderr, code });
  t.notMatch(stderr, /EPIPE|\n\s+at /, 'no noise');
  return outcome;
}

function file(name: string, text: string): string {
  const path = join(user.home, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const manifest = (name: string, run: string, more = '') => `apiVersion: cloudtask.dev/v1
kind: Task
metadata:
  name: ${name}
  labels: {team: fin}
spec:
  schedules:
  - cron: "0 2 * * *"
  run:
    script: |
      ${run}
${more}`;

/** Pid of the center that this `ctask up` has started. */
function centerOf(parent: number): number {
  return descendants(parent).find((pid) => wordsOf(pid).includes('center')) ?? 0;
}

let up: Running;
t.before(async () => {
  up = await startUp(user, ['--agents', '2']);
});
t.teardown(async () => {
  for (const shell of shells) await end(shell, 'SIGKILL');
  await user.go();
});

const CREATE = "ctask create task t --schedule '*/5 * * * *' --dry-run=client -o yaml -- echo hi | ctask apply -f -";
const VERSION = "ctask get task t -o jsonpath='{.metadata.resourceVersion}'";

t.test('1 and 2: a generated manifest is applied, and applied again', async (t) => {
  await probe(t, CREATE, { code: 0, stdout: 'task.cloudtask.dev/t created\n', stderr: '' });
  await type('ctask wait task/t --for=condition=Ready --timeout=30s'); // its status is written by now
  const { metadata: before } = JSON.parse((await type('ctask get task t -o json')).stdout);
  await probe(t, CREATE, { code: 0, stdout: 'task.cloudtask.dev/t unchanged\n', stderr: '' });
  await probe(t, VERSION, { code: 0, stdout: before.resourceVersion });
});

t.test('3: diff answers 0, 1 and what is wrong', async (t) => {
  file('same.yaml', (await type('ctask get task t -o yaml')).stdout);
  file('changed.yaml', (await type('ctask get task t -o yaml')).stdout.replace('*/5 * * * *', '*/7 * * * *'));
  file('bad.yaml', manifest('t', 'true').replace('0 2 *', '61 2 *'));
  const changed = await probe(t, 'ctask diff -f changed.yaml; echo $?', { code: 0 });
  t.match(changed.stdout, /^-.*\*\/5 \* \* \* \*/m);
  t.match(changed.stdout, /^\+.*\*\/7 \* \* \* \*/m);
  t.match(changed.stdout, /\n1\n$/);
  await probe(t, 'ctask diff -f same.yaml; echo $?', { stdout: '0\n' });
  await probe(t, 'ctask diff -f bad.yaml; echo $?', { stdout: '7\n', stderr: /minute must be 0 to 59/ });
  await probe(t, 'ctask --server http://127.0.0.1:1 diff -f same.yaml; echo $?', { stdout: /9\n$/ });
});

t.test('4: jsonpath with range, tab and newline', async (t) => {
  const path = `{range .items[*]}{.metadata.name}{"\\t"}{.spec.schedules[0].cron}{"\\n"}{end}`;
  await probe(t, `ctask get tk -o jsonpath='${path}'`, { code: 0, stdout: 't\t*/5 * * * *\n' });
});

t.test('5: sorted, without headers, into head', async (t) => {
  file('many.yaml', ['u', 'v', 'w'].map((name) => manifest(name, 'true')).join('---\n'));
  await type('ctask apply -f many.yaml');
  const line = 'ctask get tk --sort-by=.metadata.creationTimestamp --no-headers | head -1';
  await probe(t, line, { code: 0, stdout: /^t /, stderr: '' });
});

t.test('6: two types, all namespaces, a selector', async (t) => {
  await type('ctask label agents --all team=ops');
  const { stdout } = await probe(t, "ctask get tk,ag -A -l 'team in (fin,ops),!legacy'", { code: 0 });
  const [tasks = '', agents = ''] = stdout.split('\n\n');
  t.match(tasks, /^NAMESPACE +NAME/);
  t.match(tasks, /^default +task\.cloudtask\.dev\/u /m);
  t.match(agents, /^NAME +STATUS/);
  t.match(agents, /^agent\.cloudtask\.dev\/\S+ +Ready/m);
});

t.test('7: a run is followed and its result is the exit code', async (t) => {
  await probe(t, 'ctask run t -f; echo $?', { stdout: 'hi\n0\n' });
  file('fails.yaml', manifest('fails', 'echo no; exit 3'));
  await type('ctask apply -f fails.yaml');
  await probe(t, 'ctask run fails -f; echo $?', { stdout: 'no\n1\n' });
});

t.test('8 and 9: logs of several runs by label, and a center that is killed meanwhile', async (t) => {
  const count = 'for i in $(seq 1 60); do echo "$CTASK_TASK $i"; sleep 0.2; done';
  file(
    'talk.yaml',
    ['talk-1', 'talk-2']
      .map((name) => manifest(name, count))
      .join('---\n')
      .replaceAll('fin', 'talk'),
  );
  await type('ctask apply -f talk.yaml');
  const following = start('ctask logs -f -l team=talk --prefix --max-log-requests 20');
  await type('ctask run talk-1; ctask run talk-2');
  const seen = (name: string, i: number) => (running: Running) => running.stdout.includes(` ${name} ${i}\n`);
  await following.until(seen('talk-1', 5), 'the first task is followed', 60_000);
  await following.until(seen('talk-2', 5), 'a run that began later is followed, too', 60_000);
  process.kill(centerOf(up.child.pid ?? 0), 'SIGKILL'); // `ctask up` starts another
  await following.until(seen('talk-1', 60), 'one to its end', 120_000);
  await following.until(seen('talk-2', 60), 'the other to its end', 120_000);
  await end(following, 'SIGINT');
  const lines = following.stdout.split('\n').filter((line) => line !== '');
  for (const name of ['talk-1', 'talk-2']) {
    const mine = lines.filter((line) => line.includes(`] ${name} `));
    const prefix = /^\[run\/talk-\d-[a-z0-9]+\/stdout\] /;
    t.ok(mine.every((line) => prefix.test(line)));
    const expected = Array.from({ length: 60 }, (_, i) => `${name} ${i + 1}`);
    t.strictSame(
      mine.map((line) => line.replace(prefix, '')),
      expected,
      'no line lost, doubled or torn',
    );
  }
});

t.test('10: wait', async (t) => {
  const line = 'ctask wait task/t --for=condition=Ready --timeout=10s';
  await probe(t, line, { code: 0, stdout: 'task.cloudtask.dev/t condition met\n' });
});

t.test('11: an editor that changes nothing', async (t) => {
  const typed = "script -qec 'EDITOR=true ctask edit task t' /dev/null"; // an editor needs a terminal; script makes one
  await probe(t, typed, { code: 0, stdout: /^Edit cancelled, no changes made\.\r?\n$/ });
});

t.test('12: two shells, one field', async (t) => {
  file('mine.yaml', manifest('shared', 'true', '  timeout: 10m\n'));
  file('theirs.yaml', manifest('shared', 'true', '  timeout: 15m\n'));
  await probe(t, 'ctask apply -f theirs.yaml --field-manager=ui', { code: 0 });
  const { stderr } = await probe(t, 'ctask apply -f mine.yaml', { code: 6, stdout: '' });
  t.match(stderr, 'error: Apply failed with 1 conflict: conflict with "ui" using cloudtask.dev/v1: .spec.timeout\n');
  t.match(stderr, /\.spec\.timeout +yours: 10m +live: 15m +set by ui/);
  t.match(stderr, '--force-conflicts');
  const forced = 'task.cloudtask.dev/shared configured\n';
  await probe(t, 'ctask apply -f mine.yaml --force-conflicts', { code: 0, stdout: forced });
});

t.test('13: an apply set, pruned', async (t) => {
  for (const name of ['one', 'two']) file(`set/${name}.yaml`, manifest(name, 'true'));
  await probe(t, 'ctask apply --applyset s --prune -f set', { code: 0, stdout: /one created\n.*two created\n/ });
  rmSync(join(user.home, 'set', 'two.yaml'));
  const pruned = 'task.cloudtask.dev/one unchanged\ntask.cloudtask.dev/two pruned\n';
  await probe(t, 'ctask apply --applyset s --prune -f set', { code: 0, stdout: pruned });
  rmSync(join(user.home, 'set', 'one.yaml'));
  t.not((await type('ctask apply --applyset s --prune -f set')).code, 0, 'an empty directory is refused');
  await probe(t, 'ctask get task one -o name', { stdout: 'task.cloudtask.dev/one\n' });
});

t.test('14: explain', async (t) => {
  const { stdout } = await probe(t, 'ctask explain task.spec.schedules --recursive', { code: 0 });
  t.match(stdout, /^GROUP: +cloudtask\.dev$/m);
  t.match(stdout, /^FIELD: schedules <\[\]Object>$/m);
  t.match(stdout, /^ +cron\t<string>/m);
});

t.test('15: what another may do', async (t) => {
  await probe(t, 'ctask auth can-i delete tasks --as viewer', { code: 1, stdout: /^no/ });
});

t.test('16: completion', async (t) => {
  // What bash does when somebody presses Tab.
  file(
    'tab.sh',
    [
      'source <(ctask completion bash)',
      'COMP_WORDS=(ctask get tk ""); COMP_CWORD=3; COMP_LINE="ctask get tk "; COMP_POINT=13',
      "complete=$(complete -p ctask | sed 's/.*-F \\([^ ]*\\).*/\\1/')",
      '"$complete" ctask "" tk',
      'echo "$' + '{COMPREPLY[@]}"',
    ].join('\n'),
  );
  await probe(t, 'bash tab.sh', { code: 0, stdout: /\bt\b.*\bu\b/ });
});

t.test('17: what goes over the wire, without the token', async (t) => {
  const { stderr } = await probe(t, 'ctask -v=8 get tk', { code: 0 });
  t.match(stderr, /GET http.*\/tasks.* 200( OK)? in \d+ milliseconds/);
  t.match(stderr, /Authorization: Bearer <masked>/i);
  t.match(stderr, 'Response Body');
  t.notMatch(stderr, /ct_[A-Za-z0-9_-]{20}/);
});

t.test('18: no dashboard without a terminal', async (t) => {
  const { stdout, stderr } = await probe(t, 'ctask ui < /dev/null', { code: 2, stdout: '' });
  t.equal(stderr, "error: ctask ui needs an interactive terminal; try 'ctask get tasks -w'\n");
  t.notMatch(stdout + stderr, '\u001b');
});

t.test('19: back to what it was', async (t) => {
  const first = await type('ctask get task shared -o jsonpath={.spec.timeout}');
  t.equal(first.stdout, '10m');
  await probe(t, 'ctask rollout undo task/shared', { code: 0, stdout: 'task.cloudtask.dev/shared rolled back\n' });
  await probe(t, 'ctask get task shared -o jsonpath={.spec.timeout}', { stdout: '15m' });
  const { stdout } = await probe(t, 'ctask rollout history task/shared', { code: 0 });
  const rows = stdout.trim().split('\n');
  t.match(rows[0], /^REVISION +CHANGE-CAUSE/);
  const numbers = rows.slice(1).map((row) => Number(row.split(/\s+/)[0]));
  t.strictSame(
    numbers,
    [...numbers].sort((a, b) => b - a),
    'the new revision is on top',
  );
  t.equal(numbers[0], 3);
});

t.test('20: deletion that waits for the running', async (t) => {
  file('long.yaml', manifest('long', 'echo begun; sleep 300'));
  await type('ctask apply -f long.yaml');
  const name = (await type('ctask run long -o name')).stdout.trim().replace('run.cloudtask.dev/', '');
  await start(`ctask logs -f ${name}`).until(({ stdout }) => stdout.includes('begun'), 'it runs', 60_000);
  const { stdout } = await probe(t, 'ctask delete task long --cascade=foreground', { code: 0 });
  t.equal(stdout, 'task.cloudtask.dev "long" deleted from default namespace\n');
  const state = `ctask get run ${name} --ignore-not-found -o jsonpath='{.status.state}'`;
  await probe(t, state, { stdout: /^(Cancelled)?$/ });
});
