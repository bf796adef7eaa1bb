// Signing in at an issuer, as people do it: a real browser, a center as it is installed, an issuer on loopback.
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { User } from '../support/ctask.js';
import { startIssuer } from '../support/oidc-issuer.js';
import { noBrowser, startBrowser } from './browser.js';

t.test('somebody signs in at the issuer', { skip: noBrowser ?? false, timeout: 120_000 }, async (t) => {
  const user = new User();
  t.teardown(() => user.go());
  const port = await freePort();
  const issuer = await startIssuer(t, () => [`http://127.0.0.1:${port}/auth/oidc/callback`]);
  issuer.account = { sub: '17', preferred_username: 'ann', name: 'Ann Example', groups: ['devs'] };
  const secretFile = join(user.home, 'oidc-secret');
  writeFileSync(secretFile, `${issuer.clientSecret}\n`, { mode: 0o600 });
  const given = ['--oidc-issuer', issuer.url, '--oidc-client-id', issuer.clientId];
  const dataDir = ['--data-dir', join(user.home, 'center')];
  const ports = ['--port', String(port), '--coordination-port', '0'];

  const wrong: [string[], RegExp][] = [
    [['--oidc-issuer', issuer.url], /--oidc-issuer needs --oidc-client-id/],
    [['--oidc-client-id', 'ctask'], /go with --oidc-issuer/],
    [['--oidc-issuer', 'http://login.example.org', '--oidc-client-id', 'x'], /it must begin with https:\/\//],
    [[...given, '--oidc-client-secret-file', '/nope'], /\/nope.*cannot be read/],
    [[...given, '--oidc-redirect-url', 'https://x.example/'], /must end with \/auth\/oidc\/callback/],
  ];
  for (const [args, words] of wrong) {
    const { code, stderr, stdout } = await user.ctask(['center', ...dataDir, ...ports, ...args]);
    t.equal(code, 2, args.join(' '));
    t.match(stderr + stdout, words);
  }

  const center = user.start(['center', ...dataDir, ...ports, ...given, '--oidc-client-secret-file', secretFile]);
  await center.until(
    ({ stdout, stderr }) => (stdout + stderr).includes('center is ready'),
    'the center is ready',
    60_000,
  );
  const url = `http://127.0.0.1:${port}`;
  const token = readFileSync(join(user.home, 'center', 'admin.token'), 'utf8').trim();
  const subjects = [{ kind: 'Group', name: 'oidc:devs' }];
  const binding = { apiVersion: 'cloudtask.dev/v1', kind: 'ClusterRoleBinding', metadata: { name: 'devs' } };
  const applied = await fetch(`${url}/apis/cloudtask.dev/v1/apply`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ objects: [{ ...binding, spec: { role: 'viewer', subjects } }] }),
  });
  t.equal(applied.status, 200, await applied.text());

  const page = await (await startBrowser(t)).newPage();
  const link = () => page.getByRole('link', { name: `Sign in with ${new URL(issuer.url).host}` });
  const { account } = issuer;
  issuer.account = undefined;
  await page.goto(`${url}/console/runs?state=Failed`);
  await link().click();
  await page.getByRole('alert').getByText('Signing in there did not work').waitFor();
  t.equal(new URL(page.url()).origin, url);

  issuer.account = account;
  await page.goto(`${url}/console/runs?state=Failed`);
  await link().click();
  await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor();
  t.equal(page.url(), `${url}/console/runs?state=Failed`, 'where they wanted to go');
  await page.getByText('oidc-ann').first().waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
