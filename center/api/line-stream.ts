import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

/** Bytes that may wait for a reader who falls behind. Beyond this the connection is cut, and the reader takes up again
 * from what it had: a slow watcher must not fill the center's memory. */
const BACKLOG_MAX_BYTES = 8 * 1024 * 1024;

/**
 * An answer that stays open and is written line by line. `closed` fires once, whichever side ends it. Two ways to write:
 * `push` for news that cannot wait (cuts off a slow reader), `write` for what can be read later (waits for the reader).
 */
export class LineStream {
  readonly closed: AbortSignal;
  private readonly raw: ServerResponse;

  private constructor(raw: ServerResponse) {
    this.raw = raw;
    const controller = new AbortController();
    this.closed = controller.signal;
    raw.once('close', () => controller.abort());
    raw.once('error', () => controller.abort()); // the reader has gone: nobody is left to tell
  }

  /** Takes the answer out of fastify's hands and sends the headers. */
  static open(reply: FastifyReply, headers: Record<string, string>): LineStream {
    reply.hijack();
    const { raw } = reply;
    const stream = new LineStream(raw);
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      ...headers,
    });
    raw.flushHeaders();
    return stream;
  }

  push(data: string | Uint8Array): void {
    if (this.raw.destroyed || this.raw.writableEnded) return;
    this.raw.write(data);
    if (this.raw.writableLength > BACKLOG_MAX_BYTES) this.raw.destroy();
  }

  /** Resolves when the reader can take more, or is gone. */
  async write(data: string | Uint8Array): Promise<void> {
    if (this.raw.destroyed || this.raw.writableEnded || this.raw.write(data)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.raw.off('drain', done);
        this.raw.off('close', done);
        resolve();
      };
      this.raw.once('drain', done);
      this.raw.once('close', done);
    });
  }

  end(): void {
    if (!this.raw.writableEnded) this.raw.end();
  }

  /** Breaks the connection, so that the reader cannot take what it got for the whole. */
  destroy(): void {
    this.raw.destroy();
  }
}
