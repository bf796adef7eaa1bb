// The files of an attempt's directory, as runner and agent read and write them. See runner.ts for what each means.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ExitRecord, GapRecord, StartedRecord } from './runner.js';

/** The marker is rewritten in place when the pid is known. Padding keeps both writes the same length, so that a reader
 * always finds one JSON document. It holds marks, times and numbers of bounded length; a message of a failed start is cut. */
const MARKER_BYTES = 1024;

export const startedPath = (directory: string) => join(directory, 'started');
export const exitPath = (directory: string) => join(directory, 'exit');
export const gapsPath = (directory: string) => join(directory, 'gaps');

/**
 * Creates the marker; whoever succeeds has decided what becomes of the attempt (rule R5). Returns the open file for
 * `rewriteMarker`, or undefined when somebody else was first.
 *
 * It is not fsynced: only a crash of the whole machine could take it back, and an intent is never started under another
 * boot id. Should the machine crash, `started` is gone or not, but the process is gone for sure.
 */
export function createMarker(directory: string, record: StartedRecord): number | undefined {
  let fd: number;
  try {
    fd = openSync(startedPath(directory), 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
  rewriteMarker(fd, record);
  return fd;
}

export function rewriteMarker(fd: number, record: StartedRecord): void {
  writeSync(fd, JSON.stringify(record).padEnd(MARKER_BYTES), 0);
}

/**
 * What a recovering agent does first with an attempt of which it does not know whether it was launched. 'aborted': nothing
 * was started in this directory and nothing ever will be. 'taken': a runner was faster: `watch` the directory.
 */
export function abortLaunch(directory: string): 'aborted' | 'taken' {
  const fd = createMarker(directory, { aborted: true });
  if (fd === undefined) return readStarted(directory)?.aborted === true ? 'aborted' : 'taken';
  closeSync(fd);
  return 'aborted';
}

/** The marker, or undefined when there is none. `{}` when its maker died between creating and writing it. */
export function readStarted(directory: string): StartedRecord | undefined {
  const text = readIfThere(startedPath(directory));
  return text === undefined ? undefined : (parseRecord<StartedRecord>(text) ?? {});
}

/** The end of the attempt, or undefined while there is none. */
export function readExit(directory: string): ExitRecord | undefined {
  const text = readIfThere(exitPath(directory));
  return text === undefined ? undefined : parseRecord<ExitRecord>(text);
}

/** Pieces of the output that had to be dropped, oldest first. */
export function readGaps(directory: string): GapRecord[] {
  const lines = (readIfThere(gapsPath(directory)) ?? '').split('\n').slice(0, -1);
  return lines.flatMap((line) => parseRecord<GapRecord>(line) ?? []);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Undefined for a text that a crash left half written. */
function parseRecord<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined; // callers treat it like a file that is not there yet
  }
}
