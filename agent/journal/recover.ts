import { decodeLine, type JournalLine } from './journal-line.js';

export interface Recovered {
  readonly lines: readonly JournalLine[];
  /** Length of the undamaged beginning. What follows was never acknowledged and is to be cut off. */
  readonly goodBytes: number;
  readonly lastBatch: number;
  /** Set when acknowledged lines are damaged: position of the first bad line. */
  readonly damagedAt?: number;
}

const NEWLINE = 0x0a;

/**
 * Reads the content of a journal file. A batch is written only after the one before it was fsynced, and acknowledged only
 * after its own fsync. So bad bytes are a torn tail exactly when everything undamaged behind them belongs to the one batch
 * that may have been under way (after a power cut its pages may have reached the disk in any order); anything else means
 * that lines which had been acknowledged are damaged.
 */
export function recover(content: Buffer): Recovered {
  const lines: JournalLine[] = [];
  let goodBytes = 0;
  let lastBatch = 0;
  let bad = false;
  for (const { text, end } of linesOf(content)) {
    const line = text === undefined ? undefined : decodeLine(text);
    if (line === undefined) {
      bad = true;
    } else if (!bad) {
      lines.push(line);
      goodBytes = end;
      lastBatch = line.batch;
    } else if (!couldBeUnderWay(line.batch, lastBatch, content, end)) {
      return { lines, goodBytes, lastBatch, damagedAt: goodBytes };
    }
  }
  return { lines, goodBytes, lastBatch };
}

/** True when `batch` is the last one of the file and follows what has been read without a hole. */
function couldBeUnderWay(batch: number, lastGood: number, content: Buffer, from: number): boolean {
  if (batch > lastGood + 1) return false;
  for (const { text } of linesOf(content.subarray(from))) {
    const line = text === undefined ? undefined : decodeLine(text);
    if (line !== undefined && line.batch !== batch) return false;
  }
  return true;
}

/** Lines with their end position; text is undefined for a last line without newline. */
function* linesOf(content: Buffer): Generator<{ text: string | undefined; end: number }> {
  for (let start = 0; start < content.length; ) {
    const newline = content.indexOf(NEWLINE, start);
    if (newline === -1) {
      yield { text: undefined, end: content.length };
      return;
    }
    yield { text: content.toString('utf8', start, newline), end: newline + 1 };
    start = newline + 1;
  }
}
