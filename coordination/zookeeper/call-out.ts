/**
 * Calls a listener of others. What it throws is its programmer's error: it is thrown again where nothing of ours is on
 * the stack, so that it crashes the process as usual but can neither end a parse loop nor keep other listeners waiting.
 */
export function callOut(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
