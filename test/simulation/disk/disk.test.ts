import * as realFs from 'node:fs';
import t from 'tap';
import { Random } from '../random.js';
import { constants } from './constants.js';
import { Disk } from './disk.js';
import * as simulatedFs from './fs.js';
import { drawOperation, type FileSystem, outcomeOf, type Side, treeOf } from './lockstep.js';
import { mountDisk, unmountAll } from './registry.js';

const SEEDS = 300;
const OPERATIONS = 60;
const ROOT = '/sim/m1';

const newDisk = (): Disk => {
  const disk = new Disk(new Random(1), () => 0);
  unmountAll();
  mountDisk(ROOT, disk);
  return disk;
};
const { openSync, closeSync, writeSync, fsyncSync, readFileSync, writeFileSync, existsSync, statSync } = simulatedFs;
const path = (name: string) => `${ROOT}/${name}`;
const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
  return undefined;
};

t.teardown(unmountAll);

t.test('in lockstep with a real file system', { skip: process.platform !== 'linux' && 'Linux only' }, async (t) => {
  const directory = t.testdir();
  const seen = new Set<string>();
  for (let seed = 1; seed <= SEEDS; seed++) {
    const root = `${directory}/${seed}`;
    realFs.mkdirSync(root, { mode: 0o755 });
    newDisk();
    const real: Side = { fs: realFs as unknown as FileSystem, root, fds: [] };
    const simulated: Side = { fs: simulatedFs, root: ROOT, fds: [] };
    try {
      const difference = firstDifference(new Random(seed), real, simulated, seen);
      if (difference === undefined) continue;
      t.fail(`seed ${seed}`, difference as object);
      return;
    } finally {
      for (const fd of real.fds) realFs.closeSync(fd);
      realFs.rmSync(root, { recursive: true });
    }
  }
  t.ok(seen.size > 60, `${seen.size} kinds of outcomes`);
  for (const code of [
    'ENOENT',
    'EEXIST',
    'ENOTDIR',
    'EISDIR',
    'ENOTEMPTY',
    'EBADF',
    'EINVAL',
    'EPERM',
    'ERR_FS_EISDIR',
  ]) {
    t.ok(
      [...seen].some((kind) => kind.endsWith(` ${code}`)),
      `${code} was met`,
    );
  }
});

function firstDifference(random: Random, real: Side, simulated: Side, seen: Set<string>): unknown {
  const history: string[] = [];
  for (let i = 0; i < OPERATIONS; i++) {
    const operation = drawOperation(random, real.fds.length);
    history.push(operation.text.slice(0, 60));
    const wanted = outcomeOf(operation, real);
    const found = outcomeOf(operation, simulated);
    if (JSON.stringify(wanted) !== JSON.stringify(found)) return { history, wanted, found };
    const code = typeof wanted === 'string' ? /^\{"code":"(\w+)"/.exec(wanted)?.[1] : undefined;
    seen.add(`${operation.text.split(' ')[0]} ${code}`);
  }
  const [wanted, found] = [treeOf(real), treeOf(simulated)];
  return JSON.stringify(wanted) === JSON.stringify(found) ? undefined : { history, wanted, found };
}

t.test('has the constants of Linux', { skip: process.platform !== 'linux' && 'Linux only' }, async (t) => {
  for (const [name, value] of Object.entries(constants)) {
    t.equal(value, realFs.constants[name as keyof typeof realFs.constants], name);
  }
});

t.test('a power cut keeps what was synced', async (t) => {
  const ends = new Set<string>();
  for (let seed = 1; seed <= 100; seed++) {
    const disk = newDisk();
    const fd = openSync(path('log'), 'a');
    writeSync(fd, 'synced');
    fsyncSync(fd);
    writeSync(fd, ' appended');
    simulatedFs.mkdirSync(path('directory'));
    disk.powerCut(new Random(seed));
    const content = readFileSync(path('log'), 'utf8');
    t.ok(content.length >= 6 && 'synced appended'.startsWith(content), `seed ${seed}: ${content}`);
    t.ok(existsSync(path('directory')), 'names stay');
    t.equal(
      codeOf(() => writeSync(fd, 'x')),
      'EBADF',
      'nothing is open any more',
    );
    ends.add(content === 'synced' ? 'none' : content === 'synced appended' ? 'all' : 'torn');
    disk.powerCut(new Random(seed + 1));
    t.equal(readFileSync(path('log'), 'utf8'), content, 'what was read after a restart is on the disk');
  }
  t.same([...ends].sort(), ['all', 'none', 'torn']);
});

t.test('a power cut takes what was never synced, or a part of it, or nothing', async (t) => {
  const ends = new Set<string>();
  for (let seed = 1; seed <= 100; seed++) {
    const disk = newDisk();
    writeFileSync(path('first'), 'content');
    simulatedFs.linkSync(path('first'), path('second'));
    disk.powerCut(new Random(seed));
    t.equal(existsSync(path('first')), existsSync(path('second')), 'all names of a file go, or none');
    const content = existsSync(path('first')) ? readFileSync(path('first'), 'utf8') : undefined;
    t.ok(content === undefined || 'content'.startsWith(content));
    ends.add(content === undefined ? 'gone' : content === '' ? 'empty' : content === 'content' ? 'whole' : 'torn');
  }
  t.same([...ends].sort(), ['empty', 'gone', 'torn', 'whole']);
});

t.test('a power cut undoes what was overwritten or cut off since the last sync', async (t) => {
  const disk = newDisk();
  const fd = openSync(path('file'), 'w');
  writeSync(fd, '0123456789');
  fsyncSync(fd);
  writeSync(fd, 'XX', 0);
  simulatedFs.ftruncateSync(fd, 4);
  disk.powerCut(new Random(1));
  t.equal(readFileSync(path('file'), 'utf8'), '0123456789');

  const again = openSync(path('file'), 'r+');
  simulatedFs.ftruncateSync(again, 4);
  writeSync(again, 'Y', 1);
  fsyncSync(again);
  disk.powerCut(new Random(1));
  t.equal(readFileSync(path('file'), 'utf8'), '0Y23', 'a cut that was synced stays');
});

t.test('a full disk', async (t) => {
  const disk = newDisk();
  writeFileSync(path('file'), 'content');
  writeFileSync(path('empty'), '');
  disk.full = true;
  t.equal(
    codeOf(() => writeFileSync(path('new'), '')),
    'ENOSPC',
    'no new file',
  );
  t.notOk(existsSync(path('new')));
  t.equal(
    codeOf(() => simulatedFs.mkdirSync(path('directory'))),
    'ENOSPC',
    'no new directory',
  );
  t.equal(
    codeOf(() => simulatedFs.mkdirSync(path('directory/below'), { recursive: true })),
    'ENOSPC',
  );
  t.equal(
    codeOf(() => simulatedFs.appendFileSync(path('empty'), 'x')),
    'ENOSPC',
    'no first block',
  );
  t.equal(
    codeOf(() => simulatedFs.linkSync(path('file'), path('name'))),
    undefined,
    'a name costs nothing',
  );

  const fd = openSync(path('file'), 'r+');
  t.equal(writeSync(fd, 'C', 0), 1, 'what is there can be overwritten');
  t.equal(writeSync(fd, 'x', 2048), 1, 'and the last block be filled');
  t.equal(writeSync(fd, Buffer.alloc(10), 0, 10, 4090), 6, 'a write over its end is short');
  t.equal(
    codeOf(() => writeSync(fd, 'x', 4096)),
    'ENOSPC',
  );
  t.equal(
    codeOf(() => simulatedFs.appendFileSync(fd, 'x'.repeat(5000))),
    'ENOSPC',
    'which is told after the part that fits',
  );
  t.equal(statSync(path('file')).size, 4096);
  t.equal(readFileSync(path('file'), 'latin1'), 'x'.repeat(4096));
  disk.full = false;
  t.equal(writeSync(fd, 'x', 4096), 1);
});

t.test('holes take no room and read as zeros', async (t) => {
  newDisk();
  const fd = openSync(path('file'), 'w+');
  writeSync(fd, 'x'.repeat(10_000));
  t.equal(simulatedFs.fstatSync(fd).blocks, 24);
  simulatedFs.ftruncateSync(fd, 0);
  writeSync(fd, 'tail', 9_996);
  t.match(simulatedFs.fstatSync(fd), { blocks: 8, size: 10_000 });
  t.ok(
    readFileSync(path('file'))
      .subarray(0, 9_996)
      .every((byte) => byte === 0),
  );
});

t.test('names of one file share its content', async (t) => {
  newDisk();
  writeFileSync(path('first'), 'one');
  simulatedFs.linkSync(path('first'), path('second'));
  simulatedFs.appendFileSync(path('second'), ' two');
  t.equal(readFileSync(path('first'), 'utf8'), 'one two');
  t.equal(
    codeOf(() => simulatedFs.linkSync(path('first'), path('second'))),
    'EEXIST',
  );
  const fd = openSync(path('first'), 'r');
  simulatedFs.unlinkSync(path('first'));
  simulatedFs.unlinkSync(path('second'));
  t.equal(readFileSync(fd, 'utf8'), 'one two', 'an open file outlives its names');
  t.equal(simulatedFs.fstatSync(fd).nlink, 0);
  closeSync(fd);
  t.equal(
    codeOf(() => closeSync(fd)),
    'EBADF',
  );
});

t.test('exclusive creation has one winner', async (t) => {
  newDisk();
  openSync(path('marker'), 'wx');
  t.equal(
    codeOf(() => openSync(path('marker'), 'wx')),
    'EEXIST',
  );
  const { O_CREAT, O_EXCL, O_RDWR } = constants;
  t.equal(
    codeOf(() => openSync(path('marker'), O_CREAT | O_EXCL | O_RDWR)),
    'EEXIST',
  );
});

t.test('appending descriptors write at the end, whoever made it', async (t) => {
  newDisk();
  const [one, two] = [openSync(path('log'), 'a'), openSync(path('log'), 'a')];
  writeSync(one, '1');
  writeSync(two, '2');
  writeSync(one, '3', 0);
  t.equal(readFileSync(path('log'), 'utf8'), '123');
});

t.test('machines do not see the files of others', async (t) => {
  newDisk();
  mountDisk('/sim/m2', new Disk(new Random(2), () => 0));
  writeFileSync(path('file'), 'of m1');
  t.notOk(existsSync('/sim/m2/file'));
  t.equal(
    codeOf(() => simulatedFs.renameSync(path('file'), '/sim/m2/file')),
    'EXDEV',
  );
  t.throws(() => existsSync('/etc/passwd'), /no simulated disk/, 'a simulation reaches no real file');
});

t.test('the wall clock of the machine dates what is written', async (t) => {
  let now = 1000;
  unmountAll();
  mountDisk(ROOT, new Disk(new Random(1), () => now));
  writeFileSync(path('file'), 'x');
  now = 2000;
  simulatedFs.appendFileSync(path('file'), 'y');
  t.match(statSync(path('file')), { birthtimeMs: 1000, mtimeMs: 2000 });
});
