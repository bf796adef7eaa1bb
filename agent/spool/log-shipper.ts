// Ships the output of all attempts to the center: many attempts per request, one request at a time, never more in memory
// than one request. What is acknowledged and ended leaves the disk.
import { Backoff, type Clock, type Logger, messageOf, type Timer } from '../../base/index.js';
import {
  encodeLogChunks,
  LOG_CHUNK_MAX_BYTES,
  LOG_CHUNKS_TYPE,
  type LogAppendReply,
  type LogChunk,
} from '../../manifests/index.js';
import { type CenterClient, isPermanentRefusal } from '../center-client/center-client.js';
import { Pace } from '../center-client/pace.js';
import type { Mask } from '../secrets/mask.js';
import { AttemptLog, type LoggedAttempt } from './attempt-log.js';

/** Bounds both the memory and the time one transaction of the center takes. */
const REQUEST_MAX_BYTES = 2 * 1024 * 1024;
const REQUEST_MAX_CHUNKS = 500;
/** Output is looked for this often: the largest part of the delay that `ctask logs -f` shows. */
const POLL_MS = 80;
/** Looking costs two stat calls per attempt, about 10 µs: with more attempts than this the interval grows in proportion. */
const POLL_ATTEMPTS = 400;
/** Requests are this far apart while there is output. */
const GAP_MS = 50;
const RETRY_INITIAL_MS = 100;
const RETRY_MAX_MS = 5000;

export class LogShipper {
  private readonly client: CenterClient;
  private readonly clock: Clock;
  private readonly log: Logger;
  private readonly shipped: (log: AttemptLog) => void;
  private readonly maskOf: (directory: string) => Mask | undefined;
  private readonly logs = new Map<string, AttemptLog>();
  /** Those that may have something to send: looking at all of them for each request would cost more than the runs do. */
  private readonly ready = new Set<AttemptLog>();
  private readonly ended = new AbortController();
  private poll: Timer | undefined;
  private sending: Promise<void> | undefined;
  private again = false;
  private attemptsPerRequest = REQUEST_MAX_CHUNKS;
  private readonly pace: Pace;

  constructor(options: {
    client: CenterClient;
    clock: Clock;
    log: Logger;
    /** See PaceOptions. */
    startsWait: () => boolean;
    /** What is to be hidden of the output of an attempt. */
    maskOf: (directory: string) => Mask | undefined;
    /** Called once per attempt whose output the center has, all of it. */
    shipped: (log: AttemptLog) => void;
  }) {
    this.client = options.client;
    this.clock = options.clock;
    this.log = options.log;
    this.shipped = options.shipped;
    this.maskOf = options.maskOf;
    this.pace = new Pace({ clock: options.clock, gapMs: GAP_MS, startsWait: options.startsWait });
  }

  /** Takes up an attempt. */
  add(options: LoggedAttempt): void {
    if (this.logs.has(options.directory)) return;
    const mask = this.maskOf(options.directory);
    this.logs.set(options.directory, new AttemptLog({ ...options, ...(mask === undefined ? {} : { mask }) }));
    this.armPoll();
  }

  /** The attempt's process has ended, and this is on record. */
  end(directory: string): void {
    const log = this.logs.get(directory);
    if (log === undefined) return;
    log.end();
    this.ready.add(log);
    this.wake();
  }

  get size(): number {
    return this.logs.size;
  }

  unsentBytes(): number {
    let sum = 0;
    for (const log of this.logs.values()) sum += log.unsentBytes();
    return sum;
  }

  async stop(): Promise<void> {
    this.poll?.cancel();
    this.ended.abort();
    await this.sending;
  }

  private armPoll(): void {
    if (this.poll !== undefined || this.logs.size === 0 || this.ended.signal.aborted) return;
    const delayMs = POLL_MS * Math.max(1, this.logs.size / POLL_ATTEMPTS);
    this.poll = this.clock.timerAfter(delayMs, () => {
      this.poll = undefined;
      for (const log of this.logs.values()) this.ready.add(log);
      this.wake();
      this.armPoll();
    });
  }

  private wake(): void {
    this.again = true;
    if (this.ended.signal.aborted) return;
    this.sending ??= this.send().finally(() => {
      this.sending = undefined;
      if (this.again) this.wake();
    });
  }

  private async send(): Promise<void> {
    const backoff = new Backoff({ initialMs: RETRY_INITIAL_MS, maxMs: RETRY_MAX_MS });
    const { signal } = this.ended;
    while (!signal.aborted) {
      await this.pace.turn(signal);
      if (signal.aborted) return;
      this.again = false;
      const { chunks, taken } = this.collect();
      if (chunks.length === 0) return;
      try {
        const body = { data: encodeLogChunks(chunks), type: LOG_CHUNKS_TYPE };
        this.settle(taken, await this.client.send<LogAppendReply>('POST', 'logs', body, signal));
        backoff.reset();
        this.attemptsPerRequest = Math.min(REQUEST_MAX_CHUNKS, this.attemptsPerRequest * 2);
      } catch (error) {
        if (signal.aborted) return;
        if (isPermanentRefusal(error) && this.isolate(taken, error)) continue;
        this.log.warn({ attempts: this.logs.size, err: messageOf(error) }, 'output could not be sent, trying again');
        await this.clock.sleep(backoff.next(), signal).catch(() => undefined); // aborted: the loop ends
      }
    }
  }

  private collect(): { chunks: LogChunk[]; taken: AttemptLog[] } {
    const chunks: LogChunk[] = [];
    const taken: AttemptLog[] = [];
    const time = this.clock.now();
    let bytes = 0;
    for (const log of this.ready) {
      if (bytes + LOG_CHUNK_MAX_BYTES > REQUEST_MAX_BYTES || chunks.length >= REQUEST_MAX_CHUNKS) break;
      if (taken.length >= this.attemptsPerRequest) break;
      const next = this.chunksOf(log, time, Math.min(2 * LOG_CHUNK_MAX_BYTES, REQUEST_MAX_BYTES - bytes));
      if (next.length === 0) {
        this.ready.delete(log);
        continue;
      }
      taken.push(log);
      for (const chunk of next) {
        chunks.push(chunk);
        bytes += chunk.payload.length;
      }
    }
    // Those served go to the end of the line, so that a noisy attempt cannot starve the others.
    if (bytes > REQUEST_MAX_BYTES / 2) {
      for (const log of taken) {
        this.ready.delete(log);
        this.ready.add(log);
      }
    }
    return { chunks, taken };
  }

  private chunksOf(log: AttemptLog, time: number, maxBytes: number): LogChunk[] {
    try {
      return log.nextChunks(time, maxBytes);
    } catch (error) {
      // Somebody removed the directory, or the disk fails: this attempt's output is lost, the others' is not.
      this.log.error({ run: log.runUid, attempt: log.attempt, err: messageOf(error) }, 'output cannot be read');
      this.forget(log);
      return [];
    }
  }

  private settle(taken: readonly AttemptLog[], reply: LogAppendReply): void {
    const positions = new Map(reply.positions.map((position) => [`${position.runUid}/${position.attempt}`, position]));
    for (const log of taken) {
      const position = positions.get(`${log.runUid}/${log.attempt}`);
      if (position !== undefined) log.apply(position);
      if (!log.shipped) continue;
      this.forget(log);
      this.shipped(log);
    }
  }

  /** One attempt that the center cannot take must not hold up the others. */
  private isolate(taken: readonly AttemptLog[], error: unknown): boolean {
    if (taken.length > 1) {
      this.attemptsPerRequest = Math.max(1, taken.length >> 1);
      return true;
    }
    const [log] = taken;
    if (log === undefined) return false;
    this.log.error({ run: log.runUid, attempt: log.attempt, err: messageOf(error) }, 'the center cannot take output');
    this.forget(log);
    if (log.ended) this.shipped(log);
    return true;
  }

  private forget(log: AttemptLog): void {
    this.logs.delete(log.directory);
    this.ready.delete(log);
  }
}
