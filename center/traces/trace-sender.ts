import { Backoff, type Clock, type Logger, messageOf, type Timer } from '../../base/index.js';
import type { OtlpSpan } from './run-spans.js';

/** Spans that wait at most; what comes then is dropped, and that is said. Traces are no records: the store has those. */
export const WAITING_MAX = 8_192;
const BATCH_MAX = 512;
const GATHER_MS = 2_000;
const LIMIT_MS = 10_000;
const RETRY = { initialMs: 1_000, maxMs: 30_000 };
const LAST_WORDS_MS = 2_000;
/** Answers after which the same again may be taken, as OTLP has it. */
const AGAIN = [429, 502, 503, 504];

export interface TraceSettings {
  /** Whole URL that takes spans. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
}

export interface TraceSenderOptions extends TraceSettings {
  readonly version: string;
  readonly instance: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Sends spans as OTLP/HTTP in JSON, in batches, one request at a time. */
export class TraceSender {
  private readonly options: TraceSenderOptions;
  private readonly backoff = new Backoff(RETRY);
  private readonly cut = new AbortController();
  private waiting: OtlpSpan[] = [];
  private timer: Timer | undefined;
  private sending: Promise<void> | undefined;
  private dropped = 0;
  private failing = false;
  private stopped = false;

  constructor(options: TraceSenderOptions) {
    this.options = options;
  }

  add(spans: readonly OtlpSpan[]): void {
    if (this.stopped || spans.length === 0) return;
    if (this.waiting.length + spans.length > WAITING_MAX) {
      if (this.dropped === 0) this.options.log.warn({ waiting: this.waiting.length }, 'traces are dropped');
      this.dropped += spans.length;
      return;
    }
    this.waiting.push(...spans);
    this.arm(GATHER_MS);
  }

  /** What waits gets a moment to leave. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.timer?.cancel();
    const late = this.options.clock.timerAfter(LAST_WORDS_MS, () => this.cut.abort());
    await this.sending;
    if (!this.failing && this.waiting.length > 0) await this.send();
    late.cancel();
  }

  private arm(delayMs: number): void {
    if (this.timer !== undefined || this.sending !== undefined || this.stopped) return;
    this.timer = this.options.clock.timerAfter(delayMs, () => {
      this.timer = undefined;
      this.sending = this.send().finally(() => {
        this.sending = undefined;
        if (this.waiting.length > 0) this.arm(this.failing ? this.backoff.next() : GATHER_MS);
      });
    });
  }

  /** Until nothing waits, or a batch is not taken. */
  private async send(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.slice(0, BATCH_MAX);
      const outcome = await this.post(batch);
      if (outcome === 'again') return;
      this.waiting.splice(0, batch.length);
    }
  }

  private async post(batch: readonly OtlpSpan[]): Promise<'done' | 'again'> {
    const { url, headers, log } = this.options;
    let problem: string;
    try {
      const answer = await fetch(url, {
        ...{ method: 'POST', redirect: 'error', body: JSON.stringify(this.request(batch)) },
        headers: { ...headers, 'content-type': 'application/json' },
        signal: AbortSignal.any([this.cut.signal, AbortSignal.timeout(LIMIT_MS)]),
      });
      await answer.arrayBuffer();
      if (answer.ok) {
        if (this.failing || this.dropped > 0) log.info({ dropped: this.dropped }, 'traces are taken again');
        this.failing = false;
        this.dropped = 0;
        this.backoff.reset();
        return 'done';
      }
      problem = `the answer is ${answer.status}`;
      if (!AGAIN.includes(answer.status)) {
        log.warn({ err: problem, spans: batch.length }, 'traces are refused');
        return 'done';
      }
    } catch (error) {
      const { cause } = error as { cause?: unknown };
      problem = messageOf(cause ?? error);
    }
    if (!this.failing) log.warn({ err: problem }, 'traces are not taken; they are sent again');
    this.failing = true;
    return 'again';
  }

  private request(spans: readonly OtlpSpan[]): object {
    const { serviceName, version, instance } = this.options;
    const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
    const attributes = [
      text('service.name', serviceName),
      text('service.version', version),
      text('service.instance.id', instance),
    ];
    return { resourceSpans: [{ resource: { attributes }, scopeSpans: [{ scope: { name: 'cloudtask' }, spans }] }] };
  }
}
