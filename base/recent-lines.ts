/** Bounds of what a process keeps of its log. */
export const RECENT_LINES_MAX = 2000;
export const RECENT_BYTES_MAX = 1024 * 1024;
/** A longer line would push out hundreds of others. */
const LINE_MAX_BYTES = 16 * 1024;

/**
 * The last lines that a process has logged, in its memory: what it can tell of itself to whoever asks from afar. Each is one JSON object, as
 * it was printed. The oldest make room; of a line that is too long only the fields that each line has are kept.
 */
export class RecentLines {
  private readonly maxLines: number;
  private readonly maxBytes: number;
  /** From `first` on; what is before it has made room. */
  private lines: string[] = [];
  private sizes: number[] = [];
  private first = 0;
  private bytes = 0;
  private gone = 0;

  constructor({ maxLines = RECENT_LINES_MAX, maxBytes = RECENT_BYTES_MAX } = {}) {
    this.maxLines = maxLines;
    this.maxBytes = maxBytes;
  }

  /** How many lines there were before the oldest that is kept. */
  get omitted(): number {
    return this.gone;
  }

  /** With the end of line that it is printed with, or without. */
  add(printed: string): void {
    let line = printed.trimEnd();
    let size = Buffer.byteLength(line); // which makes one piece of it, too, of the many that it was put together from
    if (size > LINE_MAX_BYTES) {
      line = shortened(line, size);
      size = Buffer.byteLength(line);
    }
    this.lines.push(line);
    this.sizes.push(size);
    this.bytes += size;
    while (this.bytes > this.maxBytes || this.lines.length - this.first > this.maxLines) this.forget();
  }

  /** The oldest first. */
  all(): string[] {
    return this.lines.slice(this.first);
  }

  private forget(): void {
    this.bytes -= this.sizes[this.first] ?? 0;
    this.lines[this.first] = '';
    this.first += 1;
    this.gone += 1;
    // Moved down once for as many as are kept, not once for each.
    if (this.first < this.maxLines) return;
    this.lines = this.lines.slice(this.first);
    this.sizes = this.sizes.slice(this.first);
    this.first = 0;
  }
}

/** Fields that say when, who and what; the sentence is a constant of the program (see Logger). */
const CONSTANT_FIELDS = ['level', 'time', 'process', 'pid', 'part', 'msg'];

/** A line without the fields that differ each time. `line` is one JSON object. */
export function constantFields(line: string, more: object = {}): string {
  const fields = JSON.parse(line) as Record<string, unknown>;
  const kept = CONSTANT_FIELDS.flatMap((name) => (name in fields ? [[name, fields[name]] as const] : []));
  return JSON.stringify({ ...Object.fromEntries(kept), ...more });
}

function shortened(line: string, omittedBytes: number): string {
  const short = constantFields(line, { omittedBytes });
  return short.length <= LINE_MAX_BYTES ? short : JSON.stringify({ omittedBytes });
}
