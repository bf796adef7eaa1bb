import type { ChildProcess } from 'node:child_process';
import type { Timer } from '../../base/index.js';
import type { TreeRoot } from '../platform/index.js';
import type { ExitRecord, StartedRecord, UsageRecord } from './runner.js';

/** Somebody who wants to hear the end of an attempt: a connection. */
export interface Watcher {
  exited(directory: string, exit: ExitRecord): void;
}

/** A limit is a cause where nobody but the runner holds it. */
export type StopCause = 'timedOut' | 'cancelled' | 'memoryBytes' | 'pids';

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
  stop?: { readonly cause: StopCause };
  /** After a stop: nothing of the tree is left, or what is left cannot be ended. */
  treeGone?: boolean;
  end?: ChildEnd;
  /** As far as it was measured. */
  usage?: UsageRecord;
  /** The kernel ended it, by the limit of its cgroup. */
  outOfMemory?: boolean;
}

export function exitRecordOf(attempt: RunningAttempt, end: ChildEnd): ExitRecord {
  const known = end.exitCode !== undefined || end.signal !== undefined;
  return {
    ...(end.exitCode === undefined ? {} : { exitCode: end.exitCode }),
    ...(end.signal === undefined ? {} : { signal: end.signal }),
    endTime: end.endTime,
    ...causeOf(attempt, end),
    ...(known ? {} : { statusUnknown: true }),
    ...(attempt.usage === undefined ? {} : { usage: attempt.usage }),
    ...(attempt.started.limitedBy === undefined ? {} : { limitedBy: attempt.started.limitedBy }),
  };
}

function causeOf(
  { stop, outOfMemory }: RunningAttempt,
  { signal }: ChildEnd,
): Pick<ExitRecord, 'timedOut' | 'cancelled' | 'limit'> {
  if (stop?.cause === 'memoryBytes' || stop?.cause === 'pids') return { limit: stop.cause };
  if (stop !== undefined) return { [stop.cause]: true };
  return outOfMemory === true && signal === 'SIGKILL' ? { limit: 'memoryBytes' } : {};
}
