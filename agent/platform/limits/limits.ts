/** What a task allows its processes to use, in numbers. */
export interface Limits {
  /** Thousandths of a core. */
  readonly cpuMillis?: number;
  readonly memoryBytes?: number;
  readonly pids?: number;
  /** Of each process. */
  readonly openFiles?: number;
  /** Of each file that a process writes. */
  readonly fileSizeBytes?: number;
}

export type LimitName = keyof Limits;

/** Cgroup: the kernel, for the whole tree. Prlimit: the kernel, for each process. Sampled: the runner looks, and ends the tree. */
export type LimitedBy = 'Cgroup' | 'Prlimit' | 'Sampled' | 'NotEnforced';

/** Who enforces each of the limits. `controllers`: those of the attempt's cgroup; `samples`: whether the system tells what trees use. */
export function enforcement(
  limits: Limits,
  { controllers, samples }: { controllers: readonly string[]; samples: boolean },
): Partial<Record<LimitName, LimitedBy>> {
  const by = (controller: string, otherwise: LimitedBy): LimitedBy =>
    controllers.includes(controller) ? 'Cgroup' : otherwise;
  const all: Record<LimitName, LimitedBy> = {
    cpuMillis: by('cpu', 'NotEnforced'),
    memoryBytes: by('memory', samples ? 'Sampled' : 'NotEnforced'),
    pids: by('pids', samples ? 'Sampled' : 'NotEnforced'),
    openFiles: 'Prlimit',
    fileSizeBytes: 'Prlimit',
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => limits[name as LimitName] !== undefined));
}
