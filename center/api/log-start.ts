import type { LogStream } from '../../manifests/index.js';
import type { LogSlice, Store } from '../store/index.js';
import type { LogPosition } from './log-reader.js';

/** Bytes read at a time on the way back from the end. */
const BLOCK_BYTES = 256 * 1024;
const NEWLINE = 10;

interface AttemptLog {
  readonly runUid: string;
  readonly attempt: number;
  readonly bytes: number;
}

/**
 * Where the last `lines` lines of the attempts up to `last` begin, of one stream or of both. An unfinished last line
 * counts as one.
 */
export async function tailStart(
  store: Store,
  runUid: string,
  attempts: { first: number; last: number },
  lines: number,
  stream: LogStream | undefined,
): Promise<LogPosition> {
  let left = lines;
  for (let attempt = attempts.last; ; attempt--) {
    const { bytes } = await store.logLength(runUid, attempt);
    if (left === 0) return { attempt, offset: bytes };
    const found = await scanBack(store, { runUid, attempt, bytes }, left, stream);
    if (found.offset !== undefined) return { attempt, offset: found.offset };
    left -= found.lines;
    if (attempt <= attempts.first) return { attempt, offset: 0 };
  }
}

/** Offset at which the `wanted`-last line begins, or how many lines there are when they are fewer. */
async function scanBack(
  store: Store,
  log: AttemptLog,
  wanted: number,
  stream: LogStream | undefined,
): Promise<{ offset?: number; lines: number }> {
  let separators = 0;
  let any = false;
  for (let end = log.bytes; end > 0; end = Math.max(0, end - BLOCK_BYTES)) {
    let position = end;
    for (const { bytes, stream: of } of (await readBlock(store, log, end)).toReversed()) {
      position -= bytes.length;
      if (stream !== undefined && of !== stream) continue;
      for (let i = bytes.length - 1; i >= 0; i--) {
        // The very last byte belongs to the last line, also when it is the newline that ends it.
        if (any && bytes[i] === NEWLINE && ++separators === wanted) return { offset: position + i + 1, lines: wanted };
        any = true;
      }
    }
  }
  return { lines: any ? separators + 1 : 0 };
}

/** All pieces of the block that ends at `end`; a block of many tiny pieces takes several reads. */
async function readBlock(store: Store, log: AttemptLog, end: number): Promise<LogSlice['pieces'][number][]> {
  const pieces: LogSlice['pieces'][number][] = [];
  for (let offset = Math.max(0, end - BLOCK_BYTES); offset < end; ) {
    const slice = await store.readLog(log.runUid, log.attempt, offset, end - offset);
    if (slice.pieces.length === 0) break;
    pieces.push(...slice.pieces);
    offset = slice.nextOffset;
  }
  return pieces;
}
