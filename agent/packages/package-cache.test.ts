import { on } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, watch, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import { tarGz } from '../../test/support/archives.js';
import { digestOf, PackageServer } from '../../test/support/package-server.js';
import { CenterClient } from '../center-client/center-client.js';
import { PackageCache } from './package-cache.js';
import { PackageShelf } from './package-shelf.js';
import { removeTree } from './remove-tree.js';

/** Bytes that gzip cannot make smaller, the same each time. */
function noise(size: number, seed: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = seed;
  for (let index = 0; index < size; index += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[index] = state >>> 16;
  }
  return bytes;
}

const archive = (seed: number, size = 200_000) => tarGz([{ name: 'data', content: noise(size, seed) }]);
const hexOf = (digest: string) => digest.slice('sha256:'.length);

class Bench {
  readonly server = new PackageServer();
  readonly inUse = new Set<string>();
  isUseKnown = true;
  private readonly caches: PackageCache[] = [];
  private readonly clients: CenterClient[] = [];
  private url = '';

  readonly dataDir: string;

  private constructor(dataDir: string) {
    this.dataDir = dataDir;
  }

  static async open(t: Test): Promise<Bench> {
    const bench = new Bench(await mkdtemp(join(tmpdir(), 'ctask-packages-')));
    const http = createServer((request, response) => void bench.server.handle(request, response));
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    bench.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    t.teardown(async () => {
      for (const cache of bench.caches) await cache.stop();
      for (const client of bench.clients) await client.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await removeTree(bench.dataDir);
    });
    return bench;
  }

  /** As a process of the agent finds it when it starts. */
  async cache(maxBytes = 1024 ** 3): Promise<PackageCache> {
    const shelf = new PackageShelf({ dataDir: this.dataDir, clock: systemClock, log: silentLogger, maxBytes });
    await shelf.open();
    const client = new CenterClient({ agent: 'a1', urls: [this.url], token: () => 'x' });
    const cache = new PackageCache({
      ...{ client, shelf, clock: systemClock, log: silentLogger },
      inUse: () => this.inUse,
      isUseKnown: () => this.isUseKnown,
    });
    this.clients.push(client);
    this.caches.push(cache);
    return cache;
  }

  /** Resolves when the archive on its way has this many bytes on disk. */
  async hasCome(bytes: number): Promise<void> {
    const isThere = () =>
      readdirSync(this.path('incoming')).some((name) => statSync(this.path('incoming', name)).size === bytes);
    const watcher = watch(this.path('incoming'));
    const changes = on(watcher, 'change');
    while (!isThere()) await changes.next();
    watcher.close();
  }

  path(...steps: string[]): string {
    return join(this.dataDir, 'packages', ...steps);
  }
}

const forever = new AbortController().signal;

t.test('fetches once, however many ask; then it is there without the center', async (t) => {
  const bench = await Bench.open(t);
  const cache = await bench.cache();
  const digest = bench.server.add(archive(1));
  t.notOk(cache.has(digest));
  const directories = await Promise.all(Array.from({ length: 20 }, () => cache.ensure(digest, forever)));
  t.strictSame([...new Set(directories)], [cache.directory(digest)]);
  t.ok(readFileSync(join(cache.directory(digest), 'data')).equals(noise(200_000, 1)));
  t.equal(bench.server.requests.length, 1);
  const next = await bench.cache();
  t.ok(next.has(digest), 'after a restart');
  t.equal(await next.ensure(digest, forever), cache.directory(digest));
  t.equal(bench.server.requests.length, 1);
  t.strictSame(readdirSync(bench.path('incoming')), []);
});

t.test('goes on where an answer broke off', async (t) => {
  const bench = await Bench.open(t);
  const cache = await bench.cache();
  const digest = bench.server.add(archive(1));
  bench.server.stops.push(50_000, 120_000);
  const fetched = cache.ensure(digest, forever);
  for (const bytes of [50_000, 120_000]) {
    await bench.hasCome(bytes);
    bench.server.cut();
  }
  await fetched;
  t.ok(readFileSync(join(cache.directory(digest), 'data')).equals(noise(200_000, 1)));
  t.match(bench.server.requests, [{ from: 0 }, { from: 50_000 }, { from: 120_000 }]);
});

t.test('begins anew where the center knows no ranges, and tries again after refusals', async (t) => {
  const bench = await Bench.open(t);
  const cache = await bench.cache();
  const digest = bench.server.add(archive(1));
  bench.server.isPlain = true;
  bench.server.failures.push(503, 404);
  bench.server.stops.push(50_000);
  const fetched = cache.ensure(digest, forever);
  await bench.hasCome(50_000);
  bench.server.cut();
  await fetched;
  t.ok(readFileSync(join(cache.directory(digest), 'data')).equals(noise(200_000, 1)));
  t.match(bench.server.requests, [{ from: 0 }, { from: 0 }, { from: 0 }, { from: 50_000 }]);
});

t.test('other bytes than the digest says are never used', async (t) => {
  const bench = await Bench.open(t);
  const cache = await bench.cache();
  const digest = bench.server.add(archive(1));
  bench.server.forged = archive(2);
  const asked = new AbortController();
  const outcome = cache.ensure(digest, asked.signal);
  await bench.server.events.next('request', () => bench.server.requests.length === 2);
  asked.abort();
  await t.rejects(outcome, { code: 'CT_UNAVAILABLE', message: /another digest: sha256:[0-9a-f]{64}/ });
  t.notOk(existsSync(bench.path(hexOf(digest))));
  bench.server.forged = undefined;
  await cache.ensure(digest, forever);
  t.ok(cache.has(digest));
});

t.test('a hostile archive is refused, and not fetched again', async (t) => {
  const bench = await Bench.open(t);
  const cache = await bench.cache();
  const digest = bench.server.add(tarGz([{ name: 'l', type: '2', link: '/etc' }]));
  for (const time of [1, 2]) {
    const refusal = { code: 'CT_PACKAGE_INVALID', message: /"l": symbolic links/ };
    await t.rejects(cache.ensure(digest, forever), refusal, `time ${time}`);
  }
  t.equal(bench.server.requests.length, 1);
  t.strictSame(readdirSync(bench.path()), ['incoming']);
  t.strictSame(readdirSync(bench.path('incoming')), []);
});

t.test('says why it is not there when nobody waits any longer, and gives up', async (t) => {
  const bench = await Bench.open(t);
  const cache = await bench.cache();
  const digest = bench.server.add(archive(1));
  bench.server.isStuck = true;
  const asked = new AbortController();
  const outcome = cache.ensure(digest, asked.signal);
  await bench.server.events.next('request');
  const closed = bench.server.events.next('closed');
  asked.abort();
  await t.rejects(outcome, { code: 'CT_UNAVAILABLE', message: /still being fetched: \d+ of/ });
  await closed;
  const unknown = digestOf(Buffer.from('unknown'));
  const other = new AbortController();
  const missing = cache.ensure(unknown, other.signal);
  await bench.server.events.next('request', () => bench.server.requests.length >= 3);
  other.abort();
  await t.rejects(missing, { code: 'CT_UNAVAILABLE', message: /center answered 404/ });
});

t.test('what a killed process left is removed, what it completed is used', async (t) => {
  const bench = await Bench.open(t);
  const digest = bench.server.add(archive(1));
  await (await bench.cache()).ensure(digest, forever);
  const half = 'a'.repeat(64);
  mkdirSync(bench.path('incoming', `${half}.x`, 'files', 'deep'), { recursive: true });
  writeFileSync(bench.path('incoming', `${half}.x`, 'files', 'deep', 'f'), 'half');
  writeFileSync(bench.path('incoming', `${half}.y`), 'half');
  // No such thing can come from a kill; a disk that lost it can.
  mkdirSync(bench.path('b'.repeat(64)));
  const cache = await bench.cache();
  t.strictSame(readdirSync(bench.path('incoming')), []);
  t.strictSame(readdirSync(bench.path()).sort(), [hexOf(digest), 'incoming'].sort());
  t.ok(cache.has(digest));
});

t.test('keeps within its bound what was used last, and always what is in use', async (t) => {
  const bench = await Bench.open(t);
  const digests = [1, 2, 3, 4, 5].map((seed) => bench.server.add(archive(seed)));
  const [used, old, middle, young, next] = digests as [string, string, string, string, string];
  const first = await bench.cache();
  for (const [index, digest] of [used, old, middle, young].entries()) {
    await first.ensure(digest, forever);
    utimesSync(bench.path(hexOf(digest)), 1_700_000_000 + index, 1_700_000_000 + index);
  }
  bench.inUse.add(used);
  bench.isUseKnown = false;
  const cache = await bench.cache(650_000);
  t.ok(cache.has(middle), 'which makes it the one used last');
  await cache.ensure(next, forever);
  t.equal(digests.filter((digest) => existsSync(bench.path(hexOf(digest)))).length, 5, 'before tasks are known');
  bench.isUseKnown = true;
  const further = bench.server.add(archive(6));
  await cache.ensure(further, forever);
  t.strictSame(
    [used, old, middle, young, next, further].map((digest) => existsSync(bench.path(hexOf(digest)))),
    [true, false, false, false, true, true],
  );
  t.strictSame(readdirSync(bench.path('incoming')), []);
  for (const digest of [next, further]) bench.inUse.add(digest);
  const last = bench.server.add(archive(7));
  bench.inUse.add(last);
  await cache.ensure(last, forever);
  t.ok(
    [...bench.inUse].every((digest) => cache.has(digest)),
    'what is in use may take more than the bound',
  );
});

t.test('fetches ahead as long as it is in use', async (t) => {
  const bench = await Bench.open(t);
  const cache = await bench.cache();
  const digest = bench.server.add(archive(1));
  bench.inUse.add(digest);
  bench.server.failures.push(503);
  cache.prefetch(digest);
  cache.prefetch(digest);
  await cache.ensure(digest, forever);
  t.equal(bench.server.requests.length, 2);
  const other = bench.server.add(archive(2));
  bench.server.failures.push(503);
  const refused = bench.server.events.next('request');
  cache.prefetch(other);
  await refused;
  await cache.stop();
  t.notOk(cache.has(other));
});
