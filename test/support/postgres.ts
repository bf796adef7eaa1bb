// PostgreSQL as a real process, as Debian ships it (package postgresql), on a port and in a directory of its own.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { systemClock } from '../../base/index.js';

const INSTALLED = '/usr/lib/postgresql';
/** A busy machine may take long to make a cluster and to listen. */
const START_DEADLINE_MS = 60_000;
const START_POLL_MS = 50;

export interface Postgres {
  readonly port: number;
  /** `postgres://…` of a new, empty database. */
  createDatabase(): Promise<string>;
  /** SIGQUIT, as after a crash, and a start with the same data on the same port. `between` runs while it is down. */
  restart(between?: () => Promise<void>): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

function binaries(): string | undefined {
  if (!existsSync(INSTALLED)) return undefined;
  const newest = readdirSync(INSTALLED)
    .sort((a, b) => Number(b) - Number(a))
    .find((version) => existsSync(join(INSTALLED, version, 'bin', 'initdb')));
  return newest === undefined ? undefined : join(INSTALLED, newest, 'bin');
}

/** What is missing to start PostgreSQL; undefined when nothing is. */
export function postgresMissing(): string | undefined {
  return binaries() === undefined ? `no initdb in ${INSTALLED}/*/bin (Debian: postgresql)` : undefined;
}

/**
 * True when PostgreSQL can be started. Otherwise the test is skipped by name, or fails when
 * CTASK_TEST_REQUIRE_POSTGRES=1; the caller then returns.
 */
export function requirePostgres(t: Test): boolean {
  const missing = postgresMissing();
  if (missing === undefined) return true;
  if (process.env.CTASK_TEST_REQUIRE_POSTGRES === '1') t.fail(`PostgreSQL is required: ${missing}`);
  else t.pass('needs PostgreSQL', { skip: missing });
  return false;
}

/** PostgreSQL refuses to run as root; Debian's package brings a user for it. */
function owner(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** Resolves when the server answers. */
export async function startPostgres(): Promise<Postgres> {
  const bin = binaries();
  if (bin === undefined) throw new Error('PostgreSQL is not installed');
  const user = owner();
  const root = await mkdtemp(join(tmpdir(), 'postgres-'));
  chmodSync(root, 0o755);
  if (user !== undefined) chownSync(root, user.uid, user.gid);
  const data = join(root, 'data');
  const as = { cwd: root, ...user };
  // Nothing here must survive a power cut: no fsync makes the tests quick.
  const made = ['-D', data, '-U', 'ctask', '--auth=trust', '--no-sync', '--locale=C', '--encoding=UTF8'];
  execFileSync(join(bin, 'initdb'), made, { ...as, stdio: 'pipe' });
  const port = await freePort();
  const settings = ['fsync=off', `unix_socket_directories=${root}`, 'listen_addresses=127.0.0.1', 'max_connections=60'];
  let server: ChildProcess;
  const start = async () => {
    const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
    server = spawn(join(bin, 'postgres'), args, { ...as, stdio: ['ignore', 'ignore', 'ignore'] });
    await answers(port, server);
  };
  const end = async (signal: NodeJS.Signals) => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const closed = once(server, 'exit');
    server.kill(signal);
    await closed;
  };
  const psql = (text: string) =>
    execFileSync(join(bin, 'psql'), ['-h', root, '-p', String(port), '-U', 'ctask', '-d', 'postgres', '-qc', text], as);
  await start();
  let databases = 0;
  return {
    port,
    async createDatabase() {
      const name = `ctask_${++databases}`;
      psql(`create database ${name}`);
      return `postgres://ctask:secret-word@127.0.0.1:${port}/${name}`;
    },
    async restart(between) {
      await end('SIGQUIT');
      await between?.();
      await start();
    },
    async stop() {
      await end('SIGQUIT');
      await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

async function answers(port: number, server: ChildProcess): Promise<void> {
  const deadline = systemClock.monotonic() + START_DEADLINE_MS;
  while (systemClock.monotonic() < deadline) {
    if (server.exitCode !== null) throw new Error(`postgres ended with ${server.exitCode}`);
    if (await accepts(port)) return;
    await systemClock.sleep(START_POLL_MS);
  }
  throw new Error(`postgres does not answer on port ${port}`);
}

/** Asks for a session. A server that is ready asks for, or confirms, authentication (R); one that recovers refuses (E). */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const user = Buffer.from('user\0ctask\0database\0postgres\0\0');
    const head = Buffer.alloc(8);
    head.writeInt32BE(8 + user.length, 0);
    head.writeInt32BE(196_608, 4); // protocol 3.0
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(Buffer.concat([head, user])));
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('data', (bytes) => done(bytes[0] === 'R'.charCodeAt(0)));
    socket.on('error', () => done(false));
    socket.on('close', () => done(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
