// `ctask up`: everything on one machine, as the separate processes it would be in production, under one supervisor.
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Logger, ResolvedOptions } from '../../base/index.js';
import { acquireDirectoryLock } from '../../base/index.js';
import { writeContext } from '../client/index.js';
import { addOptions, readOptions } from './command.js';
import { dataDirectory, PORT_FILE } from './data-dir.js';
import { firstLogIn } from './first-log-in.js';
import { guestsOf } from './guests.js';
import { announceReady, untilAskedToEnd } from './lifecycle.js';
import { createLogger } from './logging.js';
import { upOptions } from './option-tables.js';
import { quoted } from './quoted.js';
import { Part } from './supervisor.js';

export function defineUp(program: Command): void {
  const command = program
    .command('up')
    .description('Run everything on this machine: coordination, a center and an agent; Ctrl-C ends it all');
  addOptions(command, upOptions)
    .addHelpText(
      'after',
      `
Examples:
  # Start; then, in another terminal: ctask apply -f examples/hello && ctask get runs -w
  ctask up

  # A second one beside it, with two agents, on any free port
  ctask up --data-dir /tmp/ctask-b --port 0 --agents 2
`,
    )
    .action((flags) => runUp(flags));
}

async function runUp(flags: Record<string, unknown>): Promise<void> {
  const options = await readOptions(upOptions, flags, process.env);
  const dataDir = await dataDirectory(options, 'up', process.env);
  const lock = await acquireDirectoryLock(dataDir);
  const log = createLogger({
    level: options.logLevel as string,
    process: 'up',
    destination: join(dataDir, 'logs', 'up.log'),
  });
  const end = untilAskedToEnd(log);
  const parts: Part[] = [];
  try {
    const started = await Promise.race([startParts(options, dataDir, log, parts), end]);
    if (typeof started === 'string') return;
    const context = await introduce(options, flags, dataDir, started);
    announceReady({ url: started.url, context });
    await end;
    process.stdout.write('Stopping…\n');
  } finally {
    for (const part of parts.reverse()) await part.stop();
    await lock.release();
  }
}

interface Started {
  readonly url: string;
  readonly adminTokenFile: string;
  /** See Center. */
  readonly setUpFile?: string;
  /** Words to type for one more agent of this installation. */
  readonly agentCommand: string;
}

/** Starts coordination, center and agents in this order; each joins `parts` before it starts, so that it is ended too. */
async function startParts(options: ResolvedOptions, dataDir: string, log: Logger, parts: Part[]): Promise<Started> {
  const guests = guestsOf(options);
  const allowed = options.notifyAllow as readonly string[];
  const logs = join(dataDir, 'logs');
  await mkdir(logs, { recursive: true, mode: 0o700 });
  const level = ['--log-level', options.logLevel as string];
  const start = async (name: string, args: (last: Record<string, string | number> | undefined) => string[]) => {
    const part = new Part({ name, args: (last) => [...args(last), ...level], logFile: join(logs, `${name}.log`) }, log);
    part.events.on('died', ({ code, signal }) =>
      process.stderr.write(
        `${args(undefined)[0] === name ? name : `agent ${name}`} ended with ${signal ?? `exit code ${code}`} and is started again (see ${join(logs, `${name}.log`)})\n`,
      ),
    );
    parts.push(part);
    return await part.start();
  };
  const coordinationDir = join(dataDir, 'coordination');
  const earlierPort = await freePortOf(coordinationDir);
  const coordination = await start('coordination', (last) => [
    'coordination',
    '--data-dir',
    coordinationDir,
    '--port',
    String(last?.port ?? earlierPort),
  ]);
  const zookeeper = ['--zookeeper', `127.0.0.1:${coordination.port}`];
  const center = await start('center', (last) => [
    'center',
    '--data-dir',
    join(dataDir, 'center'),
    '--port',
    last === undefined ? String(options.port) : new URL(String(last.url)).port,
    ...zookeeper,
    ...(guests ? ['--guest', 'viewer'] : []),
    ...(options.externalUrl === undefined ? [] : ['--external-url', options.externalUrl as string]),
    ...(allowed.length === 0 ? [] : ['--notify-allow', allowed.join(',')]),
  ]);
  const base = hostname()
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '-');
  for (let i = 1; i <= (options.agents as number); i++) {
    const name = options.agents === 1 ? base : `${base}-${i}`;
    await start(name === 'center' || name === 'coordination' ? `agent-${i}` : name, () => [
      'agent',
      '--name',
      name,
      '--data-dir',
      join(dataDir, 'agents', name),
      '--center',
      String(center.url),
      '--token-file',
      String(center.agentTokenFile),
      ...zookeeper,
    ]);
  }
  // A name of its own: without one it would be the one of this machine, which the first agent has.
  const agentCommand = [
    ...['ctask agent', '--name', `${base}-${(options.agents as number) + 1}`, '--center', String(center.url)],
    ...[...zookeeper, '--token-file', quoted(String(center.agentTokenFile))],
  ].join(' ');
  const setUp = center.setUpFile === undefined ? {} : { setUpFile: String(center.setUpFile) };
  return { url: String(center.url), adminTokenFile: String(center.adminTokenFile), ...setUp, agentCommand };
}

/** The port of the start before, so that further agents find coordination again; 0, which is any, when it is taken or unknown. */
async function freePortOf(coordinationDir: string): Promise<number> {
  const text = await readFile(join(coordinationDir, PORT_FILE), 'utf8').catch(() => '');
  const port = Number(text.trim());
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return 0;
  return new Promise((resolve) => {
    const trial = createServer();
    trial.once('error', () => resolve(0));
    trial.listen(port, '127.0.0.1', () => trial.close(() => resolve(port)));
  });
}

/** Writes the context, so that the next `ctask get tasks` just works, and says what to do now. */
async function introduce(
  options: ResolvedOptions,
  flags: Record<string, unknown>,
  dataDir: string,
  started: Started,
): Promise<string> {
  const standard = flags.dataDir === undefined && process.env.CTASK_DATA_DIR === undefined;
  const name =
    (options.contextName as string | undefined) ??
    (standard ? 'local' : `local-${createHash('sha256').update(dataDir).digest('hex').slice(0, 6)}`);
  const written = await writeContext({
    name,
    server: started.url,
    tokenFile: started.adminTokenFile,
    makeCurrent: options.useContext as boolean,
  });
  const flag = written.current ? '' : ` --context ${name}`;
  process.stdout.write(
    [
      `CloudTask is up at ${started.url} (data in ${dataDir})`,
      `Console: ${started.url}/console/ (sign in with the token in ${started.adminTokenFile})${started.setUpFile === undefined ? '' : ', or as follows'}`,
      ...(started.setUpFile === undefined ? [] : [await firstLogIn(started.url, started.setUpFile)]),
      `Context "${name}" written to ${written.path}${written.current ? ' and current' : ''}`,
      '',
      'In another terminal:',
      `  ctask${flag} apply -f examples/hello`,
      `  ctask${flag} get runs -w`,
      `  ctask${flag} logs -f task/hello`,
      '',
      'One more agent on this machine:',
      `  ${started.agentCommand}`,
      '',
      'Ctrl-C ends everything.',
      '',
    ].join('\n'),
  );
  return name;
}
