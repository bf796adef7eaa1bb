import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { cgroupMembers, cgroupUsage, killCgroup, makeCgroup, prepareCgroups, removeCgroup } from './cgroup.js';
import { enforcement } from './limits.js';

const all = { cpuMillis: 500, memoryBytes: 1 << 20, pids: 64, openFiles: 100, fileSizeBytes: 1 };

t.test('who holds which limit', async (t) => {
  t.same(enforcement(all, { controllers: ['cpu', 'io', 'memory', 'pids'], samples: true }), {
    cpuMillis: 'Cgroup',
    memoryBytes: 'Cgroup',
    pids: 'Cgroup',
    openFiles: 'Prlimit',
    fileSizeBytes: 'Prlimit',
  });
  t.match(enforcement(all, { controllers: ['pids'], samples: true }), {
    cpuMillis: 'NotEnforced',
    memoryBytes: 'Sampled',
    pids: 'Cgroup',
  });
  t.same(enforcement({ memoryBytes: 1 }, { controllers: [], samples: false }), { memoryBytes: 'NotEnforced' });
});

// A directory as the kernel shows it; files of groups come into being by writing.
t.test('a group as the kernel wants it written', async (t) => {
  const parent = t.testdir({ 'cgroup.controllers': 'cpuset cpu io memory pids\n', 'cgroup.subtree_control': '' });
  t.same(prepareCgroups(parent), ['+pids'], 'one after the other; a fixture keeps the last one');
  t.notOk(existsSync(join(parent, 'ctask-probe')));
  writeFileSync(join(parent, 'cgroup.subtree_control'), 'cpu memory pids\n');
  const { path, controllers } = makeCgroup(parent, 'run.1', all);
  t.same(controllers, ['cpu', 'memory', 'pids']);
  const read = (file: string) => readFileSync(join(path, file), 'utf8');
  t.equal(read('cpu.max'), '50000 100000');
  t.equal(read('memory.max'), '1048576');
  t.equal(read('memory.oom.group'), '1');
  t.equal(read('pids.max'), '64');

  writeFileSync(join(path, 'cgroup.procs'), '12\n345\n');
  t.same(cgroupMembers(path), [12, 345]);
  t.same(cgroupUsage(path), { outOfMemory: false });
  writeFileSync(join(path, 'cpu.stat'), 'usage_usec 1234567\nuser_usec 1\n');
  writeFileSync(join(path, 'memory.peak'), '4096\n');
  writeFileSync(join(path, 'memory.events'), 'low 0\noom 1\noom_kill 3\noom_group_kill 1\n');
  t.same(cgroupUsage(path), { cpuMs: 1235, peakBytes: 4096, outOfMemory: true });
  killCgroup(path);
  t.notOk(existsSync(join(path, 'cgroup.kill')), 'an old kernel does not have it');
  writeFileSync(join(path, 'cgroup.kill'), '0');
  killCgroup(path);
  t.equal(read('cgroup.kill'), '1');
  t.notOk(removeCgroup(path), 'something is left in it');
  rmSync(path, { recursive: true });
  t.ok(removeCgroup(path));
  t.same(cgroupMembers(path), []);
  mkdirSync(path);
  t.ok(removeCgroup(path));
});

t.test('only the controllers that are there are used', async (t) => {
  const parent = t.testdir({ 'cgroup.controllers': 'pids\n', 'cgroup.subtree_control': 'pids\n' });
  const { path } = makeCgroup(parent, 'run.1', all);
  t.notOk(existsSync(join(path, 'memory.max')));
  t.equal(readFileSync(join(path, 'pids.max'), 'utf8'), '64');
  t.throws(() => prepareCgroups(t.testdir({})), { code: 'ENOENT' }, 'no cgroup at all');
});
