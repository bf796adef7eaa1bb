import type { Socket } from 'node:net';

/** A launch carries argv and environment, which the kernel bounds to 2 MiB; JSON may escape some of it. */
const LINE_MAX_CHARS = 16 * 1024 * 1024;
/** What waits for a reader that does not read. It is cut off then: all that counts is on disk. */
const OUTGOING_MAX_BYTES = 64 * 1024 * 1024;

export interface LineChannelEvents<In> {
  message(message: In): void;
  close(error?: Error): void;
}

/**
 * JSON lines over a socket. Everything sent in one turn of the event loop leaves in one write: under load that is one
 * system call, and one wake-up of the other side, for many messages.
 */
export class LineChannel<In, Out> {
  private readonly socket: Socket;
  private readonly events: LineChannelEvents<In>;
  private outgoing = '';
  private partial: string[] = [];
  private partialChars = 0;
  private failure: Error | undefined;

  constructor(socket: Socket, events: LineChannelEvents<In>) {
    this.socket = socket;
    this.events = events;
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => this.receive(chunk as unknown as string));
    socket.on('error', (error) => {
      this.failure ??= error;
    });
    socket.on('close', () => events.close(this.failure));
  }

  send(message: Out): void {
    if (this.socket.destroyed) return;
    if (this.outgoing === '') setImmediate(() => this.flush());
    this.outgoing += `${JSON.stringify(message)}\n`;
  }

  /** Sends what is waiting, then closes. */
  end(): void {
    this.flush();
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  private flush(): void {
    if (this.outgoing === '' || this.socket.destroyed || this.socket.writableEnded) return;
    if (this.socket.writableLength + this.outgoing.length > OUTGOING_MAX_BYTES) {
      this.fail('the other side does not read');
      return;
    }
    this.socket.write(this.outgoing);
    this.outgoing = '';
  }

  private receive(chunk: string): void {
    let start = 0;
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', start)) {
      const line = this.partial.length === 0 ? chunk.slice(start, end) : this.complete(chunk.slice(start, end));
      start = end + 1;
      this.events.message(JSON.parse(line) as In);
    }
    if (start === chunk.length) return;
    this.partial.push(chunk.slice(start));
    this.partialChars += chunk.length - start;
    if (this.partialChars > LINE_MAX_CHARS) this.fail('a line is too long');
  }

  private complete(rest: string): string {
    const line = this.partial.join('') + rest;
    this.partial = [];
    this.partialChars = 0;
    return line;
  }

  private fail(message: string): void {
    this.failure ??= new Error(message);
    this.socket.destroy();
  }
}
