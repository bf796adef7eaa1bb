import type { AttemptEnd } from './decide-end.js';
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
  if (words === undefined || !message.startsWith('spawn ')) return withCode(code, message);
  const { command, interpreter, workingDir } = run.task.task.spec.run;
  const program = command?.[0] ?? interpreter?.[0] ?? message.slice('spawn '.length).replace(` ${code}`, '');
  const nowhere = code === 'ENOENT' && !program.includes('/') ? 'not found in PATH' : words;
  const place = workingDir === undefined ? '' : `, or the fault is with its working directory ${workingDir}`;
  return `${program}: ${nowhere}${place} (${code})`;
}

/** A code of our own says nothing to somebody who wrote a task; the system's are looked up, and some messages begin with them. */
function withCode(code: string, message: string): string {
  return code.startsWith('CT_') || message.startsWith(`${code}: `) ? message : `${code}: ${message}`;
}

/** How an attempt ends that could not be started. */
export function startFailure(run: OpenRun, code: string, message: string): AttemptEnd {
  return { state: 'Failed', reason: 'StartFailed', message: startErrorMessage(run, code, message) };
}
