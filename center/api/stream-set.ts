import { CloudTaskError } from '../../base/index.js';
import type { LineStream } from './line-stream.js';

/** Answers that stay open at the same time: 1,000 agents, and watchers and followers besides. */
const STREAMS_MAX = 10_000;

/** All answers that stay open, so that they are counted, bounded, and ended when the center stops. */
export class StreamSet {
  private readonly streams = new Map<LineStream, string>();
  private ending = false;

  /** Throws CT_TOO_MANY_REQUESTS, before anything of the answer is sent. */
  requireRoom(): void {
    if (this.ending) throw new CloudTaskError('CT_UNAVAILABLE', 'the center is stopping');
    if (this.streams.size >= STREAMS_MAX) throw new CloudTaskError('CT_TOO_MANY_REQUESTS', 'too many open streams');
  }

  add(stream: LineStream, purpose: string): void {
    this.streams.set(stream, purpose);
    stream.closed.addEventListener('abort', () => this.streams.delete(stream), { once: true });
    if (this.ending) stream.end();
  }

  count(purpose: string): number {
    let count = 0;
    for (const value of this.streams.values()) if (value === purpose) count += 1;
    return count;
  }

  endAll(): void {
    this.ending = true;
    for (const stream of this.streams.keys()) stream.end();
  }
}
