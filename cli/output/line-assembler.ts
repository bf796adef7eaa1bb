import type { LogPiece } from '../client/log-follow.js';

export interface AssembledLine {
  readonly stream: LogPiece['stream'];
  readonly attempt: number;
  /** RFC 3339, of the line's first byte. */
  readonly time: string;
  /** With its line feed. */
  readonly bytes: Buffer;
}

/** A line without end is printed in pieces of this size rather than kept. */
const LINE_MAX_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;
const END = Buffer.from('\n');

/** Makes whole lines of pieces, per stream, so that lines of both streams do not mix. */
export class LineAssembler {
  private readonly open = new Map<LogPiece['stream'], AssembledLine>();

  add({ stream, attempt, time, bytes }: LogPiece): AssembledLine[] {
    const lines: AssembledLine[] = [];
    const before = this.open.get(stream);
    if (before !== undefined && before.attempt !== attempt) {
      lines.push({ ...before, bytes: Buffer.concat([before.bytes, END]) }); // an attempt's last line ends with it
      this.open.delete(stream);
    }
    const begun = this.open.get(stream);
    let begin = begun?.time ?? time;
    let rest = begun === undefined ? bytes : Buffer.concat([begun.bytes, bytes]);
    for (let end = rest.indexOf(LINE_FEED); end !== -1; end = rest.indexOf(LINE_FEED)) {
      lines.push({ stream, attempt, time: begin, bytes: rest.subarray(0, end + 1) });
      rest = rest.subarray(end + 1);
      begin = time;
    }
    if (rest.length > LINE_MAX_BYTES) {
      lines.push({ stream, attempt, time: begin, bytes: Buffer.concat([rest, END]) });
      rest = Buffer.alloc(0);
    }
    if (rest.length === 0) this.open.delete(stream);
    else this.open.set(stream, { stream, attempt, time: begin, bytes: rest });
    return lines;
  }

  /** Lines that have begun and not ended, as far as they are here. */
  begun(): AssembledLine[] {
    return [...this.open.values()];
  }

  /** Last lines without line feed; one is added, so that the next line stands on its own. */
  rest(): AssembledLine[] {
    const lines = [...this.open.values()].map((line) => ({ ...line, bytes: Buffer.concat([line.bytes, END]) }));
    this.open.clear();
    return lines;
  }
}
