// What differs between operating systems, for agent and runner. posix.ts (Linux, macOS) and win32.ts implement it.

/** The process an attempt started, and what is needed to find all that came from it. */
export interface TreeRoot {
  readonly pid: number;
  /** As `processStart` gave it; with pid and boot id it names one process for ever. */
  readonly processStart?: string;
  /** `NAME=value` strings of its environment. A process that carries all of them belongs to the tree, wherever it went. */
  readonly marks: readonly string[];
  /** Members found so far, pid → start. `survey` reads and adds: a member that lost its parent is still known. */
  readonly known: Map<number, string>;
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
  /** Asks (`hard` false) or forces the members to end. Those that are gone already are ignored. */
  stop(members: readonly TreeMember[], hard: boolean): void;
  /** The living processes that carry all marks: to find a process whose pid was never written down. */
  findMarked(marks: readonly string[]): { pid: number; start: string }[];
  /** Program and arguments that run a script file, whose path and arguments come after them. */
  defaultShell(): readonly string[];
  /** Name of the script file, as the default shell wants it. */
  readonly scriptName: string;
  /** The environment a process gets before anything is added: what a login would have, nothing of the agent's own. */
  cleanEnvironment(): Record<string, string>;
  /** Path or pipe name for a local socket. `directory` is used when the name fits, else a short path derived from it. */
  socketPath(directory: string, name: string): string;
}

export interface TreeMember {
  readonly pid: number;
  /** Process group, 0 where there are none. */
  readonly group: number;
}
