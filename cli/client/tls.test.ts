// C-87, C-90: the flags about TLS, and warnings as errors, against a server that asks for certificates.
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import t from 'tap';
import { certificate, noCertificates } from '../../test/support/certificates.js';
import { CliUser } from '../../test/support/cli-terminal.js';

const skip = noCertificates();

t.test('names and certificates', { skip }, async (t) => {
  const user = new CliUser();
  t.teardown(() => user.go());
  const center = certificate(user.home, 'center.test');
  const viewer = certificate(user.home, 'alice');
  const options = {
    cert: readFileSync(center.cert),
    key: readFileSync(center.key),
    ca: readFileSync(viewer.cert),
    requestCert: true,
    rejectUnauthorized: false,
  };
  const server = createServer(options, (request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate();
    response.setHeader('warning', '299 - "the certificate ends soon"');
    response.end(JSON.stringify({ version: (subject?.CN as string | undefined) ?? 'nobody' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => new Promise((resolve) => server.close(resolve)));
  const base = `version -s https://127.0.0.1:${(server.address() as AddressInfo).port} --certificate-authority ${center.cert}`;
  const warned = { stderr: 'Warning: the certificate ends soon\n' };

  t.match(
    await user.type(base),
    { code: 9, stderr: /127\.0\.0\.1(.|\n)*\nhint: .*--tls-server-name/ },
    'the certificate is of another name',
  );
  const unknown = base.replace(/ --certificate-authority .*/, '');
  t.match(await user.type(unknown), {
    code: 9,
    stderr: /self-signed certificate\nhint: .*--certificate-authority FILE/,
  });
  const plain = unknown.replace('https:', 'http:');
  t.match(await user.type(plain), { code: 9, stderr: /socket hang up\nhint: it may speak TLS: try https:/ });
  const named = `${base} --tls-server-name center.test`;
  t.match(await user.type(named), { code: 0, stdout: /Server Version: vnobody\n$/, ...warned });
  const shown = `${named} --client-certificate ${viewer.cert} --client-key ${viewer.key}`;
  t.match(await user.type(shown), { code: 0, stdout: /Server Version: valice\n$/ });
  t.match(await user.type(`${named} --client-key ${viewer.key}`), { code: 2, stderr: /must be given together/ });
  t.match(await user.type(`${named} --warnings-as-errors`), {
    code: 1,
    stdout: /Server Version: vnobody\n$/,
    stderr: 'Warning: the certificate ends soon\nerror: 1 warning received\n',
  });

  // The same from the configuration, with the key in it.
  const data = (file: string) => readFileSync(file).toString('base64');
  const url = base.split(' ')[2];
  writeFileSync(
    join(user.home, 'config.yaml'),
    `servers:
- {name: s, server: "${url}", certificate-authority: ${center.cert}, tls-server-name: center.test}
users:
- {name: v, user: {client-certificate: ${viewer.cert}, client-key: ${viewer.key}}}
- {name: w, user: {client-certificate-data: ${data(viewer.cert)}, client-key-data: ${data(viewer.key)}}}
contexts:
- {name: c, context: {server: s}}
current-context: c
`,
    { mode: 0o600 },
  );
  t.match(await user.type('version'), { code: 0, stdout: /vnobody\n$/ });
  for (const name of ['v', 'w']) t.match(await user.type(`version --user ${name}`), { code: 0, stdout: /valice\n$/ });
  t.match(await user.type('version --user x'), { code: 2, stderr: /the command line names user "x"/ });
  const { stdout } = await user.type('config view');
  t.match(stdout, 'client-key-data: DATA+OMITTED');
  t.notMatch(stdout, data(viewer.key));
});
