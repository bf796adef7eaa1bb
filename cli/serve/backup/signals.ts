// A command that must not leave half of its work behind ends when it has cleaned up.
import { constants } from 'node:os';

/** `work` is given a signal that aborts with SIGINT or SIGTERM; when it has ended then, the process ends as others do that are ended so. */
export async function untilCutShort<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let code = 0;
  const listeners = (['SIGINT', 'SIGTERM'] as const).map((name) => {
    const listener = () => {
      code = 128 + constants.signals[name];
      controller.abort(new Error(`ended by ${name}`));
    };
    process.once(name, listener);
    return () => process.off(name, listener);
  });
  try {
    return await work(controller.signal);
  } catch (error) {
    if (code !== 0) process.exit(code);
    throw error;
  } finally {
    for (const off of listeners) off();
  }
}
