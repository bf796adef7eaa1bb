// The console as files: to whom, under which policy, and how they are kept.
import { connect } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { startApi, type TestApi } from '../../test/support/api.js';

const INDEX = '<!doctype html><title>console</title>';
const SCRIPT = `console.log(${JSON.stringify('x'.repeat(3000))})`;

const built = {
  'index.html': INDEX,
  assets: { 'index-abc123.js': SCRIPT, 'index-abc123.js.gz': gzipSync(SCRIPT), 'notes.exe': 'no' },
};

t.test('the files need no token, and all pages are one file', async (t) => {
  const api = await startWithConsole(t);
  for (const path of ['/console/', '/console/tasks/billing/nightly.report', '/console/runs?state=Failed']) {
    const answer = await fetch(`${api.url}${path}`);
    t.equal(answer.status, 200, path);
    t.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8');
    t.equal(answer.headers.get('cache-control'), 'no-cache', 'asked for each time');
    t.equal(await answer.text(), INDEX);
  }
  t.equal((await api.request('GET', '/apis/cloudtask.dev/v1/tasks', { token: null })).status, 401, 'data do need one');
});

t.test('a browser is led to it', async (t) => {
  const api = await startWithConsole(t);
  for (const path of ['/', '/console']) {
    const answer = await fetch(`${api.url}${path}`, { redirect: 'manual' });
    t.equal(answer.status, 302);
    t.equal(answer.headers.get('location'), '/console/');
  }
});

t.test('nothing but the own files may run, style or be asked', async (t) => {
  const api = await startWithConsole(t);
  for (const path of ['/console/', '/console/assets/index-abc123.js']) {
    const { headers } = await fetch(`${api.url}${path}`);
    const policy = headers.get('content-security-policy') ?? '';
    for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"]) {
      t.ok(policy.split('; ').includes(part), `${path}: ${part}`);
    }
    t.notMatch(policy, /unsafe|https?:|\*/);
    t.equal(headers.get('x-content-type-options'), 'nosniff');
  }
});

t.test('what is named after its contents is kept for good, compressed for who can read it', async (t) => {
  const api = await startWithConsole(t);
  const url = `${api.url}/console/assets/index-abc123.js`;
  const small = await fetch(url, { headers: { 'accept-encoding': 'gzip, br' } });
  t.equal(small.headers.get('content-encoding'), 'gzip', 'there is no other form');
  t.equal(small.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  t.equal(await small.text(), SCRIPT);
  const plain = await fetch(url, { headers: { 'accept-encoding': 'identity' } });
  t.equal(plain.headers.get('content-encoding'), null);
  t.equal(await plain.text(), SCRIPT);
  const again = await fetch(url, { headers: { 'if-none-match': plain.headers.get('etag')! } });
  t.equal(again.status, 304);
});

t.test('nothing else of the disk is a file of the console', async (t) => {
  const api = await startWithConsole(t);
  const { port } = new URL(api.url);
  const missing = ['assets/gone-1.js', 'assets/notes.exe', 'assets/', 'favicon.svg', 'assets/index-abc123.js.gz'];
  for (const path of missing) {
    const { status, json } = await api.request('GET', `/console/${path}`, { token: null });
    t.match({ status, json }, { status: 404, json: { kind: 'Status', reason: 'NotFound' } }, path);
  }
  for (const path of ['../../../../etc/passwd', '..%2f..%2f..%2fetc%2fpasswd', 'assets/../../store.db']) {
    const text = await rawGet(Number(port), `/console/${path}`);
    t.notMatch(text, /root:|SQLite/, path);
  }
});

t.test('without a console that was built there is none', async (t) => {
  const api = await startApi(t);
  const { status, json } = await api.request('GET', '/console/', { token: null });
  t.match({ status, json }, { status: 404, json: { kind: 'Status', message: /console/ } });
});

function startWithConsole(t: Test): Promise<TestApi> {
  const dataDir = t.testdir({ console: built });
  return startApi(t, { dataDir, consoleDir: join(dataDir, 'console') });
}

/** As it is: fetch would tidy the path up. */
function rawGet(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`),
    );
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}
