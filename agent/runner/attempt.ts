import type { ChildProcess } from 'node:child_process';
import type { Timer } from '../../base/index.js';
import type { TreeRoot } from '../platform/index.js';
import type { ExitRecord, StartedRecord } from './runner.js';

/** Somebody who wants to hear the end of an attempt: a connection. */
export interface Watcher {
  exited(directory: string, exit: ExitRecord): void;
}

/** How the direct child ended. Without exitCode and signal: it is gone, nobody knows how. */
export interface ChildEnd {
  readonly exitCode?: number;
  readonly signal?: string;
  readonly endTime: number;
}

/**
 * A process the runner is responsible for. It is running until `end` is set, and stopping once `stop` is set; an attempt
 * that is being stopped is over only when nothing of its tree is left. The first cause to stop it is the one recorded.
 */
export interface RunningAttempt {
  readonly directory: string;
  started: StartedRecord;
  root: TreeRoot;
  /** The marker's file, open until pid and start time are written to it or the attempt has ended. */
  marker?: number;
  readonly watchers: Set<Watcher>;
  /** Undefined for an adopted process, which is watched by its pid. */
  readonly child?: ChildProcess;
  timeout?: Timer;
  stop?: { readonly cause: 'timedOut' | 'cancelled' };
  /** After a stop: nothing of the tree is left, or what is left cannot be ended. */
  treeGone?: boolean;
  end?: ChildEnd;
}

export function exitRecordOf(attempt: RunningAttempt, end: ChildEnd): ExitRecord {
  const known = end.exitCode !== undefined || end.signal !== undefined;
  return {
    ...(end.exitCode === undefined ? {} : { exitCode: end.exitCode }),
    ...(end.signal === undefined ? {} : { signal: end.signal }),
    endTime: end.endTime,
    ...(attempt.stop === undefined ? {} : { [attempt.stop.cause]: true }),
    ...(known ? {} : { statusUnknown: true }),
  };
}
