import { chmodSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { TaskSpec } from '../manifests/index.js';
import { AgentBench } from '../test/support/agent-bench.js';
import { startOnDemand, untilLogEnded } from '../test/support/agent-helpers.js';
import { findAccount } from './platform/index.js';
import { until } from './runner/fixtures/rig.js';

const nobody = findAccount('nobody');
const skip = process.getuid?.() === 0 && nobody !== undefined ? false : 'needs root, and an account "nobody"';

/** What a process gets, and what a shell adds. */
const KNOWN = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'TMPDIR', 'TZ', 'SHELL', 'PWD', 'SHLVL', '_', 'OLDPWD'],
  ...['CTASK_RUN_ID', 'CTASK_TASK', 'CTASK_NAMESPACE', 'CTASK_ATTEMPT', 'CTASK_SLOT', 'CTASK_SCHEDULED_TIME'],
];

/** What a run of this printed and how it ended, on an agent that may run tasks as nobody. */
async function runOf(bench: AgentBench, name: string, run: TaskSpec['run']) {
  const agent = await bench.agent(name);
  const task = bench.task({ run });
  await bench.allocate(name, [task]);
  const { uid } = startOnDemand(bench, task);
  const end = await agent.events.next('ended');
  await untilLogEnded(bench, uid);
  return { end, out: bench.center.text(uid, 1, 'stdout'), err: bench.center.text(uid, 1, 'stderr') };
}

t.test('a task runs as the user it asks for', { skip }, async (t) => {
  const bench = await AgentBench.open(t, { runAs: ['nobody', 'nobody:daemon'] });
  chmodSync(bench.directory, 0o711);
  const script = [
    'id -u; id -g; id -G; umask; cat; echo made > file; stat -c %a file; pwd',
    'echo aloud > /dev/stderr; echo "$HOME $USER $LOGNAME"; ls .. 2>/dev/null || echo shut',
  ].join('\n');
  const { end, out, err } = await runOf(bench, 'a1', { script, stdin: 'told\n', user: 'nobody', umask: '027' });
  t.match(end, { state: 'Succeeded' }, err);
  const [uid, gid, groups, umask, told, mode, directory, names, shut] = out.split('\n');
  t.same([Number(uid), Number(gid), groups], [nobody?.uid, nobody?.gid, String(nobody?.gid)]);
  t.equal(Number.parseInt(umask ?? '', 8), 0o027);
  t.equal(told, 'told');
  t.equal(mode, '640');
  t.match(directory, /\/work$/);
  t.equal(names, `${nobody?.home} nobody nobody`);
  t.equal(shut, 'shut', 'what the agent keeps beside it stays unseen');
  t.equal(err, 'aloud\n');
  t.equal(statSync(bench.dataDir('a1')).mode & 0o777, 0o711);
  t.equal(statSync(join(bench.dataDir('a1'), 'journal')).mode & 0o077, 0);

  const other = await runOf(bench, 'a2', { command: ['id', '-gn'], user: 'nobody', group: 'daemon' });
  t.equal(other.out, 'daemon\n');
});

t.test('abuse: a task of another account reads nothing of the agent', { skip }, async (t) => {
  const bench = await AgentBench.open(t, { runAs: ['nobody'] });
  chmodSync(bench.directory, 0o711);
  const script = [
    'env',
    `for pid in ${process.pid} $PPID; do cat /proc/$pid/environ /proc/$pid/mem; ls /proc/$pid/fd; readlink /proc/$pid/cwd; done`,
    `for name in . journal spool tasks secrets attempts agent.lock; do ls ${bench.dataDir('a1')}/$name; done`,
    `find ${bench.dataDir('a1')}/ ! -type d -exec cat {} +`,
    'ls /proc/self/fd | wc -l',
  ].join(' 2>/dev/null\n');
  const { out } = await runOf(bench, 'a1', { script, user: 'nobody' });
  const env = out.split('\n').filter((line) => /^\w+=/.test(line));
  t.ok(env.length > 3, 'it has an environment');
  const names = env.map((line) => line.split('=', 1)[0] ?? '');
  t.same(
    names.filter((name) => !KNOWN.includes(name)),
    [],
    'with nothing of the agent in it',
  );
  const rest = out.split('\n').filter((line) => line !== '' && !env.includes(line));
  t.match(rest, [/^\d+$/], 'and sees nothing but that');
  t.ok(Number(rest[0]) <= 5, `${rest[0]} open files: its own`);
  const own = await runOf(bench, 'a2', { script });
  t.ok(own.out.split('\n').length > out.split('\n').length + 20, 'one of the account of the agent sees much more');
});

t.test('files that the task leaves are removed by whom they belong to', { skip }, async (t) => {
  const bench = await AgentBench.open(t, { runAs: ['nobody'] });
  chmodSync(bench.directory, 0o711);
  const { end } = await runOf(bench, 'a1', {
    script: 'mkdir -p a/b; echo x > a/b/c; chmod 700 a; pwd',
    user: 'nobody',
  });
  t.match(end, { state: 'Succeeded' });
  const attempts = join(bench.dataDir('a1'), 'attempts');
  const left = () => readdirSync(attempts).flatMap((bucket) => readdirSync(join(attempts, bucket)));
  await until(() => left().length === 0);
  t.pass('nothing is left');
});

t.test('what this agent does not allow, or cannot do, is said in words', { skip }, async (t) => {
  const bench = await AgentBench.open(t, { runAs: ['nobody', 'ctask-no-such'] });
  const refused = await runOf(bench, 'a1', { command: ['id'], user: 'daemon' });
  t.match(refused.end, {
    state: 'Failed',
    reason: 'StartFailed',
    message:
      /^RunAs: this agent may not run tasks as "daemon"; it may as: nobody, ctask-no-such \(ctask agent --run-as daemon\)$/,
  });
  const unknown = await runOf(bench, 'a2', { command: ['id'], user: 'ctask-no-such' });
  t.match(unknown.end, { reason: 'StartFailed', message: /there is no account "ctask-no-such" on this machine/ });
  // mkdtemp makes directories with mode 0700.
  const shut = await runOf(bench, 'a3', { command: ['id'], user: 'nobody' });
  t.match(shut.end, { reason: 'StartFailed', message: /user "nobody" may not pass ".*", below which the agent keeps/ });
});
