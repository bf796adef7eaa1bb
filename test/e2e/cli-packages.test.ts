// Packages as a user sees them: upload, versions, download.
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { Task } from '../../manifests/index.js';
import { startCliWorld } from '../support/cli-world.js';

t.test('a directory becomes a package, reproducibly', async (t) => {
  const { user } = await startCliWorld(t);
  const [one, two] = ['one', 'two'].map((name) => join(user.home, name)) as [string, string];
  for (const [directory, names] of [
    [one, ['b', '@a', 'bin/run']],
    [two, ['bin/run', '@a', 'b']],
  ] as const) {
    await mkdir(join(directory, 'bin'), { recursive: true });
    for (const name of names) await writeFile(join(directory, name), `content of ${name}\n`);
    await chmod(join(directory, 'bin/run'), directory === one ? 0o755 : 0o700);
    await chmod(join(directory, 'b'), directory === one ? 0o664 : 0o600);
    await chmod(join(directory, 'bin'), directory === one ? 0o755 : 0o700);
  }
  const create = (name: string, from: string, more = '') => user.type(`create package ${name} --from ${from} ${more}`);
  const first = await create('tool', one);
  t.match(first, { code: 0, stdout: /^package\.cloudtask\.dev\/tool created \(version 1, \d+ B\)\n$/ });
  const same = await create('tool', two);
  t.match(
    same,
    { code: 0, stdout: /tool unchanged \(version 1/, stderr: /already: nothing was sent/ },
    'the same bytes',
  );
  await writeFile(join(two, 'b'), 'another content\n');
  t.match(await create('tool', two, '--description second'), { code: 0, stdout: /tool configured \(version 2/ });
  t.match((await user.type('get packages')).stdout, /^NAME +VERSION +DIGEST +SIZE +UPDATED +AGE\ntool +2 /);
  t.match((await user.type('get pkg tool -o name')).stdout, 'package.cloudtask.dev/tool\n');
  const described = (await user.type('describe package tool')).stdout;
  t.match(described, /Description: +second\n/);
  t.match(described, /2 \(current\)[^\n]*TarGz +admin[^\n]*\n +1 /);

  const file = join(user.home, 'tool-1.tgz');
  t.match(await user.type(`download package tool --revision 1 -o ${file}`), {
    code: 0,
    stderr: /tool-1\.tgz: \d+ B, sha256:/,
  });
  const bytes = await readFile(file);
  const digest = createHash('sha256').update(bytes).digest('hex');
  t.match(await create('copy', file), { code: 0, stdout: /copy created/, stderr: /nothing was sent/ });
  t.match(await user.type(`download package tool --digest ${digest.slice(0, 8)} -o ${file}`), { code: 0 });
  t.match(await user.type('download package tool --revision 7'), { code: 5, stderr: /has no version 7; it has 2, 1/ });
  t.match(await user.type('delete package copy'), { code: 0 });

  const run = { command: ['python3', 'main.py'], package: { name: 'tool' } };
  const task = { apiVersion: 'cloudtask.dev/v1', kind: 'Task', metadata: { name: 'lost' }, spec: { run } };
  for (const line of ['validate -f -', 'apply -f -']) {
    const said = await user.type(line, { input: JSON.stringify(task) });
    t.match(said, { code: 0, stderr: /warning: .*spec\.run\.workingDir: not set, so .*set workingDir: / }, line);
  }

  await symlink('b', join(two, 'link'));
  t.match(await create('tool', two), { code: 2, stderr: /link.*symbolic link; agents would refuse/ });
  t.same(await create('tool', join(user.home, 'nope')).then(({ code, stderr }) => ({ code, stderr })), {
    ...{ code: 2, stderr: `error: the path "${join(user.home, 'nope')}" does not exist\n` },
  });
  t.match(await create('Bad_Name', join(user.home, 'nope')), { code: 7, stderr: /metadata\.name: .*"Bad_Name"/ });
  const text = join(user.home, 'text');
  await writeFile(text, 'just text');
  t.match(await create('tool', text), { code: 2, stderr: /a \.tar\.gz or a \.zip file/ });
  t.match(await create('tool', one, '--dry-run=client'), { code: 0, stdout: /created \(dry run\)/, stderr: /sha256:/ });
});

t.test('a large file goes up in pieces, and on where it ended', async (t) => {
  const { user, center } = await startCliWorld(t);
  const file = join(user.home, 'large.tar.gz');
  const bytes = Buffer.alloc(9 * 1024 * 1024, 'x');
  bytes[0] = 0x1f;
  bytes[1] = 0x8b;
  await writeFile(file, bytes);
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  await center.store.packages.append(digest, 0, 'TarGz', Uint8Array.from(bytes.subarray(0, 5_000_000)));
  t.match(await user.type(`create package large --from ${file}`), { code: 0, stdout: /version 1, 9 MiB/ });
  const out = join(user.home, 'back');
  t.match(await user.type(`download package large -o ${out}`), { code: 0 });
  t.ok((await readFile(out)).equals(bytes));
});

t.test('versions, back and forth; tasks follow when they are told to', async (t) => {
  const { user, center } = await startCliWorld(t);
  const directory = join(user.home, 'tool');
  await mkdir(directory);
  for (const version of [1, 2]) {
    await writeFile(join(directory, 'run'), `version ${version}\n`);
    t.match(await user.type(`create package tool --from ${directory}`), { stdout: new RegExp(`version ${version},`) });
    const task = (name: string): Task => ({
      ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Task' },
      metadata: { name, namespace: 'default', labels: { made: `with-${version}` } },
      spec: { run: { command: ['./run'], package: { name: 'tool' } } },
    });
    await center.store.apply([task(`a${version}`), task(`b${version}`)], { user: 'test' });
  }
  const history = (await user.type('rollout history package/tool')).stdout;
  t.match(history, /^REVISION +DIGEST +SIZE +AUTHOR +AGE +CURRENT\n2 +[0-9a-f]{12} +\d+ B +admin +\w+ +\*\n1 +/);
  const versions = async () => {
    const { stdout } = await user.type('describe package tool');
    return [...stdout.matchAll(/^ +([ab]\d) +(\d)$/gm)].map(([, task, version]) => `${task}=${version}`).join(' ');
  };
  t.equal(await versions(), 'a1=1 a2=2 b1=1 b2=2', 'each has what was current when it was made');
  t.match((await user.type('describe task a1')).stdout, /^Package: +tool \([0-9a-f]{12}\)$/m);
  t.match(await user.type('set package tool'), { code: 2, stderr: /say which tasks/ });
  t.match(await user.type('set package tool nope --revision 1'), { code: 5, stderr: /uses package "tool": nope/ });
  const dry = await user.type('set package tool --all --dry-run=server');
  t.match(dry.stdout, /a1 switched to version 2 \(server dry run\)\n.*a2 unchanged/);
  t.equal(await versions(), 'a1=1 a2=2 b1=1 b2=2', 'a dry run switches nothing');
  const some = await user.type('set package tool -l made=with-1');
  t.match(some, { code: 0, stdout: /a1 switched.*\n.*b1 switched to version 2\n$/ });
  t.equal(await versions(), 'a1=2 a2=2 b1=2 b2=2');
  t.match(await user.type('set package tool task/a2 --revision 1'), { stdout: /a2 switched to version 1\n$/ });
  t.equal(await versions(), 'a1=2 a2=1 b1=2 b2=2');

  t.match(await user.type('rollout undo package/tool'), { code: 0, stdout: /tool rolled back to version 1\n$/ });
  t.equal(await versions(), 'a1=2 a2=1 b1=2 b2=2', 'tasks keep theirs');
  t.match(await user.type('set package tool --all'), { code: 0 });
  t.equal(await versions(), 'a1=1 a2=1 b1=1 b2=1');
  t.match(await user.type('rollout undo pkg/tool'), { stdout: /rolled back to version 2\n$/ }, 'back again');
  t.match(await user.type('rollout undo package/tool --to-revision 2'), { stdout: /tool unchanged\n$/ });
  t.match(await user.type('delete package tool'), { code: 6, stderr: /4 tasks use it: a1, a2, b1, b2/ });
});
