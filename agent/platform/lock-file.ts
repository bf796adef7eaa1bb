import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { CloudTaskError } from '../../base/index.js';
import type { Platform } from './platform.js';

interface Holder {
  readonly pid: number;
  readonly start?: string;
  readonly bootId: string;
}

/** Each failure to take the lock over means that somebody else just did; more than a few in a row do not happen. */
const TRIES = 5;

/**
 * Takes an exclusive lock that dies with its holder: the file names a process by pid, start time and boot id. Returns the
 * function that gives it back. Throws CT_LOCKED when the holder lives.
 */
export function acquireLock(path: string, platform: Platform): () => void {
  const start = platform.processStart(process.pid);
  const self: Holder = { pid: process.pid, bootId: platform.bootId(), ...(start === undefined ? {} : { start }) };
  const content = JSON.stringify(self);
  for (let i = 0; i < TRIES; i++) {
    if (create(path, content)) return () => release(path, content);
    const found = read(path);
    if (found === undefined) continue;
    if (lives(found, self.bootId, platform)) {
      throw new CloudTaskError('CT_LOCKED', {
        subject: `"${path}"`,
        detail: `held by process ${holderOf(found)?.pid}`,
      });
    }
    takeAway(path, found);
  }
  throw new CloudTaskError('CT_LOCKED', { subject: `"${path}"`, detail: 'several processes want it at once' });
}

/** Written whole under another name and then linked, so that nobody ever reads half a lock. */
function create(path: string, content: string): boolean {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  writeFileSync(temporary, content, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(temporary);
  }
}

/** Two processes may both find the holder dead; the slower one must not remove the lock of the faster one. So the file is
 * moved aside first, and put back when it turns out not to be the one that was judged. */
function takeAway(path: string, judged: string): void {
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (read(aside) !== judged) create(path, read(aside) ?? '');
  unlinkSync(aside);
}

function release(path: string, content: string): void {
  if (read(path) === content) unlinkSync(path);
}

function lives(content: string, bootId: string, platform: Platform): boolean {
  const holder = holderOf(content);
  return holder !== undefined && holder.bootId === bootId && platform.processAlive(holder.pid, holder.start);
}

function holderOf(content: string): Holder | undefined {
  try {
    return JSON.parse(content) as Holder;
  } catch {
    return undefined; // not one of ours, or damaged by a power cut: nobody holds it
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
