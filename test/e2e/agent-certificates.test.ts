// Agents join a center by certificates, as people type it; and what somebody gets who has stolen a part of that.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import t from 'tap';
import { certificateRequest } from '../../agent/join/certificate-request.js';
import { silentLogger, systemClock } from '../../base/index.js';
import { ServerTls } from '../../center/auth/index.js';
import type { Agent, Run, Task } from '../../manifests/index.js';
import { TlsWorld } from '../support/tls-world.js';

const DAY_MS = 86_400_000;

const manifest = (name: string, who: string) => `apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: ${name}}
spec:
  run: {command: ["/bin/sh", "-c", "echo ${name} has run"]}
  placement: {selector: {matchLabels: {who: ${who}}}}
`;

/** Kinds of TLS records. */
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;

/** A port that leads to another one; `kinds` are those of the TLS records that came in by it. */
async function recordTo(port: number) {
  const sent: Buffer[][] = [];
  const server = createTcpServer((client) => {
    const bytes: Buffer[] = [];
    sent.push(bytes);
    const upstream = connect(port, '127.0.0.1');
    client.on('data', (chunk) => bytes.push(chunk));
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const kinds = () =>
    sent.flatMap((bytes) => {
      const all = Buffer.concat(bytes);
      const found: number[] = [];
      for (let at = 0; at + 5 <= all.length; at += 5 + all.readUInt16BE(at + 3)) found.push(all[at]!);
      return found;
    });
  return { server, port: (server.address() as AddressInfo).port, kinds };
}

t.test('agents with certificates', { timeout: 300_000 }, async (t) => {
  const world = await TlsWorld.start(t);
  const { user } = world;
  const made = await user.ctask(['create', 'token', '--agent']);
  const token = made.stdout.trim();
  t.match(made.stderr.split('\n').slice(1), [
    `to join with it: ctask agent --center ${world.url} --zookeeper ${world.zookeeper} --join TOKEN`,
    'on another machine --center and --zookeeper must say other addresses, which can be reached from there',
  ]);
  const tokens = await user.json<{ items: { metadata: { name: string }; spec: object }[] }>(['get', 'tokens']);
  t.match(tokens.items[0]?.spec, { owner: { kind: 'Agents', name: 'default' }, uses: 1, createdBy: 'admin' });
  t.notMatch(readFileSync(join(world.dataDir, 'store.db'), 'latin1'), token.split('.')[2]!, 'its hash alone is stored');

  let a = await world.agent('a', ['--labels', 'who=a', '--join', token]);
  await world.agent('b', ['--labels', 'who=b', '--join', await world.joinToken()]);
  const task = async (name: string, who: string) => {
    await user.ok(['apply', '-f', '-'], { input: manifest(name, who) });
    return user.json<Task>(['get', 'task', name]);
  };
  const ofA = await task('of-a', 'a');
  await task('of-b', 'b');

  await t.test('an agent joins, runs what it is given, and its key is its own', async (t) => {
    t.match(await user.ok(['run', 'of-a', '-f']), /of-a has run/);
    t.match(await user.ok(['run', 'of-b', '-f']), /of-b has run/);
    const file = join(world.agentDir('a'), 'tls', 'agent.pem');
    t.equal(statSync(file).mode & 0o777, 0o600);
    const certificate = new X509Certificate(world.credentials('a').cert);
    t.match(certificate.subject, /^O=cloudtask:agents\nCN=a\nserialNumber=/);
    const days = (Date.parse(certificate.validTo) - Date.now()) / DAY_MS;
    t.ok(days > 59 && days < 61, `${days} days`);
    t.notOk(existsSync(join(world.agentDir('a'), 'tls', 'joining.key')));
    const admin = readFileSync(join(world.dataDir, 'admin.token'), 'utf8').trim();
    const { text } = await world.ask('GET', 'auditentries?verb=join', { token: admin });
    t.match(text, /"user":"agent:a"/, 'the audit tells of it');
  });

  await t.test('it starts again without a token', async (t) => {
    await a.end();
    a = await world.agent('a', ['--labels', 'who=a']);
    t.match(await user.ok(['run', 'of-a', '-f']), /of-a has run/);
  });

  await t.test('a token that was used up is of no use to others', async (t) => {
    const thief = await world.startAgent('thief', ['--join', token]).done;
    t.not(thief.code, 0);
    t.match(thief.stderr, /join token has been used up\nhint: make another: ctask create token --agent\n/);
    const cut = await world.startAgent('thief', ['--join', token.slice(0, 40)]).done;
    t.match(cut, { code: 2, stderr: /the join token is cut off or changed/ });
    t.notMatch(thief.stderr, /\n\s+at /);
    t.notOk(existsSync(join(world.agentDir('thief'), 'tls', 'agent.pem')));
    await t.rejects(user.ok(['get', 'agent', 'thief']));
    t.equal(
      (await world.ask('GET', 'namespaces/default/tasks', { token })).status,
      401,
      'nor is it a token of requests',
    );
    const credential = token.split('.')[2]!;
    t.equal((await world.ask('GET', 'namespaces/default/tasks', { token: credential })).status, 401);
  });

  await t.test('a good token does not make one agent another', async (t) => {
    const good = await world.joinToken('--uses', '2');
    const dir = join(user.home, 'elsewhere');
    const thief = await world.startAgent('a', ['--join', good], dir).done;
    t.not(thief.code, 0);
    t.match(thief.stderr, /agent "a" has joined already/);
    const other = await world.startAgent('c', ['--cluster', 'eu', '--join', good]).done;
    t.match(other.stderr, /for agents of cluster "default"/);
    const gone = (await user.json<{ items: { metadata: { name: string } }[] }>(['get', 'tokens'])).items;
    for (const { metadata } of gone) await user.ok(['delete', 'token', metadata.name]);
    t.match((await world.startAgent('c', ['--join', good]).done).stderr, /join token is not valid/);
  });

  await t.test('to a center with another authority nothing is sent', async (t) => {
    const options = { names: [], agentCertificateMs: DAY_MS };
    const where = { dataDir: join(user.home, 'other'), host: '127.0.0.1', mayMake: true };
    const other = await ServerTls.open({ authority: options }, { ...where, clock: systemClock, log: silentLogger });
    // Of TLS 1.2 the kind of each record can be read on the wire.
    const server = createServer({ ...other.options, maxVersion: 'TLSv1.2' }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const wire = await recordTo((server.address() as AddressInfo).port);
    t.teardown(() => {
      wire.server.close();
      server.close();
    });
    const url = `https://127.0.0.1:${wire.port}`;
    const fresh = await world.joinToken();
    const agent = user.start([
      ...['agent', '--name', 'd', '--data-dir', world.agentDir('d'), '--center', url],
      ...['--zookeeper', world.zookeeper, '--join', fresh],
    ]);
    const { code, stderr } = await agent.done;
    t.not(code, 0);
    t.match(stderr, /not the center that the join token is of/);
    t.ok(wire.kinds().includes(HANDSHAKE), 'the handshake took place');
    t.notOk(wire.kinds().includes(APPLICATION_DATA), 'and nothing else');
    const { key } = world.credentials('a');
    const request = await certificateRequest(createPrivateKey(key));
    const foreign = await other.authority!.issueAgent(request, { name: 'a', identity: 'x' }, DAY_MS);
    const answer = await world.ask('GET', 'agents/a/requests', { cert: foreign.certificate, key });
    t.equal(answer.status, 401, 'and a certificate of another authority is none');
    t.match(answer.text, /certificate is not accepted/);
  });

  await t.test('an agent is itself and nobody else, and reads what it was given', async (t) => {
    const b = world.credentials('b');
    const runs = await user.json<{ items: Run[] }>(['get', 'runs']);
    const run = runs.items.find(({ spec }) => spec.task === 'of-a')!;
    const heartbeat = { cluster: 'default', labels: {} };
    t.equal((await world.ask('PUT', 'agents/a/status', b, heartbeat)).status, 403);
    t.equal((await world.ask('GET', 'agents/a/requests', b)).status, 403);
    t.equal((await world.ask('POST', 'agents/a/reports', b, { reports: [] })).status, 403);
    t.equal((await world.ask('POST', 'agents/a/tasks', b, { uids: [] })).status, 403);
    t.equal((await world.ask('POST', 'agents/a/secrets', b, { uids: [] })).status, 403);
    t.equal((await world.ask('POST', 'agents/a/certificate', b, { request: '' })).status, 403);
    t.equal((await world.ask('GET', `agents/a/packages/${'0'.repeat(64)}`, b)).status, 403);
    for (const path of [
      'namespaces/default/runs',
      'namespaces/default/tasks',
      'agents',
      'agents/a',
      'users',
      'secrets',
    ]) {
      t.equal((await world.ask('GET', path, b)).status, 403, path);
    }
    t.equal((await world.ask('GET', `namespaces/default/runs/${run.metadata.name}/log`, b)).status, 403);
    t.equal((await world.ask('POST', 'tokens', b, { owner: { kind: 'Agents', name: 'default' } })).status, 403);
    t.equal((await world.ask('PUT', 'agents/b/status', b, { ...heartbeat, cluster: 'eu' })).status, 403);
    const uids = [ofA.metadata.uid!];
    t.same((await world.ask('POST', 'agents/b/tasks', b, { uids })).json, { items: [] });
    t.same((await world.ask('POST', 'agents/b/secrets', b, { uids })).json, { secrets: [] });
    t.equal((await world.ask('POST', 'agents/a/tasks', world.credentials('a'), { uids })).json.items.length, 1);
    const { uid, name } = run.metadata;
    const report = {
      ...{ uid, name, namespace: 'default', task: 'of-a', taskUid: run.spec.taskUid, slot: '', revision: 1 },
      ...{ trigger: 'Manual', scheduledTime: null, state: 'Failed', attempt: 1, attempts: [] },
    };
    const said = await world.ask('POST', 'agents/b/reports', b, { reports: [report] });
    t.match(said.json, { accepted: [], refused: [{ uid, reason: /has not been given the task/ }] });
    const after = await user.json<Run>(['get', 'run', name]);
    t.equal(after.status?.state, 'Succeeded');
    t.equal(after.metadata.resourceVersion, run.metadata.resourceVersion);
  });

  await t.test('the token that all agents share is refused', async (t) => {
    const shared = readFileSync(join(world.dataDir, 'agent.token'), 'utf8').trim();
    const answer = await world.ask('PUT', 'agents/a/status', { token: shared }, { cluster: 'default', labels: {} });
    t.equal(answer.status, 401);
    t.match(answer.text, /by their certificates/);
  });

  await t.test('an agent that is deleted is out at once, and may join again', async (t) => {
    const b = world.credentials('b');
    let opened: () => void = () => undefined;
    const open = new Promise<void>((resolve) => {
      opened = resolve;
    });
    const stream = world.ask('GET', 'agents/b/requests', b, undefined, () => opened());
    await open;
    await user.ok(['delete', 'agent', 'b']);
    t.equal((await stream).status, 200, 'an open answer ends');
    const answer = await world.ask('PUT', 'agents/b/status', b, { cluster: 'default', labels: {} });
    t.equal(answer.status, 401);
    t.match(answer.text, /out of force/);
    const dir = join(user.home, 'b-again');
    world.startAgent('b', ['--labels', 'who=b', '--join', await world.joinToken()], dir);
    await user.eventually<{ items: Agent[] }>(['get', 'agents'], ({ items }) =>
      items.some(({ metadata }) => metadata.name === 'b'),
    );
    t.equal(
      (await world.ask('GET', 'agents/b/requests', b)).status,
      401,
      'the certificate before that stays out of force',
    );
  });
});

t.test('certificates are renewed while they are good', { timeout: 180_000 }, async (t) => {
  const world = await TlsWorld.start(t, ['--agent-certificate-lifetime', '20s']);
  const { user } = world;
  const agent = await world.agent('a', ['--join', await world.joinToken()]);
  const first = world.credentials('a');
  const renewals = (times: number) =>
    agent.until(
      ({ stdout, stderr }) => `${stdout}${stderr}`.split('the certificate was renewed').length > times,
      `${times} renewals`,
      60_000,
    );
  await renewals(2);
  const now = world.credentials('a');
  t.not(now.cert, first.cert);
  t.not(now.key, first.key);
  await user.ok(['apply', '-f', '-'], {
    input: 'apiVersion: cloudtask.dev/v1\nkind: Task\nmetadata: {name: x}\nspec: {run: {command: [echo, fine]}}\n',
  });
  t.match(await user.ok(['run', 'x', '-f']), /fine/);
  t.ok(Date.parse(new X509Certificate(first.cert).validTo) < Date.now());
  const late = await world.ask('GET', 'agents/a/requests', first);
  t.equal(late.status, 401, 'one that has expired is refused');
  await agent.end();
  writeFileSync(join(world.agentDir('a'), 'tls', 'agent.pem'), `${first.key}${first.cert}`, { mode: 0o600 });
  const { code, stderr } = await world.startAgent('a').done;
  t.not(code, 0);
  t.match(stderr, /certificate of this agent expired/);
});
