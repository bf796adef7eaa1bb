// base/directory-lock for simulated machines: held by a living process.
import { CloudTaskError } from '../../../base/errors.js';
import { kernel, type SimulatedProcess } from '../kernel.js';

export interface DirectoryLock {
  release(): Promise<void>;
}

const holders = new Map<string, SimulatedProcess>();

export function resetLocks(): void {
  holders.clear();
}

export async function acquireDirectoryLock(directory: string): Promise<DirectoryLock> {
  const holder = holders.get(directory);
  if (holder !== undefined && holder.mode !== 'dead') {
    throw new CloudTaskError('CT_LOCKED', `"${directory}" is in use by another process`);
  }
  const self = kernel().current!;
  holders.set(directory, self);
  return {
    async release() {
      if (holders.get(directory) === self) holders.delete(directory);
    },
  };
}
