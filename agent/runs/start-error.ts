import type { OpenRun } from './open-run.js';

/** What the usual errors of the system mean for somebody who wrote a task. */
const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  ENOTDIR: 'not a directory',
  ENOEXEC: 'not a program that this system can run',
  E2BIG: 'arguments and environment are too long',
  EAGAIN: 'the machine cannot start more processes now',
  EMFILE: 'too many open files',
  ENOSPC: 'no space left on the disk',
};

/** Why an attempt could not be started: `/opt/report.sh: no such file or directory (ENOENT)`. */
export function startErrorMessage(run: OpenRun, code: string, message: string): string {
  const words = WORDS[code];
  // Only what the start itself says begins like this; other errors have words of their own.
  if (words === undefined || !message.startsWith('spawn ')) return `${code}: ${message}`;
  const { command, interpreter, workingDir } = run.task.task.spec.run;
  const program = command?.[0] ?? interpreter?.[0] ?? message.slice('spawn '.length).replace(` ${code}`, '');
  const place = workingDir === undefined ? '' : `, or so is its working directory ${workingDir}`;
  return `${program}: ${words}${place} (${code})`;
}
