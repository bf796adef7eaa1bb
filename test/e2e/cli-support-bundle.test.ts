// ctask support-bundle: canaries in every place where a secret can be, and none of them in the bundle.
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { extract } from 'tar';
import type { BundleManifest } from '../../cli/commands/support/collect.js';
import type { CliCenter } from '../support/cli-center.js';
import { startCliWorld } from '../support/cli-world.js';
import { User } from '../support/ctask.js';
import { TlsWorld } from '../support/tls-world.js';

const canary = (where: string) => `canary-${where}-7d21e846`;

/** Where a secret can be, each with a canary of its own. */
const MANIFESTS = `apiVersion: cloudtask.dev/v1
kind: Secret
metadata: {name: ledger-db}
spec: {stringData: {url: "${canary('secret')}", password: "${canary('secret-two')}"}}
---
apiVersion: cloudtask.dev/v1
kind: Notifier
metadata: {name: mail}
spec:
  email:
    {host: mail.example.com, user: "${canary('smtp-user')}", from: ops@example.com, to: [ann@example.com], passwordFrom: {secret: ledger-db, key: password}}
---
apiVersion: cloudtask.dev/v1
kind: Notifier
metadata: {name: hook}
spec: {webhook: {url: "https://hooks.example.com/services/${canary('webhook')}"}}
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata:
  name: report
  annotations: {note: "postgres://ann:${canary('annotation')}@db/x"}
spec:
  description: "log in with password: ${canary('description')}"
  parameters: [{name: region, default: "${canary('parameter')}"}]
  run:
    command: [tool, --password, "${canary('argument')}", "--token=${canary('flag')}", "https://u:${canary('userinfo')}@h/x", "$(params.region)"]
    stdin: "${canary('stdin')}"
    env:
    - {name: PASSWORD, value: "${canary('env')}"}
    - {name: AWS_KEY, value: "${canary('env-key')}"}
    - {name: FLOW, value: "https://prod-12.westeurope.logic.azure.com/w?sig=${canary('signature')}&sp=r"}
    - {name: CHAT, value: "https://outlook.office.com/webhook/${canary('chat')}/IncomingWebhook/${canary('chat-two')}"}
    - {name: PLACE, value: "amqp://u:${canary('env-url')}@mq"}
    - {name: DB_URL, valueFrom: {secret: ledger-db, key: url}}
  notify: [{on: [Failed], notifier: mail}]
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: script}
spec: {run: {script: "mysql -p${canary('script')}"}}
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: dump}
spec: {run: {command: [mysqldump, "-p${canary('mysql')}"]}}
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: dump-shell}
spec: {run: {command: [sh, -c, "mysql -uroot -p${canary('mysql-shell')}"]}}
---
apiVersion: cloudtask.dev/v1
kind: User
metadata: {name: ann}
spec: {}
`;
const PLANTED = [...MANIFESTS.matchAll(/canary-[\w-]+?-7d21e846/g)].map(([word]) => word);

async function bundleOf(file: string, into: string): Promise<Map<string, string>> {
  await extract({ file, cwd: into });
  const root = join(into, 'ctask-support');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(root, name)).isFile(),
  );
  return new Map(files.map((name) => [name, readFileSync(join(root, name), 'utf8')]));
}

async function plant(center: CliCenter): Promise<void> {
  const task = await center.task('report');
  const run = await center.scheduled('report', Date.now() - 60_000, {
    state: 'Failed',
    exitCode: 1,
    endTime: Date.now(),
  });
  await center.output(run, `printed ${canary('output')}\n`, { end: true });
  // An agent says of an attempt what its program has said: a value that stands in the environment of the task.
  await center.store.recordEvents([
    {
      ...{ reason: 'Failed', message: `could not log in with ${canary('env')}` },
      regarding: { kind: 'Task', namespace: 'default', name: 'report', uid: task.metadata.uid! },
      ...{ source: 'agent/eu-1', time: Date.now() },
    },
  ]);
}

/** An agent that is older than the masking of its own lines: it tells these as they are. Gone with the center. */
async function listen(center: CliCenter, name: string, lines: readonly object[]): Promise<void> {
  await center.agent(name);
  const agent = `${center.url}/apis/cloudtask.dev/v1/agents/${name}`;
  const authorization = `Bearer ${center.agentToken}`;
  const { body } = await fetch(`${agent}/requests`, { headers: { authorization } });
  const answer = async () => {
    for await (const bytes of body!) {
      const asked = /"type":"Log","id":"([^"]+)"/.exec(Buffer.from(bytes).toString());
      const headers = { authorization, 'content-type': 'application/json' };
      const told = JSON.stringify({ id: asked?.[1], lines, omitted: 3 });
      if (asked !== null) await fetch(`${agent}/own-log`, { method: 'POST', headers, body: told });
    }
  };
  answer().catch(() => undefined); // the center hangs up
}

const jsonl = (text: string | undefined) =>
  (text ?? '')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

t.test('a bundle and its manifest', { timeout: 120_000 }, async (t) => {
  const { center, user } = await startCliWorld(t);
  const applied = await user.run(['apply', '-f', '-'], { input: MANIFESTS });
  t.equal(applied.code, 0, applied.stderr);
  t.equal(PLANTED.length, 20);
  const said = {
    level: 40,
    msg: 'said',
    err: `amqp://u:${canary('line-url')}@mq: refused`,
    why: `pwd=${canary('line')}`,
  };
  center.recentLines.add(JSON.stringify({ ...said, apiKey: canary('line-key'), about: `no ${canary('env')} there` }));
  await listen(center, 'eu-1', [{ ...said, token: canary('line-token'), about: `no ${canary('env')} there` }]);
  await plant(center);
  await user.type(`run report --param region=${canary('run-parameter')}`);
  await user.type(`config set-credentials other --token ${canary('other-token')}`);
  const token = (await user.type('create token --user ann --expires 1h')).stdout.trim();
  t.match(token, /^ctk_/);
  const file = join(user.home, 'bundle.tar.gz');
  const into = join(user.home, 'out');
  mkdirSync(into);
  const outcome = await user.run(['support-bundle', '-f', file]);
  t.equal(outcome.code, 0, outcome.stderr);
  t.match(outcome.stdout, /bundle\.tar\.gz: \d+ files, \S+ KiB, \d+ values masked\n$/);
  t.equal(statSync(file).mode & 0o777, 0o600);
  const files = await bundleOf(file, into);
  const everything = [...files].map(([name, text]) => `${name}\n${text}`).join('\n');
  const own = [center.token, token, canary('output'), canary('run-parameter'), canary('other-token')];
  for (const word of [...PLANTED, ...own]) t.notOk(everything.includes(word), `${word} is not in it`);
  t.notMatch(everything, /7d21e846/, 'nor anything that was planted elsewhere');
  t.notMatch(everything, 'ann@example.com');
  t.notMatch(everything, 'sealed:');

  const manifest = JSON.parse(files.get('manifest.json')!) as BundleManifest;
  t.same([...files.keys()].sort(), ['manifest.json', ...manifest.files.map((each) => each.file)].sort());
  t.same(manifest.missing, []);
  const masked = { level: 40, msg: 'said', err: 'amqp://<masked>@mq: refused', why: 'pwd=<masked>' };
  const lines = { ...masked, about: 'no <masked> there' };
  t.same(jsonl(files.get('logs/centers/c1.jsonl')), [{ ...lines, apiKey: '<masked>' }]);
  t.same(jsonl(files.get('logs/agents/eu-1.jsonl')), [{ ...lines, token: '<masked>' }]);
  t.match(
    manifest.files.find(({ file }) => file === 'logs/agents/eu-1.jsonl'),
    { what: 'the last log lines of agent eu-1; 3 older lines it does not keep', count: 1 },
  );
  t.match(manifest, {
    ...{ kind: 'SupportBundle', version: '1.2.3' },
    masked: {
      'values of secrets': 2,
      'values with a telling name': Number,
      'values of parameters': Number,
      'scripts and standard input': 2,
      'addresses and credentials of notifiers': Number,
      'values that were masked elsewhere': Number,
    },
  });
  const tasks = files
    .get('objects/tasks.ndjson')!
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.match(
    tasks.find(({ metadata }) => metadata.name === 'report'),
    { spec: { run: { env: [{ name: 'PASSWORD', value: '<masked>' }] } } },
  );
  t.match(files.get('objects/events.ndjson'), /could not log in with <masked>/, 'what was masked there is masked here');
  t.match(files.get('objects/runs.ndjson'), /"state":"Failed"/);
  t.match(files.get('doctor.txt'), /\nAgents\n/);
  t.equal(JSON.parse(files.get('doctor.json')!).kind, 'Examination');
  t.equal(JSON.parse(files.get('diagnosis-1.json')!).kind, 'Diagnosis');
  t.match(JSON.parse(files.get('config.json')!), {
    currentContext: 'local',
    users: [{ name: 'local' }, { name: 'other' }],
  });
  t.match(files.get('metrics.txt'), /cloudtask_runs_started_total/);
  t.notOk(files.has('objects/tokens.ndjson'));

  t.match(await user.run(['support-bundle', '-f', file]), { code: 2, stderr: /exists/ }, 'nothing is written over');
  await center.hangUp();
  const alone = join(user.home, 'alone.tar.gz');
  const without = await user.run(['support-bundle', '-f', alone]);
  t.match(without, { code: 0, stderr: /not in it: objects, events, metrics, logs \(no center could be asked\)/ });
  const rest = await bundleOf(alone, into);
  t.match(rest.get('doctor.txt'), /ECONNREFUSED/);
  t.notMatch([...rest.values()].join(), center.token);
  const nowhere = join(user.home, 'no', 'b.tar.gz');
  t.match(await user.run(['support-bundle', '-f', nowhere]), {
    code: 2,
    stderr: /the directory ".*no" does not exist/,
  });
  t.notOk(existsSync(nowhere));
});

t.test('lines of a center and of agents as they run', { timeout: 120_000 }, async (t) => {
  const world = await TlsWorld.start(t);
  const { user } = world;
  // An agent says where its data is: what is secret got into that.
  const secret = canary('directory');
  const join_ = ['--join', await world.joinToken(), '--log-level', 'error'];
  const agent = world.startAgent('eu-1', join_, join(user.home, secret));
  await world.agent('eu-2', ['--join', await world.joinToken()]);
  const manifests = `apiVersion: cloudtask.dev/v1
kind: Secret
metadata: {name: db}
spec: {stringData: {url: "${secret}"}}
---
apiVersion: cloudtask.dev/v1
kind: Task
metadata: {name: uses}
spec:
  schedules: [{every: 1h}]
  placement: {agents: [eu-1]}
  run: {command: ["true"], env: [{name: DB, valueFrom: {secret: db, key: url}}]}
`;
  await user.ok(['apply', '-f', '-'], { input: manifests });
  await user.ok(['run', 'uses', '--wait']); // it has the secret then
  const file = join(user.home, 'bundle.tar.gz');
  await user.ok(['support-bundle', '-f', file]);
  const into = join(user.home, 'out');
  mkdirSync(into);
  const files = await bundleOf(file, into);
  t.same((JSON.parse(files.get('manifest.json')!) as BundleManifest).missing, []);
  const centers = [...files.keys()].filter((name) => name.startsWith('logs/centers/'));
  t.equal(centers.length, 1);
  const sentences = (name: string) => jsonl(files.get(name)).map(({ msg }) => msg);
  t.ok(sentences(centers[0]!).includes('center is ready'));
  t.ok(sentences('logs/agents/eu-2.jsonl').includes('agent is ready'));
  const ready = jsonl(files.get('logs/agents/eu-1.jsonl')).find(({ msg }) => msg === 'agent is ready');
  t.match(ready, { level: 30, process: 'agent', dataDir: /[\\/]\*+$/ }, 'kept, though only errors are printed');
  t.notMatch(agent.stderr, 'agent is ready');
  for (const [name, text] of files) t.notMatch(text, secret, name);
});

t.test('Ctrl-C leaves nothing behind', async (t) => {
  const silent = createServer().listen(0, '127.0.0.1'); // takes connections, and never answers
  await once(silent, 'listening');
  const user = new User();
  t.teardown(async () => {
    silent.close();
    await user.go();
  });
  const tmp = join(user.home, 'tmp');
  mkdirSync(tmp);
  const asked = once(silent, 'connection');
  const server = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const file = join(user.home, 'bundle.tar.gz');
  const running = user.start(['support-bundle', '-f', file, '--server', server], { env: { TMPDIR: tmp } });
  await asked;
  t.match(readdirSync(tmp), [/^ctask-support-/]);
  t.match(await running.end('SIGINT'), { code: 130 });
  t.same(readdirSync(tmp), []);
  t.notOk(existsSync(file));
});
