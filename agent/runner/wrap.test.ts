import { chmodSync } from 'node:fs';
import t from 'tap';
import { createRig, exitOf } from './fixtures/rig.js';
import { wrapped } from './wrap.js';

const skip = process.getuid?.() === 0 && process.platform === 'linux' ? false : 'needs root on Linux';

t.test('a process gets the further groups of its user', { skip }, async (t) => {
  const rig = createRig(t);
  chmodSync(rig.dataDir, 0o711);
  const client = await rig.client();
  const runAs = { uid: 65534, gid: 65534, groups: [33, 44] };
  const request = rig.attempt('groups', ['/bin/sh', '-c', 'id -u; id -g; id -G; umask'], { runAs, umask: 0o7 });
  const ended = exitOf(client, request.directory);
  await client.launch(request);
  t.match(await ended, { exitCode: 0 });
  t.equal(rig.read('groups', 'stdout').replace(/0+7\n$/, '7\n'), '65534\n65534\n65534 33 44\n7\n');

  const missing = rig.attempt('missing', ['ctask-no-such-program'], { runAs });
  t.match(await client.launch(missing), {
    kind: 'failed',
    code: 'ENOENT',
    message: 'spawn ctask-no-such-program ENOENT',
  });

  const plain = rig.attempt('plain', ['/bin/sh', '-c', 'umask']);
  const plainEnded = exitOf(client, plain.directory);
  await client.launch(plain);
  await plainEnded;
  t.equal(Number.parseInt(rig.read('plain', 'stdout'), 8), process.umask(), 'the umask of one is not that of the next');
});

t.test('what is still root loads nothing that the task says', { skip }, async (t) => {
  const { argv, env } = wrapped(
    {
      directory: '/',
      argv: ['/bin/sh', 'a'],
      env: { PATH: '/bin', LD_PRELOAD: '/tmp/evil.so', ENV: 'x', LDAP: 'y' },
      workingDir: '/',
      gracePeriodMs: 0,
      runAs: { uid: 1, gid: 2 },
      limits: { openFiles: 64, pids: 9 },
    },
    '/sys/fs/cgroup/x',
  );
  t.same(env, { PATH: '/bin', LDAP: 'y' });
  t.match(argv.slice(0, 4), ['/bin/sh', '-c', 'echo 0 > "$0" && exec "$@"', '/sys/fs/cgroup/x/cgroup.procs']);
  t.match(argv.slice(4, 8), [/prlimit$/, '--nofile=64:64', '--nproc=9:9', '--']);
  t.match(argv.slice(8), [
    /setpriv$/,
    '--reuid=1',
    '--regid=2',
    '--clear-groups',
    '--',
    /env$/,
    'LD_PRELOAD=/tmp/evil.so',
    'ENV=x',
    '/bin/sh',
    'a',
  ]);
});

t.test('a program is looked for as a start would', { skip }, async (t) => {
  const directory = t.testdir({ tool: '', shut: '' });
  chmodSync(`${directory}/tool`, 0o755);
  const request = (argv: string[], env: Record<string, string> = {}) =>
    wrapped(
      { directory, argv, env, workingDir: directory, gracePeriodMs: 0, runAs: { uid: 1, gid: 2, groups: [3] } },
      undefined,
    ).argv;
  t.match(request(['./tool', 'a']), [/setpriv$/, '--reuid=1', '--regid=2', '--groups=2,3', '--', './tool', 'a']);
  t.equal(request(['tool'], { PATH: `/nowhere:${directory}` }).at(-1), 'tool');
  t.throws(() => request(['tool'], { PATH: '/nowhere' }), { code: 'ENOENT' });
  t.throws(() => request(['./shut']), { code: 'ENOENT' });
  t.throws(() => request([`${directory}`]), { code: 'ENOENT' }, 'a directory is no program');
});
