// examples/deploy: neither systemd nor containers run here, so what can be is held against the program.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { resolveOptions } from '../../base/index.js';
import { agentOptions } from '../../cli/serve/option-tables.js';
import { repeatedKeys } from '../../manifests/index.js';
import { noCertificates } from '../support/certificates.js';
import { commandLines, understand, understandLine, unknownVariables } from '../support/command-lines.js';
import { type Running, repository, User } from '../support/ctask.js';

const folder = join(repository, 'examples', 'deploy');
const read = (name: string) => readFileSync(join(folder, name), 'utf8');

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
}

t.test('a line that ctask would not understand is found', async (t) => {
  t.same(commandLines('```sh\nctask get tasks > x  # all\na && ctask doctor\n```\nand `ctask why x`, ctask not'), [
    ...['ctask get tasks', 'ctask doctor', 'ctask why x'],
  ]);
  await t.rejects(understandLine('ctask center --no-such-flag'), /unknown option/);
  await t.rejects(understandLine('ctask center --session-timeout soon'), { code: 'CT_CONFIG_INVALID' });
  await t.rejects(understandLine('ctask doctor --colour'), /unknown option/);
  await t.rejects(understandLine('ctask heal'));
  t.same(unknownVariables('CTASK_STORE=x CTASK_STROE=y'), ['CTASK_STROE']);
});

t.test('every ctask line and variable of examples/deploy and docs/operating.md', async (t) => {
  const page = readFileSync(join(repository, 'docs', 'operating.md'), 'utf8');
  const readme = read('README.md');
  const lines = [...commandLines(readme), ...commandLines(page)];
  t.ok(lines.length > 20, `${lines.length} lines`);
  for (const line of lines) await t.resolves(understandLine(line), line);
  t.same(unknownVariables(readme + page), []);
  const options = /```yaml\n(dataDir:[\s\S]*?)```/.exec(readme)![1]!;
  t.match(resolveOptions(agentOptions, { flags: {}, env: {}, file: { path: 'agent.yaml', values: parse(options) } }), {
    joinFile: 'C:\\ctask\\join.token',
  });
});

t.test('units', async (t) => {
  const units = readdirSync(join(folder, 'systemd'));
  t.same(units.sort(), ['ctask-agent.service', 'ctask-center.service']);
  const dir = t.testdir();
  for (const unit of units) {
    const text = read(`systemd/${unit}`);
    const [, line] = /^ExecStart=\/usr\/local\/bin\/(ctask .*)$/m.exec(text)!;
    await t.resolves(understandLine(line!), unit);
    writeFileSync(join(dir, unit), text.replace('/usr/local/bin/ctask', process.execPath));
  }
  t.match(read('systemd/ctask-agent.service'), /^KillMode=process$/m, 'runs survive their agent');
  t.match(read('systemd/ctask-agent.service'), /^Delegate=yes$/m);
  try {
    execFileSync('systemd-analyze', ['--version'], { stdio: 'ignore' });
  } catch {
    t.pass('systemd-analyze is not installed here: the units are not verified');
    return;
  }
  for (const unit of units) {
    const said = execFileSync('systemd-analyze', ['verify', '--man=no', join(dir, unit)], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    t.equal(said, '', unit);
  }
});

t.test('compose.yaml', async (t) => {
  const { services, volumes } = parse(read('compose.yaml'), { merge: true }) as {
    services: Record<string, Service>;
    volumes: Record<string, unknown>;
  };
  const of = (word: string) => Object.entries(services).filter(([, { command }]) => command?.[0] === word);
  t.same(
    of('center').map(([name]) => name),
    ['center1', 'center2'],
  );
  t.same(
    of('agent').map(([name]) => name),
    ['agent1', 'agent2', 'agent3'],
  );
  t.same(Object.values(services).filter(({ image }) => image.startsWith('zookeeper:')).length, 3);
  t.equal(services.postgres?.image.split(':')[0], 'postgres');
  for (const [name, { command }] of [...of('center'), ...of('agent')]) await t.resolves(understand(command!), name);
  const used = Object.values(services).flatMap((service) => service.volumes ?? []);
  const named = used.map((each) => each.split(':')[0]!).filter((each) => !each.startsWith('.'));
  t.same([...new Set(named)].sort(), Object.keys(volumes).sort());
  const needed = Object.values(services).flatMap((service) => Object.keys(service.depends_on ?? {}));
  t.same(
    needed.filter((name) => services[name] === undefined),
    [],
  );
  const timeOut = ({ command }: Service) => command!.find((word) => word.startsWith('--session-timeout'));
  t.equal(new Set([...of('center'), ...of('agent')].map(([, service]) => timeOut(service))).size, 1);
});

t.test(
  'a center starts with what prepare.sh has made, and nothing is made twice',
  { skip: noCertificates() },
  async (t) => {
    const user = new User();
    t.teardown(() => user.go());
    const made = join(user.home, 'secrets');
    const env = { ...user.env, CTASK: `${process.execPath} ${join(repository, 'dist', 'cli', 'main.js')}` };
    const prepare = () => execFileSync('sh', [join(folder, 'prepare.sh'), made], { env, encoding: 'utf8' });
    t.match(prepare(), `prepared in ${made}`);
    const files = readdirSync(made).sort();
    t.same(files, [
      'admin.token',
      'agent.token',
      'ca.crt',
      'ca.key',
      'coordination.secret',
      'postgres.password',
      'secrets.key',
    ]);
    for (const file of files) t.equal(statSync(join(made, file)).mode & 0o077, 0, file);
    const before = files.map((file) => readFileSync(join(made, file), 'utf8'));
    prepare();
    t.same(
      files.map((file) => readFileSync(join(made, file), 'utf8')),
      before,
    );

    const { services } = parse(read('compose.yaml'), { merge: true }) as { services: Record<string, Service> };
    const dataDir = join(user.home, 'data');
    execFileSync('install', ['-D', '-m', '0600', '-t', dataDir, join(made, 'admin.token'), join(made, 'agent.token')]);
    // As it stands there, but for where things are, and without the servers beside it.
    const args = services
      .center1!.command!.filter((word) => !/^--(store|zookeeper|session)/.test(word))
      .map((word) =>
        word.replace('/secrets/', `${made}/`).replace('/var/lib/ctask', dataDir).replace('0.0.0.0', '127.0.0.1'),
      );
    const center = user.start([...args, '--port', '0', '--coordination-port', '0']);
    const line = ({ stderr }: Running) => stderr.split('\n').find((text) => text.includes('"center is ready"'));
    await center.until((running) => line(running) !== undefined, 'the center is ready', 60_000);
    const { url } = JSON.parse(line(center)!) as { url: string };
    const client = {
      CTASK_SERVER: url,
      CTASK_CACERT: join(made, 'ca.crt'),
      CTASK_TOKEN_FILE: join(made, 'admin.token'),
    };
    const checked = await user.ctask(['doctor', '-q'], { env: client });
    t.match(checked, { code: 0, stdout: /0 failures/ });
    t.equal((await center.end()).code, 0);
    const logged = center.stderr.trim().split('\n');
    t.ok(logged.length > 5);
    for (const each of logged) t.same(repeatedKeys(each), [], each);
  },
);
