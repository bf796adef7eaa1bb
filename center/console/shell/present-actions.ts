// What can be asked of the object that the page is about: the page says it, the command palette offers it.
import { useEffect, useSyncExternalStore } from 'react';
import type { Permission } from '../state/rights.js';

export interface PresentAction {
  /** The word of its button, and the object. */
  readonly name: string;
  readonly command: string;
  readonly permission: Permission;
  readonly start: () => void;
}

let present: readonly PresentAction[] = [];
const listeners = new Set<() => void>();

function say(actions: readonly PresentAction[]): void {
  present = actions;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** @param actions undefined for buttons that are not those of the page */
export function useOffering(actions: readonly PresentAction[] | undefined): void {
  const offered = actions?.map(({ name, permission }) => `${name} ${permission.allowed}`).join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: new functions for the same actions are no change
  useEffect(() => {
    if (actions === undefined) return undefined;
    say(actions);
    return () => say([]);
  }, [offered]);
}

export function usePresentActions(): readonly PresentAction[] {
  return useSyncExternalStore(subscribe, () => present);
}
