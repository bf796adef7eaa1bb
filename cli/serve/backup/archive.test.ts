// What is not a whole backup is refused, wherever it is broken, and nothing is changed by it.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import t, { type Test } from 'tap';
import { Header } from 'tar';
import { silentLogger, systemClock } from '../../../base/index.js';
import { openSqliteStore } from '../../../center/store/index.js';
import { Layout } from '../../../coordination/index.js';
import { task } from '../../../test/support/store-objects.js';
import { FORMAT, MANIFEST, SUMS } from './archive.js';
import { checkBackup } from './check-backup.js';
import { makeBackup } from './make-backup.js';
import type { Installation } from './places.js';
import { ArchiveReader } from './read-archive.js';
import { restoreBackup } from './restore-backup.js';
import { Progress } from './say.js';
import { ArchiveWriter, fileSink, type Sink, streamSink } from './write-archive.js';

const quiet = new Progress(true);
const { signal } = new AbortController();
const choice = { logs: true, coordination: false, keys: false, version: '1.2.3', signal };

function installation(dir: string): Installation {
  return {
    centerDir: dir,
    store: { kind: 'sqlite', path: join(dir, 'store.db') },
    coordinationDir: join(dir, 'coordination'),
    zookeeper: undefined,
    layout: new Layout(),
    coordinationSecretFile: join(dir, 'coordination.secret'),
    secretsKeyFile: join(dir, 'secrets.key'),
  };
}

async function begun(t: Test): Promise<{ dir: string; file: string; bytes: Buffer }> {
  const dir = await mkdtemp(join(tmpdir(), 'ctask-archive-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  const store = openSqliteStore({ clock: systemClock, log: silentLogger, path: join(dir, 'store.db') });
  await store.start(signal);
  const audit = { requestId: 'r1', user: 'jane', sourceIP: '', verb: 'apply' };
  await store.apply([task('a'), task('b')], { user: 'jane', audit });
  writeFileSync(join(dir, 'secrets.key'), 'the key of keys\n');
  const file = join(dir, 'all.tar');
  await makeBackup(installation(dir), () => fileSink(file), choice, quiet);
  await store.stop();
  return { dir, file, bytes: readFileSync(file) };
}

/** The entries of an archive, changed and sealed anew, as somebody would who knows the form. */
async function forged(
  file: string,
  to: string,
  change: (name: string, body: Buffer) => [string, string | Buffer] | undefined,
) {
  const archive = new ArchiveWriter(await fileSink(to), new Date());
  for await (const { name, body } of new ArchiveReader(file).entries()) {
    const next = change(name, body);
    if (next !== undefined) await archive.add(...next);
  }
  await archive.end();
}

const manifestWith =
  (extra: object) =>
  (name: string, body: Buffer): [string, string | Buffer] =>
    name === MANIFEST ? [name, JSON.stringify({ ...JSON.parse(body.toString()), ...extra })] : [name, body];

t.test('a whole one is checked, and holds no keys unless asked for', async (t) => {
  const { dir, file, bytes } = await begun(t);
  const { manifest, counts, audit, keys } = await checkBackup(file);
  t.match(manifest, { format: FORMAT, version: '1.2.3', engine: 'sqlite' });
  t.match(counts.get('audit_entries'), 2);
  t.equal(audit.sequence, 2);
  t.equal(keys.size, 0);
  t.notOk(bytes.includes('the key of keys'));
  await makeBackup(installation(dir), () => fileSink(join(dir, 'keys.tar')), { ...choice, keys: true }, quiet);
  t.equal((await checkBackup(join(dir, 'keys.tar'))).keys.get('secrets.key')?.toString(), 'the key of keys\n');
});

t.test('cut off anywhere, a byte changed anywhere', async (t) => {
  const { dir, bytes } = await begun(t);
  const broken = join(dir, 'broken.tar');
  const wrong: string[] = [];
  const refused = async (what: string, content: Buffer) => {
    writeFileSync(broken, content);
    const code = await checkBackup(broken).then(
      () => 'none',
      (error: { code?: string }) => error.code,
    );
    if (code !== 'CT_BACKUP_INVALID') wrong.push(`${what}: ${code}`);
  };
  for (let length = 0; length < bytes.length; length += 97) await refused(`${length} bytes`, bytes.subarray(0, length));
  await refused('all but one', bytes.subarray(0, -1));
  await refused('one more', Buffer.concat([bytes, Buffer.alloc(1)]));
  for (let at = 0; at < bytes.length; at += 61) {
    const flipped = Buffer.from(bytes);
    flipped[at]! ^= 1 << (at % 8);
    await refused(`bit ${at % 8} of byte ${at}`, flipped);
  }
  t.strictSame(wrong, []);
});

t.test('entries that no backup has', async (t) => {
  const { dir, file } = await begun(t);
  const broken = join(dir, 'broken.tar');
  const names = [
    '../../etc/passwd',
    '/etc/passwd',
    'store/../x/000001.ndjson',
    'keys/../../x',
    'keys/other',
    'store/objects/1.ndjson',
    'C:\\x',
  ];
  for (const name of names) {
    await forged(file, broken, (entry, body) => (entry === MANIFEST ? [entry, body] : [name, body]));
    await t.rejects(
      checkBackup(broken),
      { code: 'CT_BACKUP_INVALID', message: /an entry that is not of a backup/ },
      name,
    );
  }
  const link = new Header({ path: MANIFEST, type: 'SymbolicLink', linkpath: '/etc/passwd', size: 0, mode: 0o600 });
  link.encode();
  writeFileSync(broken, Buffer.concat([link.block!, Buffer.alloc(1024)]));
  await t.rejects(checkBackup(broken), { code: 'CT_BACKUP_INVALID', message: /SymbolicLink/ });
  writeFileSync(broken, readFileSync('package.json'));
  await t.rejects(checkBackup(broken), { code: 'CT_BACKUP_INVALID' });
  await t.rejects(checkBackup(join(dir, 'none.tar')), { code: 'CT_NOT_FOUND' });
});

t.test('a form that is whole, and says what cannot be', async (t) => {
  const { dir, file } = await begun(t);
  const broken = join(dir, 'broken.tar');
  const cases: [string, Parameters<typeof forged>[2], string, RegExp][] = [
    ['a later format', manifestWith({ format: FORMAT + 1 }), 'CT_BACKUP_INVALID', /has format 2; this ctask knows 1/],
    ['a later schema', manifestWith({ schema: { state: 999, logs: 2, packages: 1 } }), 'CT_STORE_NEWER', /schema 999/],
    [
      'no manifest',
      (name, body) => (name === MANIFEST ? undefined : [name, body]),
      'CT_BACKUP_INVALID',
      /backup\.json/,
    ],
    [
      'words that are none',
      manifestWith({ tables: [{ part: 'state', name: 'x; drop', columns: [] }] }),
      'CT_BACKUP_INVALID',
      /lacks/,
    ],
    [
      'rows that the tables do not take',
      (name, body) => [name, name.startsWith('store/objects/') ? `${body}${body}` : body],
      'CT_BACKUP_INVALID',
      /rows of objects do not fit/,
    ],
  ];
  for (const [what, change, code, message] of cases) {
    await forged(file, broken, change);
    const place = join(dir, 'place');
    await t.rejects(
      restoreBackup(broken, installation(place), { keepCoordination: true, signal }, quiet),
      { code, message },
      what,
    );
    t.strictSame(
      existsSync(place) ? readdirSync(place).filter((name) => name !== 'coordination.secret') : [],
      [],
      `${what}: nothing was made`,
    );
  }
});

t.test('an audit that was broken before is told, and can be restored', async (t) => {
  const { dir, file } = await begun(t);
  const broken = join(dir, 'broken.tar');
  await forged(file, broken, (name, body) => [
    name,
    name.includes('audit_entries') ? body.toString().replace('jane', 'june') : body,
  ]);
  t.match((await checkBackup(broken)).broken, { sequence: 1 });
  const { store } = installation(join(dir, 'place'));
  await restoreBackup(broken, installation(join(dir, 'place')), { keepCoordination: true, signal }, quiet);
  t.ok(existsSync((store as { path: string }).path));
});

t.test('a file that is half written has no name', async (t) => {
  const { dir } = await begun(t);
  const file = join(dir, 'later.tar');
  const full = async (): Promise<Sink> => {
    const sink = await fileSink(file);
    let room = 3;
    return {
      ...sink,
      write: async (bytes) => {
        if (--room === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        await sink.write(bytes);
      },
    };
  };
  await t.rejects(makeBackup(installation(dir), full, choice, quiet), { code: 'ENOSPC' });
  t.strictSame(
    readdirSync(dir).filter((name) => name.includes('later')),
    [],
  );
  await t.rejects(fileSink(join(dir, 'none', 'x.tar')), { code: 'CT_CONFIG_INVALID' });
  // One that is killed leaves its torso, and in a container what comes after it has the same process id.
  const killed = await fileSink(file);
  await makeBackup(installation(dir), () => fileSink(file), choice, quiet);
  await t.resolves(checkBackup(file));
  await killed.abandon();
  const sums = (await entriesOf(join(dir, 'all.tar'))).map(
    ({ name, body }) => `${createHash('sha256').update(body).digest('hex')}  ${name}`,
  );
  t.ok(readFileSync(join(dir, 'all.tar')).includes(sums.join('\n')), `${SUMS} is as sha256sum writes it`);
});

t.test('a stream that is slower than its source', async (t) => {
  const warnings: string[] = [];
  const warned = ({ name }: Error) => warnings.push(name);
  process.on('warning', warned);
  t.teardown(() => process.off('warning', warned));
  let [length, inHand] = [0, 0];
  const slow = new Writable({
    write(bytes: Buffer, _encoding, done) {
      length += bytes.length;
      inHand = Math.max(inHand, slow.writableLength);
      setImmediate(done);
    },
  });
  const archive = new ArchiveWriter(streamSink(slow), new Date());
  const body = Buffer.alloc(2 ** 20, 'x');
  for (let entry = 0; entry < 50; entry++) await archive.add(`store/objects/${entry}.ndjson`, body);
  await archive.end();
  await new Promise(setImmediate); // warnings are told of in a later turn
  t.strictSame(warnings, []);
  t.equal(length, archive.bytes, 'all of it has arrived');
  t.ok(inHand <= body.length, `it waits for the stream: ${inHand} bytes in hand`);
  t.equal(slow.listenerCount('drain') + slow.listenerCount('close'), 0);
});

t.test('a stream that breaks', async (t) => {
  const broken = new Writable({ write: (_bytes, _encoding, done) => done(new Error('the pipe is gone')) });
  const sink = streamSink(broken);
  await t.rejects(sink.write(Buffer.from('a')), /the pipe is gone/);
  await t.rejects(sink.write(Buffer.from('b')), /the pipe is gone/, 'and it is told by its own error ever after');
});

async function entriesOf(file: string) {
  const entries: { name: string; body: Buffer }[] = [];
  for await (const entry of new ArchiveReader(file).entries()) entries.push(entry);
  return entries;
}
