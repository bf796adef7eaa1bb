// What is written to standard error while the dashboard has the screen, e.g. a warning of the center: it would be written
// across the screen, so it goes to the log, and to whoever shows it as a line.
import type { Logger } from '../../../base/index.js';

/** A line without end is cut here. */
const LINE_MAX = 4_096;

type Write = typeof process.stderr.write;

export class StderrCapture {
  private readonly log: Logger;
  private readonly listeners = new Set<(line: string) => void>();
  private original: Write | undefined;
  private warnings: readonly ((...args: never[]) => void)[] = [];
  private rest = '';

  constructor(log: Logger) {
    this.log = log;
  }

  /** Returns the function that unsubscribes. */
  onLine(listener: (line: string) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  begin(): void {
    if (this.original !== undefined) return;
    this.original = process.stderr.write;
    process.stderr.write = this.write as Write;
    // Node's own warnings do not go through the stream.
    this.warnings = process.listeners('warning');
    process.removeAllListeners('warning');
    process.on('warning', this.warned);
  }

  end(): void {
    if (this.original === undefined) return;
    process.stderr.write = this.original;
    this.original = undefined;
    process.off('warning', this.warned);
    for (const listener of this.warnings) process.on('warning', listener as (warning: Error) => void);
  }

  private readonly write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    const lines = (this.rest + text).split('\n');
    this.rest = (lines.pop() ?? '').slice(0, LINE_MAX);
    for (const line of lines) this.tell(line);
    const done = rest.at(-1);
    if (typeof done === 'function') done();
    return true;
  };

  private readonly warned = (warning: Error): void => this.tell(`${warning.name}: ${warning.message}`);

  private tell(line: string): void {
    if (line.trim() === '') return;
    this.log.warn({ line: line.slice(0, LINE_MAX) }, 'written to standard error');
    for (const listener of [...this.listeners]) listener(line);
  }
}
