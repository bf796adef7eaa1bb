import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fchownSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import type { Platform } from '../platform/index.js';
import { prepareMarker } from './attempt-files.js';
import type { LaunchRequest } from './runner.js';
import { wrapped } from './wrap.js';

/** One open /dev/null for all. */
let nothing: number | undefined;

/** Makes the files of an attempt ahead of its start, which then only opens them. */
export function createFiles(directory: string): void {
  try {
    prepareMarker(directory);
    for (const stream of ['stdout', 'stderr']) closeSync(openSync(`${directory}/${stream}`, 'a', 0o600));
  } catch {
    // The start meets the same obstacle and tells it, if it is still there.
  }
}

/**
 * Starts the command with its output going straight to files: no pipe, nothing in memory, and it can go on writing when
 * runner and agent are gone. `detached` makes it the leader of its own session and process group. Throws, or the child
 * emits 'error', when it cannot be started.
 */
export function spawnAttempt(
  request: LaunchRequest,
  platform: Pick<Platform, 'interpreted'>,
  cgroup?: string,
): ChildProcess {
  const { runAs, umask } = request;
  const { argv, env, becomesUser } = wrapped(request, cgroup);
  const [first, ...others] = argv;
  if (first === undefined) throw Object.assign(new Error('the command is empty'), { code: 'EINVAL' });
  const interpreted = platform.interpreted?.(argv);
  const { program, args } = interpreted
    ? { ...interpreted, args: [interpreted.rest] }
    : { program: first, args: others };
  const opened: number[] = [];
  try {
    const open = (path: string, flags: string) => {
      const fd = openSync(path, flags, 0o600);
      opened.push(fd);
      return fd;
    };
    // O_APPEND lets several processes of the tree share the file, and the runner cut it (output-bound.ts).
    const stdout = open(`${request.directory}/stdout`, 'a');
    const stderr = open(`${request.directory}/stderr`, 'a');
    if (request.stdinFile === undefined) nothing ??= openSync(devNull, 'r');
    const stdin = request.stdinFile === undefined ? nothing : open(request.stdinFile, 'r');
    // A script may open /dev/stderr, which asks who owns the file.
    if (runAs !== undefined) for (const fd of [stdout, stderr]) fchownSync(fd, runAs.uid, runAs.gid);
    const options = {
      cwd: request.workingDir,
      env,
      detached: true,
      windowsHide: true,
      ...(interpreted === undefined ? {} : { windowsVerbatimArguments: true, argv0: 'cmd.exe' }),
      ...(runAs === undefined || becomesUser ? {} : { uid: runAs.uid, gid: runAs.gid }),
    };
    return withUmask(umask, () => spawn(program, args, { ...options, stdio: [stdin, stdout, stderr] }));
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

/** A child has the umask that its parent has at that moment. Nothing else makes files meanwhile: all of the runner's are made
 * with synchronous calls and a mode of their own. */
function withUmask<T>(umask: number | undefined, start: () => T): T {
  if (umask === undefined) return start();
  const own = process.umask(umask);
  try {
    return start();
  } finally {
    process.umask(own);
  }
}
