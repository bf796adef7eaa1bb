import { CloudTaskError } from '../../base/index.js';
import type { LineStream } from './line-stream.js';

/** Answers that stay open at the same time: 1,000 agents, and watchers and followers besides. */
export const STREAMS_MAX = 10_000;

/** All answers that stay open, so that they are counted, bounded, and ended when the center stops. */
export class StreamSet {
  private readonly streams = new Map<LineStream, string>();
  /** Those of users and service accounts, whose rights can be taken away. */
  private readonly revocable = new Set<LineStream>();
  private ending = false;

  /** Throws CT_TOO_MANY_REQUESTS, before anything of the answer is sent. */
  requireRoom(): void {
    if (this.ending) throw new CloudTaskError('CT_UNAVAILABLE', 'the center is stopping');
    if (this.streams.size >= STREAMS_MAX) throw new CloudTaskError('CT_TOO_MANY_REQUESTS', 'too many open streams');
  }

  /** `revocable`: it ends when anybody's rights change; whoever may still have it asks again. */
  add(stream: LineStream, purpose: string, revocable = false): void {
    this.streams.set(stream, purpose);
    if (revocable) this.revocable.add(stream);
    const forget = () => {
      this.streams.delete(stream);
      this.revocable.delete(stream);
    };
    stream.closed.addEventListener('abort', forget, { once: true });
    if (this.ending) stream.end();
  }

  get size(): number {
    return this.streams.size;
  }

  count(purpose: string): number {
    let count = 0;
    for (const value of this.streams.values()) if (value === purpose) count += 1;
    return count;
  }

  endRevocable(): void {
    for (const stream of [...this.revocable]) stream.end();
  }

  endAll(): void {
    this.ending = true;
    for (const stream of this.streams.keys()) stream.end();
  }
}
