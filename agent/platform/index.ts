import type { Platform } from './platform.js';
import { posix } from './posix.js';
import { createWin32 } from './win32.js';

export { acquireLock } from './lock-file.js';
export type { Platform, TreeMember, TreeRoot } from './platform.js';

/** The machine this process runs on. */
export const platform: Platform = process.platform === 'win32' ? createWin32() : posix;
