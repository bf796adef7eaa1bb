// The contract between agent and runner. The runner is a small process, started first and detached, that starts all
// task processes: so that a large agent heap never slows down fork, the schedule loop never blocks, and processes and
// their output outlive a restart of the agent. Agent and runner talk over a local socket (named pipe on Windows), JSON
// lines; but what counts is on disk, in the directory of the attempt:
//
//   started      made exclusively (O_EXCL, or a link of `prepared`) by whoever decides: {pid, startTime, processStart, bootId} by the runner just before it
//                lets the command run, or {aborted: true} by a recovering agent. Who makes it, decides (rule R5)
//   stdout, stderr   opened O_APPEND by the runner and inherited by the command: no pipe, nothing in memory
//                When the run has ended the runner writes its ExitRecord behind that, into the same file
//   gaps         JSON lines GapRecord, written by the runner when output had to be dropped (output-bound.ts)
//   script, stdin    written by the agent before the launch
//
// Others use the functions of attempt-files.ts (readStarted, readExit, readGaps, abortLaunch) instead of parsing these
// files, and call `start()` before they look: a runner that starts restores ends that a power cut took.

import type { LimitedBy, LimitName, Limits } from '../platform/index.js';

/** As whom a process runs. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
  /** Further groups of the user, which only a program of the system can give it (wrap.ts). */
  readonly groups?: readonly number[];
}

export interface LaunchRequest {
  /** Absolute path of the attempt's directory; exists. Identifies the attempt between agent and runner. */
  readonly directory: string;
  readonly argv: readonly string[];
  /** The whole environment of the process. */
  readonly env: Record<string, string>;
  readonly workingDir: string;
  /** Absolute path of a file for standard input; /dev/null unless given. */
  readonly stdinFile?: string;
  /** The runner ends the process tree after this time, also while the agent is away. */
  readonly timeoutMs?: number;
  /** Between the polite (SIGTERM) and the hard (SIGKILL) stop of the process tree. */
  readonly gracePeriodMs: number;
  /** Wall time after which the launch must not happen any more; checked last thing before the start (rule R4). */
  readonly startBefore?: number;
  /** Wall time before which the launch must not happen: launches may be handed over ahead of time (rule R4, R11). */
  readonly notBefore?: number;
  /** How long that is from now, ms, by a clock that nobody sets: as it was known when the attempt was claimed. Should the
   * wall clock be set ahead since, the launch waits for this instead. Taken from `notBefore` unless given. */
  readonly waitMs?: number;
  /** Bound on the bytes of stdout and stderr files together before the oldest unread are dropped. */
  readonly outputMaxBytes?: number;
  /** The bound of the task itself: of more than that the first half is kept, and the end. */
  readonly logMaxBytes?: number;
  /** Somebody else than the runner itself. */
  readonly runAs?: RunAs;
  readonly umask?: number;
  readonly limits?: Limits;
  /** Directory of the agent's cgroups, in which the attempt gets one. */
  readonly cgroups?: string;
}

/** How a launch came out. */
export type LaunchOutcome =
  | { readonly kind: 'started'; readonly pid: number; readonly startTime: number }
  /** The deadline had passed, or a recovering agent had won the marker: nothing ran, nothing will. */
  | { readonly kind: 'tooLate' }
  | { readonly kind: 'aborted' }
  /** The program could not be started (no such file, no permission …): nothing ran. */
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** What an attempt took of the machine. */
export interface UsageRecord {
  /** Told by the attempt's cgroup. */
  readonly exact?: true;
  /** User and system time, ms. */
  readonly cpuMs?: number;
  readonly peakBytes?: number;
}

/** The end of an attempt. Exactly one of exitCode and signal is set when the runner saw the end itself. */
export interface ExitRecord {
  readonly exitCode?: number;
  readonly signal?: string;
  /** Wall time, ms. */
  readonly endTime: number;
  /** The runner ended it because of timeoutMs. */
  readonly timedOut?: boolean;
  /** The runner ended it because of cancel. */
  readonly cancelled?: boolean;
  /** The runner died meanwhile: the process is known to have ended, its status is not (Lost, RunnerDied). */
  readonly statusUnknown?: boolean;
  /** Only after `watch`: no process was started for this attempt and none will be (the marker says aborted, or the program
   * could not be started, see startError). On disk are then the marker and at most empty output files. */
  readonly neverStarted?: boolean;
  readonly startError?: { readonly code: string; readonly message: string };
  /** Absent where nothing could be measured. */
  readonly usage?: UsageRecord;
  /** It was ended because of this limit. */
  readonly limit?: 'memoryBytes' | 'pids';
  /** Who held each limit that the task has. */
  readonly limitedBy?: Partial<Record<LimitName, LimitedBy>>;
}

/** A piece of an output file that is gone: bytes [offset, offset + bytes) read as zeros. Offsets of other bytes are what
 * they were. Read a chunk first and the gaps after it: a range that a gap covers is not to be trusted, unless it was read
 * before. Gaps may overlap; what has been read already needs no marker. */
export interface GapRecord {
  readonly stream: 'stdout' | 'stderr';
  readonly offset: number;
  readonly bytes: number;
  /** Left out because the task bounds its output, not because of the agent's quota. */
  readonly cause?: 'maxBytes';
}

export interface StartedRecord {
  readonly aborted?: true;
  readonly pid?: number;
  /** Wall time of the start, ms. */
  readonly startTime?: number;
  /** Start time of the process as the kernel tells it (field 22 of /proc/pid/stat): with pid and bootId it names one process. */
  readonly processStart?: string;
  readonly bootId?: string;
  /** The runner that made the marker. A marker without pid is a launch under way, or one whose runner died in it. */
  readonly runnerPid?: number;
  readonly runnerStart?: string;
  /** `NAME=value` strings of the environment by which the process tree is found again (CTASK_RUN_ID, CTASK_ATTEMPT). */
  readonly marks?: readonly string[];
  /** Kept here so that whoever adopts the process can go on enforcing them. */
  readonly timeoutMs?: number;
  readonly gracePeriodMs?: number;
  readonly outputMaxBytes?: number;
  readonly logMaxBytes?: number;
  readonly limits?: Limits;
  readonly limitedBy?: Partial<Record<LimitName, LimitedBy>>;
  /** Directory of its own cgroup. */
  readonly cgroup?: string;
  /** The program could not be started: nothing ran. */
  readonly startError?: { readonly code: string; readonly message: string };
}

export interface RunnerClient {
  /** Connects to the running runner of this data directory or starts one; resolves when it answers. */
  start(): Promise<void>;
  /** Hands over one launch. Resolves when the outcome is known; rejects only when the runner died (outcome unknown:
   * look at the attempt's directory). */
  launch(request: LaunchRequest): Promise<LaunchOutcome>;
  /** Launches whose time has come and whose outcome is not known yet. */
  overdue(): number;
  /** Asks for the end of the attempt's process tree; harmless when it has ended. */
  cancel(directory: string, gracePeriodMs: number): void;
  /** Called once per attempt that ended, after its end is durable on disk; also for attempts started before this agent
   * process, once `watch` has been called for them. */
  onExit(listener: (directory: string, exit: ExitRecord) => void): () => void;
  /** Takes up an attempt that an earlier agent process launched: reports its end through onExit, also when it has ended
   * already, also when the runner that started it is gone (then by watching the pid). */
  watch(directory: string): void;
  /** Disconnects. The runner and all processes live on. */
  detach(): Promise<void>;
  /** Ends the runner if nothing runs; for `ctask up` with `force`, ends all processes first. */
  shutdown(options: { force: boolean }): Promise<void>;
}
