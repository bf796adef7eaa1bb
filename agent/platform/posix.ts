import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { cgroupMembers, killCgroup } from './limits/cgroup.js';
import type { Platform, TreeRoot } from './platform.js';
import { readEnvironment, readLimitMark, readProcess, readProcesses } from './process-table.js';
import { membersOfTrees } from './process-tree.js';
import { proportionalBytes, reapedCpuMs, usageOfTrees } from './tree-usage.js';

/** sun_path holds 108 bytes on Linux and 104 on macOS, with the final zero; Node adds nothing. */
const SOCKET_PATH_MAX = 100;
const STANDARD_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export const posix: Platform = {
  bootId() {
    if (process.platform === 'linux') return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return execFileSync('sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'utf8' }).trim();
  },

  processStart(pid) {
    return readProcess(pid)?.start;
  },

  processAlive(pid, start) {
    const found = readProcess(pid);
    return found !== undefined && !found.zombie && (start === undefined || found.start === start);
  },

  survey(roots) {
    const processes = readProcesses();
    const trees = membersOfTrees(processes, roots, { environmentOf: readEnvironment, limitMarkOf: readLimitMark });
    return trees.map((tree, i) => {
      const { cgroup } = roots[i]!;
      if (cgroup === undefined) return tree;
      const inside = new Set(cgroupMembers(cgroup));
      for (const { pid } of tree) inside.delete(pid);
      return [...tree, ...[...inside].flatMap((pid) => readProcess(pid) ?? []).filter(({ zombie }) => !zombie)];
    });
  },

  groupLives(root) {
    if (root.cgroup !== undefined && cgroupMembers(root.cgroup).length > 0) return true;
    if (isStranger(root)) return false;
    try {
      process.kill(-root.pid, 0);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
  },

  stopGroup(root) {
    if (root.cgroup !== undefined) killCgroup(root.cgroup);
    if (!isStranger(root)) send(-root.pid, 'SIGKILL');
  },

  stop(members, hard) {
    const signal = hard ? 'SIGKILL' : 'SIGTERM';
    // A whole group at once leaves no moment in which one of it can fork; only where its leader is known to be ours.
    const pids = new Set(members.map((m) => m.pid));
    const groups = hard ? new Set(members.map((m) => m.group).filter((group) => pids.has(group))) : new Set<number>();
    for (const group of groups) send(-group, signal);
    for (const { pid, group } of members) if (!groups.has(group)) send(pid, signal);
  },

  findMarked(marks) {
    if (marks.length === 0) return [];
    return readProcesses()
      .filter((p) => !p.zombie && marks.every((mark) => readEnvironment(p.pid).has(mark)))
      .map(({ pid, start }) => ({ pid, start }));
  },

  ...(process.platform === 'linux' ? { usage: usageOfTrees, memoryBytes: proportionalBytes, reapedCpuMs } : {}),

  defaultShell: () => ['/bin/sh'],
  scriptName: () => 'script',

  cleanEnvironment() {
    const { username, shell } = accountOf();
    return {
      PATH: STANDARD_PATH,
      HOME: homedir(),
      USER: username,
      LOGNAME: username,
      SHELL: shell,
      LANG: process.env.LANG ?? 'C.UTF-8',
    };
  },

  socketPath(directory, name) {
    const path = join(directory, name);
    if (Buffer.byteLength(path) <= SOCKET_PATH_MAX) return path;
    const hash = createHash('sha256').update(path).digest('hex').slice(0, 24);
    return join(tmpdir(), `ctask-${process.getuid?.() ?? ''}`, `${hash}.sock`);
  },
};

/** A group keeps its number from being given away. Without the group it may be the pid of anybody by now. */
function isStranger({ pid, processStart }: TreeRoot): boolean {
  const found = readProcess(pid);
  return found !== undefined && processStart !== undefined && found.start !== processStart;
}

/** A member that ended meanwhile, or that changed its user, is left to the next survey to judge. */
function send(target: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(target, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

/** Containers run under uids without an account. */
function accountOf(): { username: string; shell: string } {
  try {
    const { username, shell } = userInfo();
    return { username, shell: shell ?? '/bin/sh' };
  } catch {
    return { username: String(process.getuid?.() ?? ''), shell: '/bin/sh' };
  }
}
