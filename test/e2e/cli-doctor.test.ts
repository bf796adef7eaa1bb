// ctask doctor: over a whole installation with TLS, and where a part of it is away or will not have it.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import type { Check } from '../../cli/commands/doctor/check.js';
import type { Examination } from '../../cli/commands/doctor/examine.js';
import type { Task } from '../../manifests/index.js';
import { certificate, noCertificates } from '../support/certificates.js';
import { startCliWorld } from '../support/cli-world.js';
import { TlsWorld } from '../support/tls-world.js';

type Told = Omit<Examination, 'centers'>;

const told = ({ stdout }: { stdout: string }) => JSON.parse(stdout) as Told;
const find = ({ checks }: Told, group: string, name: string | RegExp): Check | undefined =>
  checks.find(
    (check) => check.group === group && (name instanceof RegExp ? name.test(check.name) : check.name === name),
  );
const notOk = ({ checks }: Told) =>
  checks.filter(({ verdict }) => verdict !== 'ok').map(({ group, name, verdict }) => `${group} ${name} ${verdict}`);

const TASK = `apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: hello}
spec: {schedules: [{every: 1h}], run: {command: ["true"]}}
`;

t.test('a whole installation', { timeout: 180_000 }, async (t) => {
  const world = await TlsWorld.start(t);
  const { user } = world;
  await user.ok(['apply', '-f', '-'], { input: TASK });
  const alone = told(await user.ctask(['doctor', '-o', 'json']));
  t.match(find(alone, 'Agents', 'registered'), { verdict: 'unknown' });
  const join = await world.joinToken();
  const agent = await world.agent('eu-1', ['--join', join]);
  await user.eventually<Task>(['get', 'task', 'hello'], ({ status }) => status?.state === 'Active');

  const outcome = await user.ctask(['doctor', '-o', 'json']);
  const all = told(outcome);
  t.same(notOk(all), [], outcome.stdout);
  t.equal(outcome.code, 0);
  t.match(all, { kind: 'Examination', summary: { fail: 0, warn: 0, unknown: 0 }, client: { version: String } });
  t.match(find(all, 'Connection', / certificate$/)?.message, /^it is trusted until 20/);
  t.match(find(all, 'Connection', / authority$/)?.message, /^it is trusted until 20/);
  t.match(find(all, 'Connection', / ready$/)?.message, 'store and coordination are at hand');
  t.match(find(all, 'Access', / token$/)?.message, /knows this user as "admin"/);
  t.match(find(all, 'Clocks', 'coordination')?.message, 'the center and coordination agree to the second');
  t.match(find(all, 'Store', 'size')?.message, /1 task, \d+ runs? /);
  t.match(find(all, 'Store', 'agent certificates')?.message, /^1 agent /);
  t.match(find(all, 'Coordination', 'leader')?.message, / leads; no other center stands by$/);
  t.match(find(all, 'Drift', 'slots')?.message, '1 slot: status, records and lists agree');
  t.match(find(all, 'Agents', 'cluster default')?.message, '1 of 1 agent ready');
  const text = await user.ok(['doctor']);
  t.match(text, /^Connection\n {2}ok {7}https:\S+ name +127\.0\.0\.1 is an address\n/);
  t.match(text, /\n\d+ ok, 0 warnings, 0 failures, 0 unknown\n$/);

  const beside = ['doctor', '-o', 'json', '--zookeeper', world.zookeeper, '--store', world.dataDir];
  const here = await user.ctask(beside);
  t.same(notOk(told(here)), [], here.stdout);
  t.match(here, { code: 0, stderr: '' });
  t.same([...new Set(told(here).checks.map(({ group }) => group))], ['Store', 'Coordination']);
  t.match(find(told(here), 'Store', 'size')?.message, /: 1 task, \d+ runs? \(/);
  t.match(find(told(here), 'Store', 'integrity of state'), { verdict: 'ok' });
  t.match(find(told(here), 'Coordination', 'leader')?.message, / leads; no other center stands by$/);
  t.match(find(told(here), 'Coordination', 'access')?.message, /^nobody but the installation may change/);
  const registered = '2 sessions of the installation: 1 agent (eu-1), 1 center';
  t.equal(find(told(here), 'Coordination', 'registered')?.message, registered);
  t.equal(find(told(here), 'Coordination', 'store')?.message, 'it belongs to the store');
  const closed = told(await user.ctask(['doctor', '-o', 'json', '--zookeeper', world.zookeeper]));
  t.match(find(closed, 'Coordination', 'root'), { verdict: 'fail', todo: /--coordination-secret-file/ });
  const secret = ['--coordination-secret-file', `${world.dataDir}/coordination.secret`];
  const elsewhere = told(await user.ctask([...beside.slice(0, 5), ...secret, '--root', '/other']));
  t.match(find(elsewhere, 'Coordination', 'root'), {
    verdict: 'fail',
    message: /^there is no \/other/,
    todo: /--root/,
  });
  t.match(await user.ctask(['doctor', '--zookeeper', 'a:b']), {
    code: 2,
    stderr: /--zookeeper: not a server address: a:b/,
  });

  await agent.end('SIGKILL');
  await user.eventually<Task>(['get', 'task', 'hello'], ({ status }) => status?.state === 'Unallocated');
  const without = await user.ctask(['doctor', '-q', '-o', 'json']);
  t.equal(without.code, 1, 'a cluster with tasks and without agents fails');
  t.match(find(told(without), 'Agents', 'cluster default'), { verdict: 'fail', message: /^0 of 1 agent ready/ });
  t.match(find(told(without), 'Tasks', 'agents'), { verdict: 'warn', message: /default\/hello/, todo: /ctask why/ });
  t.same(
    told(without).checks.filter(({ verdict }) => verdict === 'ok'),
    [],
    '-q leaves out what is well',
  );

  const distrusting = { env: { CTASK_CACERT: '' } };
  const distrusted = await user.ctask(['doctor', '-o', 'json'], distrusting);
  t.match(find(told(distrusted), 'Connection', / certificate$/), { verdict: 'fail', todo: /--certificate-authority/ });
  t.equal(distrusted.code, 1);
  await world.center.end();
  const down = await user.ctask(['doctor']);
  t.equal(down.code, 1);
  t.match(down.stdout, /\n {2}fail {5}https:\S+ port {2}no connection to port \d+: ECONNREFUSED\n +→ see whether /);
  t.match(down.stdout, /\nStore\n {2}unknown {2}inside +no center could be asked\n/);
  t.equal(down.stderr, '');
  const left = await user.ctask(beside);
  t.equal(left.code, 1);
  const port = `server ${world.zookeeper}`;
  t.match(find(told(left), 'Coordination', port), { verdict: 'fail', message: 'no connection: ECONNREFUSED' });
  t.match(find(told(left), 'Store', 'integrity of state'), { verdict: 'ok' }, 'the store is there all the same');
  const nowhere = told(await user.ctask(['doctor', '-o', 'json', '--store', user.home]));
  t.match(find(nowhere, 'Store', 'reach'), { verdict: 'fail', message: /there is no store in .*store\.db$/ });
});

t.test('without coordination, without rights, and several centers', async (t) => {
  const { center, user } = await startCliWorld(t);
  const first = await user.type('doctor -o json');
  t.equal(first.code, 0);
  const versions = `Access ${center.url} version warn`; // the program of this test is 1.2.3, the center 9.8.7
  t.same(notOk(told(first)), [
    versions,
    'Coordination session unknown',
    'Drift slots unknown',
    'Agents registered unknown',
  ]);
  await center.agent('eu-1');
  await user.type('create namespace billing');
  await user.run(['apply', '-f', '-'], {
    input: `apiVersion: cloudtask.dev/v1
kind: Calendar
metadata: {name: past}
spec: {dates: ["2020-01-01/2020-01-03"]}
---
apiVersion: cloudtask.dev/v1
kind: Calendar
metadata: {name: yearly}
spec: {dates: ["12-25"]}
`,
  });
  t.match(find(told(await user.type('doctor -o json')), 'Calendars', 'dates'), {
    ...{ verdict: 'warn', message: /^calendars without dates to come: default\/past \(ended \S+ ago\)$/ },
  });

  const wrong = told(await user.type('doctor -o json --token ct_wrong'));
  t.match(find(wrong, 'Access', / token$/), { verdict: 'fail', message: /token is not valid/, todo: /config view/ });
  t.match(find(wrong, 'Agents', 'registered'), { verdict: 'unknown', message: 'no center could be asked' });
  const ann = 'apiVersion: cloudtask.dev/v1\nkind: User\nmetadata: {name: ann}\nspec: {}\n';
  await user.run(['apply', '-f', '-'], { input: ann });
  await user.type('create clusterrolebinding look --role viewer --user ann');
  const token = (await user.type('create token --user ann --expires 1h')).stdout.trim();
  const viewer = told(await user.run(['doctor', '-o', 'json', '--token', token]));
  t.match(find(viewer, 'Center', / inside$/), { verdict: 'unknown', todo: /verb get on kind Diagnosis/ });
  t.match(find(viewer, 'Store', 'inside'), { verdict: 'unknown', message: /^not allowed/ });
  t.match(find(viewer, 'Access', / token$/), { verdict: 'warn', message: /as "ann" until 20\S+Z, in (59|60)m$/ });
  t.match(find(viewer, 'Agents', 'heartbeats'), { verdict: 'ok' }, 'what a viewer may read is looked at');

  const both = `${center.url},http://127.0.0.1:1`;
  const outcome = await user.type(`doctor -o json -s ${both}`);
  t.equal(outcome.code, 1, 'one center of two is away');
  t.match(find(told(outcome), 'Connection', 'http://127.0.0.1:1 port'), { verdict: 'fail' });
  t.match(find(told(outcome), 'Store', 'answer'), { verdict: 'ok' }, 'the other one is asked');
  t.match(find(told(await user.type('doctor -o json -s http://no.such.host.invalid')), 'Connection', / name$/), {
    ...{ verdict: 'fail', todo: /DNS/ },
  });
  t.match(await user.type('doctor -o table'), { code: 2 });
  t.match(await user.type('doctor --root /other'), { code: 2, stderr: /--root, .* go with --zookeeper or --store/ });
  await user.type('config unset current-context');
  t.match(await user.type('doctor'), { code: 2, stderr: /no server is configured/ });
});

t.test('a center that is none, and a certificate of another name', { skip: noCertificates() }, async (t) => {
  const { user } = await startCliWorld(t);
  const { cert, key } = certificate(user.home, 'center.test');
  const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (_request, response) => {
    response.statusCode = 404;
    response.end('<html>\u001b[31mnothing here</html>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => new Promise((resolve) => server.close(resolve)));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = async (flags: string) => told(await user.type(`doctor -o json -s ${url} ${flags}`));
  t.match(find(await ask(`--certificate-authority ${cert}`), 'Connection', / certificate$/), {
    ...{ verdict: 'fail', message: /^it is not trusted: .*127\.0\.0\.1/ },
  });
  const named = await ask(`--certificate-authority ${cert} --tls-server-name center.test`);
  t.match(find(named, 'Connection', / certificate$/), { verdict: 'warn', message: /^it ends in 4\dh/ });
  t.match(find(named, 'Connection', / answer$/), { verdict: 'fail', todo: /is it a center/ });
  t.match(find(await ask('--insecure-skip-tls-verify'), 'Connection', / certificate$/), { verdict: 'warn' });
  const { stdout } = await user.type(`doctor -s ${url} --insecure-skip-tls-verify`, { tty: true });
  t.notMatch(stdout, '\u001b[31mnothing', 'what others write moves nothing on the terminal');
});
