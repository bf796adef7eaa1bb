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

t.test('a bundle and its manifest', { timeout: 120_000 }, async (t) => {
  const { center, user } = await startCliWorld(t);
  const applied = await user.run(['apply', '-f', '-'], { input: MANIFESTS });
  t.equal(applied.code, 0, applied.stderr);
  t.equal(PLANTED.length, 20);
  await center.agent('eu-1');
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
  t.match(without, { code: 0, stderr: /not in it: objects, events, metrics \(no center could be asked\)/ });
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
