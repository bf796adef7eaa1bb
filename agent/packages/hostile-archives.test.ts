// Each archive is refused with a sentence that names the entry and the rule, and leaves nothing behind.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { isCloudTaskError } from '../../base/index.js';
import { gnuLongName, paxHeader, TAR_END, tarEntry, tarGz, zip } from '../../test/support/archives.js';
import { ARCHIVE_LIMITS, type ArchiveLimits } from './archive-limits.js';
import { unpack } from './unpack.js';

interface Hostile {
  readonly what: string;
  readonly bytes: Buffer;
  readonly says: RegExp;
  readonly limits?: Partial<ArchiveLimits>;
  readonly windows?: boolean;
}

const LONG = 'x'.repeat(256);
const ZEROS = Buffer.alloc(4 * 1024 * 1024);
const good = { name: 'good.txt', content: 'good' };

const tars: Hostile[] = [
  { what: 'an absolute path', bytes: tarGz([{ name: '/etc/cron.d/x' }]), says: /"\/etc\/cron.d\/x": .*absolute/ },
  { what: 'a path upwards', bytes: tarGz([good, { name: 'a/../../x' }]), says: /"a\/..\/..\/x": .*"\.\."/ },
  { what: 'a path upwards by prefix', bytes: tarGz([{ name: 'x', prefix: '..' }]), says: /"\.\.\/x": .*"\.\."/ },
  { what: 'a path upwards by pax', bytes: tarGz([paxHeader({ path: '../x' }), good]), says: /"\.\.\/x": .*"\.\."/ },
  { what: 'a path upwards by a long name', bytes: tarGz([gnuLongName('../x'), good]), says: /"\.\.\/x": .*"\.\."/ },
  { what: 'a directory upwards', bytes: tarGz([{ name: '../', type: '5' }]), says: /"\.\.\/": .*"\.\."/ },
  { what: 'a dot inside', bytes: tarGz([{ name: 'a/./b' }]), says: /"a\/\.\/b": .*"\."/ },
  { what: 'a drive letter', bytes: tarGz([{ name: 'C:x' }]), says: /"C:x": .*drive letter/ },
  { what: 'a backslash', bytes: tarGz([{ name: '..\\..\\x' }]), says: /backslash/ },
  { what: 'NUL in a pax path', bytes: tarGz([paxHeader({ path: 'good\0/../x' }), good]), says: /path with NUL/ },
  { what: 'NUL in a long name', bytes: tarGz([gnuLongName('a\0b'), good]), says: /long name contains NUL/ },
  { what: 'a line break', bytes: tarGz([{ name: 'a\nb' }]), says: /"a\\nb": .*control characters/ },
  { what: 'an escape sequence', bytes: tarGz([{ name: '\x1b]0;x' }]), says: /"\\u001b\]0;x": .*control characters/ },
  { what: 'a name that is not UTF-8', bytes: tarGz([{ name: Buffer.from([0x61, 0xff]) }]), says: /must be UTF-8/ },
  { what: 'a name of 256 bytes', bytes: tarGz([gnuLongName(LONG), good]), says: /more than 255 bytes/ },
  {
    what: 'a path of 2,100 bytes',
    bytes: tarGz([gnuLongName('xy/'.repeat(700).concat('f')), good]),
    says: /more than 2048 bytes/,
  },
  { what: 'a symbolic link', bytes: tarGz([{ name: 'l', type: '2', link: '/' }]), says: /"l": symbolic links/ },
  { what: 'a hard link', bytes: tarGz([good, { name: 'l', type: '1', link: 'good.txt' }]), says: /"l": hard links/ },
  { what: 'a character device', bytes: tarGz([{ name: 'd', type: '3' }]), says: /"d": devices/ },
  { what: 'a block device', bytes: tarGz([{ name: 'd', type: '4' }]), says: /"d": devices/ },
  { what: 'a named pipe', bytes: tarGz([{ name: 'p', type: '6' }]), says: /"p": named pipes/ },
  { what: 'a GNU sparse file', bytes: tarGz([{ name: 's', type: 'S' }]), says: /"s": only regular files/ },
  {
    what: 'a pax sparse file',
    bytes: tarGz([paxHeader({ 'GNU.sparse.major': '1', 'GNU.sparse.realsize': '1099511627776' }), good]),
    says: /sparse files/,
  },
  { what: 'a file twice', bytes: tarGz([good, good]), says: /"good.txt": is there twice/ },
  { what: 'names that differ in case', bytes: tarGz([good, { name: 'GOOD.txt' }]), says: /"GOOD.txt": .*only in case/ },
  {
    what: 'names that differ in Unicode form',
    bytes: tarGz([{ name: 'caf\u00e9/a' }, { name: 'cafe\u0301/b' }]),
    says: /only in case or Unicode form/,
  },
  {
    what: 'a file as a directory',
    bytes: tarGz([{ name: 'a' }, { name: 'a/b' }]),
    says: /"a" is a file and a directory/,
  },
  {
    what: 'a directory as a file',
    bytes: tarGz([{ name: 'a/b' }, { name: 'a' }]),
    says: /"a" is a file and a directory/,
  },
  {
    what: 'a directory with content',
    bytes: tarGz([{ name: 'a/', type: '5', content: 'x' }]),
    says: /damaged/,
  },
  {
    what: 'too many entries',
    bytes: tarGz(Array.from({ length: 30 }, (_, index) => ({ name: `f${index}` }))),
    says: /more than 20 files/,
    limits: { entries: 20 },
  },
  {
    what: 'too many directories that are only implied',
    bytes: tarGz([{ name: 'a/'.repeat(30).concat('f') }]),
    says: /more than 20 files/,
    limits: { entries: 20 },
  },
  {
    what: 'a file that says it is too large',
    bytes: tarGz([{ name: 'huge', size: 2 ** 32 }]),
    says: /"huge": .*more than 536870912 bytes/,
  },
  {
    what: 'files too large together',
    bytes: tarGz([
      { name: 'a', content: 'x'.repeat(600) },
      { name: 'b', content: 'y'.repeat(600) },
    ]),
    says: /"b": with it the files have more than 1000 bytes/,
    limits: { totalBytes: 1000 },
  },
  {
    what: 'a bomb',
    bytes: tarGz([{ name: 'bomb', content: ZEROS }]),
    says: /"bomb": .*more than 100 bytes come of each/,
  },
  {
    what: 'a bomb in a bomb',
    bytes: tarGz([], tarGz([{ name: 'bomb', content: ZEROS }])),
    says: /no tar archive in it/,
  },
  {
    what: 'extended headers without end',
    bytes: tarGz([...Array.from({ length: 60 }, () => paxHeader({ comment: 'x' })), good]),
    says: /too many extended headers/,
    limits: { entries: 20 },
  },
  {
    what: 'an extended header too long',
    bytes: tarGz([paxHeader({ comment: 'x'.repeat(70_000) }), good]),
    says: /extended header may not have more than 65536/,
  },
  {
    what: 'an extended header with a wrong length',
    bytes: tarGz([tarEntry({ name: 'x', type: 'x', content: '99 path=../x\n' }), good]),
    says: /length is wrong/,
  },
  {
    what: 'an entry behind the end',
    bytes: tarGz([good], Buffer.concat([TAR_END, tarEntry({ name: 'x' })])),
    says: /behind the end/,
  },
  {
    what: 'an entry far behind the end',
    bytes: tarGz([good], Buffer.concat([TAR_END, Buffer.alloc(200_000), tarEntry({ name: 'x' })])),
    says: /behind the end/,
  },
  {
    what: 'zeros without end',
    bytes: tarGz([good], Buffer.alloc(3 * 1024 * 1024)),
    says: /too many zeros/,
  },
  { what: 'a wrong checksum', bytes: tarGz([{ ...good, wrongBy: 1 }]), says: /damaged: .*checksum/ },
  {
    what: 'a file that is cut',
    bytes: tarGz([{ name: 'a', size: 5000, content: 'x' }], Buffer.alloc(0)),
    says: /damaged/,
  },
  { what: 'a gzip that is cut', bytes: tarGz([good]).subarray(0, -20), says: /damaged/ },
  { what: 'no entries', bytes: tarGz([]), says: /empty/ },
  { what: 'something else', bytes: Buffer.from('#!/bin/sh\n'), says: /neither a tar\.gz nor a zip/ },
  { what: 'a device of Windows', bytes: tarGz([{ name: 'Aux.txt' }]), says: /device on Windows/, windows: true },
  { what: 'a stream of NTFS', bytes: tarGz([{ name: 'a:b' }]), says: /"a:b": /, windows: true },
  { what: 'a dot at the end', bytes: tarGz([{ name: 'a.' }]), says: /end with a dot/, windows: true },
];

const unicodePath = (name: string) => {
  const data = Buffer.concat([Buffer.from([1, 0, 0, 0, 0]), Buffer.from(name)]);
  const head = Buffer.alloc(4);
  head.writeUInt16LE(0x7075, 0);
  head.writeUInt16LE(data.length, 2);
  return Buffer.concat([head, data]);
};

const zips: Hostile[] = [
  { what: 'an absolute path', bytes: zip([{ name: '/x' }]), says: /"\/x": .*absolute/ },
  { what: 'a path upwards', bytes: zip([good, { name: '../../x' }]), says: /"\.\.\/\.\.\/x": .*"\.\."/ },
  { what: 'a drive letter', bytes: zip([{ name: 'c:/x' }]), says: /drive letter/ },
  { what: 'a backslash', bytes: zip([{ name: '..\\x' }]), says: /backslash/ },
  { what: 'NUL', bytes: zip([{ name: 'a\0b' }]), says: /NUL/ },
  { what: 'a name that is not UTF-8', bytes: zip([{ name: Buffer.from([0x81, 0xff]), flags: 0 }]), says: /UTF-8/ },
  {
    what: 'a symbolic link',
    bytes: zip([{ name: 'l', content: '/etc', mode: 0o120777 }]),
    says: /"l": symbolic links/,
  },
  { what: 'a device', bytes: zip([{ name: 'd', mode: 0o020644 }]), says: /"d": only regular files/ },
  {
    what: 'a directory named as a file',
    bytes: zip([{ name: 'd', mode: 0o040755 }]),
    says: /"d": is a file by its name/,
  },
  {
    what: 'a directory with content',
    bytes: zip([{ name: 'd/', mode: 0, content: 'x' }]),
    says: /may not have content/,
  },
  { what: 'a file twice', bytes: zip([good, good]), says: /twice/ },
  { what: 'names that differ in case', bytes: zip([good, { name: 'Good.txt' }]), says: /only in case/ },
  { what: 'a file as a directory', bytes: zip([{ name: 'a' }, { name: 'a/b' }]), says: /a file and a directory/ },
  {
    what: 'another name in front of the data',
    bytes: zip([{ name: 'a', localName: 'b' }]),
    says: /"a": has two names/,
  },
  {
    what: 'another name in Unicode',
    bytes: zip([{ name: 'a', extra: unicodePath('../x') }]),
    says: /"a": has two names/,
  },
  { what: 'an encrypted entry', bytes: zip([{ name: 'e', flags: 0x801 }]), says: /"e": encrypted/ },
  { what: 'another compression', bytes: zip([{ name: 'e', method: 14 }]), says: /"e": compression method 14/ },
  {
    what: 'entries that share their bytes',
    bytes: zip([good, { ...good, name: 'bad', says: { offset: 0 } }]),
    says: /"bad": shares bytes of the archive with "good.txt"/,
  },
  { what: 'too many entries', bytes: zip([good], 20_000), says: /more than 10000 files/ },
  {
    what: 'a file that says it is too large',
    bytes: zip([{ name: 'a', says: { size: 2 ** 30 } }]),
    says: /"a": .*more than/,
  },
  { what: 'a file larger than it says', bytes: zip([{ name: 'a', content: 'xyz', says: { size: 1 } }]), says: /"a": / },
  {
    what: 'a bomb',
    bytes: zip([{ name: 'bomb', content: ZEROS }]),
    says: /"bomb": .*more than 100 bytes come of each/,
  },
  { what: 'a wrong checksum', bytes: zip([{ name: 'a', content: 'x', says: { crc: 1 } }]), says: /"a": .*checksum/ },
  { what: 'no entries', bytes: zip([]), says: /empty/ },
  { what: 'an archive that is cut', bytes: zip([good]).subarray(0, -10), says: /damaged/ },
];

for (const [format, corpus] of [
  ['tar.gz', tars],
  ['zip', zips],
] as const) {
  t.test(`hostile archives: ${format}`, async (t) => {
    const directory = t.testdir();
    for (const { what, bytes, says, limits, windows = false } of corpus) {
      const archive = join(directory, 'archive');
      writeFileSync(archive, bytes);
      const options = { windows, limits: { ...ARCHIVE_LIMITS, ...limits } };
      const outcome = await unpack(archive, join(directory, 'target'), options).catch((error: unknown) => error);
      t.ok(isCloudTaskError(outcome, 'CT_PACKAGE_INVALID'), `${what}: refused`);
      t.match((outcome as Error).message, says, what);
      t.strictSame(readdirSync(directory), ['archive'], `${what}: leaves nothing`);
    }
  });
}
