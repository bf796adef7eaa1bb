// What join tokens are good for, and what an agent with a certificate may see and say, asked of the API itself.
import { createHash, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { certificateRequest } from '../../agent/join/certificate-request.js';
import { FakeClock } from '../../base/index.js';
import {
  encodeLogChunks,
  LOG_CHUNKS_TYPE,
  type LogChunkHeader,
  parseJoinToken,
  type Run,
} from '../../manifests/index.js';
import { reportOf, startApi, taskManifest } from '../../test/support/api.js';
import { askTls, type Shown } from '../../test/support/tls-ask.js';

const HOUR_MS = 3_600_000;
const AGENTS = { kind: 'Agents', name: 'default' };

const newKey = (namedCurve = 'prime256v1') =>
  generateKeyPairSync('ec', { namedCurve }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

async function start(t: Test) {
  // Certificates are judged by the clock of the machine.
  const clock = new FakeClock(Date.now());
  const dataDir = t.testdir();
  /** uids of tasks by agent; undefined: ZooKeeper is away. */
  const allocations: { now: Readonly<Record<string, readonly string[]>> | undefined } = { now: {} };
  const allocated = async (agent: string) => allocations.now && (allocations.now[agent] ?? []);
  const { store, url, adminToken, agentToken } = await startApi(t, { clock, dataDir, tls: { allocated } });
  const caFile = join(dataDir, 'tls', 'ca.crt');
  const admin = { token: adminToken };
  const ask = (
    method: string,
    path: string,
    shown: Shown,
    body?: unknown,
    extra: { type?: string; opened?: (response: IncomingMessage) => void } = {},
  ) => askTls({ url, caFile, method, path, shown, body, ...extra });
  const apply = async (...objects: object[]) => {
    const { status, json, text } = await ask('POST', 'apply', admin, { objects });
    if (status !== 200) throw new Error(text);
    return json.results.map((result: { object: object }) => result.object);
  };
  const token = async (extra: object = {}) => {
    const { status, json, text } = await ask('POST', 'tokens', admin, { owner: AGENTS, ...extra });
    if (status !== 201) throw new Error(text);
    return parseJoinToken(json.token)!;
  };
  const joinBody = async (credential: string, key: string, cluster = 'default') => ({
    ...{ token: credential, cluster },
    request: await certificateRequest(createPrivateKey(key)),
  });
  const joinAs = async (name: string, credential: string, key = newKey(), cluster = 'default') => {
    const answer = await ask('POST', `agents/${name}/join`, {}, await joinBody(credential, key, cluster));
    return { ...answer, shown: { key, cert: answer.json?.certificate as string } };
  };
  const agent = async (name: string) => (await joinAs(name, (await token()).credential)).shown;
  return { clock, store, allocations, admin, agentToken, ask, apply, token, joinAs, agent };
}

t.test('a join token ends, is counted, and is nothing else', async (t) => {
  const { clock, ask, admin, token, joinAs } = await start(t);
  const short = await token({ expires: '10m' });
  await clock.advance(HOUR_MS / 6);
  const late = await joinAs('a', short.credential);
  t.match([late.status, late.text], [401, /has expired/]);
  t.equal((await ask('GET', 'agents/a', admin)).status, 404, 'nothing is left of it');

  const two = await token({ uses: 2 });
  const key = newKey();
  const first = await joinAs('a', two.credential, key);
  const again = await joinAs('a', two.credential, key);
  t.equal(again.status, 200, 'the answer was lost: the same key may ask again');
  t.not(again.shown.cert, first.shown.cert);
  t.match((await joinAs('a', two.credential)).text, /has joined already/);
  t.equal((await joinAs('b', two.credential)).status, 200);
  t.match((await joinAs('c', two.credential)).text, /has been used up/);
  t.equal((await joinAs('a', two.credential, key)).status, 200, 'also when it is used up');
  t.equal((await ask('GET', 'agents/a', admin)).status, 200);

  const [id, secret] = two.credential.split('.');
  t.equal((await joinAs('d', `other-1a2b3c4d.${secret}`)).status, 401);
  t.equal((await joinAs('d', `${id}.${'x'.repeat(43)}`)).status, 401);
  t.equal((await joinAs('d', '')).status, 401);
  t.equal((await ask('DELETE', `tokens/${id}`, admin)).status, 200);
  t.equal((await joinAs('a', two.credential, key)).status, 401, 'and no more when it is deleted');
});

t.test('a request that is not signed by a key on P-256 uses nothing up', async (t) => {
  const { ask, token, joinAs } = await start(t);
  const { credential } = await token();
  const good = await certificateRequest(createPrivateKey(newKey()));
  const damaged = good.replace(/.{8}(?=\n-----END)/, 'AAAAAAA=');
  for (const request of ['', 'x', good.replace('CERTIFICATE REQUEST', 'CERTIFICATE'), damaged]) {
    const { status } = await ask('POST', 'agents/a/join', {}, { token: credential, cluster: 'default', request });
    t.equal(status, 400, request.slice(0, 40));
  }
  t.equal((await joinAs('a', credential, newKey('secp384r1'))).status, 400);
  t.equal((await ask('POST', 'agents/a/join', {}, { token: credential })).status, 400);
  t.equal(
    (await ask('POST', 'agents/A%2Fb/join', {}, { token: credential, cluster: 'default', request: good })).status,
    400,
  );
  t.equal((await joinAs('a', credential)).status, 200);
});

t.test('who makes join tokens, and which', async (t) => {
  const { ask, admin } = await start(t);
  const make = (shown: Shown, extra: object = {}) => ask('POST', 'tokens', shown, { owner: AGENTS, ...extra });
  for (const extra of [
    { uses: 0 },
    { uses: 1.5 },
    { uses: 1001 },
    { expires: '25h' },
    { expires: '0s' },
    { scope: { role: 'viewer' } },
  ]) {
    t.equal((await make(admin, extra)).status, 400, JSON.stringify(extra));
  }
  t.equal((await make(admin, { owner: { kind: 'Agents', name: 'a/b' } })).status, 400);
  for (const role of ['viewer', 'operator', 'editor']) {
    await ask('POST', 'apply', admin, {
      objects: [
        { apiVersion: 'cloudtask.dev/v1', kind: 'User', metadata: { name: role }, spec: {} },
        {
          ...{ apiVersion: 'cloudtask.dev/v1', kind: 'ClusterRoleBinding', metadata: { name: role } },
          spec: { role, subjects: [{ kind: 'User', name: role }] },
        },
      ],
    });
    const { json } = await ask('POST', 'tokens', admin, { owner: { kind: 'User', name: role } });
    t.equal((await make({ token: json.token })).status, 403, role);
  }
  t.equal((await make({})).status, 401);
});

t.test('a certificate is of one agent, whatever else is sent', async (t) => {
  const { ask, admin, agentToken, agent, store } = await start(t);
  const a = await agent('a');
  t.equal((await ask('GET', 'users', admin)).status, 200);
  t.equal((await ask('GET', 'users', { ...a, ...admin })).status, 403);
  t.equal((await ask('PUT', 'agents/a/status', a, { cluster: 'default', labels: {} })).status, 200);
  t.equal((await ask('PUT', 'agents/a/status', { token: agentToken }, { cluster: 'default', labels: {} })).status, 401);
  const request = await certificateRequest(createPrivateKey(newKey()));
  t.equal((await ask('POST', 'agents/a/certificate', a, { request })).status, 200);
  t.equal((await ask('POST', 'agents/a/certificate', admin, { request })).status, 403, 'not even an administrator');
  await store.delete({ kind: 'Agent', namespace: '', name: 'a' }, { user: 'admin' });
  t.equal((await ask('POST', 'agents/a/certificate', a, { request })).status, 401);
});

t.test('an agent reads what it is allocated, and what that names', async (t) => {
  const { ask, apply, agent, allocations, admin } = await start(t);
  const [a, b] = [await agent('a'), await agent('b')];
  const secret = (name: string, value: string) => ({
    ...{ apiVersion: 'cloudtask.dev/v1', kind: 'Secret', metadata: { name, namespace: 'default' } },
    spec: { stringData: { value } },
  });
  const env = (name: string) => [{ name: 'X', valueFrom: { secret: name, key: 'value' } }];
  const [one, two] = await apply(
    taskManifest('one', { spec: { run: { command: ['true'], env: env('for-a') } } }),
    taskManifest('two', { spec: { run: { command: ['true'], env: env('for-b') } } }),
    ...[secret('for-a', 'a1'), secret('for-b', 'b1')],
  );
  const uids = [one.metadata.uid, two.metadata.uid];
  allocations.now = { a: [uids[0]], b: [uids[1]] };
  const names = async (agentName: string, shown: Shown) =>
    (await ask('POST', `agents/${agentName}/tasks`, shown, { uids })).json.items.map(
      ({ metadata }: { metadata: { name: string } }) => metadata.name,
    );
  t.same(await names('a', a), ['one']);
  t.same(await names('b', b), ['two']);
  t.match((await ask('POST', 'agents/a/secrets', a, { uids })).json.secrets, [
    { name: 'for-a', data: { value: 'a1' } },
  ]);

  let lines = '';
  let opened: () => void = () => undefined;
  const open = new Promise<void>((resolve) => {
    opened = resolve;
  });
  const told = new Promise<void>((resolve) => {
    void ask('GET', 'agents/a/requests', a, undefined, {
      opened: (response) => {
        opened();
        response.on('data', (chunk: Buffer) => {
          lines += chunk.toString();
          if (!lines.includes('for-a')) return;
          resolve();
          response.destroy();
        });
      },
    }).catch(() => undefined);
  });
  await open;
  await apply(secret('for-b', 'b2'));
  await apply(secret('for-a', 'a2'));
  await told;
  t.notMatch(lines, /for-b/, 'of changes of secrets too');

  const bytes = Buffer.from('echo hello\n');
  const hex = createHash('sha256').update(bytes).digest('hex');
  t.equal((await ask('GET', `agents/a/packages/${hex}`, a)).status, 403, 'nor a package that no task of it names');

  allocations.now = undefined;
  t.same((await ask('POST', 'agents/a/tasks', a, { uids: [uids[0]] })).json.items.length, 1, 'what it had it has');
  t.equal((await ask('POST', 'agents/a/tasks', a, { uids })).status, 503, 'of others nobody can tell now');
  allocations.now = { b: uids };
  t.same(await names('a', a), [], 'and what was moved it reads no more');
  t.equal((await ask('GET', 'agents/a', admin)).status, 200);
});

t.test('an agent reports and logs runs of tasks that it was given, and no others', async (t) => {
  const { ask, apply, agent, allocations, store } = await start(t);
  const [a, b] = [await agent('a'), await agent('b')];
  const [one, two] = await apply(taskManifest('one'), taskManifest('two'));
  const uids = [one.metadata.uid, two.metadata.uid];
  allocations.now = { a: [uids[0]], b: [uids[1]] };
  const point = Date.UTC(2026, 0, 1);
  const by = (name: string) => ({ attempts: [{ number: 1, state: 'Running', agent: name }] }) as const;
  const ofA = reportOf(one, point, by('a'));
  const ofB = reportOf(two, point, by('b'));
  const report = async (name: string, shown: Shown, ...reports: object[]) =>
    (await ask('POST', `agents/${name}/reports`, shown, { reports })).json;
  t.match(await report('a', a, ofA), { accepted: [ofA.uid], refused: [] });
  t.match(await report('b', b, ofB), { accepted: [ofB.uid], refused: [] });
  t.match(await report('a', a, { ...ofB, state: 'Failed' }), { accepted: [], refused: [{ uid: ofB.uid }] });
  t.match(await report('a', a, reportOf(two, point + 5000)), { accepted: [], refused: [{}] }, 'of no time point of it');
  const disguised = { ...ofB, state: 'Failed', taskUid: uids[0] };
  t.match(await report('a', a, disguised), { accepted: [], refused: [{}] }, 'nor as if it were of its own task');

  const send = (name: string, shown: Shown, header: Partial<LogChunkHeader>, text = 'x') => {
    const whole = { runUid: ofA.uid, attempt: 1, stream: 'stdout', streamOffset: 0, time: point, ...header };
    const body = encodeLogChunks([{ header: whole as LogChunkHeader, payload: Buffer.from(text) }]);
    return ask('POST', `agents/${name}/logs`, shown, body, { type: LOG_CHUNKS_TYPE });
  };
  t.equal((await send('a', a, { taskUid: uids[0] })).json.positions[0].stdout, 1);
  t.equal((await send('b', b, { taskUid: uids[0] })).status, 403);
  t.equal((await send('b', b, { taskUid: uids[1] })).status, 403, 'whatever task it names');
  const unknown = await send('b', b, { runUid: 'nobody-knows', taskUid: uids[0] }, 'abc');
  t.match(unknown.json, { positions: [{ runUid: 'nobody-knows', stdout: 3 }] }, 'what nobody can read is not kept');
  t.equal((await store.readLog('nobody-knows', 1, 0, 100)).pieces.length, 0);

  allocations.now = { b: uids };
  const end = { ...ofA, state: 'Succeeded' };
  t.match(await report('a', a, end), { accepted: [ofA.uid] }, 'what it did before the task moved is heard');
  t.equal((await store.listByUid<Run>('Run', [ofA.uid]))[0]?.status?.state, 'Succeeded');
});
