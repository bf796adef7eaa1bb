// Which part of an attempt's output is sent when the task bounds it (spec.logs.maxBytes): the first half of the bound as it is
// written, and at the end the last part, with a gap between them.
import { appendFileSync, closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { LogStream } from '../../manifests/index.js';
import { gapsPath } from '../runner/attempt-files.js';
import type { GapRecord } from '../runner/runner.js';

type PerStream = Readonly<Record<LogStream, number>>;

const STREAMS = ['stdout', 'stderr'] as const;
/** The tail begins with a whole line, unless its first line is longer than this. */
const LINE_SEARCH_BYTES = 4096;

/** How many bytes more may be sent while the process may still write. */
export function headLeft(maxBytes: number, stored: PerStream): number {
  return Math.max(0, Math.floor(maxBytes / 2) - stored.stdout - stored.stderr);
}

/** What is to be left out of an output that has ended, so that no more than `maxBytes` are kept: of each stream a piece behind
 * what the center has, and what of the first half it does not have yet. */
export function decideGaps(maxBytes: number, sizes: PerStream, stored: PerStream): GapRecord[] {
  const needs = STREAMS.map((stream) => Math.max(0, sizes[stream] - stored[stream]));
  const room = Math.max(0, maxBytes - stored.stdout - stored.stderr);
  if (needs[0]! + needs[1]! <= room) return [];
  const heads = shares(Math.min(room, headLeft(maxBytes, stored)), needs);
  const rest = needs.map((need, i) => need - heads[i]!);
  const tails = shares(room - heads[0]! - heads[1]!, rest);
  return STREAMS.flatMap((stream, i) => {
    const bytes = rest[i]! - tails[i]!;
    return bytes <= 0 ? [] : { stream, offset: stored[stream] + heads[i]!, bytes, cause: 'maxBytes' as const };
  });
}

/** Half for each of two; who needs less leaves the rest to the other one. */
function shares(room: number, needs: readonly number[]): number[] {
  const half = Math.floor(room / 2);
  const [first = 0, second = 0] = needs;
  if (first <= half) return [first, Math.min(second, room - first)];
  return second <= half ? [Math.min(first, room - second), second] : [half, half];
}

/** Decides for the attempt in this directory, and writes it down beside the output: a restart must not decide again. */
export function leaveOut(directory: string, maxBytes: number, sizes: PerStream, stored: PerStream): void {
  const gaps = decideGaps(maxBytes, sizes, stored).map((gap) => {
    const end = gap.offset + gap.bytes;
    return { ...gap, bytes: nextLine(join(directory, gap.stream), end) - gap.offset };
  });
  if (gaps.length === 0) return;
  appendFileSync(gapsPath(directory), gaps.map((gap) => `${JSON.stringify(gap)}\n`).join(''), { mode: 0o600 });
}

/** Where the first whole line at or after the offset begins. */
function nextLine(path: string, offset: number): number {
  const bytes = Buffer.alloc(LINE_SEARCH_BYTES);
  const fd = openSync(path, 'r');
  try {
    const count = readSync(fd, bytes, 0, bytes.length, offset);
    const newline = bytes.subarray(0, count).indexOf(0x0a);
    return newline === -1 || newline === count - 1 ? offset : offset + newline + 1;
  } finally {
    closeSync(fd);
  }
}
