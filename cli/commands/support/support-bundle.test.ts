// A bundle that could not be written to its end leaves nothing behind.
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { pack } from './support-bundle.js';

const never = new AbortController().signal;

/** A directory with a file that takes a while to pack, and one for the bundle. */
function places(t: Test): { from: string; to: string; path: string } {
  const dir = t.testdir({ from: { 'a.json': '{}' }, to: {} });
  const from = join(dir, 'from');
  writeFileSync(join(from, 'big.ndjson'), randomBytes(16 * 2 ** 20));
  return { from, to: join(dir, 'to'), path: join(dir, 'to', 'bundle.tar.gz') };
}

t.test('a whole one has its name, and nobody else may read it', async (t) => {
  const { from, to, path } = places(t);
  await pack(from, ['a.json', 'big.ndjson'], path, never);
  t.same(readdirSync(to), ['bundle.tar.gz']);
  if (process.platform !== 'win32') t.equal(statSync(path).mode & 0o777, 0o600);
});

t.test('cut short while it is written', async (t) => {
  const { from, to, path } = places(t);
  const cut = new AbortController();
  const packed = pack(from, ['big.ndjson'], path, cut.signal);
  packed.catch(() => undefined); // it is looked at below
  let begun: string[] = [];
  while (begun.length === 0) {
    await new Promise(setImmediate);
    begun = readdirSync(to).filter((name) => statSync(join(to, name)).size > 0);
  }
  t.match(begun, [/^\.bundle\.tar\.gz\.\w+\.partial$/]);
  cut.abort();
  t.same(readdirSync(to), [], 'at once: the program ends without waiting for more');
  await t.rejects(packed, { name: 'AbortError' });
  t.same(readdirSync(to), []);
});

t.test('cut short before it has begun', async (t) => {
  const { from, to, path } = places(t);
  await t.rejects(pack(from, ['big.ndjson'], path, AbortSignal.abort()), { name: 'AbortError' });
  t.same(readdirSync(to), []);
});

t.test('a file that cannot be read', async (t) => {
  const { from, to, path } = places(t);
  await t.rejects(pack(from, ['big.ndjson', 'none.json'], path, never), { code: 'ENOENT' });
  t.same(readdirSync(to), []);
});

t.test('a file that got the name meanwhile stays', async (t) => {
  const { from, to, path } = places(t);
  const packed = pack(from, ['a.json'], path, never);
  writeFileSync(path, 'of somebody else');
  await t.rejects(packed, { code: 'CT_USAGE', message: /bundle\.tar\.gz" exists/ });
  t.same(readdirSync(to), ['bundle.tar.gz']);
  t.equal(readFileSync(path, 'utf8'), 'of somebody else');
});
