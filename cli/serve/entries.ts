// Where the processes that are started by others have their code: beside this file once built, in the sources otherwise.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** argv that starts the runner: a bundle of its own, because a small heap forks fast. */
export function runnerEntry(): string[] {
  const built = fileURLToPath(new URL('./runner.js', import.meta.url));
  if (existsSync(built)) return [process.execPath, built];
  return [process.execPath, ...process.execArgv, fileURLToPath(new URL('../../agent/runner/main.ts', import.meta.url))];
}

/** argv that starts this very program again with another command. */
export function selfEntry(): string[] {
  return [process.execPath, ...process.execArgv, process.argv[1]!];
}
