import { chmodSync, rmSync } from 'node:fs';
import { type Clock, type LogFields, type Logger, messageOf, systemClock, type Timer } from '../../base/index.js';
import { acquireLock, type OwnLimits, platform } from '../platform/index.js';
import { Attempts } from './attempts.js';
import { ExitLog } from './exit-log.js';
import { Launcher } from './launcher.js';
import { runnerFiles } from './runner-files.js';
import { RunnerServer } from './runner-server.js';
import { Terminator } from './terminator.js';

/** Long enough for an agent to be upgraded, short enough not to leave a process behind after an uninstall. */
const IDLE_MS = 60_000;

/**
 * The runner process: `main.js <data directory> <index> [idle ms]`. There is one per data directory and index; a second
 * one ends at once with status 0. It ends by itself when for a minute no agent was connected and nothing ran.
 */
export async function runRunner(argv: readonly string[], openOwnLimits: () => Promise<OwnLimits>): Promise<void> {
  const log = stderrLogger({ runner: Number(argv[1] ?? 0), pid: process.pid });
  ignoreSignals(log);
  // Nothing is running and everything told is durable: open handles of children that left nothing do not matter.
  const ownLimits = await openOwnLimits().catch((error: unknown) => {
    log.info({ reason: messageOf(error) }, 'processes get no mark among their limits');
    return undefined;
  });
  await startRunner(argv, { clock: systemClock, log, ownLimits, exit: () => process.exit(0) });
}

export interface RunnerWorld {
  readonly clock: Clock;
  readonly log: Logger;
  readonly ownLimits?: OwnLimits | undefined;
  /** The runner is of no use any more; ends its process. */
  readonly exit: () => void;
}

/** The runner in a process that somebody else has set up. Resolves when it listens, or at once when another one does. */
export async function startRunner(argv: readonly string[], world: RunnerWorld): Promise<void> {
  const [dataDir, indexText = '0', idleText] = argv;
  if (dataDir === undefined) throw new Error('usage: runner <data directory> <index> [idle ms]');
  const { log } = world;
  const files = runnerFiles(dataDir, Number(indexText));
  let release: () => void;
  try {
    release = acquireLock(files.lock, platform);
  } catch (error) {
    log.info({ reason: messageOf(error) }, 'another runner serves this directory');
    return;
  }
  const exit = () => {
    release();
    log.info({}, 'runner ended');
    world.exit();
  };
  await build(files, { ...world, exit }, idleText === undefined ? IDLE_MS : Number(idleText)).start();
}

function build(files: ReturnType<typeof runnerFiles>, { clock, log, ownLimits, exit }: RunnerWorld, idleMs: number) {
  const exits = new ExitLog({ path: files.exits, log });
  const terminator = new Terminator({ clock, log, platform });
  const attempts = new Attempts({ clock, log, platform, terminator, exits, idle: () => reconsider() });
  const launcher = new Launcher({
    clock,
    log,
    platform,
    ownLimits,
    running: (attempt) => attempts.add(attempt),
    idle: () => reconsider(),
  });
  const server = new RunnerServer({
    log,
    launcher,
    attempts,
    connectionsChanged: () => reconsider(),
    leave: () => leave(),
  });
  let leaving = false;
  let idle: Timer | undefined;

  const end = () => {
    server.close();
    exits.close();
    // After the answer has left.
    setImmediate(exit);
  };
  /** Looks whether the runner is still of use; called whenever that may have changed. */
  const reconsider = () => {
    const busy = attempts.count + launcher.waiting > 0;
    idle?.cancel();
    idle = undefined;
    if (busy) return;
    if (leaving) end();
    else if (server.connections === 0) idle = clock.timerAfter(idleMs, end);
  };
  const leave = () => {
    leaving = true;
    launcher.dropWaiting();
    attempts.cancelAll();
    setImmediate(reconsider);
  };
  return {
    async start() {
      exits.open();
      // Left by a runner that was killed: we hold the lock, so nobody listens there.
      if (process.platform !== 'win32') rmSync(files.socket, { force: true });
      await server.listen(files.socket);
      if (process.platform !== 'win32') chmodSync(files.socket, 0o600);
      log.info({ socket: files.socket }, 'runner listens');
      reconsider();
    },
  };
}

/** The processes outlive a stop of the agent, so the runner does too: a terminal's or a service manager's signal to the
 * whole group is not meant for it. It ends when told over its socket. */
function ignoreSignals(log: Logger): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => log.info({ signal }, 'signal ignored: the runner ends when nothing runs'));
  }
  // Its standard error is a file; a full disk must not end it.
  process.stderr.on('error', () => undefined);
}

function stderrLogger(base: LogFields): Logger {
  const line = (level: string) => (fields: LogFields, sentence: string) => {
    const { err, ...rest } = fields;
    const error = err === undefined ? {} : { error: messageOf(err) };
    const text = JSON.stringify({ time: systemClock.now(), level, ...base, ...rest, ...error, msg: sentence });
    process.stderr.write(`${text}\n`);
  };
  return {
    error: line('error'),
    warn: line('warn'),
    info: line('info'),
    debug: () => undefined,
    child: (fields) => stderrLogger({ ...base, ...fields }),
  };
}
