// Bytes of a log, as the center sends them, into lines that know where they begin.

export interface LogLine {
  readonly text: string;
  readonly stream: 'stdout' | 'stderr';
  /** Where it begins, in bytes of both streams. */
  readonly at: number;
}

/** One line of the answer of the center that carries output. */
export interface LogPiece {
  readonly offset: number;
  readonly nextOffset: number;
  readonly stream: 'stdout' | 'stderr';
  /** base64 */
  readonly data: string;
}

/** A line that is longer is shown in parts of this size. */
const LINE_MAX_BYTES = 64 * 1024;
const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

interface OpenLine {
  readonly at: number;
  readonly parts: Uint8Array[];
  bytes: number;
}

export class LogParser {
  private readonly open = new Map<LogPiece['stream'], OpenLine>();
  private readonly decoder = new TextDecoder();

  /** The lines that a piece completes. */
  take({ stream, offset, data }: LogPiece): LogLine[] {
    const bytes = bytesOf(data);
    const lines: LogLine[] = [];
    for (let start = 0; start < bytes.length; ) {
      const line = this.open.get(stream) ?? { at: offset + start, parts: [], bytes: 0 };
      const newline = bytes.indexOf(NEWLINE, start);
      const whole = newline < 0 ? bytes.length : newline + 1;
      const end = Math.min(whole, start + LINE_MAX_BYTES - line.bytes);
      line.parts.push(bytes.subarray(start, end));
      line.bytes += end - start;
      if (end === newline + 1 || line.bytes === LINE_MAX_BYTES) {
        lines.push(this.lineOf(stream, line));
        this.open.delete(stream);
      } else this.open.set(stream, line);
      start = end;
    }
    return lines;
  }

  /** Lines whose end has not come, as far as they are there. */
  rest(): LogLine[] {
    return [...this.open].map(([stream, line]) => this.lineOf(stream, line));
  }

  private lineOf(stream: LogPiece['stream'], { at, parts }: OpenLine): LogLine {
    const bytes = parts.length === 1 ? parts[0]! : joined(parts);
    let end = bytes.length;
    if (bytes[end - 1] === NEWLINE) end -= 1;
    if (bytes[end - 1] === CARRIAGE_RETURN) end -= 1;
    return { text: this.decoder.decode(bytes.subarray(0, end)), stream, at };
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function bytesOf(base64: string): Uint8Array {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
