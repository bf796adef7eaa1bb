// The name of an attempt as a resource limit. A limit is inherited by whatever a process starts, through every fork, exec and
// setsid; it is not in the environment, and anybody may read it. RLIMIT_RTTIME bounds the processor time of processes that are
// scheduled in real time, in microseconds: a bound of more than a hundred thousand years bounds nothing.
import { createHash } from 'node:crypto';

/** From here on: 2^62 µs. Below 2^63, so that it is a number for whoever reads it as a signed one. */
const LOWEST = 1n << 62n;

/** The limit that stands for these marks, in decimal digits; undefined for none. Two attempts have the same one by a chance of
 * 1 to 2^62. */
export function limitMark(marks: readonly string[]): string | undefined {
  if (marks.length === 0) return undefined;
  const hash = createHash('sha256').update(marks.join('\0')).digest().readBigUInt64BE();
  return String(LOWEST + (hash % LOWEST));
}

/** The mark in the text of /proc/<pid>/limits; undefined when there is none. */
export function markInLimits(text: string): string | undefined {
  const soft = /^Max realtime timeout +(\d+) /m.exec(text)?.[1];
  return soft !== undefined && BigInt(soft) >= LOWEST ? soft : undefined;
}
