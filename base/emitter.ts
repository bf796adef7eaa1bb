/**
 * A typed event map: `E` names each event and its payload. Listeners run synchronously in order of registration; one that
 * throws is a programmer error and propagates. Services use it for telemetry, and tests wait on it instead of sleeping.
 */
export class Emitter<E extends Record<string, unknown>> {
  private readonly listeners = new Map<keyof E, Set<(payload: never) => void>>();

  /** Returns the function that unsubscribes. */
  on<K extends keyof E>(event: K, listener: (payload: E[K]) => void): () => void {
    let set = this.listeners.get(event);
    if (set === undefined) {
      set = new Set();
      this.listeners.set(event, set);
    }
    set.add(listener);
    return () => void set.delete(listener);
  }

  emit<K extends keyof E>(event: K, payload: E[K]): void {
    for (const listener of [...(this.listeners.get(event) ?? [])]) (listener as (payload: E[K]) => void)(payload);
  }

  /** The next event for which `accept` holds; rejects when the signal aborts. */
  next<K extends keyof E>(
    event: K,
    accept: (payload: E[K]) => boolean = () => true,
    signal?: AbortSignal,
  ): Promise<E[K]> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const off = this.on(event, (payload) => {
        if (!accept(payload)) return;
        done();
        resolve(payload);
      });
      const onAbort = () => {
        done();
        reject(signal?.reason);
      };
      const done = () => {
        off();
        signal?.removeEventListener('abort', onAbort);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}
