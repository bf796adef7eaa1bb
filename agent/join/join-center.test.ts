// Joining, with what can happen on the way: answers that are lost, files that are damaged, centers that are away.
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { silentLogger, systemClock } from '../../base/index.js';
import { type JoinToken, parseJoinToken } from '../../manifests/index.js';
import { startApi } from '../../test/support/api.js';
import { askTls } from '../../test/support/tls-ask.js';
import { certificateFiles, readCertificate, saveCertificate } from './client-certificate.js';
import { joinCenter } from './join-center.js';

const { signal } = new AbortController();

async function start(t: Test) {
  const dir = t.testdir({ center: {}, agent: {} });
  const api = await startApi(t, { dataDir: join(dir, 'center'), tls: { allocated: async () => [] } });
  const caFile = join(dir, 'center', 'tls', 'ca.crt');
  const token = async () => {
    const shown = { token: api.adminToken };
    const body = { owner: { kind: 'Agents', name: 'default' } };
    const made = await askTls({ url: api.url, caFile, shown, method: 'POST', path: 'tokens', body });
    return parseJoinToken(made.json.token)!;
  };
  const dataDir = join(dir, 'agent');
  const options = (joinToken: JoinToken, urls: readonly string[] = [api.url]) => ({
    ...{ dataDir, name: 'a', cluster: 'default', urls, token: joinToken },
    ...{ clock: systemClock, log: silentLogger },
  });
  return { url: api.url, caFile, token, dataDir, options };
}

/** Leads to a center, and breaks off the first connection in which somebody has asked for something, when the answer comes. */
async function losingFirstAnswer(t: Test, url: string) {
  let lost = 0;
  const open = new Set<Socket>();
  const server = createTcpServer((client) => {
    const upstream = connect(Number(new URL(url).port), '127.0.0.1');
    let asked = 0;
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => open.delete(socket));
    }
    client.on('data', (chunk) => {
      asked += chunk.length;
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      // More than a handshake takes: the request has gone through.
      if (lost === 0 && asked > REQUEST_BYTES) {
        lost += 1;
        client.destroy();
        upstream.destroy();
      } else client.write(chunk);
    });
    client.on('close', () => upstream.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, lost: () => lost };
}
const REQUEST_BYTES = 1100;

t.test('what is kept, and for whom', async (t) => {
  const { token, dataDir, options, caFile } = await start(t);
  const certificate = await joinCenter(options(await token()), signal);
  const files = certificateFiles(dataDir);
  t.equal(statSync(files.agent).mode & 0o777, 0o600);
  t.equal(statSync(files.directory).mode & 0o777, 0o700);
  t.equal(readFileSync(files.ca, 'utf8'), readFileSync(caFile, 'utf8'));
  t.notOk(existsSync(files.joining));
  t.same((await readCertificate(dataDir, 'a'))?.credentials, certificate.credentials);
  await t.rejects(readCertificate(dataDir, 'b'), { code: 'CT_CONFIG_INVALID', message: /agent "a", not "b"/ });
  t.ok(new X509Certificate(certificate.credentials.cert).verify(new X509Certificate(readFileSync(caFile)).publicKey));
});

t.test('an answer that is lost uses nothing up', async (t) => {
  const { url, token, options } = await start(t);
  const single = await token();
  const way = await losingFirstAnswer(t, url);
  const certificate = await joinCenter(options(single, [way.url]), signal);
  t.equal(way.lost(), 1);
  t.ok(certificate.expires > Date.now());
});

t.test('a crash at any point costs nothing', async (t) => {
  const { token, dataDir, options } = await start(t);
  const good = await token();
  const files = certificateFiles(dataDir);
  const certificate = await joinCenter(options(good), signal);
  // Before the certificate was kept: its key is what there is.
  writeFileSync(files.joining, certificate.credentials.key, { mode: 0o600 });
  rmSync(files.agent);
  const again = await joinCenter(options(good), signal);
  t.equal(again.credentials.key, certificate.credentials.key);
  t.not(again.credentials.cert, certificate.credentials.cert);
  // Without that key it is somebody else.
  rmSync(files.agent);
  await t.rejects(joinCenter(options(good), signal), { code: 'CT_FORBIDDEN', message: /has joined already/ });
});

t.test('what the center refuses is told in its words, and an address without TLS is none', async (t) => {
  const { token, options, dataDir } = await start(t);
  const good = await token();
  const wrong = { ...good, credential: `${good.credential.slice(0, -4)}AAAA` };
  await t.rejects(joinCenter(options(wrong), signal), {
    ...{ code: 'CT_UNAUTHORIZED', message: /token is not valid/, hint: /ctask create token --agent/ },
  });
  await t.rejects(joinCenter({ ...options(good), cluster: 'eu' }, signal), {
    code: 'CT_FORBIDDEN',
    message: /"default"/,
  });
  const other = { ...good, pin: '0'.repeat(64) };
  await t.rejects(joinCenter(options(other), signal), { code: 'CT_UNAUTHORIZED', message: /shows another authority/ });
  await t.rejects(joinCenter(options(good, ['http://127.0.0.1:1']), signal), { code: 'CT_CONFIG_INVALID' });
  t.notOk(existsSync(certificateFiles(dataDir).agent));
});

t.test('centers that are away are waited for, until the agent is asked to end', async (t) => {
  const { url, token, options } = await start(t);
  const certificate = await joinCenter(options(await token(), ['https://127.0.0.1:1', url]), signal);
  t.ok(certificate.expires > Date.now(), 'the next one is tried');
  const ending = new AbortController();
  const waiting = joinCenter(
    { ...options(await token(), ['https://127.0.0.1:1']), dataDir: t.testdirName },
    ending.signal,
  );
  ending.abort(new Error('asked to end'));
  await t.rejects(waiting, { message: 'asked to end' });
});

t.test('files that are damaged are said to be', async (t) => {
  const { token, dataDir, options } = await start(t);
  const certificate = await joinCenter(options(await token()), signal);
  const { agent } = certificateFiles(dataDir);
  const whole = readFileSync(agent, 'utf8');
  const refused = () =>
    t.rejects(readCertificate(dataDir, 'a'), {
      code: 'CT_CONFIG_INVALID',
      details: { subject: agent, hint: /join anew/ },
    });
  for (const text of ['', 'x', whole.slice(0, 300), whole.replace(/.+\n-----END CERT/, '-----END CERT')]) {
    writeFileSync(agent, text);
    await refused();
  }
  await saveCertificate(dataDir, certificate.credentials);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const other = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await t.rejects(certificate.replace(other, certificate.credentials.cert), /of another key/);
  t.equal(readFileSync(agent, 'utf8'), whole, 'the one before it stays');
});
