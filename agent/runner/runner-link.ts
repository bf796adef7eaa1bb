import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { type Clock, CloudTaskError, type Logger } from '../../base/index.js';
import { LineChannel } from './line-channel.js';
import type { FromRunner, ToRunner } from './messages.js';
import { type RunnerFiles, runnerFiles } from './runner-files.js';

/** From the start of the process to its first answer; a bundled runner needs about 50 ms on an idle machine. */
const START_DEADLINE_MS = 15_000;
const RETRY_MS = 10;
/** A small young generation keeps the runner's memory small, and with it the page tables that every fork copies. */
const NODE_OPTIONS = ['--max-semi-space-size=2', '--max-old-space-size=256'];
/** Not handed on: they slow the start of a Node process or change what it does. */
const NOT_INHERITED = ['NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'NODE_V8_COVERAGE', 'NODE_CHANNEL_FD'];
const LOG_TAIL_CHARS = 500;
/** A runner writes a few lines in its life; past this its log begins anew with the next one. */
const LOG_MAX_BYTES = 1024 * 1024;

export interface RunnerLinkOptions {
  readonly dataDir: string;
  readonly index: number;
  readonly runnerEntry: readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
}

export interface RunnerLinkEvents {
  message(message: FromRunner): void;
  /** The connection is gone. Unless it was detached, so is the runner. */
  closed(): void;
}

/** A connection to one runner process. */
export interface RunnerLink {
  readonly pid: number;
  send(message: ToRunner): void;
  /** Closes after what was sent has left. */
  end(): void;
}

/** Connects to the runner of this index, starting it if it does not run. Throws CT_RUNNER when it does not come up. */
export async function openRunnerLink(
  options: RunnerLinkOptions,
  events: RunnerLinkEvents,
  signal: AbortSignal,
): Promise<RunnerLink> {
  const { clock, dataDir, index } = options;
  const files = runnerFiles(dataDir, index);
  const deadline = clock.monotonic() + START_DEADLINE_MS;
  let runner: { failed: () => boolean } | undefined;
  for (;;) {
    signal.throwIfAborted();
    const socket = await tryConnect(files.socket);
    if (socket !== undefined) {
      const link = await greet(socket, events);
      // It may have been leaving just then: start over.
      if (link !== undefined) return link;
    }
    if (runner?.failed() === true || clock.monotonic() > deadline) throw notUp(files);
    runner ??= startRunner(options, files);
    await clock.sleep(RETRY_MS, signal);
  }
}

function tryConnect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      // Nobody listens, or just stopped to (ECONNRESET, EPIPE); EAGAIN: its queue is full.
      if (['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'EAGAIN'].includes(error.code ?? '')) resolve(undefined);
      else
        reject(
          new CloudTaskError('CT_RUNNER', { detail: `cannot connect to "${path}": ${error.message}`, cause: error }),
        );
    });
  });
}

/** Resolves with the link once the runner has said hello, with undefined when it closes before. */
function greet(socket: Socket, events: RunnerLinkEvents): Promise<RunnerLink | undefined> {
  return new Promise((resolve) => {
    let greeted = false;
    const channel = new LineChannel<FromRunner, ToRunner>(socket, {
      message(message) {
        if (greeted) events.message(message);
        else if (message.type === 'hello') {
          greeted = true;
          resolve({ pid: message.pid, send: (out) => channel.send(out), end: () => channel.end() });
        }
      },
      close() {
        if (greeted) events.closed();
        else resolve(undefined);
      },
    });
  });
}

/** Detached, with its own session: it outlives this process. Two agents that do this at once end up with one runner, since
 * the second one finds the lock taken and ends with status 0. */
function startRunner(options: RunnerLinkOptions, files: RunnerFiles): { failed: () => boolean } {
  const { runnerEntry, dataDir, index, log } = options;
  const [program, ...args] = runnerEntry;
  if (program === undefined) throw new CloudTaskError('CT_RUNNER', 'no command to start the runner was given');
  const nodeOptions = program === process.execPath ? NODE_OPTIONS : [];
  const full = (statSync(files.log, { throwIfNoEntry: false })?.size ?? 0) > LOG_MAX_BYTES;
  const output = openSync(files.log, full ? 'w' : 'a', 0o600);
  try {
    const child = spawn(program, [...nodeOptions, ...args, dataDir, String(index)], {
      detached: true,
      windowsHide: true,
      stdio: ['ignore', output, output],
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !NOT_INHERITED.includes(name))),
    });
    let failed = false;
    child.once('error', () => {
      failed = true;
    });
    child.once('exit', (code) => {
      failed = code !== 0;
    });
    child.unref();
    log.info({ runner: index, runnerPid: child.pid }, 'runner started');
    return { failed: () => failed };
  } finally {
    closeSync(output);
  }
}

function notUp(files: RunnerFiles): CloudTaskError {
  const said = readFileSync(files.log, 'utf8').slice(-LOG_TAIL_CHARS).trim();
  return new CloudTaskError('CT_RUNNER', {
    subject: `runner "${files.socket}"`,
    detail: said === '' ? 'did not come up' : `did not come up: ${said}`,
    hint: `see ${files.log}`,
  });
}
