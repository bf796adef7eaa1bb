// The lines of a log that match, out of the pieces in which it is stored.
import type { Clock } from '../../../base/index.js';
import type { LogStream } from '../../../manifests/index.js';
import { type LogItem, PING_MS } from '../log-reader.js';
import type { LineMatcher } from './line-matcher.js';

/** A line that is longer is looked at, and shown, in parts of this size. */
const LINE_MAX_BYTES = 64 * 1024;
const NEWLINE = 10;

export type GrepItem =
  | {
      readonly type: 'line';
      readonly attempt: number;
      /** Where it begins, where it ends, and where to take up again to miss none that is open now. */
      readonly offset: number;
      readonly nextOffset: number;
      readonly resume: number;
      readonly stream: LogStream;
      readonly time: number;
      readonly bytes: Buffer;
    }
  /** Nothing was found up to `seen`. */
  | { readonly type: 'ping'; readonly attempt: number; readonly resume: number; readonly seen: number }
  | Extract<LogItem, { type: 'end' }>;

interface OpenLine {
  readonly attempt: number;
  readonly stream: LogStream;
  readonly offset: number;
  readonly time: number;
  parts: Buffer[];
  bytes: number;
  end: number;
}

/** Looks at all lines of `stream`, or of both; lines come in the order of their ends. */
export async function* grepLog(
  items: AsyncIterable<LogItem>,
  matches: LineMatcher,
  stream: LogStream | undefined,
  clock: Clock,
): AsyncGenerator<GrepItem> {
  const open = new Map<LogStream, OpenLine>();
  const resumeAt = (seen: number) => Math.min(seen, ...[...open.values()].map(({ offset }) => offset));
  const found = (line: OpenLine): GrepItem | undefined => {
    const bytes = Buffer.concat(line.parts);
    const text = bytes.toString('utf8').replace(/\r?\n$/, '');
    if (!matches(text)) return undefined;
    const { attempt, offset, end, time } = line;
    const whole = bytes.at(-1) === NEWLINE ? bytes : Buffer.concat([bytes, Buffer.from('\n')]);
    const place = { attempt, offset, nextOffset: end, resume: resumeAt(end) };
    return { type: 'line', ...place, stream: line.stream, time, bytes: whole };
  };
  const rest = () => {
    const lines = [...open.values()].sort((a, b) => a.end - b.end);
    open.clear();
    return lines.flatMap((line) => found(line) ?? []);
  };
  let told = clock.monotonic();
  let attempt = 0;
  for await (const item of items) {
    if (item.type === 'end') {
      yield* rest();
      yield item;
      continue;
    }
    if (item.type === 'ping') {
      const { offset } = item.position;
      yield { type: 'ping', attempt: item.position.attempt, resume: resumeAt(offset), seen: offset };
      told = clock.monotonic();
      continue;
    }
    if (item.attempt !== attempt) yield* rest();
    attempt = item.attempt;
    if (stream === undefined || item.stream === stream) {
      for (const line of linesOf(item, open)) {
        const hit = found(line);
        if (hit === undefined) continue;
        yield hit;
        told = clock.monotonic();
      }
    }
    if (clock.monotonic() - told < PING_MS) continue;
    // A long stretch without a match: the reader must hear that we live, and where to go on.
    const seen = item.offset + item.bytes.length;
    yield { type: 'ping', attempt, resume: resumeAt(seen), seen };
    told = clock.monotonic();
  }
  yield* rest();
}

/** Lines that a piece completes; what is left of it waits in `open`. */
function* linesOf(piece: Extract<LogItem, { type: 'piece' }>, open: Map<LogStream, OpenLine>): Generator<OpenLine> {
  const { attempt, stream, time, bytes } = piece;
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const before = open.get(stream);
    const room = start + LINE_MAX_BYTES - (before?.bytes ?? 0);
    const end = Math.min(newline < 0 ? bytes.length : newline + 1, room);
    const offset = piece.offset + start;
    const line = before ?? { attempt, stream, offset, time, parts: [], bytes: 0, end: offset };
    line.parts.push(bytes.subarray(start, end));
    line.bytes += end - start;
    line.end = piece.offset + end;
    if (end === newline + 1 || end === room) {
      open.delete(stream);
      yield line;
    } else open.set(stream, line);
    start = end;
  }
}
