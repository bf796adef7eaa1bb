// Packages through the API: bytes up and down, versions, and who keeps them.
import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import t from 'tap';
import { FakeClock } from '../../../base/index.js';
import { API, startApi, type TestApi } from '../../../test/support/api.js';

const PACKAGES = `${API}/namespaces/default/packages`;
const BYTES = { 'content-type': 'application/octet-stream' };

/** Looks like a tar.gz to whoever looks at the beginning. */
function file(size: number): { bytes: Buffer; hex: string; digest: string } {
  const bytes = randomBytes(size);
  bytes[0] = 0x1f;
  bytes[1] = 0x8b;
  const hex = createHash('sha256').update(bytes).digest('hex');
  return { bytes, hex, digest: `sha256:${hex}` };
}

function put(api: TestApi, hex: string, body: Uint8Array, query: string) {
  return api.request('PUT', `${PACKAGES}/tool/uploads/${hex}?${query}`, { body, headers: BYTES });
}

async function upload(api: TestApi, { bytes, hex }: ReturnType<typeof file>) {
  const { status, text } = await put(api, hex, bytes, `size=${bytes.length}`);
  if (status !== 200) throw new Error(text);
}

const packageOf = (digest: string, description?: string) => ({
  apiVersion: 'cloudtask.dev/v1',
  kind: 'Package',
  metadata: { name: 'tool', namespace: 'default' },
  spec: { digest, ...(description === undefined ? {} : { description }) },
});

t.test('an upload in pieces, and what is refused on the way', async (t) => {
  const api = await startApi(t);
  const { bytes, hex, digest } = file(5 * 1024 * 1024);
  const size = `size=${bytes.length}`;
  const half = 3_000_001;
  const place = `${PACKAGES}/tool/uploads/${hex}`;
  t.same((await api.request('GET', place)).json, { digest, bytes: 0, complete: false });
  t.same((await put(api, hex, bytes.subarray(0, half), size)).json, {
    ...{ digest, format: 'TarGz', bytes: half, complete: false },
  });
  t.equal((await api.request('GET', place)).json.bytes, half, 'one can ask where to go on');
  const early = await api.request('POST', PACKAGES, { body: packageOf(digest) });
  t.equal(early.status, 422, 'nobody refers to what is not whole');
  t.match(early.json.details.causes, [{ field: 'spec.digest', reason: 'FieldValueNotFound' }]);
  const misplaced = await put(api, hex, bytes.subarray(half), `offset=${half - 1}&${size}`);
  t.equal(misplaced.status, 409);
  t.match(misplaced.json.message, new RegExp(`${half} bytes are there`));
  const whole = await put(api, hex, bytes.subarray(half), `offset=${half}&${size}`);
  t.same(whole.json, { digest, format: 'TarGz', bytes: bytes.length, complete: true });
  t.equal((await put(api, hex, bytes.subarray(0, 10), size)).json.complete, true, 'sent again, it is there');

  const wrong = file(1000);
  const refused = await put(api, wrong.hex, bytes.subarray(0, 1000), 'size=1000');
  t.equal(refused.status, 400);
  t.match(refused.json.message, /the 1000 bytes that were sent have the digest sha256:/);
  t.equal((await api.request('GET', `${PACKAGES}/tool/uploads/${wrong.hex}`)).json.bytes, 0);
  t.equal((await put(api, wrong.hex, wrong.bytes, 'size=999')).status, 400, 'more than was said');
  t.match(
    (await put(api, wrong.hex, Buffer.from('#!/bin/sh\n'), 'size=10')).json.message,
    /a \.tar\.gz or a \.zip file/,
  );
  t.equal((await put(api, wrong.hex, wrong.bytes, '')).status, 400, 'the size is needed');
  t.equal((await put(api, wrong.hex, wrong.bytes, `size=${3 * 1024 ** 3}`)).status, 413);
  t.equal((await put(api, 'XYZ', wrong.bytes, 'size=1000')).status, 400);
  const json = await api.request('PUT', `${PACKAGES}/tool/uploads/${hex}?${size}`, { body: {} });
  t.equal(json.status, 415);
  const elsewhere = await api.request('POST', `${API}/apply`, { body: bytes.subarray(0, 10), headers: BYTES });
  t.equal(elsewhere.status, 415, 'bytes go where bytes are expected');
  const nowhere = `${API}/namespaces/nope/packages/tool/uploads/${hex}`;
  t.equal((await api.request('GET', nowhere)).status, 404);
  t.equal((await api.request('GET', place, { token: api.agentToken })).status, 403, 'agents upload nothing');
});

t.test('an upload whose connection breaks goes on with what has arrived', async (t) => {
  const api = await startApi(t);
  const { bytes, hex, digest } = file(6 * 1024 * 1024);
  const slice = 4 * 1024 * 1024;
  const stored = new Promise<void>((resolve, reject) => {
    const sending = httpRequest(`${api.url}${PACKAGES}/tool/uploads/${hex}?size=${bytes.length}`, {
      method: 'PUT',
      headers: { ...BYTES, authorization: `Bearer ${api.adminToken}`, 'content-length': bytes.length },
    });
    sending.on('error', () => undefined); // it is cut below
    sending.write(bytes.subarray(0, slice), () => {
      const look = async () => {
        const { json } = await api.request('GET', `${PACKAGES}/tool/uploads/${hex}`);
        if (json.bytes < slice) return void setImmediate(() => look().catch(reject));
        sending.destroy();
        resolve();
      };
      look().catch(reject);
    });
  });
  await stored;
  const rest = await put(api, hex, bytes.subarray(slice), `offset=${slice}&size=${bytes.length}`);
  t.same(rest.json, { digest, format: 'TarGz', bytes: bytes.length, complete: true });
});

t.test('a download, whole and in part', async (t) => {
  const api = await startApi(t);
  const uploaded = file(9 * 1024 * 1024 + 17);
  const { bytes, hex, digest } = uploaded;
  await upload(api, uploaded);
  await api.apply(packageOf(digest));
  const agent = `${API}/agents/some/packages/${hex}`;
  const get = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const response = await fetch(`${api.url}${path}`, {
      ...{ method, headers: { authorization: `Bearer ${api.agentToken}`, ...headers } },
    });
    return { response, body: Buffer.from(await response.arrayBuffer()) };
  };
  const whole = await get(agent, { accept: 'application/octet-stream' });
  t.equal(whole.response.status, 200);
  t.ok(whole.body.equals(bytes));
  t.equal(whole.response.headers.get('content-length'), String(bytes.length));
  t.equal(whole.response.headers.get('etag'), `"${digest}"`);
  t.equal(whole.response.headers.get('content-type'), 'application/octet-stream');
  const parts: [string, number, number][] = [
    ['bytes=0-0', 0, 1],
    ['bytes=5000000-', 5_000_000, bytes.length],
    ['bytes=4194303-4194305', 4_194_303, 4_194_306],
    ['bytes=-7', bytes.length - 7, bytes.length],
    [`bytes=100-${bytes.length * 2}`, 100, bytes.length],
  ];
  for (const [range, from, to] of parts) {
    const { response, body } = await get(agent, { range, 'if-range': `"${digest}"` });
    t.equal(response.status, 206, range);
    t.equal(response.headers.get('content-range'), `bytes ${from}-${to - 1}/${bytes.length}`);
    t.ok(body.equals(bytes.subarray(from, to)), range);
  }
  t.equal((await get(agent, { range: `bytes=${bytes.length}-` })).response.status, 416);
  t.equal((await get(agent, { range: 'bytes=1-', 'if-range': '"another"' })).body.length, bytes.length);
  t.equal((await get(agent, { range: 'lines=1-' })).body.length, bytes.length);
  const head = await get(agent, {}, 'HEAD');
  t.equal(head.response.headers.get('content-length'), String(bytes.length), `HEAD: ${head.response.status}`);
  const missing = await get(`${API}/agents/some/packages/${'0'.repeat(64)}`);
  t.equal(missing.response.status, 404);
  t.match(JSON.parse(missing.body.toString()), { kind: 'Status', reason: 'NotFound' });
  t.ok((await get(`${PACKAGES}/tool/content`)).body.equals(bytes));
  t.ok((await get(`${PACKAGES}/tool/content?digest=${digest}`)).body.equals(bytes));
  t.equal((await get(`${PACKAGES}/tool/content?digest=sha256:${'0'.repeat(64)}`)).response.status, 404);
  t.equal((await get(`${PACKAGES}/other/content`)).response.status, 404);
});

t.test('versions of a package', async (t) => {
  const clock = new FakeClock(Date.parse('2026-01-01T00:00:00Z'));
  const api = await startApi(t, { clock });
  const [a, b] = [file(100), file(200)];
  await upload(api, a);
  await upload(api, b);
  const versions = async () => (await api.request('GET', `${PACKAGES}/tool`)).json.status.versions;
  await api.apply(packageOf(a.digest));
  const first = {
    ...{ version: 1, digest: a.digest, bytes: 100, format: 'TarGz', author: 'admin' },
    ...{ time: '2026-01-01T00:00:00.000Z', currentTime: '2026-01-01T00:00:00.000Z' },
  };
  t.match(await versions(), [{ ...first, time: String, currentTime: String }]);
  await api.apply(packageOf(a.digest, 'the same bytes'));
  t.equal((await versions()).length, 1, 'another description is no version');
  await clock.advance(60_000);
  await api.apply(packageOf(b.digest));
  t.same(
    (await versions()).map(({ version }: { version: number }) => version),
    [2, 1],
  );
  await clock.advance(60_000);
  await api.apply(packageOf(a.digest));
  const back = await versions();
  t.same(
    back.map(({ version }: { version: number }) => version),
    [2, 1],
    'to go back makes no version',
  );
  t.ok(back[1].currentTime > back[0].currentTime);
  t.equal(
    (
      await api.request('PATCH', `${PACKAGES}/tool`, {
        body: { spec: { digest: `sha256:${'0'.repeat(64)}` } },
        headers: { 'content-type': 'application/merge-patch+json' },
      })
    ).status,
    422,
  );
  const table = await api.request('GET', PACKAGES, {
    headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
  });
  t.same(table.json.rows[0].cells.slice(0, 4), ['tool', '1', a.hex.slice(0, 12), '100 B']);
  t.equal((await api.request('DELETE', `${PACKAGES}/tool`)).status, 200);
});
