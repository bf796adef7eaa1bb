// Pieces of a log to stdout: raw when piped, harmless on a terminal, line by line when something stands before each line or
// several logs share the terminal.
import type { LogEnd, LogPiece, LogRequest } from '../client/log-follow.js';
import { readLog } from '../client/log-follow.js';
import type { CliDeps } from '../deps.js';
import { wantsColour } from './colour.js';
import { type AssembledLine, LineAssembler } from './line-assembler.js';
import { LogNeutralizer } from './terminal-safety.js';

export interface PrintLogOptions {
  readonly timestamps: boolean;
  readonly prefix: boolean;
  readonly raw: boolean;
  /** One JSON object a line. */
  readonly ndjson?: boolean;
  /** Only whole lines are written, so that those of several logs do not mix. */
  readonly wholeLines?: boolean;
  /** Bytes of the log after which to stop. */
  readonly limitBytes?: number;
}

/** Prints the whole log; resolves with how the run ended, or undefined when it is still open and was not followed. */
export async function printLog(
  request: LogRequest,
  options: PrintLogOptions,
  deps: CliDeps,
): Promise<LogEnd | undefined> {
  const printer = new LogPrinter(request.run, options, deps);
  const pieces = readLog(await deps.api(), request, () => void deps.say('# connection lost; trying again'));
  for (;;) {
    const next = await pieces.next();
    if (next.done) {
      await printer.end();
      return next.value;
    }
    if (await printer.print(next.value)) continue;
    await printer.end();
    await pieces.return(undefined);
    return undefined;
  }
}

class LogPrinter {
  private readonly run: string;
  private readonly options: PrintLogOptions;
  private readonly deps: CliDeps;
  private readonly lines: LineAssembler | undefined;
  private readonly neutralizers: Record<LogPiece['stream'], LogNeutralizer> | undefined;
  private readonly prefixes: Record<LogPiece['stream'], string>;
  private left: number;
  private attempt = 0;
  private seq = 0;

  constructor(run: string, options: PrintLogOptions, deps: CliDeps) {
    const { timestamps, prefix, ndjson, wholeLines, raw, limitBytes } = options;
    this.run = run;
    this.options = options;
    this.deps = deps;
    this.left = limitBytes ?? Number.POSITIVE_INFINITY;
    this.lines = timestamps || prefix || ndjson || wholeLines ? new LineAssembler() : undefined;
    const harmless = deps.host.stdout.isTTY && !raw && !ndjson;
    this.neutralizers = harmless ? { stdout: new LogNeutralizer(), stderr: new LogNeutralizer() } : undefined;
    const paint = wantsColour(deps.host.stdout, deps.host.env, deps.globals.color)
      ? colourOf(run)
      : (text: string) => text;
    const text = (stream: string) => (prefix ? `${paint(`[run/${run}/${stream}]`)} ` : '');
    this.prefixes = { stdout: text('stdout'), stderr: text('stderr') };
  }

  /** False when no more is wanted. */
  async print(piece: LogPiece): Promise<boolean> {
    const bytes = piece.bytes.length > this.left ? piece.bytes.subarray(0, this.left) : piece.bytes;
    this.left -= bytes.length;
    if (this.lines === undefined) await this.write(bytes, piece.stream);
    else await this.writeLines(this.lines.add({ ...piece, bytes }));
    return this.left > 0;
  }

  async end(): Promise<void> {
    if (this.lines !== undefined) await this.writeLines(this.lines.rest());
    if (this.neutralizers === undefined) return;
    const rest = this.neutralizers.stdout.end() + this.neutralizers.stderr.end();
    if (rest !== '') await this.deps.out(rest);
  }

  /** All lines in one write: nothing of another log comes between. */
  private async writeLines(lines: readonly AssembledLine[]): Promise<void> {
    if (lines.length === 0) return;
    if (this.options.ndjson) return this.deps.out(lines.map((line) => this.json(line)).join(''));
    const { timestamps } = this.options;
    const parts = lines.flatMap(({ stream, time, bytes }) => {
      const head = this.prefixes[stream] + (timestamps ? `${time} ` : '');
      return [Buffer.from(head), this.neutralizers === undefined ? bytes : this.neutralizers[stream].write(bytes)];
    });
    await this.deps.out(Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))));
  }

  private async write(bytes: Buffer, stream: LogPiece['stream']): Promise<void> {
    if (bytes.length > 0) await this.deps.out(this.neutralizers?.[stream].write(bytes) ?? bytes);
  }

  /** Lines are counted per attempt, from 1, as they are shown (C-68). */
  private json({ time, stream, attempt, bytes }: AssembledLine): string {
    if (attempt !== this.attempt) this.seq = 0;
    this.attempt = attempt;
    this.seq += 1;
    const line = bytes.toString('utf8').replace(/\n$/, '');
    return `${JSON.stringify({ time, stream, run: this.run, attempt, seq: this.seq, line })}\n`;
  }
}

const COLOURS = [36, 33, 32, 35, 34, 31];

/** Always the same colour for the same run (C-66). */
function colourOf(run: string): (text: string) => string {
  let sum = 0;
  for (let i = 0; i < run.length; i++) sum = (sum * 31 + run.charCodeAt(i)) >>> 0;
  const code = COLOURS[sum % COLOURS.length];
  return (text) => `\u001b[${code}m${text}\u001b[0m`;
}
