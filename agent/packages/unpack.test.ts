import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { create } from 'tar';
import { gnuLongName, paxHeader, TAR_END, tarEntry, tarGz, zip } from '../../test/support/archives.js';
import { removeTree } from './remove-tree.js';
import { type Unpacked, unpack } from './unpack.js';

const LONG = 'a long name '.repeat(20).trim();
const DEEP = `${'deep/'.repeat(40)}file`;
const mode = (path: string) => statSync(path).mode & 0o7777;

async function unpacked(t: Test, bytes: Buffer): Promise<{ target: string; result: Unpacked }> {
  const directory = t.testdir();
  const archive = join(directory, 'archive');
  const target = join(directory, 'target');
  writeFileSync(archive, bytes);
  t.teardown(() => removeTree(target));
  return { target, result: await unpack(archive, target) };
}

t.test('tar.gz: files, directories, modes', async (t) => {
  const { target, result } = await unpacked(
    t,
    tarGz([
      { name: './', type: '5', mode: 0o777 },
      { name: './bin/run.sh', content: '#!/bin/sh\n', mode: 0o6777 },
      { name: './bin/', type: '5', mode: 0o1777 },
      { name: 'data.bin', content: Buffer.alloc(300_000, 7), mode: 0o600 },
      { name: 'zeros', content: Buffer.alloc(70_000), mode: 0o666 },
      { name: 'empty', mode: 0 },
      { name: 'old', type: '\0', content: 'of 1988' },
      { name: 'empty-directory/', type: '5' },
    ]),
  );
  t.strictSame(readdirSync(target).sort(), ['bin', 'data.bin', 'empty', 'empty-directory', 'old', 'zeros']);
  t.equal(readFileSync(join(target, 'bin/run.sh'), 'utf8'), '#!/bin/sh\n');
  t.ok(readFileSync(join(target, 'data.bin')).equals(Buffer.alloc(300_000, 7)));
  t.ok(readFileSync(join(target, 'zeros')).equals(Buffer.alloc(70_000)), 'zeros are no end of the archive');
  t.strictSame(result, { bytes: 10 + 300_000 + 70_000 + 7, entries: 7 });
  t.equal(mode(join(target, 'bin/run.sh')), 0o555, 'no setuid, no setgid, no write bit; executable as it was');
  t.equal(mode(join(target, 'data.bin')), 0o400);
  t.equal(mode(join(target, 'zeros')), 0o444);
  t.equal(mode(join(target, 'empty')), 0o400);
  for (const path of ['', 'bin', 'empty-directory']) t.equal(mode(join(target, path)), 0o555, `directory "${path}"`);
});

t.test('tar.gz: long names of GNU and pax, UTF-8, global headers', async (t) => {
  const { target } = await unpacked(
    t,
    tarGz([
      paxHeader({ comment: '0123456789abcdef' }, 'g'),
      gnuLongName(LONG),
      { name: LONG.slice(0, 99), content: 'gnu' },
      paxHeader({ path: DEEP, mtime: '1700000000.5', 'LIBARCHIVE.creationtime': '1' }),
      { name: 'short', content: 'pax' },
      { name: 'größe – 数据.txt', content: 'utf-8' },
    ]),
  );
  t.equal(readFileSync(join(target, LONG), 'utf8'), 'gnu');
  t.equal(readFileSync(join(target, DEEP), 'utf8'), 'pax');
  t.equal(readFileSync(join(target, 'größe – 数据.txt'), 'utf8'), 'utf-8');
});

t.test('tar.gz: a character of a long name lies across two pieces of the stream', async (t) => {
  const step = 'ä'.repeat(100);
  // Of the name, 512 bytes are in the first piece of 64 KiB; the first byte of an "ä" is the last of them.
  const before = { name: 'before', content: Buffer.alloc(64 * 1024 - 512 - 1024, 1) };
  const { target } = await unpacked(t, tarGz([before, gnuLongName(`x${step}/${step}/${step}`), { name: 'short' }]));
  t.strictSame(readdirSync(join(target, `x${step}`, step)), [step]);
});

t.test('what tar and the library write', async (t) => {
  const directory = t.testdir({ source: { 'main.py': 'print(1)', lib: { 'a.py': 'a = 1' } } });
  chmodSync(join(directory, 'source/main.py'), 0o755);
  const trees: Record<string, (archive: string) => unknown> = {
    'tar of the machine': (archive) => execFileSync('tar', ['-czf', archive, '-C', join(directory, 'source'), '.']),
    'library, portable': (archive) =>
      create({ gzip: true, portable: true, file: archive, cwd: join(directory, 'source') }, ['.']),
  };
  for (const [what, write] of Object.entries(trees)) {
    const archive = join(directory, `${what}.tgz`);
    const target = join(directory, what);
    await write(archive);
    await unpack(archive, target);
    t.strictSame(readdirSync(target).sort(), ['lib', 'main.py'], what);
    t.equal(mode(join(target, 'main.py')), 0o555, what);
    t.equal(readFileSync(join(target, 'lib/a.py'), 'utf8'), 'a = 1', what);
    await removeTree(target);
  }
});

t.test('tar.gz without blocks at its end, and of several gzip members', async (t) => {
  const entry = tarEntry({ name: 'a', content: 'x' });
  await t.resolves(unpacked(t, gzipSync(entry)));
  const members = Buffer.concat([
    gzipSync(entry.subarray(0, 700)),
    gzipSync(Buffer.concat([entry.subarray(700), TAR_END])),
  ]);
  const { target } = await unpacked(t, members);
  t.equal(readFileSync(join(target, 'a'), 'utf8'), 'x');
});

t.test('zip: stored, deflated, with data descriptors, UTF-8, modes', async (t) => {
  const { target, result } = await unpacked(
    t,
    zip([
      { name: 'bin/', mode: 0o040777 },
      { name: 'bin/run.sh', content: '#!/bin/sh\n', mode: 0o104777 },
      { name: 'stored', content: 'stored', method: 0 },
      { name: 'described', content: 'x'.repeat(100_000), descriptor: true },
      { name: 'größe – 数据.txt', content: 'utf-8' },
      { name: 'of DOS', content: 'dos', mode: 0, flags: 0 },
    ]),
  );
  t.equal(readFileSync(join(target, 'bin/run.sh'), 'utf8'), '#!/bin/sh\n');
  t.equal(mode(join(target, 'bin/run.sh')), 0o555);
  t.equal(mode(join(target, 'bin')), 0o555);
  t.equal(mode(join(target, 'of DOS')), 0o444);
  t.equal(readFileSync(join(target, 'described'), 'utf8'), 'x'.repeat(100_000));
  t.equal(readFileSync(join(target, 'größe – 数据.txt'), 'utf8'), 'utf-8');
  t.equal(result.entries, 6);
});

t.test('zip: what Python writes', async (t) => {
  const directory = t.testdir({ 'main.py': 'print(1)' });
  mkdirSync(join(directory, 'lib'));
  writeFileSync(join(directory, 'lib/a.py'), 'a = 1');
  const archive = join(directory, 'a.zip');
  execFileSync('python3', ['-m', 'zipfile', '-c', archive, 'main.py', 'lib/'], { cwd: directory });
  const target = join(directory, 'target');
  await unpack(archive, target);
  t.equal(readFileSync(join(target, 'lib/a.py'), 'utf8'), 'a = 1');
  await removeTree(target);
});
