import { limitMark } from './limits/limit-mark.js';
import type { TreeRoot } from './platform.js';
import type { ProcessInfo } from './process-table.js';

/** What a process carries wherever it goes. */
export interface Traces {
  environmentOf(pid: number): ReadonlySet<string>;
  limitMarkOf(pid: number): string | undefined;
}

/**
 * The living members of each tree, given all processes. A process belongs to a tree if it
 *   - is the root, or was found to be a member before (same pid, same start), or
 *   - is in the root's process group or session (the runner gave it its own), or
 *   - has a parent that belongs to it, or
 *   - carries the tree's marks in its environment: this finds daemons, which forked twice and made their own session, or
 *   - carries the limit that stands for the marks: this finds those that have cleared their environment, too.
 * Pure but for `traces`, which are asked only about processes that no other rule decides.
 */
export function membersOfTrees(
  processes: readonly ProcessInfo[],
  roots: readonly TreeRoot[],
  traces: Traces,
): ProcessInfo[][] {
  const living = processes.filter((p) => !p.zombie);
  const owner = new Map<number, number>();
  roots.forEach((root, index) => {
    // Once the group has died out its number can be given to a stranger, who then is a leader with another start.
    const leader = processes.find((p) => p.pid === root.pid);
    const reused = leader !== undefined && root.processStart !== undefined && leader.start !== root.processStart;
    for (const p of living) {
      const inGroup = !reused && (p.pid === root.pid || p.group === root.pid || p.session === root.pid);
      if (inGroup || root.known.get(p.pid) === p.start) owner.set(p.pid, index);
    }
  });
  findMarked(living, roots, owner, traces);
  followParents(living, owner);
  const members = roots.map((): ProcessInfo[] => []);
  for (const p of living) {
    const index = owner.get(p.pid);
    if (index === undefined) continue;
    members[index]?.push(p);
    roots[index]?.known.set(p.pid, p.start);
  }
  return members;
}

function findMarked(
  living: readonly ProcessInfo[],
  roots: readonly TreeRoot[],
  owner: Map<number, number>,
  traces: Traces,
): void {
  const byFirstMark = new Map<string, number[]>();
  const byLimit = new Map<string, number>();
  roots.forEach(({ marks }, index) => {
    const [first] = marks;
    if (first !== undefined) byFirstMark.set(first, [...(byFirstMark.get(first) ?? []), index]);
    const limit = limitMark(marks);
    if (limit !== undefined) byLimit.set(limit, index);
  });
  if (byFirstMark.size === 0) return;
  const inEnvironment = (pid: number) => {
    const environment = traces.environmentOf(pid);
    for (const [first, indices] of byFirstMark) {
      if (!environment.has(first)) continue;
      const index = indices.find((i) => roots[i]?.marks.every((mark) => environment.has(mark)));
      if (index !== undefined) return index;
    }
    return undefined;
  };
  // Nothing that came from a root is older than it. This spares nearly all processes of a machine the look.
  const oldest = Math.min(...roots.map((root) => Number(root.processStart ?? 0)));
  for (const { pid, start } of living) {
    if (owner.has(pid) || Number(start) < oldest) continue;
    const index = inEnvironment(pid) ?? byLimit.get(traces.limitMarkOf(pid) ?? '');
    if (index !== undefined) owner.set(pid, index);
  }
}

/** Children of members are members. Repeats until nothing is added, at most as often as a chain of parents is long. */
function followParents(living: readonly ProcessInfo[], owner: Map<number, number>): void {
  for (let added = true; added; ) {
    added = false;
    for (const p of living) {
      const index = owner.get(p.parent);
      if (index === undefined || owner.has(p.pid)) continue;
      owner.set(p.pid, index);
      added = true;
    }
  }
}
