// The files of an attempt's directory, as runner and agent read and write them. See runner.ts for what each means.
import { closeSync, constants, linkSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ExitRecord, GapRecord, StartedRecord } from './runner.js';

/** Where the exit record begins, behind the marker. What the marker leaves free reads as zeros. Marks are bounded
 * (launcher.ts), a message of a failed start is cut, so that the marker always fits. */
const EXIT_OFFSET = 2048;

export const startedPath = (directory: string) => join(directory, 'started');
const preparedPath = (directory: string) => join(directory, 'prepared');
export const gapsPath = (directory: string) => join(directory, 'gaps');

/**
 * Creates the marker; whoever succeeds has decided what becomes of the attempt (rule R5). Returns the open file for
 * `rewriteMarker`, or undefined when somebody else was first.
 *
 * It is not fsynced: only a crash of the whole machine could take it back, and an intent is never started under another
 * boot id. Should the machine crash, `started` is gone or not, but the process is gone for sure.
 */
export function createMarker(directory: string, record: StartedRecord): number | undefined {
  const prepared = linkPrepared(directory, record);
  if (prepared !== 'unprepared') return prepared;
  let fd: number;
  try {
    fd = openSync(startedPath(directory), 'wx', 0o600);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return undefined;
    throw error;
  }
  rewriteMarker(fd, record);
  return fd;
}

/** Makes the inode of the marker ahead of its time: to give it a second name is all that is left to do then. */
export function prepareMarker(directory: string): void {
  closeSync(openSync(preparedPath(directory), 'a', 0o600));
}

/** Creating an inode can cost a millisecond on a busy disk, a name 0.02. A name is as exclusive as O_EXCL (link(2): EEXIST). */
function linkPrepared(directory: string, record: StartedRecord): number | undefined | 'unprepared' {
  let fd: number;
  try {
    fd = openSync(preparedPath(directory), 'r+');
  } catch {
    return 'unprepared'; // whatever is in the way is told by whoever creates it
  }
  try {
    linkSync(preparedPath(directory), startedPath(directory));
  } catch (error) {
    closeSync(fd);
    return codeOf(error) === 'EEXIST' ? undefined : 'unprepared';
  }
  // Not before: whoever was faster has the same inode.
  rewriteMarker(fd, record);
  return fd;
}

/** In place: a record is only ever replaced by one that says more and therefore is longer. */
export function rewriteMarker(fd: number, record: StartedRecord): void {
  writeSync(fd, JSON.stringify(record), 0);
}

/** Writes the end of the attempt behind the marker, into the same file: a file more for every run would cost more than the
 * whole marker does. Whoever reads it half written finds no JSON and takes it for not there yet. */
export function writeExit(directory: string, exit: ExitRecord): void {
  // Created if a power cut took the marker: then its part reads as zeros, which is no record.
  const fd = openSync(startedPath(directory), constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    writeExitTo(fd, exit);
  } finally {
    closeSync(fd);
  }
}

export function writeExitTo(marker: number, exit: ExitRecord): void {
  writeSync(marker, JSON.stringify(exit), EXIT_OFFSET);
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
  const content = readIfThere(startedPath(directory));
  if (content === undefined) return undefined;
  const end = content.indexOf(0);
  return parseRecord<StartedRecord>(end === -1 ? content : content.subarray(0, end)) ?? {};
}

/** The end of the attempt, or undefined while there is none. */
export function readExit(directory: string): ExitRecord | undefined {
  const content = readIfThere(startedPath(directory));
  return content === undefined ? undefined : parseRecord<ExitRecord>(content.subarray(EXIT_OFFSET));
}

/** Pieces of the output that had to be dropped, oldest first. */
export function readGaps(directory: string): GapRecord[] {
  const lines = (readIfThere(gapsPath(directory))?.toString() ?? '').split('\n').slice(0, -1);
  return lines.flatMap((line) => parseRecord<GapRecord>(Buffer.from(line)) ?? []);
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Undefined for a text that a crash left half written. */
function parseRecord<T>(text: Buffer): T | undefined {
  try {
    return JSON.parse(text.toString()) as T;
  } catch {
    return undefined; // callers treat it like a file that is not there yet
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
