// The output of one run, line by line, read and followed through lost connections.
import { ApiError } from '../api/api-error.js';
import { linesOf } from '../api/lines.js';
import { pathOf, send } from '../api/request.js';

export interface LogLine {
  readonly text: string;
  /** `mark`: no output, but a word of the console about it. */
  readonly stream: 'stdout' | 'stderr' | 'mark';
}

export type LogPhase = 'reading' | 'lost' | 'ended' | 'refused';

/** A new one for every change; the lines are the same array, which grows. */
export interface LogSnapshot {
  readonly phase: LogPhase;
  readonly error: ApiError | undefined;
  readonly lines: readonly LogLine[];
  /** Earlier lines are not here: not asked for, or too many. */
  readonly cut: boolean;
}

type LogItem =
  | {
      readonly attempt: number;
      readonly nextOffset: number;
      readonly stream: 'stdout' | 'stderr';
      readonly data: string;
    }
  | { readonly ping: true; readonly attempt: number; readonly nextOffset: number }
  | { readonly end: true };

/** Beyond so many lines the oldest fifth goes. */
const LINES_MAX = 200_000;
const NOTICE_MS = 100;
const RETRY_MS = 1000;
/** The center says something at least every 30 s. */
const IDLE_MS = 95_000;

export class RunLog {
  private readonly path: string;
  private readonly tail: number | undefined;
  private readonly listeners = new Set<() => void>();
  private readonly ending = new AbortController();
  private readonly decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  /** Lines whose end has not come, by stream. */
  private readonly open = { stdout: '', stderr: '' };
  private lines: LogLine[] = [];
  private position: { readonly attempt: number; readonly nextOffset: number } | undefined;
  private phase: LogPhase = 'reading';
  private error: ApiError | undefined;
  private cut = false;
  private notice: ReturnType<typeof setTimeout> | undefined;
  private current: LogSnapshot = { phase: 'reading', error: undefined, lines: [], cut: false };

  /** @param tail so many of the last lines; undefined for all */
  constructor(namespace: string, run: string, tail: number | undefined) {
    this.path = pathOf('runs', namespace, run, 'log');
    this.tail = tail;
  }

  readonly snapshot = (): LogSnapshot => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  start(): void {
    void this.follow(this.ending.signal);
  }

  stop(): void {
    this.ending.abort();
    clearTimeout(this.notice);
  }

  private async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.phase !== 'ended') {
      try {
        await this.read(signal);
      } catch (cause) {
        if (signal.aborted) return;
        const error = cause instanceof ApiError ? cause : new ApiError(0, 'Unreachable', String(cause));
        this.say(error.passing ? 'lost' : 'refused', error);
        if (!error.passing) return;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  private async read(signal: AbortSignal): Promise<void> {
    const { position } = this;
    const from = position === undefined ? undefined : `${position.attempt}:${position.nextOffset}`;
    const query = { follow: 1, ...(from === undefined ? { tail: this.tail } : { from }) };
    const response = await send(this.path, { query, accept: 'application/x-ndjson', signal });
    if (from === undefined) this.begun(response.headers);
    this.say('reading');
    for await (const line of linesOf(response, IDLE_MS)) this.take(JSON.parse(line) as LogItem);
  }

  private begun(headers: Headers): void {
    const [attempt, offset] = ['ctask-log-attempt', 'ctask-log-offset'].map((name) => Number(headers.get(name)));
    this.cut = (attempt ?? 1) > 1 || (offset ?? 0) > 0;
  }

  private take(item: LogItem): void {
    if ('end' in item) {
      this.closeLines();
      this.say('ended');
      return;
    }
    if (item.attempt !== this.position?.attempt && item.attempt > 1) {
      this.closeLines();
      this.lines.push({ text: `Attempt ${item.attempt}`, stream: 'mark' });
    }
    this.position = { attempt: item.attempt, nextOffset: item.nextOffset };
    if ('ping' in item) return;
    const { stream } = item;
    const text = this.open[stream] + this.decoders[stream].decode(bytesOf(item.data), { stream: true });
    const parts = text.split('\n');
    this.open[stream] = parts.pop()!;
    for (const part of parts) this.lines.push({ text: part.replace(/\r$/, ''), stream });
    if (this.lines.length > LINES_MAX) {
      this.lines = this.lines.slice(LINES_MAX / 5);
      this.cut = true;
    }
    this.changed();
  }

  private closeLines(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const text = this.open[stream] + this.decoders[stream].decode();
      if (text !== '') this.lines.push({ text, stream });
      this.open[stream] = '';
    }
  }

  private say(phase: LogPhase, error?: ApiError): void {
    this.phase = phase;
    this.error = error;
    this.changed();
  }

  private changed(): void {
    this.notice ??= setTimeout(() => {
      this.notice = undefined;
      const { phase, error, cut } = this;
      const unfinished = (['stdout', 'stderr'] as const).filter((stream) => this.open[stream] !== '');
      const lines =
        unfinished.length === 0
          ? this.lines
          : [...this.lines, ...unfinished.map((stream) => ({ text: this.open[stream], stream }))];
      this.current = { phase, error, cut, lines };
      for (const listener of this.listeners) listener();
    }, NOTICE_MS);
  }
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}
