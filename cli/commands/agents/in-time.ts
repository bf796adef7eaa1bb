import { CloudTaskError } from '../../../base/index.js';
import type { CliDeps } from '../../deps.js';

/** The work's result; throws CT_TIMEOUT with what `late` says when it takes longer than `timeoutMs`. */
export async function inTime<T>(work: Promise<T>, timeoutMs: number, deps: CliDeps, late: () => string): Promise<T> {
  let cancel = () => {};
  const timeout = new Promise<never>((_resolve, reject) => {
    const timer = deps.clock.timerAfter(timeoutMs, () => reject(new CloudTaskError('CT_TIMEOUT', late())));
    cancel = () => timer.cancel();
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    cancel();
  }
}
