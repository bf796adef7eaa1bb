// What differs between operating systems, for agent and runner. posix.ts (Linux, macOS) and win32.ts implement it.

/** The process an attempt started, and what is needed to find all that came from it. */
export interface TreeRoot {
  readonly pid: number;
  /** As `processStart` gave it; with pid and boot id it names one process for ever. */
  readonly processStart?: string;
  /** `NAME=value` strings of its environment. A process that carries all of them, or the limit that stands for them
   * (limits/limit-mark.ts), belongs to the tree, wherever it went. */
  readonly marks: readonly string[];
  /** Members found so far, pid → start. `survey` reads and adds: a member that lost its parent is still known. */
  readonly known: Map<number, string>;
  /** Directory of its cgroup, if it has one: whoever is in it is a member. */
  readonly cgroup?: string;
}

export interface Platform {
  /** Names this boot of the machine: pids and start times mean nothing under another one. */
  bootId(): string;
  /** Start time of a living process in the platform's own form, undefined when there is no such process. */
  processStart(pid: number): string | undefined;
  /** True while this very process lives. Zombies do not. Without `start`, any process with that pid counts. */
  processAlive(pid: number, start: string | undefined): boolean;
  /** Living members of each tree: the root, its descendants, its process group and session, and whoever carries its
   * marks. Looks at the machine once, however many trees are asked for. */
  survey(roots: readonly TreeRoot[]): TreeMember[][];
  /** Whether the kernel still knows the group of the root, or anybody in its cgroup. Unlike a look it misses nobody who forks
   * meanwhile; but whoever has ended and was not waited for counts, too. */
  groupLives?(root: TreeRoot): boolean;
  /** Forces all of the group of the root to end, and of its cgroup, at once: no fork gets through in between. */
  stopGroup?(root: TreeRoot): void;
  /** Asks (`hard` false) or forces the members to end. Those that are gone already are ignored. */
  stop(members: readonly TreeMember[], hard: boolean): void;
  /** The living processes that carry all marks: to find a process whose pid was never written down. */
  findMarked(marks: readonly string[]): { pid: number; start: string }[];
  /** What each tree uses, where the system tells (Linux). Looks at the machine once, in pieces: between two of them the caller
   * may do something else. */
  usage?(roots: readonly TreeRoot[]): Generator<undefined, TreeUsage[]>;
  /** Memory of these processes together, where the system tells. What they share is counted once, which takes a while. */
  memoryBytes?(pids: readonly number[]): number;
  /** CPU time, ms, of all children that this process has waited for so far, where the system tells (Linux). */
  reapedCpuMs?(): number | undefined;
  /** How a command is started whose program the system does not start by itself (Windows: batch files): an interpreter, and the rest
   * of the command line as one text that is not to be quoted again. Throws EINVAL for what cannot be said so. */
  interpreted?(argv: readonly string[]): { readonly program: string; readonly rest: string } | undefined;
  /** Program and arguments that run a script file, whose path and arguments come after them. None: it runs by itself. */
  defaultShell(): readonly string[];
  /** Name of the script file, as its interpreter wants it; the default shell unless given. */
  scriptName(interpreter?: readonly string[]): string;
  /** The environment a process gets before anything is added: what a login would have, nothing of the agent's own. */
  cleanEnvironment(): Record<string, string>;
  /** Path or pipe name for a local socket. `directory` is used when the name fits, else a short path derived from it. */
  socketPath(directory: string, name: string): string;
}

export interface TreeUsage {
  readonly pids: readonly number[];
  /** User and system time of what lives, and of what it has waited for. */
  readonly cpuMs: number;
  /** Resident memory now. What processes share is counted for each of them. */
  readonly residentBytes: number;
  /** That, or the most that one of the processes ever had. */
  readonly peakBytes: number;
}

export interface TreeMember {
  readonly pid: number;
  /** Process group, 0 where there are none. */
  readonly group: number;
}
