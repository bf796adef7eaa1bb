import type { Clock } from '../../base/index.js';
import { isFinal, type LogStream, type Run } from '../../manifests/index.js';
import type { Change, Store, Stored } from '../store/index.js';
import type { ChangeHub } from './change-hub.js';
import { WakeSignal } from './wake-signal.js';

/** Bytes read at a time. */
const SLICE_BYTES = 256 * 1024;
/** A reader that waits hears from us this often, so that both sides notice a dead connection. */
export const PING_MS = 5000;
/** After the end of a run its agent sends the rest of the output. When nothing has come for this long, it will not. */
const REST_MS = 30_000;

export interface LogPosition {
  readonly attempt: number;
  readonly offset: number;
}

export type LogItem =
  | {
      readonly type: 'piece';
      readonly attempt: number;
      readonly offset: number;
      readonly stream: LogStream;
      readonly time: number;
      readonly bytes: Buffer;
    }
  /** Nothing new; everything before `position` has been given out. */
  | { readonly type: 'ping'; readonly position: LogPosition }
  | { readonly type: 'end'; readonly attempt: number; readonly run: Stored<Run> };

export interface LogReaderOptions {
  readonly store: Store;
  readonly hub: ChangeHub;
  readonly clock: Clock;
  readonly run: Stored<Run>;
  readonly from: LogPosition;
  /** Reads `from.attempt` only; all attempts from there in order otherwise. */
  readonly single: boolean;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/** The highest attempt of a run that is known of, at least 1. */
export function lastAttempt(run: Run): number {
  return Math.max(1, run.status?.attempts?.at(-1)?.number ?? 1);
}

/**
 * Reads the output of a run from a position. With `follow` it goes on until the run is over and its output complete;
 * without, until what there is has been read. Ends with an `end` item when the run is over and nothing more will come.
 */
export async function* readRunLog(options: LogReaderOptions): AsyncGenerator<LogItem> {
  const { store, clock, signal } = options;
  const signals = new WakeSignal();
  const uid = options.run.metadata.uid;
  let run: Stored<Run> | undefined = options.run;
  const offs = [
    store.onLog(({ runUid }) => {
      if (runUid === uid) signals.wake();
    }),
    options.hub.on('Run', ({ object, type }: Change) => {
      if (object.metadata.uid !== uid) return;
      run = type === 'DELETED' ? undefined : (object as Stored<Run>);
      signals.wake();
    }),
  ];
  const onAbort = () => signals.wake();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    // The run may have moved on between the caller's look at it and the subscription.
    run = await store.getByUid<Run>('Run', uid);
    let { attempt, offset } = options.from;
    let quietSince = clock.monotonic();
    while (run !== undefined && !signal.aborted) {
      const slice = await store.readLog(uid, attempt, offset, SLICE_BYTES);
      for (const { stream, time, bytes } of slice.pieces) {
        yield { type: 'piece', attempt, offset, stream, time, bytes };
        offset += bytes.length;
      }
      if (slice.pieces.length > 0) quietSince = clock.monotonic();
      if (slice.pieces.length > 0 && !slice.ended) continue;
      const quietMs = clock.monotonic() - quietSince;
      const next = await nextStep(options, run, attempt, slice.ended, quietMs);
      if (next === 'end') {
        yield { type: 'end', attempt, run };
        return;
      }
      if (next === 'stop') return;
      if (next === 'attempt') {
        attempt += 1;
        offset = 0;
        quietSince = clock.monotonic();
        continue;
      }
      if (!(await signals.wait(clock, PING_MS))) yield { type: 'ping', position: { attempt, offset } };
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    for (const off of offs) off();
  }
}

/** What to do at the end of what there is of an attempt. */
async function nextStep(
  options: LogReaderOptions,
  run: Stored<Run>,
  attempt: number,
  complete: boolean,
  quietMs: number,
): Promise<'end' | 'stop' | 'attempt' | 'wait'> {
  const { store, single, follow } = options;
  const later = attempt < lastAttempt(run) || (await store.logLength(run.metadata.uid, attempt + 1)).bytes > 0;
  const state = run.status?.state ?? 'Pending';
  const over = isFinal(state) || later;
  // A lost run's agent is silent, and a run that never started has no output: there is nothing to wait for.
  const nothingComes = state === 'Lost' || (isFinal(state) && (run.status?.attempts ?? []).length === 0);
  const done = complete || (over && (nothingComes || quietMs >= REST_MS));
  if (!done && follow) return 'wait';
  if (later && !single) return 'attempt';
  if (done && (isFinal(state) || single)) return 'end';
  return follow ? 'wait' : 'stop';
}
