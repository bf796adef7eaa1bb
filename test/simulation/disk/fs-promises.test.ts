import { promisify } from 'node:util';
import t from 'tap';
import { Kernel, type SimulatedProcess } from '../kernel.js';
import { Random } from '../random.js';
import { Disk } from './disk.js';
import * as fs from './fs.js';
import * as promises from './fs-promises.js';
import { mountDisk, unmountAll } from './registry.js';

const ROOT = '/sim/m1';
const FOREVER_MS = 60_000;
const path = (name: string) => `${ROOT}/${name}`;

/** A machine with one process, in which `main` runs from the first event on. */
function world(main: (kernel: Kernel) => Promise<void>, seed = 1) {
  const kernel = new Kernel(seed);
  unmountAll();
  const disk = new Disk(new Random(seed));
  mountDisk(ROOT, disk);
  const agent: SimulatedProcess = kernel.spawn('agent', 'm1');
  let ended = false;
  kernel.schedule(0, agent, () => void main(kernel).then(() => (ended = true)));
  return { kernel, disk, agent, hasEnded: () => ended };
}

const errorOf = async (run: () => unknown): Promise<unknown> => {
  try {
    await run();
  } catch (error) {
    const { code, errno, syscall, path, message } = error as NodeJS.ErrnoException;
    return { code, errno, syscall, path, message };
  }
  return undefined;
};

t.teardown(unmountAll);

t.test('promises fail as the sync forms do', async (t) => {
  const both: [string, () => unknown, () => Promise<unknown>][] = [
    ['open', () => fs.openSync(path('none')), () => promises.open(path('none'))],
    ['open wx', () => fs.openSync(path('file'), 'wx'), () => promises.open(path('file'), 'wx', 0o600)],
    ['bad flag', () => fs.openSync(path('file'), 'q'), () => promises.open(path('file'), 'q')],
    ['mkdir', () => fs.mkdirSync(path('file')), () => promises.mkdir(path('file'))],
    ['mkdir below', () => fs.mkdirSync(path('none/x')), () => promises.mkdir(path('none/x'))],
    ['readdir', () => fs.readdirSync(path('file')), () => promises.readdir(path('file'))],
    ['readFile', () => fs.readFileSync(path('directory')), () => promises.readFile(path('directory'))],
    ['writeFile', () => fs.writeFileSync(path('directory'), 'x'), () => promises.writeFile(path('directory'), 'x')],
    [
      'rename',
      () => fs.renameSync(path('file'), path('directory')),
      () => promises.rename(path('file'), path('directory')),
    ],
    ['unlink', () => fs.unlinkSync(path('none')), () => promises.unlink(path('none'))],
    ['stat', () => fs.statSync(path('file/x')), () => promises.stat(path('file/x'))],
    ['rm', () => fs.rmSync(path('directory')), () => promises.rm(path('directory'))],
    ['elsewhere', () => fs.readFileSync('/etc/passwd'), () => promises.readFile('/etc/passwd')],
  ];
  const { kernel, hasEnded } = world(async () => {
    fs.writeFileSync(path('file'), 'content');
    fs.mkdirSync(path('directory'));
    for (const [name, sync, later] of both) {
      const wanted = await errorOf(sync);
      t.ok(wanted, `${name} fails`);
      t.same(await errorOf(later), wanted, name);
    }
  });
  await kernel.run(FOREVER_MS, hasEnded);
  t.ok(hasEnded());
});

t.test('promises do as the sync forms do', async (t) => {
  const { kernel, hasEnded } = world(async () => {
    t.equal(await promises.mkdir(path('a/b'), { recursive: true, mode: 0o700 }), path('a'));
    await promises.writeFile(path('a/b/file'), 'one', { mode: 0o600, flag: 'wx' });
    await promises.appendFile(path('a/b/file'), ' two');
    await promises.rename(path('a/b/file'), path('a/moved'));
    t.equal(await promises.readFile(path('a/moved'), 'utf8'), 'one two');
    t.same(await promises.readFile(path('a/moved')), Buffer.from('one two'));
    t.match(await promises.stat(path('a/moved')), { size: 7, mode: 0o100600 });
    t.same((await promises.readdir(path('a'))).sort(), ['b', 'moved']);
    await promises.unlink(path('a/moved'));
    await promises.rm(path('a'), { recursive: true, force: true });
    t.same(await promises.readdir(ROOT), []);
  });
  await kernel.run(FOREVER_MS, hasEnded);
  t.ok(hasEnded());
});

t.test('a file handle carries out its operations in their order', async (t) => {
  for (let seed = 1; seed <= 20; seed++) {
    const { kernel, hasEnded } = world(async () => {
      const file = await promises.open(path('file'), 'w+', 0o600);
      const order: string[] = [];
      const note = (name: string) => () => void order.push(name);
      const all = [
        file.write('abc').then(note('write')),
        file.datasync().then(note('datasync')),
        file.truncate(1).then(note('truncate')),
        file.write(Buffer.from('xyz'), 1, 2, 1).then(note('write')),
        file.sync().then(note('sync')),
      ];
      const read = file.read(Buffer.alloc(10), 0, 10, 0);
      const closed = file.close();
      t.equal(file.fd, -1);
      t.match(await errorOf(() => file.sync()), { code: 'EBADF', message: 'file closed' });
      await Promise.all([...all, file.close()]);
      t.same(order, ['write', 'datasync', 'truncate', 'write', 'sync']);
      const { bytesRead, buffer } = await read;
      t.equal(buffer.toString('utf8', 0, bytesRead), 'ayz');
      await closed;
    }, seed);
    await kernel.run(FOREVER_MS, hasEnded);
    t.ok(hasEnded(), `seed ${seed}`);
  }
});

t.test('an operation takes effect at its event, a sync takes longer', async (t) => {
  const { kernel, hasEnded } = world(async () => {
    const made = promises.mkdir(path('directory'));
    t.notOk(fs.existsSync(path('directory')), 'not at once');
    await made;
    t.ok(fs.existsSync(path('directory')));
    const took = async (operation: () => Promise<unknown>) => {
      const before = kernel.elapsed;
      await operation();
      return kernel.elapsed - before;
    };
    const file = await promises.open(path('file'), 'w');
    for (let i = 0; i < 50; i++) {
      const writeMs = await took(() => file.write('x'));
      t.ok(writeMs >= 0.02 - 1e-9 && writeMs <= 0.3 + 1e-9, `${writeMs}`);
      const syncMs = await took(() => file.datasync());
      t.ok(syncMs >= 0.2 - 1e-9 && syncMs <= 5 + 1e-9, `${syncMs}`);
    }
    await file.close();
  });
  await kernel.run(FOREVER_MS, hasEnded);
  t.ok(hasEnded());
});

t.test('what a killed process began never takes effect', async (t) => {
  const { kernel, agent, hasEnded } = world(async () => {
    const file = await promises.open(path('open'), 'w');
    kernel.schedule(0, undefined, () => kernel.kill(agent));
    await Promise.all([
      file.write('x'),
      promises.mkdir(path('directory')),
      promises.writeFile(path('file'), 'x'),
      promises.unlink(path('open')),
    ]);
  });
  await kernel.run(FOREVER_MS);
  t.notOk(hasEnded());
  t.same(fs.readdirSync(ROOT), ['open']);
  t.equal(fs.statSync(path('open')).size, 0);
});

t.test('a process that is killed while it writes a file leaves an empty one', async (t) => {
  const { kernel, agent } = world(() => promises.writeFile(path('file'), 'content'));
  await kernel.run(FOREVER_MS, () => fs.existsSync(path('file')));
  kernel.kill(agent);
  await kernel.run(FOREVER_MS);
  t.equal(fs.readFileSync(path('file'), 'utf8'), '');
});

t.test('what a stopped process began takes effect when it goes on', async (t) => {
  const { kernel, agent, hasEnded } = world(() => promises.writeFile(path('file'), 'content'));
  kernel.schedule(0, undefined, () => kernel.stop(agent));
  await kernel.run(1000);
  t.notOk(fs.existsSync(path('file')));
  kernel.schedule(0, undefined, () => kernel.resume(agent));
  await kernel.run(FOREVER_MS, hasEnded);
  t.equal(fs.readFileSync(path('file'), 'utf8'), 'content');
});

t.test('a full disk is told, and a short write too', async (t) => {
  const { kernel, disk, hasEnded } = world(async () => {
    const file = await promises.open(path('file'), 'w');
    await file.write('x'.repeat(4000));
    disk.full = true;
    t.match(await file.write(Buffer.alloc(200), 0, 200, 4000), { bytesWritten: 96 });
    t.match(await errorOf(() => file.write('x', 4096)), { code: 'ENOSPC', syscall: 'write', path: undefined });
    t.match(await errorOf(() => file.writeFile('x'.repeat(500))), { code: 'ENOSPC' });
    t.match(await errorOf(() => promises.writeFile(path('new'), 'x')), { code: 'ENOSPC', syscall: 'open' });
    await file.close();
  });
  await kernel.run(FOREVER_MS, hasEnded);
  t.ok(hasEnded());
});

t.test('the callback forms of sync', async (t) => {
  const { kernel, disk, hasEnded } = world(async () => {
    const fd = fs.openSync(path('file'), 'a');
    fs.appendFileSync(fd, 'synced');
    await promisify(fs.fsync)(fd);
    const directory = fs.openSync(ROOT, 'r');
    t.equal(await errorOf(() => promisify(fs.fsync)(directory)), undefined, 'a directory can be synced');
    const begun = promisify(fs.fdatasync)(fd);
    fs.closeSync(fd);
    t.match(await errorOf(() => begun), { code: 'EBADF', syscall: 'fdatasync' });
    t.match(await errorOf(() => promisify(fs.fdatasync)(fd)), { code: 'EBADF' });
  });
  await kernel.run(FOREVER_MS, hasEnded);
  t.ok(hasEnded());
  disk.powerCut(new Random(1));
  t.equal(fs.readFileSync(path('file'), 'utf8'), 'synced');
});

t.test('the same seed gives the same history', async (t) => {
  const run = async () => {
    const times: number[] = [];
    const { kernel, hasEnded } = world(async (kernel) => {
      const file = await promises.open(path('file'), 'w');
      for (let i = 0; i < 20; i++) {
        await file.write('x');
        await file.datasync();
        times.push(kernel.elapsed);
      }
      await file.close();
    }, 7);
    await kernel.run(FOREVER_MS, hasEnded);
    return times;
  };
  const first = await run();
  t.equal(first.length, 20);
  t.same(await run(), first);
});
