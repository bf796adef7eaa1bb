// Pieces of a log to stdout: raw when piped, harmless on a terminal, line by line when something stands before each line.
import type { LogEnd, LogPiece, LogRequest } from '../client/log-follow.js';
import { readLog } from '../client/log-follow.js';
import type { CliDeps } from '../deps.js';
import { LogNeutralizer } from './terminal-safety.js';

export interface PrintLogOptions {
  readonly timestamps: boolean;
  readonly prefix: boolean;
  readonly raw: boolean;
}

/** Prints the whole log; resolves with how the run ended, or undefined when it is still open and was not followed. */
export async function printLog(
  request: LogRequest,
  options: PrintLogOptions,
  deps: CliDeps,
): Promise<LogEnd | undefined> {
  const harmless = deps.host.stdout.isTTY && !options.raw;
  const lines = options.timestamps || options.prefix ? new LineAssembler() : undefined;
  const neutralizers = { stdout: new LogNeutralizer(), stderr: new LogNeutralizer() };
  const write = async (bytes: Buffer, stream: LogPiece['stream']): Promise<void> => {
    if (bytes.length > 0) await deps.out(harmless ? neutralizers[stream].write(bytes) : bytes);
  };
  const writeLines = async (assembled: readonly AssembledLine[]): Promise<void> => {
    for (const { stream, time, bytes } of assembled) {
      const prefix = options.prefix ? `[run/${request.run}/${stream}] ` : '';
      const stamp = options.timestamps ? `${time} ` : '';
      await write(Buffer.concat([Buffer.from(prefix + stamp), bytes]), stream);
    }
  };
  const pieces = readLog(await deps.api(), request, () => void deps.say('# connection lost; trying again'));
  for (;;) {
    const next = await pieces.next();
    if (next.done) {
      if (lines !== undefined) await writeLines(lines.rest());
      if (harmless) await deps.out(neutralizers.stdout.end() + neutralizers.stderr.end());
      return next.value;
    }
    if (lines === undefined) await write(next.value.bytes, next.value.stream);
    else await writeLines(lines.add(next.value));
  }
}

interface AssembledLine {
  readonly stream: LogPiece['stream'];
  readonly time: string;
  readonly bytes: Buffer;
}

/** A line without end is printed in pieces of this size rather than kept. */
const LINE_MAX_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;

/** Makes whole lines of pieces, per stream, so that lines of both streams do not mix. */
class LineAssembler {
  private readonly open = new Map<LogPiece['stream'], { time: string; bytes: Buffer }>();

  add({ stream, time, bytes }: LogPiece): AssembledLine[] {
    const lines: AssembledLine[] = [];
    let begin = this.open.get(stream)?.time ?? time;
    let rest = Buffer.concat([this.open.get(stream)?.bytes ?? Buffer.alloc(0), bytes]);
    for (let end = rest.indexOf(LINE_FEED); end !== -1; end = rest.indexOf(LINE_FEED)) {
      lines.push({ stream, time: begin, bytes: rest.subarray(0, end + 1) });
      rest = rest.subarray(end + 1);
      begin = time;
    }
    if (rest.length > LINE_MAX_BYTES) {
      lines.push({ stream, time: begin, bytes: Buffer.concat([rest, Buffer.from('\n')]) });
      rest = Buffer.alloc(0);
    }
    if (rest.length === 0) this.open.delete(stream);
    else this.open.set(stream, { time: begin, bytes: rest });
    return lines;
  }

  /** Last lines without line feed; one is added, so that the next line stands on its own. */
  rest(): AssembledLine[] {
    const lines = [...this.open].map(([stream, { time, bytes }]) => ({
      stream,
      time,
      bytes: Buffer.concat([bytes, Buffer.from('\n')]),
    }));
    this.open.clear();
    return lines;
  }
}
