import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server } from 'node:tls';
import t, { type Test } from 'tap';
import { FakeClock, silentLogger, systemClock } from '../../../base/index.js';
import { CENTER_TLS_NAME } from '../../../manifests/index.js';
import { authorityFiles, ServerTls, type TlsOptions } from './server-tls.js';

const DAY_MS = 86_400_000;
const authority = { names: [], agentCertificateMs: DAY_MS };

async function serve(t: Test, options: TlsOptions, clock = systemClock, host = '127.0.0.1') {
  const dataDir = t.testdir();
  const tls = await ServerTls.open(options, { dataDir, host, mayMake: true, clock, log: silentLogger });
  const server = createServer(tls.options, (socket) => socket.end());
  tls.attach(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    tls.stop();
    server.close();
  });
  return { tls, server, dataDir, ca: readFileSync(authorityFiles(dataDir).certFile) };
}

/** The certificate that is shown to whoever asks for this name, and does not check it. */
async function shown(server: Server, servername?: string): Promise<X509Certificate> {
  const socket = connect({
    ...{ port: (server.address() as AddressInfo).port, host: '127.0.0.1', rejectUnauthorized: false },
    ...(servername === undefined ? {} : { servername }),
  });
  await once(socket, 'secureConnect');
  const certificate = socket.getPeerX509Certificate()!;
  socket.destroy();
  return certificate;
}

t.test('whoever trusts the authority needs nothing else, by each name of the center', async (t) => {
  const { server, ca } = await serve(t, { authority: { ...authority, names: ['center.example.com'] } });
  const { port } = server.address() as AddressInfo;
  for (const servername of ['center.example.com', 'localhost', CENTER_TLS_NAME]) {
    const socket = connect({ port, host: '127.0.0.1', servername, ca });
    await once(socket, 'secureConnect');
    t.ok(socket.authorized);
    socket.destroy();
  }
  const other = connect({ port, host: '127.0.0.1', servername: 'else.example.com', ca });
  t.match((await once(other, 'error'))[0], { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
});

t.test('the certificate is renewed without a restart', async (t) => {
  const clock = new FakeClock(Date.UTC(2026, 0, 1));
  const { server } = await serve(t, { authority }, clock);
  const first = await shown(server);
  await clock.advance(59 * DAY_MS);
  t.equal((await shown(server)).serialNumber, first.serialNumber);
  await clock.advance(DAY_MS);
  let next = first;
  while (next.serialNumber === first.serialNumber) next = await shown(server);
  t.equal(Date.parse(next.validTo), Date.parse(first.validTo) + 60 * DAY_MS);
});

t.test('a given certificate is for people, the own one for agents', async (t) => {
  const dir = t.testdir({ other: {} });
  const maker = await ServerTls.open(
    { authority },
    { dataDir: `${dir}/other`, host: 'www.example.com', mayMake: true, clock: systemClock, log: silentLogger },
  );
  const { cert, key } = maker.options as { cert: string; key: string };
  const [certFile, keyFile] = [`${dir}/given.crt`, `${dir}/given.key`];
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key);
  const tls = await ServerTls.open(
    { given: { certFile, keyFile }, authority },
    { dataDir: dir, host: '127.0.0.1', mayMake: true, clock: systemClock, log: silentLogger },
  );
  const server = createServer(tls.options, (socket) => socket.end()).listen(0, '127.0.0.1');
  tls.attach(server);
  await once(server, 'listening');
  t.teardown(() => {
    tls.stop();
    server.close();
  });
  const own = new X509Certificate(tls.authority!.certificate);
  t.ok((await shown(server, CENTER_TLS_NAME)).verify(own.publicKey));
  t.notOk((await shown(server, 'www.example.com')).verify(own.publicKey));
  t.notOk((await shown(server)).verify(own.publicKey));
});

t.test('a name that is none is refused', async (t) => {
  const options = { authority: { ...authority, names: ['a b'] } };
  const parts = { dataDir: t.testdir(), host: '0.0.0.0', mayMake: true, clock: systemClock, log: silentLogger };
  await t.rejects(ServerTls.open(options, parts), { code: 'CT_CONFIG_INVALID', message: /--tls-name "a b"/ });
});
