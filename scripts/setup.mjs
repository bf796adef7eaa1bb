// Brings a fresh clone on a fresh machine to the point where everything can be built and run. Node's built-ins only:
// nothing is installed yet when this starts.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What better-sqlite3 needs to compile where no prebuilt binary can be fetched. */
export const BUILD_PACKAGES = ['build-essential', 'python3'];
/** Apache ZooKeeper as Debian ships it, with a Java runtime, and PostgreSQL: conformance, store and end-to-end tests run
 * against them. The shells are those that ctask completes words for; the browser is for the console; Prometheus reads metrics, rules and
 * the queries of the dashboard. */
export const TEST_PACKAGES = [
  ...['default-jre-headless', 'zookeeper', 'postgresql', 'procps', 'zsh', 'fish', 'chromium', 'prometheus'],
];

/** Debian asks this program whether a service may be started by the installation of its package. */
const SERVICE_POLICY = '/usr/sbin/policy-rc.d';

/** Runs a command with its output shown; ends this process with a sentence when it fails. */
export function run(command, args, options = {}) {
  const all = { stdio: 'inherit', cwd: root, shell: process.platform === 'win32', ...options };
  const result = spawnSync(command, args, all);
  if (result.status === 0) return;
  console.error(`${command} ${args.join(' ')} failed with ${result.status ?? result.signal ?? result.error}`);
  process.exit(1);
}

function succeeds(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** Installs missing Debian packages when root on a Debian system; elsewhere says what is missing and goes on. */
export function ensureSystemPackages(packages) {
  if (!succeeds('dpkg', ['--version'])) return;
  const missing = packages.filter((name) => !dpkgInstalled(name));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    console.error(
      `setup: missing system packages: ${missing.join(' ')} (run: sudo apt-get install ${missing.join(' ')})`,
    );
    return;
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  console.error(`setup: installing ${missing.join(' ')}`);
  run('apt-get', ['update', '-q'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const startAgain = startNoServices();
  run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  startAgain();
}

const NO_SERVICES = '#!/bin/sh\n# made by scripts/setup.mjs of CloudTask while it installs packages\nexit 101\n';

/** Tests start what they need themselves, on ports of their own. A policy of somebody else stands. Returns what takes ours away. */
function startNoServices() {
  if (existsSync(SERVICE_POLICY) && readFileSync(SERVICE_POLICY, 'utf8') !== NO_SERVICES) return () => {};
  writeFileSync(SERVICE_POLICY, NO_SERVICES);
  chmodSync(SERVICE_POLICY, 0o755);
  // A signal ends apt, and this process through what apt answers: not before the policy is gone.
  const wait = () => {};
  const remove = () => {
    rmSync(SERVICE_POLICY, { force: true });
    for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, wait);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, wait);
  process.once('exit', remove);
  return remove;
}

function dpkgInstalled(name) {
  const result = spawnSync('dpkg-query', ['-W', '-f', '$' + '{Status}', name], { encoding: 'utf8' });
  return result.status === 0 && result.stdout.includes('ok installed');
}

/** Points node-gyp at the headers of this very Node where they are installed, so that it need not fetch them. */
function nodeHeaders() {
  const header = '/usr/include/node/node_version.h';
  if (!existsSync(header)) return {};
  const text = readFileSync(header, 'utf8');
  const number = (name) => new RegExp(`#define NODE_${name}_VERSION (\\d+)`).exec(text)?.[1];
  const version = `v${number('MAJOR')}.${number('MINOR')}.${number('PATCH')}`;
  return version === process.version ? { npm_config_nodedir: '/usr' } : {};
}

/**
 * Whether `installed` (what npm says is in node_modules) is what `lock` asks for, by their contents: a checkout or a copy
 * gives files any times. A package that is optional may be missing: it is not for this platform.
 */
export function isInstalled(lock, installed) {
  const { '': _root, ...wanted } = lock.packages ?? {};
  const there = installed.packages ?? {};
  const same = ([path, { version, integrity, optional, devOptional }]) =>
    there[path] === undefined
      ? optional === true || devOptional === true
      : there[path].version === version && there[path].integrity === integrity;
  return Object.entries(wanted).every(same) && Object.keys(there).every((path) => wanted[path] !== undefined);
}

/** `skip`: there is nothing to do; `foreign`: they are somebody else's, and not what the lock asks for; else `install`. */
export function nodeModulesPlan(directory) {
  const modules = join(directory, 'node_modules');
  const read = (path) => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {});
  const installed = join(modules, '.package-lock.json');
  if (existsSync(installed) && isInstalled(read(join(directory, 'package-lock.json')), read(installed))) return 'skip';
  return lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink() ? 'foreign' : 'install';
}

/** `npm ci`, unless node_modules has what the lock file asks for. It would empty what a link leads to: that is left alone. */
export function ensureNodeModules() {
  const plan = nodeModulesPlan(root);
  if (plan === 'skip') return;
  if (plan === 'foreign') {
    console.error(
      'setup: node_modules is a link to packages that package-lock.json does not ask for; left as they are',
    );
    return;
  }
  console.error('setup: installing npm packages (about two minutes where better-sqlite3 must be compiled)');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    env: { ...process.env, ...nodeHeaders() },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`CloudTask needs Node 20.19 or later; this is ${process.version}`);
  process.exit(1);
}
