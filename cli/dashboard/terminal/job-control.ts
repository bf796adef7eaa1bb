// The process among the jobs of a shell.
import type { Clock } from '../../../base/index.js';
import { takeListeners } from '../../signal-listeners.js';

/** A process that cannot be stopped, since no shell controls it, goes on after this. */
const STOPPED_WITHIN_MS = 200;

/** Stops the whole job, as Ctrl-Z does: a wrapper of ours must stop too, or the shell would wait for it. Resolves once the job
 * goes on, or soon when nothing can stop it. */
export async function stopProcess(clock: Clock): Promise<void> {
  const listeners = takeListeners('SIGTSTP'); // without a listener the signal does what it is for
  try {
    await new Promise<void>((resolve) => {
      const done = () => {
        timer.cancel();
        process.off('SIGCONT', done);
        resolve();
      };
      const timer = clock.timerAfter(STOPPED_WITHIN_MS, done);
      process.on('SIGCONT', done);
      process.kill(0, 'SIGTSTP');
    });
  } finally {
    listeners.giveBack();
  }
}
