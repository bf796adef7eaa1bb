// Every way out of the program gives the terminal back (I-11). SIGINT and SIGTERM are the command's, like those of any other.
import { constants } from 'node:os';
import type { Logger } from '../../../base/index.js';
import type { TerminalDevice } from './device.js';
import type { TerminalSession } from './session.js';

/** Something that throws again and again must not fill the disk. */
const DEFECTS_LOGGED_MAX = 20;

export interface WaysOut {
  /** Rejects with the first error that nobody caught; the terminal has been given back by then. */
  readonly failed: Promise<never>;
  release(): void;
}

export function watchWaysOut(
  session: Pick<TerminalSession, 'restore' | 'stop' | 'resume'>,
  device: Pick<TerminalDevice, 'stdin'>,
  log: Logger,
): WaysOut {
  const { promise: failed, reject } = withRejection();
  let defects = 0;
  const gone = () => endBy('SIGHUP');
  const endBy = (signal: 'SIGHUP' | 'SIGQUIT'): never => {
    session.restore();
    process.exit(128 + constants.signals[signal]);
  };
  const onProcess = {
    exit: () => session.restore(),
    SIGHUP: gone,
    SIGQUIT: () => endBy('SIGQUIT'),
    SIGTSTP: () => void session.stop(),
    SIGCONT: () => session.resume(),
    // A rejection that nobody handles comes here too.
    uncaughtException: (error: unknown) => {
      session.restore();
      defects += 1;
      if (defects <= DEFECTS_LOGGED_MAX) log.error({ error }, 'an error was not handled');
      reject(error);
    },
  };
  const listeners = Object.entries(onProcess).filter(
    ([name]) => process.platform !== 'win32' || !/TSTP|CONT/.test(name),
  );
  for (const [name, listener] of listeners) process.on(name, listener as () => void);
  // A terminal that was closed while the signal went elsewhere.
  device.stdin.on('end', gone);
  device.stdin.on('error', gone);
  return {
    failed,
    release() {
      for (const [name, listener] of listeners) process.off(name, listener as () => void);
      device.stdin.off('end', gone);
      device.stdin.off('error', gone);
    },
  };
}

function withRejection(): { promise: Promise<never>; reject(error: unknown): void } {
  let reject!: (error: unknown) => void;
  const promise = new Promise<never>((_resolve, refuse) => {
    reject = refuse;
  });
  promise.catch(() => undefined); // whoever waits for it learns it; nobody may be waiting any more
  return { promise, reject };
}
