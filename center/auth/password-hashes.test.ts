import t from 'tap';
import { hashOfSecret, PasswordHashes } from './password-hashes.js';

const CHEAP = { N: 1024, r: 8, p: 1 };
const PASSWORD = 'correct horse battery';

t.test('a hash is of one password, with a salt and its parameters', async (t) => {
  const hashes = new PasswordHashes(CHEAP);
  const hash = await hashes.hash(PASSWORD);
  t.match(hash, /^scrypt\$1024\$8\$1\$[\w+/]{22}==\$[\w+/]{43}=$/);
  t.not(await hashes.hash(PASSWORD), hash, 'no two are the same');
  t.equal(await hashes.verify(PASSWORD, hash), true);
  t.equal(await hashes.verify(`${PASSWORD}.`, hash), false);
  t.equal(await hashes.verify('x'.repeat(5000), hash), false);
  t.equal(await hashes.verify(PASSWORD, undefined), false, 'of nobody');
  const composed = await hashes.hash('Ångström unit per second');
  t.equal(await hashes.verify('A\u030angstro\u0308m unit per second', composed), true, 'however it was typed');
  const stronger = new PasswordHashes({ N: 2048, r: 8, p: 1 });
  t.equal(await stronger.verify(PASSWORD, hash), true, 'one that was made with less is still good');
  t.equal(stronger.outdated(hash), true);
  t.equal(hashes.outdated(hash), false);
  t.equal(hashes.outdated(hashOfSecret('x')), false);
  t.equal(await hashes.verify('a secret of ours', hashOfSecret('a secret of ours')), true);
  t.equal(await hashes.verify('another one', hashOfSecret('a secret of ours')), false);
});

t.test('what is too short or too long is none', async (t) => {
  const hashes = new PasswordHashes(CHEAP);
  for (const bad of ['', 'x'.repeat(14), 'x'.repeat(1025)]) {
    await t.rejects(hashes.hash(bad), { code: 'CT_BAD_REQUEST', message: /15 to 1024 characters/ });
  }
  t.ok(await hashes.hash('x'.repeat(15)));
  const long = '🐎'.repeat(1024);
  t.equal(await hashes.verify(long, await hashes.hash(long)), true);
});

t.test('many at once take their turns, and too many are turned away', async (t) => {
  const hashes = new PasswordHashes(CHEAP);
  const all = await Promise.allSettled(Array.from({ length: 100 }, () => hashes.verify(PASSWORD, undefined)));
  const refused = all.filter(({ status }) => status === 'rejected');
  t.equal(refused.length, 34, 'two work, 64 wait');
  t.match(refused[0], { reason: { code: 'CT_TOO_MANY_REQUESTS' } });
  t.equal(await hashes.verify(PASSWORD, undefined), false, 'and then it goes on');
});
