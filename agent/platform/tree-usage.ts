// What process trees use of a Linux machine, read from /proc.
import type { TreeRoot, TreeUsage } from './platform.js';
import { type ProcessInfo, processIds, readProc, readProcess } from './process-table.js';

/** The machine's processes are read in pieces of this many, about a millisecond each, so that whoever looks can do something
 * else in between. */
const PIECE = 50;
const KIB = 1024;

/** Looks at the machine once, in pieces; the figures of each tree, in the order of the roots. A tree is here its root, what is in
 * its process group or session, and their descendants: a daemon that left all of these is not counted. */
export function* usageOfTrees(roots: readonly TreeRoot[]): Generator<undefined, TreeUsage[]> {
  const processes: ProcessInfo[] = [];
  for (const [i, pid] of processIds().entries()) {
    if (i % PIECE === PIECE - 1) yield undefined;
    const found = readProcess(pid);
    if (found !== undefined && !found.zombie) processes.push(found);
  }
  const sums = roots.map(() => ({ pids: [] as number[], cpuMs: 0, residentBytes: 0, peakBytes: 0 }));
  let read = 0;
  for (const [process, index] of ownersOf(processes, roots)) {
    read += 1;
    if (read % PIECE === 0) yield undefined;
    const memory = parseMemory(readProc(`/proc/${process.pid}/status`) ?? '');
    const sum = sums[index]!;
    sum.pids.push(process.pid);
    sum.cpuMs += process.cpuMs ?? 0;
    sum.residentBytes += memory.residentBytes;
    sum.peakBytes = Math.max(sum.peakBytes, memory.peakBytes);
  }
  return sums.map((sum) => ({ ...sum, peakBytes: Math.max(sum.peakBytes, sum.residentBytes) }));
}

/** Memory of a process by /proc/<pid>/status: resident now, and at most since its program began. Zero for a kernel thread. */
export function parseMemory(status: string): { residentBytes: number; peakBytes: number } {
  const field = (name: string) => KIB * Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  return { residentBytes: field('VmRSS'), peakBytes: field('VmHWM') };
}

/** Of memory that n processes share an n-th is counted for each (Pss of proc_pid_smaps(5)); of a process that does not tell, nothing. */
export function proportionalBytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const found = /^Pss:\s*(\d+) kB/m.exec(readProc(`/proc/${pid}/smaps_rollup`) ?? '');
    return sum + KIB * Number(found?.[1] ?? 0);
  }, 0);
}

/** CPU time, ms, of the children that this process has waited for, and of those that they had waited for. */
export function reapedCpuMs(): number | undefined {
  return readProcess(process.pid)?.reapedCpuMs;
}

function ownersOf(processes: readonly ProcessInfo[], roots: readonly TreeRoot[]): Map<ProcessInfo, number> {
  const byRoot = new Map(roots.map((root, index) => [root.pid, index]));
  // A number that was given to a stranger after its group had died out has a leader with another start.
  for (const p of processes) {
    const root = roots[byRoot.get(p.pid) ?? -1];
    if (root?.processStart !== undefined && root.processStart !== p.start) byRoot.delete(p.pid);
  }
  const owners = new Map<ProcessInfo, number>();
  const ownerOfPid = new Map<number, number>();
  const rest: ProcessInfo[] = [];
  for (const p of processes) {
    const index = byRoot.get(p.pid) ?? byRoot.get(p.group) ?? byRoot.get(p.session);
    if (index === undefined) rest.push(p);
    else {
      owners.set(p, index);
      ownerOfPid.set(p.pid, index);
    }
  }
  if (owners.size === 0) return owners;
  // Ends after as many turns as the longest chain of descendants outside of the sessions.
  for (let added = true; added; ) {
    added = false;
    for (const p of rest) {
      const index = ownerOfPid.get(p.parent);
      if (index === undefined || ownerOfPid.has(p.pid)) continue;
      owners.set(p, index);
      ownerOfPid.set(p.pid, index);
      added = true;
    }
  }
  return owners;
}
