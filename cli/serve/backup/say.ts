// What is said while it takes its time: on stderr, so that the archive may go to stdout.
import { formatBytes, systemClock } from '../../../base/index.js';

/** On a pipe, such as a service's log, a line now and then is enough. */
const SAY_EVERY_MS = 5000;

export class Progress {
  private readonly quiet: boolean;
  private saidAt = systemClock.monotonic();

  constructor(quiet: boolean) {
    this.quiet = quiet;
  }

  step(text: string): void {
    if (!this.quiet) process.stderr.write(`${text}\n`);
  }

  /** Says it when nothing was said for a while. */
  meanwhile(rows: number, bytes?: number): void {
    const now = systemClock.monotonic();
    if (now - this.saidAt < SAY_EVERY_MS) return;
    this.saidAt = now;
    this.step(`… ${rows} rows${bytes === undefined ? '' : `, ${formatBytes(bytes)}`}`);
  }
}
