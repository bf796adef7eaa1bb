import type { Platform } from './platform.js';
import { posix } from './posix.js';
import { createWin32 } from './win32.js';

export { type Account, findAccount, findGroup, groupsOf } from './accounts.js';
export {
  cgroupMembers,
  cgroupUsage,
  killCgroup,
  makeCgroup,
  prepareCgroups,
  removeCgroup,
} from './limits/cgroup.js';
export { type FoundCgroups, findCgroups } from './limits/find-cgroups.js';
export { enforcement, type LimitedBy, type LimitName, type Limits } from './limits/limits.js';
export { type OwnLimits, openOwnLimits } from './limits/own-limits.js';
export { acquireLock } from './lock-file.js';
export type { Platform, TreeMember, TreeRoot, TreeUsage } from './platform.js';

/** The machine this process runs on. */
export const platform: Platform = process.platform === 'win32' ? createWin32() : posix;
