// Processes as the kernel of Linux shows them.
import { readdirSync, readFileSync } from 'node:fs';

/** Pids of all descendants of a process, also those that started a session of their own. */
export function descendants(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

export function alive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false; // no such process
  }
}

/** The words that a process was started with. */
export function wordsOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
}

/** Pids of living processes that have the word among their own. */
export function processesWith(word: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d/.test(name)) return [];
    try {
      const isIt = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').includes(word);
      return isIt ? Number(name) : [];
    } catch {
      return []; // it ended meanwhile
    }
  });
}
