// agent/center-client/center-client for simulated agents: requests travel over the simulated network to the routes of the
// API, without HTTP in between. What is refused, and how, is as over HTTP.
import type { Body, CenterClientOptions } from '../../../agent/center-client/center-client.js';
import { CloudTaskError, isCloudTaskError, messageOf } from '../../../base/index.js';
import { kernel, type SimulatedProcess } from '../kernel.js';
import { type CenterEndpoint, centerAt } from '../world/center-endpoints.js';
import { Channel, type Cuttable, networkOf } from '../world/network.js';

const REPLY_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 5000;
const STREAM_SILENCE_MS = 15_000;

export type { Body, CenterClientOptions };

/** One request under way: it breaks when either end dies or the connection is cut. */
class Exchange implements Cuttable {
  readonly machines: readonly [string, string];
  readonly processes: readonly [SimulatedProcess, SimulatedProcess];
  readonly there: Channel;
  readonly back: Channel;
  private readonly broke: (error: CloudTaskError) => void;

  constructor(center: CenterEndpoint, broke: (error: CloudTaskError) => void) {
    const self = kernel().current!;
    this.processes = [self, center.process];
    this.machines = [self.machine, center.process.machine];
    this.there = new Channel(self, center.process);
    this.back = new Channel(center.process, self);
    this.broke = broke;
    networkOf().opened(this);
  }

  cut(): void {
    networkOf().closed(this);
    kernel().schedule(0.2, this.processes[0], () => this.broke(unreachable('the connection broke')));
  }

  over(): void {
    networkOf().closed(this);
  }
}

export class CenterClient {
  private readonly options: CenterClientOptions;
  private readonly life = new AbortController();
  private preferred = 0;

  constructor(options: CenterClientOptions) {
    this.options = options;
  }

  async send<T>(method: 'PUT' | 'POST', path: string, body: Body, signal?: AbortSignal): Promise<T> {
    const value = typeof body.data === 'string' ? (JSON.parse(body.data) as unknown) : Buffer.from(body.data);
    const { urls, agent } = this.options;
    try {
      const text = await request(
        urls[this.preferred % urls.length]!,
        method,
        `/agents/${agent}/${path}`,
        value,
        signal,
      );
      return JSON.parse(text) as T;
    } catch (error) {
      throw this.refusal(error);
    }
  }

  readonly hasCertificate = false;

  reconnect(): void {}

  sendJson<T>(method: 'PUT' | 'POST', path: string, value: unknown, signal?: AbortSignal): Promise<T> {
    return this.send<T>(method, path, { data: JSON.stringify(value), type: 'application/json' }, signal);
  }

  async openStream(_path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const { urls } = this.options;
    const center = await dial(urls[this.preferred % urls.length]!).catch((error: unknown) => {
      throw this.refusal(error);
    });
    signal.throwIfAborted(); // it may have been told to stop while it dialled
    const queue = new LineQueue();
    const exchange = new Exchange(center, (error) => queue.end(error));
    const end = () => {
      exchange.over();
      queue.end(new Error('the stream was closed'));
      exchange.there.send(() => reader.closed());
    };
    const reader = center.openRequests(this.options.agent, {
      write: (text) => exchange.back.send(() => queue.push(Buffer.from(text))),
      end: () => exchange.back.send(() => queue.end(undefined)),
    });
    signal.addEventListener('abort', end, { once: true });
    this.life.signal.addEventListener('abort', end, { once: true });
    exchange.there.send(() => reader.open());
    return queue;
  }

  async close(): Promise<void> {
    this.life.abort();
  }

  /** As the status of the answer would tell it; after most of them the next request goes to the next center. */
  private refusal(error: unknown): unknown {
    if (isCloudTaskError(error, 'CT_BAD_REQUEST', 'CT_TOO_LARGE', 'CT_NOT_FOUND')) return error;
    this.preferred += 1;
    if (!isCloudTaskError(error) || isCloudTaskError(error, 'CT_SERVER_UNREACHABLE')) return error;
    return new CloudTaskError('CT_UNAVAILABLE', messageOf(error));
  }
}

/** One request to the center at `url`, as the process at work; `body` is a value as it is after parsing. */
export async function request(
  url: string,
  method: string,
  path: string,
  body: unknown,
  signal?: AbortSignal,
): Promise<string> {
  const center = await dial(url);
  return new Promise<string>((resolve, reject) => {
    const exchange = new Exchange(center, (error) => settle(() => reject(error)));
    const limit = kernel().after(REPLY_TIMEOUT_MS, () => settle(() => reject(unreachable('no answer'))));
    const aborted = () => settle(() => reject(signal?.reason));
    const settle = (how: () => void) => {
      exchange.over();
      kernel().cancel(limit);
      signal?.removeEventListener('abort', aborted);
      how();
    };
    if (signal?.aborted) return aborted();
    signal?.addEventListener('abort', aborted, { once: true });
    exchange.there.send(() => {
      center.handle(method, path, body).then(
        (answer) => exchange.back.send(() => settle(() => resolve(answer))),
        (error: unknown) => exchange.back.send(() => settle(() => reject(error))),
      );
    });
  });
}

/** A center that accepts the connection. */
async function dial(url: string): Promise<CenterEndpoint> {
  const [from, to] = [kernel().current!.machine, centerAt(url)?.process.machine ?? ''];
  const network = networkOf();
  const silent = () => network.swallows(from, to) || network.swallows(to, from);
  await kernel().delay(silent() ? CONNECT_TIMEOUT_MS : 0.5);
  if (silent()) throw unreachable('no answer to the connection');
  const found = centerAt(url);
  if (found === undefined || found.process.mode === 'dead') throw unreachable('connection refused');
  return found;
}

export function isPermanentRefusal(error: unknown): boolean {
  return isCloudTaskError(error, 'CT_BAD_REQUEST', 'CT_TOO_LARGE');
}

function unreachable(detail: string): CloudTaskError {
  return new CloudTaskError('CT_SERVER_UNREACHABLE', detail);
}

/** Lines as they come; ends with an error after a silence, as the connection of the product does. */
class LineQueue implements AsyncIterable<Uint8Array> {
  private readonly waiting: Uint8Array[] = [];
  private wake: (() => void) | undefined;
  private ended: { error: Error | undefined } | undefined;

  push(bytes: Uint8Array): void {
    this.waiting.push(bytes);
    this.wake?.();
  }

  end(error: Error | undefined): void {
    this.ended ??= { error };
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = this.waiting.shift();
      if (next !== undefined) {
        yield next;
        continue;
      }
      if (this.ended?.error !== undefined) throw this.ended.error;
      if (this.ended !== undefined) return;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        const silence = kernel().after(STREAM_SILENCE_MS, () => this.end(new Error('the stream fell silent')));
        const wake = this.wake;
        this.wake = () => {
          kernel().cancel(silence);
          wake();
        };
      });
      this.wake = undefined;
    }
  }
}
