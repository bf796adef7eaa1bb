import type { Identity } from '../tree/acl.js';
import type { DataTree } from '../tree/data-tree.js';
import type { TreeChange } from '../tree/transaction.js';
import type { Notification, Watcher, Watches } from '../tree/watches.js';

/** What an operation knows of the client that asked. */
export interface Caller {
  readonly session: bigint;
  readonly identities: readonly Identity[];
  readonly watcher: Watcher;
}

/** A change that passed all checks against the tree as it is now, and the reply once it was applied. */
export interface Plan<R> {
  /** undefined when the operation only checks. */
  readonly change: TreeChange | undefined;
  result(): R;
}

/** Throws OperationError when the request is refused. Changes nothing itself. */
export interface WriteOperation<Q, R> {
  readonly kind: 'write';
  plan(tree: DataTree, caller: Caller, request: Q): Plan<R>;
}

export interface ReadContext {
  readonly tree: DataTree;
  readonly watches: Watches;
  readonly caller: Caller;
  /** Sends an event to the caller before the reply. */
  readonly notify: (event: Omit<Notification, 'watcher'>) => void;
}

/** May register watches of the caller; changes nothing else. */
export interface ReadOperation<Q, R> {
  readonly kind: 'read';
  answer(context: ReadContext, request: Q): R;
}

/** The next version after `current`, which must be the expected one; -1 expects any. 32-bit, wraps like Java's int. */
export function nextVersion(current: number, expected: number): number | undefined {
  return expected !== -1 && expected !== current ? undefined : (current + 1) | 0;
}
