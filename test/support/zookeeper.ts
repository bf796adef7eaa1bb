// Apache ZooKeeper as a real process, from the Java archives of the Debian packages zookeeper and libzookeeper-java.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { systemClock } from '../../base/index.js';

const JARS = '/usr/share/java';
const NEEDED_JARS = ['zookeeper.jar', 'zookeeper-jute.jar', 'slf4j-api.jar', 'slf4j-simple.jar'];
const CLASS_PATH = [
  ...NEEDED_JARS,
  'metrics-core.jar',
  'netty-all.jar',
  'snappy-java.jar',
  'commons-cli.jar',
  'commons-io.jar',
  'jackson-core.jar',
  'jackson-databind.jar',
  'jackson-annotations.jar',
].map((jar) => join(JARS, jar));
/** A Java process on a busy machine may take long to listen. */
const START_DEADLINE_MS = 60_000;
const START_POLL_MS = 50;

export interface ZooKeeperOptions {
  readonly tickMs: number;
  /** Kept by the caller, for a later start with the same data. Without it a directory is made, and removed by stop. */
  readonly dataDir?: string;
  /** Without it any free port. */
  readonly port?: number;
}

export interface ZooKeeper {
  /** `host:port`. */
  readonly connectString: string;
  readonly port: number;
  readonly pid: number;
  readonly dataDir: string;
  /** SIGTERM, and removes the data that it made. */
  stop(): Promise<void>;
  /** SIGSTOP: the kernel still accepts connections and acknowledges bytes, but nobody answers. */
  pause(): void;
  resume(): void;
  /** SIGKILL; the data stay. */
  kill(): Promise<void>;
}

/** Why Apache ZooKeeper cannot be started here; undefined when it can. */
export function zooKeeperMissing(): string | undefined {
  const missing = NEEDED_JARS.filter((jar) => !existsSync(join(JARS, jar)));
  if (missing.length > 0) return `no ${missing.join(', ')} in ${JARS} (Debian: zookeeper, libzookeeper-java)`;
  try {
    execFileSync('java', ['-version'], { stdio: 'ignore' });
  } catch {
    return 'no java on PATH';
  }
  return undefined;
}

/**
 * True when Apache ZooKeeper can be started. Otherwise the test is skipped by name, or fails when
 * CTASK_TEST_REQUIRE_ZOOKEEPER=1; the caller then returns:
 * `if (!requireZooKeeper(t)) return;`
 */
export function requireZooKeeper(t: Test): boolean {
  const missing = zooKeeperMissing();
  if (missing === undefined) return true;
  if (process.env.CTASK_TEST_REQUIRE_ZOOKEEPER === '1') t.fail(`Apache ZooKeeper is required: ${missing}`);
  else t.pass('needs Apache ZooKeeper', { skip: missing });
  return false;
}

/** Resolves when the server answers. Its log is part of the error when it does not come up. */
export async function startZooKeeper(options: ZooKeeperOptions): Promise<ZooKeeper> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'zookeeper-')));
  const port = options.port ?? (await freePort());
  const server = await launchZooKeeper({
    dataDir,
    port,
    main: 'org.apache.zookeeper.server.ZooKeeperServerMain',
    configuration: configuration(dataDir, port, options.tickMs),
  });
  return {
    ...server,
    stop: async () => {
      await server.stop();
      if (options.dataDir === undefined)
        await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

/** One Java process, of whatever main class. Resolves when it serves. Its data stay when it stops. */
export async function launchZooKeeper(options: {
  readonly dataDir: string;
  readonly port: number;
  readonly main: string;
  /** Text of zoo.cfg. */
  readonly configuration: string;
  /** Further options of Java. */
  readonly java?: readonly string[];
}): Promise<ZooKeeper> {
  const { dataDir, port } = options;
  await mkdir(dataDir, { recursive: true });
  await writeFile(join(dataDir, 'zoo.cfg'), options.configuration);
  const child = spawn(
    'java',
    [
      '-Xmx512m',
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      ...(options.java ?? []),
      '-cp',
      CLASS_PATH.join(':'),
      options.main,
      join(dataDir, 'zoo.cfg'),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const exited = once(child, 'exit');
  const log = collectLog(child);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGCONT');
    child.kill(signal);
    await exited;
  };
  try {
    await answers(child, port, log);
  } catch (error) {
    await end('SIGKILL');
    throw error;
  }
  return {
    connectString: `127.0.0.1:${port}`,
    port,
    pid: child.pid!,
    dataDir,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}

export function configuration(dataDir: string, port: number, tickMs: number): string {
  return [
    `dataDir=${join(dataDir, 'data')}`,
    'clientPortAddress=127.0.0.1',
    `clientPort=${port}`,
    `tickTime=${tickMs}`,
    'maxClientCnxns=0',
    'admin.enableServer=false',
    '4lw.commands.whitelist=*',
    '',
  ].join('\n');
}

/** A port that was free a moment ago; ZooKeeper cannot be told to take any. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const LOG_TAIL_BYTES = 16 << 10;

function collectLog(child: ChildProcess): () => string {
  let text = '';
  const add = (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-LOG_TAIL_BYTES);
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  return () => text;
}

/** There is no event to wait for: the process says nothing when it listens, so it is asked until it answers. */
async function answers(child: ChildProcess, port: number, log: () => string): Promise<void> {
  const deadline = systemClock.monotonic() + START_DEADLINE_MS;
  while (systemClock.monotonic() < deadline && child.exitCode === null) {
    // `ruok` is answered before requests are; `srvr` names its mode only once it serves.
    if ((await askZooKeeper(port, 'srvr')).includes('Mode:')) return;
    await systemClock.sleep(START_POLL_MS);
  }
  throw new Error(`ZooKeeper did not come up on port ${port}:\n${log()}`);
}

export function askZooKeeper(port: number, word: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(word));
    socket.setTimeout(2000, () => socket.destroy());
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', () => resolve(answer));
  });
}
