import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { findCgroups } from './find-cgroups.js';

const UNIT = '/system.slice/ctask-agent.service';

/** Directories as the kernel shows them to a process in the group `own`. */
function machine(t: Test, own: string, more: { root?: string; procs?: string; controllers?: string } = {}) {
  const { root = '/', procs = '', controllers = 'cpuset cpu io memory pids\n' } = more;
  const dir = t.testdir({ proc: {}, 'cgroup v2': {} });
  const point = join(dir, 'cgroup v2');
  const unit = join(point, UNIT.slice(root === '/' ? 0 : root.length));
  mkdirSync(unit, { recursive: true });
  writeFileSync(join(unit, 'cgroup.procs'), procs);
  writeFileSync(join(unit, 'cgroup.controllers'), controllers);
  writeFileSync(join(unit, 'cgroup.subtree_control'), '');
  writeFileSync(join(dir, 'proc/cgroup'), `1:name=systemd:/init.scope\n0::${own}\n`);
  const escaped = point.replaceAll(' ', '\\040');
  const lines = [
    `25 30 0:23 / /proc rw - proc proc rw`,
    `36 32 0:31 ${root} ${escaped} rw,nosuid - cgroup2 cgroup2 rw`,
  ];
  writeFileSync(join(dir, 'proc/mountinfo'), `${lines.join('\n')}\n`);
  return { found: () => findCgroups(join(dir, 'proc')), dir, unit };
}

const reason = (found: ReturnType<typeof findCgroups>) => ('reason' in found ? found.reason : found.directory);

t.test('the subgroup of a unit: the unit is for the groups of attempts', async (t) => {
  const { found, unit } = machine(t, `${UNIT}/agent`);
  t.match(found(), { directory: unit, controllers: ['+pids'] }); // a fixture keeps what was written last
  t.notOk(existsSync(join(unit, 'ctask-probe')));
});

t.test('a mount that shows a part only', async (t) => {
  const { found, unit } = machine(t, `${UNIT}/agent`, { root: '/system.slice' });
  t.equal(reason(found()), unit);
  const other = machine(t, '/user.slice/x.service/agent', { root: '/system.slice' });
  t.match(reason(other.found()), /^the cgroup "\/user.slice\/x.service" is not below the mount/);
});

t.test('what belongs to systemd is left alone, whoever may write there', async (t) => {
  for (const own of [
    UNIT,
    '/',
    '/agent',
    '/user.slice/user-1000.slice/session-3.scope',
    '/user.slice/user-1000.slice/user@1000.service/init.scope',
    '/user.slice/user-1000.slice/user@1000.service/app.slice/ctask.service',
  ]) {
    const { found, unit } = machine(t, own);
    t.equal(
      reason(found()),
      `the agent is in the cgroup "${own}", which is no subgroup of its unit (DelegateSubgroup=)`,
    );
    t.equal(readFileSync(join(unit, 'cgroup.subtree_control'), 'utf8'), '', 'nothing is written');
  }
});

t.test('processes in the way, no controllers, not there, no cgroup v2', async (t) => {
  const busy = machine(t, `${UNIT}/agent`, { procs: '12\n' });
  t.match(reason(busy.found()), /ctask-agent.service has processes besides agent$/);
  const bare = machine(t, `${UNIT}/agent`, { controllers: 'cpuset io\n' });
  t.match(reason(bare.found()), /has none of the controllers cpu, memory and pids$/);
  const gone = machine(t, '/system.slice/other.service/agent');
  t.match(reason(gone.found()), /ENOENT/);
  const old = machine(t, `${UNIT}/agent`);
  writeFileSync(join(old.dir, 'proc/cgroup'), '4:memory:/x\n');
  t.equal(reason(old.found()), 'this machine has no cgroup v2');
  t.match(reason(findCgroups(join(old.dir, 'nowhere'))), /ENOENT/);
});

const mounted = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].flatMap((root) => {
  const unit = join(root, `ctask-test-${process.pid}.service`);
  try {
    if (!existsSync(join(root, 'cgroup.controllers'))) return [];
    mkdirSync(join(unit, 'agent'), { recursive: true });
    return unit;
  } catch {
    return []; // read-only, or not ours
  }
})[0];

t.test('the kernel’s own', { skip: mounted === undefined && 'no cgroup v2 that one may write to' }, async (t) => {
  const unit = mounted!;
  t.teardown(() => {
    rmdirSync(join(unit, 'agent'));
    rmdirSync(unit);
  });
  const module = fileURLToPath(new URL('./find-cgroups.ts', import.meta.url));
  const script = `import(${JSON.stringify(module)}).then((it) => console.log(JSON.stringify(it.findCgroups())))`;
  const enter = 'echo 0 > "$0/cgroup.procs" && exec "$@"';
  const inGroup = (group: string) => {
    const argv = ['-c', enter, group, process.execPath, '--import=tsx', '-e', script];
    const cwd = fileURLToPath(new URL('../../../', import.meta.url));
    return JSON.parse(execFileSync('/bin/sh', argv, { encoding: 'utf8', cwd }));
  };
  const offered = readFileSync(join(dirname(unit), 'cgroup.subtree_control'), 'utf8').split(/\s+/);
  const expected = ['cpu', 'memory', 'pids'].some((each) => offered.includes(each))
    ? { directory: unit }
    : { reason: `${unit} has none of the controllers cpu, memory and pids` };
  t.match(inGroup(join(unit, 'agent')), expected);
  t.match(inGroup(unit), { reason: /is no subgroup of its unit/ });
});
