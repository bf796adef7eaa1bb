import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { FakeClock, systemClock } from '../../../base/index.js';
import { openAuthority } from './authority.js';
import { authorityFiles } from './server-tls.js';

t.test('an authority is made once, for its owner only, and signs for centers', async (t) => {
  const files = authorityFiles(t.testdir());
  const made = await openAuthority(files, true, systemClock);
  t.match(made.pin, /^[0-9a-f]{64}$/);
  t.equal(statSync(files.keyFile).mode & 0o777, 0o600);
  t.equal((await openAuthority(files, false, systemClock)).pin, made.pin);
  const { certificate, key } = await made.issueServer(['center.example.com', '10.0.0.1', '::1']);
  const [leaf, ca] = [new X509Certificate(certificate), new X509Certificate(readFileSync(files.certFile))];
  t.ok(leaf.checkIssued(ca));
  t.ok(leaf.verify(ca.publicKey));
  t.notOk(leaf.ca);
  t.ok(ca.ca);
  t.equal(leaf.checkHost('center.example.com'), 'center.example.com');
  t.equal(leaf.checkIP('10.0.0.1'), '10.0.0.1');
  t.equal(leaf.checkIP('::1'), '::1');
  t.equal(leaf.checkHost('other.example.com'), undefined);
  t.same(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1'], 'for servers only');
  t.match(key, /PRIVATE KEY/);
});

t.test('what a crash leaves is completed; what is missing otherwise is not made anew', async (t) => {
  const files = authorityFiles(t.testdir());
  await openAuthority(files, true, systemClock);
  rmSync(files.certFile);
  await t.rejects(openAuthority(files, false, systemClock), {
    code: 'CT_CONFIG_INVALID',
    details: { subject: files.certFile },
  });
  const key = readFileSync(files.keyFile, 'utf8');
  await openAuthority(files, true, systemClock);
  t.equal(readFileSync(files.keyFile, 'utf8'), key);
  rmSync(files.keyFile);
  await t.rejects(openAuthority(files, true, systemClock), {
    code: 'CT_CONFIG_INVALID',
    details: { subject: files.keyFile, detail: 'the file is missing' },
  });
});

t.test('files that are no authority are refused', async (t) => {
  const dir = t.testdir();
  const files = authorityFiles(dir);
  const authority = await openAuthority(files, true, systemClock);
  const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
  const key = readFileSync(files.keyFile);
  const refused = (detail: RegExp) =>
    t.rejects(openAuthority(files, true, systemClock), { code: 'CT_CONFIG_INVALID', details: { detail } });
  writeFileSync(files.keyFile, other.export({ type: 'pkcs8', format: 'pem' }));
  await refused(/is not the key of/);
  writeFileSync(files.keyFile, 'nothing');
  await refused(/cannot be used/);
  writeFileSync(files.keyFile, key);
  const { certificate } = await authority.issueServer(['x']);
  writeFileSync(files.certFile, certificate);
  await refused(/not the certificate of an authority/);
});

t.test('an authority that has expired is refused', async (t) => {
  const files = authorityFiles(t.testdir());
  await openAuthority(files, true, new FakeClock(0));
  await t.rejects(openAuthority(files, true, systemClock), {
    code: 'CT_CONFIG_INVALID',
    details: { detail: /expired/ },
  });
});
