// Signals of the terminal reach every process of a job. What this process does about them gives way for a while to what
// somebody else does who has the terminal.

/** Ctrl-C is not for this process while `work` runs, e.g. an editor. */
export async function withoutInterrupts<T>(work: () => Promise<T>): Promise<T> {
  const listeners = takeListeners('SIGINT');
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  try {
    return await work();
  } finally {
    process.off('SIGINT', ignore);
    listeners.giveBack();
  }
}

/** Without listeners a signal does what it is for. */
export function takeListeners(signal: NodeJS.Signals): { giveBack(): void } {
  const listeners = process.listeners(signal);
  for (const listener of listeners) process.off(signal, listener);
  return {
    giveBack() {
      for (const listener of listeners) process.on(signal, listener);
    },
  };
}
