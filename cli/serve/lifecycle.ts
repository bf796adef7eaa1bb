// How a server process lives: it starts, tells its parent that it is ready, waits for a reason to end, and stops. A parent
// that supervises it is heard over the IPC channel; when that channel closes, the parent is gone and the process ends too.
import type { Logger } from '../../base/index.js';

/** What a supervised process says to its parent. */
export interface ReadyMessage {
  readonly type: 'ready';
  readonly info: Record<string, string | number>;
}
/** What a parent says to the processes it supervises. */
export interface StopMessage {
  readonly type: 'stop';
}

export type EndReason = 'signal' | 'stop' | 'orphaned';

export function announceReady(info: Record<string, string | number>): void {
  const message: ReadyMessage = { type: 'ready', info };
  process.send?.(message);
}

/** Resolves with the first reason to end. A second signal ends the process at once, by that signal. */
export function untilAskedToEnd(log: Logger): Promise<EndReason> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        log.info({ signal }, 'asked to end');
        process.once(signal, () => {
          process.stderr.write('Ending at once; what still runs is taken up by the next start.\n');
          process.kill(process.pid, signal);
        });
        resolve('signal');
      });
    }
    process.on('message', (message: StopMessage) => {
      if (message.type === 'stop') resolve('stop');
    });
    if (process.send !== undefined) process.once('disconnect', () => resolve('orphaned'));
  });
}
