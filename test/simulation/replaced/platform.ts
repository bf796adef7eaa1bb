// agent/platform for simulated machines.
import type { Platform, TreeRoot } from '../../../agent/platform/platform.js';
import { machineNow, type TableEntry } from '../world/machine.js';

export { type Account, findAccount, findGroup, groupsOf } from '../../../agent/platform/accounts.js';
export {
  cgroupMembers,
  cgroupUsage,
  killCgroup,
  makeCgroup,
  prepareCgroups,
  removeCgroup,
} from '../../../agent/platform/limits/cgroup.js';
export { type FoundCgroups, findCgroups } from '../../../agent/platform/limits/find-cgroups.js';
export { enforcement, type LimitedBy, type LimitName, type Limits } from '../../../agent/platform/limits/limits.js';
export { acquireLock } from '../../../agent/platform/lock-file.js';
export type { Platform, TreeMember, TreeRoot } from '../../../agent/platform/platform.js';

export const platform: Platform = {
  bootId: () => machineNow().bootId,
  processStart: (pid) => machineNow().table.get(pid)?.start,
  processAlive(pid, start) {
    const entry = machineNow().table.get(pid);
    return entry !== undefined && (start === undefined || entry.start === start);
  },
  survey: (roots) => roots.map((root) => members(root).map(({ pid }) => ({ pid, group: pid }))),
  stop(targets, hard) {
    for (const { pid } of targets) machineNow().signal(pid, hard ? 'SIGKILL' : 'SIGTERM');
  },
  findMarked(marks) {
    if (marks.length === 0) return [];
    return [...machineNow().table.values()]
      .filter(({ environment }) => marks.every((mark) => environment.has(mark)))
      .map(({ pid, start }) => ({ pid, start }));
  },
  defaultShell: () => ['sh'],
  scriptName: () => 'script',
  cleanEnvironment: () => ({}),
  socketPath: (directory, name) => `${directory}/${name}`,
};

/** The simulated processes have no children: a tree is its root, or what carries its marks. */
function members(root: TreeRoot): TableEntry[] {
  const marked = (entry: TableEntry) =>
    root.marks.length > 0 && root.marks.every((mark) => entry.environment.has(mark));
  return [...machineNow().table.values()].filter(
    (entry) =>
      (entry.pid === root.pid && (root.processStart === undefined || entry.start === root.processStart)) ||
      marked(entry),
  );
}
