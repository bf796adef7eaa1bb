import { Backoff, type Clock, type Logger, messageOf } from '../../base/index.js';
import type { AgentRequest } from '../../manifests/index.js';
import type { CenterClient } from './center-client.js';

const RETRY_INITIAL_MS = 200;
const RETRY_MAX_MS = 5000;
/** A request is a few hundred bytes, with arguments some kilobytes. A longer line is no request. */
const LINE_MAX_BYTES = 4 * 1024 * 1024;

/**
 * Keeps the stream of requests open: whenever it breaks or falls silent it is opened again, and the center sends
 * everything still open once more. The receiver must therefore take repetitions.
 */
export class RequestStream {
  private readonly client: CenterClient;
  private readonly clock: Clock;
  private readonly log: Logger;
  private readonly receive: (request: AgentRequest) => void;
  private readonly streamOpened: () => void;
  private readonly ended = new AbortController();
  private running: Promise<void> | undefined;
  private opened = new AbortController();

  constructor(options: {
    client: CenterClient;
    clock: Clock;
    log: Logger;
    receive: (request: AgentRequest) => void;
    /** The center tells from now on; what it told before may have been missed. */
    streamOpened?: () => void;
  }) {
    this.client = options.client;
    this.clock = options.clock;
    this.log = options.log;
    this.receive = options.receive;
    this.streamOpened = options.streamOpened ?? (() => undefined);
  }

  start(): void {
    this.running = this.run();
  }

  /** Opens the stream anew, so that the center tells everything open. */
  again(): void {
    this.opened.abort();
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.ended;
    const backoff = new Backoff({ initialMs: RETRY_INITIAL_MS, maxMs: RETRY_MAX_MS });
    while (!signal.aborted) {
      this.opened = new AbortController();
      const either = AbortSignal.any([signal, this.opened.signal]);
      try {
        const stream = await this.client.openStream('requests', either);
        this.streamOpened();
        for await (const request of readLines(stream)) {
          backoff.reset();
          if (request.type !== 'Ping') this.receive(request);
        }
      } catch (error) {
        if (signal.aborted) return;
        this.log.debug({ err: messageOf(error) }, 'requests stream broke off');
      }
      // A stream that ends at once without a line must not be opened in a tight loop either.
      await this.clock.sleep(backoff.next(), signal).catch(() => undefined); // aborted: the loop ends
    }
  }
}

async function* readLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<AgentRequest> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const bytes of stream) {
    rest += decoder.decode(bytes, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LINE_MAX_BYTES) throw new RangeError('a line of the requests stream is too long');
    for (const line of lines) if (line !== '') yield JSON.parse(line) as AgentRequest;
  }
}
