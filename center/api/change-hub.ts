import type { KindName } from '../../manifests/index.js';
import { type Change, type Store, type Stored, storedText } from '../store/index.js';

/**
 * One subscription to the store for all open watches: hands each change to those who watch its kind, and turns an object
 * into JSON once, however many watch it.
 */
export class ChangeHub {
  private readonly listeners = new Map<KindName, Set<(change: Change) => void>>();
  private readonly texts = new WeakMap<Stored, string>();
  private readonly store: Store;
  private off: (() => void) | undefined;

  constructor(store: Store) {
    this.store = store;
  }

  start(): void {
    this.off ??= this.store.onChange((changes) => {
      for (const change of changes) {
        for (const listener of [...(this.listeners.get(change.kind) ?? [])]) listener(change);
      }
    });
  }

  stop(): void {
    this.off?.();
    this.off = undefined;
  }

  /** Called synchronously after each commit; returns the function that unsubscribes. */
  on(kind: KindName, listener: (change: Change) => void): () => void {
    const set = this.listeners.get(kind) ?? new Set();
    this.listeners.set(kind, set);
    set.add(listener);
    return () => void set.delete(listener);
  }

  textOf(object: Stored): string {
    let text = this.texts.get(object);
    if (text === undefined) {
      text = storedText(object) ?? JSON.stringify(object);
      this.texts.set(object, text);
    }
    return text;
  }
}
