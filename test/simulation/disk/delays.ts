import { kernel } from '../kernel.js';
import type { Disk } from './disk.js';

/** Ranges in ms, of a disk that is neither idle nor overloaded. */
const OPERATION_MS = { from: 0.02, to: 0.3 };
const SYNC_MS = { from: 0.2, to: 5 };

export function operationDelayMs(disk: Disk): number {
  return draw(disk, OPERATION_MS);
}

/** Without a disk there is nothing to wait for: the descriptor is not open. */
export function syncDelayMs(disk: Disk | undefined): number {
  return disk === undefined ? OPERATION_MS.from : draw(disk, SYNC_MS);
}

function draw({ random }: Disk, { from, to }: { from: number; to: number }): number {
  return from + random.next() * (to - from);
}

/** Carries out `operation` as an event of the present process: should that be killed before, it has never happened. */
export function later<T>(delayMs: number, operation: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    kernel().after(delayMs, () => {
      try {
        resolve(operation());
      } catch (error) {
        reject(error);
      }
    });
  });
}
