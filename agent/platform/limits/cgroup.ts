// Groups of processes that the kernel keeps together and limits (cgroup v2, Documentation/admin-guide/cgroup-v2.rst). An operator
// gives the agent a directory of that file system; each attempt gets one below it.
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Limits } from './limits.js';

/** Those that limits need. A kernel without one of them limits the rest. */
const CONTROLLERS = ['cpu', 'memory', 'pids'] as const;
/** The path goes into the marker of each attempt, which has little room (attempt-files.ts). */
const PARENT_MAX_CHARS = 256;
/** Of cpu.max: within each period of this long. */
const CPU_PERIOD_US = 100_000;
const MILLIS_OF_A_CORE = 1000;

/** Makes the directory ready for groups below it. Throws when it is no cgroup v2 that this process may write to. */
export function prepareCgroups(parent: string): readonly string[] {
  if (parent.length > PARENT_MAX_CHARS) throw new Error(`its path has more than ${PARENT_MAX_CHARS} characters`);
  const offered = words(readFileSync(join(parent, 'cgroup.controllers'), 'utf8'));
  for (const controller of CONTROLLERS.filter((each) => offered.includes(each))) {
    writeFileSync(join(parent, 'cgroup.subtree_control'), `+${controller}`);
  }
  const probe = join(parent, 'ctask-probe');
  mkdirSync(probe, { recursive: true });
  rmdirSync(probe);
  return controllersOf(parent);
}

/** The controllers that groups below the directory have. */
function controllersOf(parent: string): readonly string[] {
  return words(readIfThere(join(parent, 'cgroup.subtree_control')) ?? '');
}

export interface Cgroup {
  readonly path: string;
  readonly controllers: readonly string[];
}

/** Makes the group of an attempt, with its limits as far as the kernel has a controller for them. */
export function makeCgroup(parent: string, name: string, limits: Limits): Cgroup {
  const path = join(parent, name);
  mkdirSync(path, { recursive: true });
  const controllers = controllersOf(parent);
  const { cpuMillis, memoryBytes, pids } = limits;
  const write = (file: string, value: string) => writeFileSync(join(path, file), value);
  if (cpuMillis !== undefined && controllers.includes('cpu')) {
    write('cpu.max', `${Math.round((CPU_PERIOD_US * cpuMillis) / MILLIS_OF_A_CORE)} ${CPU_PERIOD_US}`);
  }
  if (memoryBytes !== undefined && controllers.includes('memory')) {
    write('memory.max', String(memoryBytes));
    // All of the tree or nothing: half of one would go on with nobody knowing.
    write('memory.oom.group', '1');
  }
  if (pids !== undefined && controllers.includes('pids')) write('pids.max', String(pids));
  return { path, controllers };
}

/** Pids of its processes; none when it is gone. */
export function cgroupMembers(path: string): number[] {
  return words(readIfThere(join(path, 'cgroup.procs')) ?? '').map(Number);
}

/** Ends all of its processes at once, also those that are just being forked. Kernels before 5.14 cannot. */
export function killCgroup(path: string): void {
  try {
    writeFileSync(join(path, 'cgroup.kill'), '1', { flag: 'r+' });
  } catch {
    // Not there: the members are ended one by one, as without a group.
  }
}

export interface CgroupUsage {
  readonly cpuMs?: number;
  readonly peakBytes?: number;
  /** The kernel ended it because of its limit on memory. */
  readonly outOfMemory: boolean;
}

export function cgroupUsage(path: string): CgroupUsage {
  const cpuUs = field(readIfThere(join(path, 'cpu.stat')), 'usage_usec');
  const peak = readIfThere(join(path, 'memory.peak'));
  const kills = field(readIfThere(join(path, 'memory.events')), 'oom_kill');
  return {
    ...(cpuUs === undefined ? {} : { cpuMs: Math.round(cpuUs / 1000) }),
    ...(peak === undefined ? {} : { peakBytes: Number(peak) }),
    outOfMemory: (kills ?? 0) > 0,
  };
}

/** False while processes are left in it. */
export function removeCgroup(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

function field(text: string | undefined, name: string): number | undefined {
  const found = new RegExp(`^${name} (\\d+)$`, 'm').exec(text ?? '');
  return found === null ? undefined : Number(found[1]);
}

const words = (text: string) => text.split(/\s+/).filter((word) => word !== '');

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // the kernel does not have it, or the group is gone
  }
}
