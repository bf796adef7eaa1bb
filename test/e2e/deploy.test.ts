// examples/deploy: neither systemd nor containers run here, so what can be is held against the program.
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
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

/** Lines of shell of a page that begin with one of these words, without their remarks. */
const shellLines = (page: string, words: RegExp) =>
  [...page.matchAll(/```sh\n([\s\S]*?)```/g)]
    .flatMap(([, block]) => block!.split('\n'))
    .map((line) => line.replace(/\s+#.*/, ''))
    .filter((line) => words.test(line));

/** Verifies units, where systemd is there to do it. */
function verify(t: Test, dir: string, units: readonly string[]): void {
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
}

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
  verify(t, dir, units);
});

t.test('the nightly backup of docs/backup.md fits to the unit of the center', async (t) => {
  const page = readFileSync(join(repository, 'docs', 'backup.md'), 'utf8');
  const [, block] = /```ini\n([\s\S]*?)```/.exec(page)!;
  const units = new Map(
    block!
      .split(/^# \/etc\/systemd\/system\//m)
      .slice(1)
      .map((text) => [text.slice(0, text.indexOf('\n')), text.slice(text.indexOf('\n') + 1)]),
  );
  t.same([...units.keys()], ['ctask-backup.service', 'ctask-backup.timer']);
  const backup = units.get('ctask-backup.service')!;
  const center = read('systemd/ctask-center.service');
  t.equal(
    /^EnvironmentFile=.*$/m.exec(backup)?.[0],
    /^EnvironmentFile=.*$/m.exec(center)?.[0],
    'the options of the center',
  );
  t.match(backup, `--data-dir /var/lib/${/^StateDirectory=(.*)$/m.exec(center)![1]} `);
  t.match(center, /^DynamicUser=yes$/m, 'its account is away when it is');
  t.notMatch(backup, /^User=/m);
  const made = /^ExecStartPre=\/usr\/bin\/install -d -m 0700 (.*)$/m.exec(backup)?.[1];
  t.match(backup, `f=${made}/`);
  const dir = t.testdir(Object.fromEntries(units));
  verify(t, dir, [...units.keys()]);
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
    t.equal(statSync(made).mode & 0o777, 0o711, 'another account gets in, and sees no names');
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

/** Other accounts than this one: as numbers, so that none must be made. */
const [IMAGE, AGENT, PERSON, STRANGER] = [7070, 7071, 7072, 7073];
const others = (() => {
  if (process.getuid?.() !== 0) return 'only root can be somebody else';
  try {
    execFileSync('setpriv', ['--version'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'setpriv is not installed here';
  }
})();

const shell = (line: string, cwd: string, id = 0) =>
  execFileSync('setpriv', [`--reuid=${id}`, `--regid=${id}`, '--clear-groups', 'sh', '-euc', line], {
    ...{ cwd, encoding: 'utf8', stdio: 'pipe' },
  });

function reads(file: string, cwd: string, id: number): boolean {
  try {
    return shell(`cat ${file}`, cwd, id) !== '';
  } catch {
    return false;
  }
}

t.test('who can read what, in containers', { skip: others || noCertificates() }, async (t) => {
  const user = new User();
  t.teardown(() => user.go());
  const { home } = user;
  const env = { ...user.env, CTASK: `${process.execPath} ${join(repository, 'dist', 'cli', 'main.js')}` };
  execFileSync('sh', [join(folder, 'prepare.sh'), join(home, 'secrets')], { env, stdio: 'pipe' });
  chmodSync(home, 0o711);
  shell(`chown -R ${PERSON}:${PERSON} .`, home); // who has prepared it
  const lines = shellLines(read('README.md'), /^(?:install .*(?:mine|join|secrets)\b(?!.*\/etc)|sudo chown)/);
  t.equal(lines.length, 6, lines.join('\n'));
  for (const line of lines) {
    if (line === 'install -m 0600 mine/join.token join') shell('echo ctj_x > mine/join.token', home, PERSON);
    if (line.startsWith('sudo ')) shell(line.slice('sudo '.length), home);
    else shell(line, home, PERSON);
  }
  const { services } = parse(read('compose.yaml'), { merge: true }) as { services: Record<string, Service> };
  const words = [...services.center1!.command!, ...services.agent1!.command!];
  const files = words.flatMap((word) => /=\/((?:secrets|join)\/.*)$/.exec(word)?.[1] ?? []);
  t.equal(files.length, 6, files.join());
  for (const file of files) {
    t.ok(reads(file, home, IMAGE), `the image reads ${file}`);
    t.notOk(reads(file, home, STRANGER), `nobody else reads ${file}`);
  }
  const exported = shellLines(read('README.md'), /^export /)[0]!;
  for (const [, file] of exported.matchAll(/CTASK_(?:CACERT|TOKEN_FILE)=(\S+)/g)) {
    t.ok(reads(file!, home, PERSON), `whoever has prepared it reads ${file}`);
    t.notOk(reads(file!, home, STRANGER));
  }
});

t.test('who can read what, under systemd', { skip: others }, async (t) => {
  const user = new User();
  t.teardown(() => user.go());
  chmodSync(user.home, 0o711);
  writeFileSync(join(user.home, 'join.token'), 'ctj_x');
  const readme = read('README.md');
  const [directory] = shellLines(readme, /^install -d .*ctask-agent/);
  const [, token] = /`(install [^`]* \/etc\/ctask\/join\.token)`/.exec(readme)!;
  t.match(read('systemd/ctask-agent.service'), /^User=ctask-agent$/m);
  for (const line of [directory!, token!])
    shell(line.replace('/etc/ctask', 'etc').replace('ctask-agent', `${AGENT}`), user.home);
  t.ok(reads('etc/join.token', user.home, AGENT));
  t.notOk(reads('etc/join.token', user.home, STRANGER));
});

t.test('what prepare.sh makes gets into no commit, no image and no package', async (t) => {
  const ignored = readFileSync(join(repository, '.dockerignore'), 'utf8').trim().split('\n');
  for (const name of ['secrets', 'join', 'mine']) {
    t.ok(ignored.includes(`examples/deploy/${name}`), `.dockerignore: ${name}`);
    // npm heeds what lies in the folder, and for what package.json names not that of the root.
    t.ok(read('.gitignore').split('\n').includes(`/${name}/`), `.gitignore: ${name}`);
  }
});
