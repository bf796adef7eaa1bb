import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { platform } from '../platform/index.js';
import { createRig, exitOf, fixture, until } from './fixtures/rig.js';

const linux = process.platform === 'linux' ? false : 'only Linux has these limits';
/** Wherever the machine has its cgroup v2; this process must be allowed to make groups there. */
const parent = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].flatMap((root) => {
  const path = join(root, `ctask-test-${process.pid}`);
  try {
    if (!existsSync(join(root, 'cgroup.controllers'))) return [];
    mkdirSync(path);
    return path;
  } catch {
    return []; // read-only, or not ours
  }
})[0];

t.test('a tree with too much memory is ended', { skip: linux }, async (t) => {
  const rig = createRig(t);
  const client = await rig.client();
  const argv = ['/bin/sh', '-c', 'head -c 60000000 /dev/zero | tail -c 60000000 | sleep 1000'];
  const request = rig.attempt('big', argv, { limits: { memoryBytes: 30_000_000, cpuMillis: 100 } });
  const ended = exitOf(client, request.directory);
  await client.launch(request);
  const exit = await ended;
  t.match(exit, { limit: 'memoryBytes', limitedBy: { memoryBytes: 'Sampled', cpuMillis: 'NotEnforced' } });
  t.notOk(exit.cancelled);
  t.same(platform.findMarked(['CTASK_RUN_ID=run-big']), []);
});

t.test('a tree with too many processes is ended, all of it', { skip: linux }, async (t) => {
  const rig = createRig(t);
  const client = await rig.client();
  // Fifty more a second at most: one that doubles would be a danger to whoever shares the machine.
  const script = 'while :; do sleep 1000 & sleep 0.02; done';
  const request = rig.attempt('bomb', ['/bin/sh', '-c', script], { limits: { pids: 20 } });
  const ended = exitOf(client, request.directory);
  await client.launch(request);
  t.match(await ended, { limit: 'pids', limitedBy: { pids: 'Sampled' } });
  t.same(platform.findMarked(['CTASK_RUN_ID=run-bomb']), []);
});

t.test('limits of each process are the kernel’s', { skip: linux }, async (t) => {
  const rig = createRig(t);
  const client = await rig.client();
  const script = 'ulimit -n; head -c 100000 /dev/zero > file';
  const limits = { openFiles: 50, fileSizeBytes: 4096 };
  const request = rig.attempt('files', ['/bin/sh', '-c', script], { limits });
  const ended = exitOf(client, request.directory);
  await client.launch({ ...request, workingDir: request.directory });
  t.match(await ended, { limitedBy: { openFiles: 'Prlimit', fileSizeBytes: 'Prlimit' } });
  t.equal(rig.read('files', 'stdout'), '50\n');
  t.equal(rig.read('files', 'file').length, 4096);
});

t.test(
  'a group of the kernel holds the whole tree',
  { skip: parent === undefined && 'no cgroup v2 here' },
  async (t) => {
    const rig = createRig(t);
    t.teardown(() => rmdirSync(parent ?? ''));
    const client = await rig.client();
    const cgroups = parent ?? '';
    const quiet = rig.attempt('quiet', ['/bin/sh', '-c', 'cat /proc/self/cgroup; exit 3'], { cgroups });
    const quietEnded = exitOf(client, quiet.directory);
    await client.launch(quiet);
    const { exitCode, usage } = await quietEnded;
    t.equal(exitCode, 3);
    t.match(rig.read('quiet', 'stdout'), new RegExp(`0::.*/ctask-test-${process.pid}/quiet\n`));
    t.ok(usage?.cpuMs !== undefined, 'the kernel counts');
    t.notOk(existsSync(join(cgroups, 'quiet')), 'it is gone with the attempt');

    const missing = rig.attempt('missing', ['/nowhere/program'], { cgroups });
    t.match(await client.launch(missing), { kind: 'failed', code: 'ENOENT' });

    // A daemon that forked twice, has a session of its own and cleared its environment: only the group knows it.
    const pids = join(rig.dataDir, 'pids');
    const request = rig.attempt('hidden', [fixture('hidden-daemon.sh'), pids], { cgroups });
    const ended = exitOf(client, request.directory);
    await client.launch(request);
    await until(() => existsSync(join(pids, 'ready')));
    const hidden = Number(rig.readData('pids/hidden'));
    t.ok(platform.processAlive(hidden, undefined));
    client.cancel(request.directory, 100);
    t.match(await ended, { cancelled: true });
    t.notOk(platform.processAlive(hidden, undefined));
    await until(() => !existsSync(join(cgroups, 'hidden')) && !existsSync(join(cgroups, 'missing')));
  },
);
