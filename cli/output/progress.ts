import type { Host } from '../host.js';

/** Often enough for the eye. */
const SPACING_MS = 100;
const CLEAR_LINE = '\r\u001b[K';

/** One line on the terminal that says how far something is, and goes when it is done. Nothing where nobody watches. */
export class Progress {
  private readonly host: Pick<Host, 'stderr' | 'clock'>;
  private readonly visible: boolean;
  private shownAt = Number.NEGATIVE_INFINITY;
  private shown = false;

  constructor(host: Pick<Host, 'stderr' | 'clock' | 'env'>) {
    this.host = host;
    this.visible = host.stderr.isTTY && host.env.TERM !== 'dumb' && !host.env.CI;
  }

  /** The latest text that comes too soon after another is left out. */
  show(text: string): void {
    const now = this.host.clock.monotonic();
    if (!this.visible || now - this.shownAt < SPACING_MS) return;
    this.shownAt = now;
    this.shown = true;
    void this.host.stderr.write(`${CLEAR_LINE}${text}`);
  }

  clear(): void {
    if (!this.shown) return;
    this.shown = false;
    this.shownAt = Number.NEGATIVE_INFINITY;
    void this.host.stderr.write(CLEAR_LINE);
  }
}
