// The lines around one that the center found: context that the search itself does not send.
import type { LogPiece, LogPlace } from '../../client/log-follow.js';
import { type AssembledLine, LineAssembler } from '../../output/line-assembler.js';
import { type LogText, logTextOf } from './log-line.js';
import type { FoundLine } from './log-search.js';

/** So far before the line the reading begins, and so far behind it it ends, whatever the lines there are. */
const REACH_BYTES = 16 * 1024;

export interface Around {
  readonly before: readonly LogText[];
  readonly after: readonly LogText[];
}

/**
 * @param read pieces of both streams from a place on; left before their end
 * @param count lines before and after, at most
 */
export async function linesAround(
  found: Pick<FoundLine, 'line' | 'offset' | 'nextOffset'>,
  read: (from: LogPlace) => AsyncIterable<LogPiece>,
  count: number,
): Promise<Around> {
  const { attempt, stream } = found.line;
  const begin = Math.max(0, found.offset - REACH_BYTES);
  const assembler = new LineAssembler();
  const before: AssembledLine[] = [];
  const after: AssembledLine[] = [];
  let unended: boolean | undefined;
  for await (const piece of read({ attempt, offset: begin })) {
    if (piece.attempt !== attempt || piece.offset > found.nextOffset + REACH_BYTES) break;
    // The found line is the last one of its stream that is whole where it ends.
    const split = Math.min(piece.bytes.length, Math.max(0, found.nextOffset - piece.offset));
    before.push(...assembler.add({ ...piece, bytes: piece.bytes.subarray(0, split) }));
    // A stream that has a line open there was found in that line: the last one of a log, without line feed.
    if (piece.nextOffset >= found.nextOffset) unended ??= assembler.begun().some((line) => line.stream === stream);
    after.push(...assembler.add({ ...piece, bytes: piece.bytes.subarray(split) }));
    if (after.length > count) break;
  }
  if (after.length <= count) after.push(...assembler.rest());
  // Where the reading began in the middle of the log, the first line of a stream is perhaps the rest of one.
  const whole =
    begin === 0
      ? before
      : before.filter((line, index) => before.findIndex((one) => one.stream === line.stream) < index);
  const self = unended ? -1 : whole.findLastIndex((line) => line.stream === stream);
  const others = whole.filter((_, index) => index !== self);
  if (unended) {
    const rest = after.findIndex((line) => line.stream === stream);
    if (rest !== -1) after.splice(rest, 1);
  }
  const texts = (lines: readonly AssembledLine[]) => lines.map((line, index) => logTextOf(line, index));
  return { before: count === 0 ? [] : texts(others.slice(-count)), after: texts(after.slice(0, count)) };
}
