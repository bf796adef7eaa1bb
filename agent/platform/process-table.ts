// The machine's processes: from /proc on Linux, from ps elsewhere.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { markInLimits } from './limits/limit-mark.js';

export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Start time; on Linux ticks since boot, so that it can be compared as a number. */
  readonly start: string;
  readonly zombie: boolean;
  /** CPU time, user and system, of the process and of the children that it has waited for; Linux only. */
  readonly cpuMs?: number;
  /** The part of it that those children took. */
  readonly reapedCpuMs?: number;
}

/** USER_HZ: the unit of times in /proc, the same on all architectures that Node runs on. */
const TICK_MS = 10;

/** A line of /proc/<pid>/stat is far shorter; an environment that is longer is read to this length. */
const READ_BYTES = 256 * 1024;
const buffer = Buffer.allocUnsafe(READ_BYTES);

/** Reads a file of /proc in one go; undefined when the process is gone or belongs to somebody else. */
export function readProc(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return undefined; // ENOENT, ESRCH or EACCES: not there for us
  }
  try {
    return buffer.toString('latin1', 0, readSync(fd, buffer, 0, READ_BYTES, null));
  } catch {
    return undefined; // ESRCH: it ended between open and read
  } finally {
    closeSync(fd);
  }
}

/** Field numbers are those of proc(5). The name (2) may contain spaces and parentheses: count from the last one. */
export function parseStat(text: string): ProcessInfo | undefined {
  const afterName = text.lastIndexOf(')');
  if (afterName === -1) return undefined;
  const fields = text.slice(afterName + 2).split(' ');
  const field = (number: number) => fields[number - 3] ?? '';
  const ticks = (first: number) => TICK_MS * (Number(field(first)) + Number(field(first + 1)) || 0);
  const reapedCpuMs = ticks(16);
  return {
    pid: Number.parseInt(text, 10),
    parent: Number(field(4)),
    group: Number(field(5)),
    session: Number(field(6)),
    start: field(22),
    zombie: field(3) === 'Z' || field(3) === 'X',
    cpuMs: ticks(14) + reapedCpuMs,
    reapedCpuMs,
  };
}

/** One line of `ps -axo pid=,ppid=,pgid=,sess=,state=,lstart=`. */
export function parsePsLine(line: string): ProcessInfo | undefined {
  const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(.+?)\s*$/.exec(line);
  if (match === null) return undefined;
  const [, pid, parent, group, session, state, start] = match;
  return {
    pid: Number(pid),
    parent: Number(parent),
    group: Number(group),
    session: Number(session) || 0,
    start: start ?? '',
    zombie: state?.startsWith('Z') ?? false,
  };
}

export function readProcess(pid: number): ProcessInfo | undefined {
  if (process.platform !== 'linux') return ps(['-p', String(pid)])[0];
  const text = readProc(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseStat(text);
}

export function readProcesses(): ProcessInfo[] {
  if (process.platform !== 'linux') return ps(['-ax']);
  return processIds().flatMap((pid) => readProcess(pid) ?? []);
}

/** The pids that /proc shows. */
export function processIds(): number[] {
  return readdirSync('/proc').flatMap((name) => {
    const first = name.charCodeAt(0);
    return first >= 0x30 && first <= 0x39 ? Number(name) : [];
  });
}

/** `NAME=value` strings the process was started with; empty when they cannot be read. */
export function readEnvironment(pid: number): Set<string> {
  return new Set(process.platform === 'linux' ? (readProc(`/proc/${pid}/environ`) ?? '').split('\0') : []);
}

/** The mark among its limits (Linux). */
export function readLimitMark(pid: number): string | undefined {
  return process.platform === 'linux' ? markInLimits(readProc(`/proc/${pid}/limits`) ?? '') : undefined;
}

function ps(selection: string[]): ProcessInfo[] {
  try {
    const text = execFileSync('ps', [...selection, '-o', 'pid=,ppid=,pgid=,sess=,state=,lstart='], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
    });
    return text.split('\n').flatMap((line) => parsePsLine(line) ?? []);
  } catch {
    return []; // ps exits with 1 when nothing matches
  }
}
