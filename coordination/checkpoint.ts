// Rule R13: what tells a coordination that was restored from a backup from one that went on.
//
// The checkpoint stands here and in the store; the leader moves both regularly, so the one that is behind was restored.
// The guard says how many restores have been dealt with, and whether one is being dealt with now: agents watch it.
import { type Coordinator, isCoordinationError, type Operation, type Watcher } from './coordinator.js';
import type { Layout } from './layout.js';

export interface Checkpoint {
  /** Grows by one with each checkpoint. */
  readonly number: number;
  /** Random, so that two histories that count alike are told apart. */
  readonly mark: string;
  /** Latest resourceVersion of the store when it was written. */
  readonly resourceVersion: number;
}

export interface Guard {
  /** Restores of coordination that were dealt with. */
  readonly restores: number;
  /** raising: cursors are brought to where they were; nothing is claimed until it is open again. */
  readonly state: 'open' | 'raising';
  /** Names the latest dealing with a restore: agents answer to it. */
  readonly id: string;
}

export interface Found<T> {
  readonly value: T;
  readonly version: number;
  /** Server's wall clock at the last write, ms. */
  readonly mtime: number;
}

export async function readCheckpoint(
  coordinator: Coordinator,
  layout: Layout,
  watcher?: Watcher,
): Promise<Found<Checkpoint> | undefined> {
  return read<Checkpoint>(coordinator, layout.checkpoint, watcher);
}

/** undefined: nothing was ever restored here. A watcher then hears of the first time. */
export async function readGuard(
  coordinator: Coordinator,
  layout: Layout,
  watcher?: Watcher,
): Promise<Found<Guard> | undefined> {
  const found = await read<Guard>(coordinator, layout.guard, watcher);
  if (found !== undefined || watcher === undefined) return found;
  if ((await coordinator.exists(layout.guard, watcher)) === undefined) return undefined;
  return read<Guard>(coordinator, layout.guard);
}

/** The write of a node that may not be there yet; to be sent with a check of the epoch. */
export function checkpointWrite(layout: Layout, before: { version: number } | undefined, value: Checkpoint): Operation {
  return write(layout.checkpoint, before, value);
}

export function guardWrite(layout: Layout, before: { version: number } | undefined, value: Guard): Operation {
  return write(layout.guard, before, value);
}

/** Transactions of this size raise the epoch quickly and do not hold up others. */
const RAISES_PER_MULTI = 50;

/**
 * Writes `<root>/epoch` until its version is at least `epoch`: after a restore the epochs of elections that the store has
 * seen would be given out a second time. No leader's epoch is valid any more afterwards; the next election brings one.
 */
export async function catchUpEpoch(coordinator: Coordinator, layout: Layout, epoch: number): Promise<void> {
  const { data, stat } = await coordinator.getData(layout.epoch);
  for (let version = stat.version; version < epoch; version += RAISES_PER_MULTI) {
    const count = Math.min(RAISES_PER_MULTI, epoch - version);
    const writes = Array.from({ length: count }, (_, i) => write(layout.epoch, { version: version + i }, data));
    await coordinator.multi(writes);
  }
}

function write(path: string, before: { version: number } | undefined, value: object): Operation {
  const data = Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value));
  return before === undefined ? { op: 'create', path, data } : { op: 'setData', path, data, version: before.version };
}

async function read<T>(coordinator: Coordinator, path: string, watcher?: Watcher): Promise<Found<T> | undefined> {
  try {
    const { data, stat } = await coordinator.getData(path, watcher);
    return { value: JSON.parse(data.toString()) as T, version: stat.version, mtime: stat.mtime };
  } catch (error) {
    if (isCoordinationError(error, 'noNode')) return undefined;
    throw error;
  }
}
