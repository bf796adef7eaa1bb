// A window on the output of one attempt, however large it is: some thousand lines around the place that is looked at.
//
//   follow ◄── end() ── apart ◄── jump(), start()       follow: the window holds the end, and what comes is added
//      └──── jump(), start() ──►                        apart: it is somewhere else; earlier() and later() move it on
//
// Lines have no numbers unless the window has come from the beginning: nobody counts what lies before it.
import { ApiError } from '../api/api-error.js';
import { linesOf } from '../api/lines.js';
import { pathOf, send } from '../api/request.js';
import { type LogLine, LogParser, type LogPiece } from './log-parser.js';

export type LogPhase = 'reading' | 'lost' | 'refused';

export interface LogSnapshot {
  readonly phase: LogPhase;
  readonly error: ApiError | undefined;
  readonly lines: readonly LogLine[];
  /** Lines that have been put in front since the beginning, less those that were taken away there: by so many a view has to move. */
  readonly shift: number;
  /** Changes with each jump: the lines have nothing to do with those before. */
  readonly jumps: number;
  /** Number of the first line, from 1; undefined where nobody knows it. */
  readonly first: number | undefined;
  /** Bytes of the log before the window, of what is known of all of it, and whether the window holds the end. */
  readonly from: number;
  readonly size: number;
  readonly atEnd: boolean;
}

type LogItem = LogPiece | { readonly ping: true; readonly nextOffset: number } | { readonly end: true };

export const WINDOW_LINES = 20_000;
/** Read at a time: a moment's work for a browser, and some screens of lines. */
export const PART_BYTES = 256 * 1024;
/** Of very short lines fewer bytes: a part must not push what is looked at out of the window. */
const PART_LINES = 8_000;
/** A browser draws and listens in between. */
const BUSY_MS = 12;
const NOTICE_MS = 100;
const RETRY_MS = 1000;
/** The center says something at least every 30 s. */
const IDLE_MS = 95_000;

export class LogWindow {
  private readonly path: string;
  private readonly attempt: number;
  private readonly listeners = new Set<() => void>();
  private round: AbortController | undefined;
  private parser = new LogParser();
  private lines: LogLine[] = [];
  private from = 0;
  /** Where the next byte of the window would come from. */
  private to = 0;
  private size = 0;
  private shift = 0;
  private jumps = 0;
  private first: number | undefined = 1;
  private atEnd = false;
  private ended = false;
  private phase: LogPhase = 'reading';
  private error: ApiError | undefined;
  private notice: ReturnType<typeof setTimeout> | undefined;
  private moving = false;
  private held = false;
  private current: LogSnapshot;

  constructor(namespace: string, run: string, attempt: number) {
    this.path = pathOf('runs', namespace, run, 'log');
    this.attempt = attempt;
    this.current = this.look();
  }

  readonly snapshot = (): LogSnapshot => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Somebody reads what is in the window: it does not move on by itself when it is full. */
  hold(on: boolean): void {
    this.held = on;
  }

  stop(): void {
    this.round?.abort();
    clearTimeout(this.notice);
    this.notice = undefined;
  }

  /** To the end, and on with what comes. */
  end(): void {
    void this.anew(async (signal) => {
      await this.ask({ limitBytes: 1 }, signal, () => undefined); // says how much there is
      this.begin(Math.max(0, this.size - PART_BYTES));
      await this.follow(signal);
    });
  }

  start(): void {
    this.jump(0);
  }

  /** To a place in the log, with what is around it. */
  jump(to: number): void {
    void this.anew(async (signal) => {
      this.begin(Math.max(0, to - PART_BYTES / 2));
      this.moving = true; // a view that sees an empty window asks for more
      await this.append(signal);
      this.moving = false;
    });
  }

  /** What lies before the window, if there is anything. */
  earlier(): void {
    if (this.from === 0) return;
    void this.move((signal) => this.prepend(signal));
  }

  /** What lies behind it. */
  later(): void {
    if (this.atEnd) return;
    void this.move((signal) => this.append(signal));
  }

  /** Ends what is under way, and goes elsewhere. */
  private async anew(go: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.round?.abort();
    const round = new AbortController();
    this.round = round;
    this.moving = false;
    await this.trying(go, round.signal);
  }

  /** One at a time: a wheel that turns asks often. */
  private async move(go: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = this.round ?? new AbortController();
    if (this.moving || signal.aborted) return;
    this.moving = true;
    await this.trying(go, signal);
    this.moving = false;
  }

  private async trying(go: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        return await go(signal);
      } catch (cause) {
        if (signal.aborted) return;
        this.error = cause instanceof ApiError ? cause : new ApiError(0, 'Unreachable', String(cause));
        this.phase = this.error.passing ? 'lost' : 'refused';
        this.changed();
        if (!this.error.passing) return;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** An empty window; what is cut by its beginning is left out. */
  private begin(at: number): void {
    this.parser = new LogParser();
    this.lines = [];
    [this.from, this.to] = [at, at];
    this.first = at === 0 ? 1 : undefined;
    this.atEnd = false;
    this.jumps += 1;
  }

  private async follow(signal: AbortSignal): Promise<void> {
    // Whoever was cut off goes on where that was; the window may have got away from the beginning meanwhile.
    while (!signal.aborted && !this.ended) {
      try {
        this.atEnd = true;
        await this.ask({ offset: this.to, follow: 1 }, signal, (piece) => this.add(piece));
      } catch (cause) {
        if (signal.aborted || !(cause instanceof ApiError) || !cause.passing) throw cause;
        this.phase = 'lost';
        this.changed();
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    if (signal.aborted) return;
    this.atEnd = true;
    if (this.to < this.size) {
      await this.ask({ offset: this.to }, signal, (piece) => this.add(piece));
    }
    this.changed();
  }

  private async append(signal: AbortSignal): Promise<void> {
    let left = PART_LINES;
    await this.ask({ offset: this.to, limitBytes: PART_BYTES }, signal, (piece) => {
      left -= this.add(piece, left);
      return left > 0;
    });
    if (this.to >= this.size) {
      if (this.ended) this.atEnd = true;
      else void this.trying((on) => this.follow(on), signal);
    }
    this.changed();
  }

  private async prepend(signal: AbortSignal): Promise<void> {
    const at = Math.max(0, this.from - PART_BYTES);
    const parser = new LogParser();
    const found: LogLine[] = [];
    await this.ask(
      { offset: at, limitBytes: this.from - at },
      signal,
      (piece) => void found.push(...parser.take(piece)),
    );
    found.push(...parser.rest());
    const whole = (at === 0 || found.length < 2 ? found : found.slice(1)).slice(-PART_LINES);
    this.lines = [...whole, ...this.lines];
    this.from = whole[0]?.at ?? at;
    this.shift += whole.length;
    this.first = this.from === 0 ? 1 : undefined;
    if (this.lines.length > WINDOW_LINES) {
      this.to = this.lines[WINDOW_LINES]!.at;
      this.lines = this.lines.slice(0, WINDOW_LINES);
      this.parser = new LogParser();
      this.leaveEnd();
    }
    this.changed();
  }

  /** What comes is for later. */
  private leaveEnd(): void {
    if (!this.atEnd) return;
    this.atEnd = false;
    this.round?.abort();
    this.round = new AbortController();
  }

  /** How many lines it has completed; what it has beyond `limit` is left for later. */
  private add(piece: LogPiece, limit = Number.POSITIVE_INFINITY): number {
    const found = this.parser.take(piece);
    this.to = piece.nextOffset;
    this.size = Math.max(this.size, this.to);
    if (found.length > limit) {
      this.to = found[limit]!.at;
      found.length = limit;
      this.parser = new LogParser();
    }
    // The first line of a window in the middle has lost its beginning.
    if (this.lines.length === 0 && this.from > 0 && found.length > 0) {
      found.shift();
      this.from = found[0]?.at ?? this.to;
    }
    for (const line of found) this.lines.push(line);
    if (this.lines.length > WINDOW_LINES * 1.25 && this.held && this.atEnd) this.leaveEnd();
    else if (this.lines.length > WINDOW_LINES * 1.25) {
      const away = this.lines.length - WINDOW_LINES;
      this.lines = this.lines.slice(away);
      this.from = this.lines[0]!.at;
      this.shift -= away;
      if (this.first !== undefined) this.first += away;
    }
    this.changed();
    return found.length;
  }

  private async ask(
    query: Readonly<Record<string, number>>,
    signal: AbortSignal,
    /** `false`: it has enough. */
    take: (piece: LogPiece) => unknown,
  ): Promise<void> {
    const response = await send(this.path, {
      ...{ query: { attempt: this.attempt, ...query }, accept: 'application/x-ndjson', signal },
    });
    this.size = Math.max(this.size, Number(response.headers.get('ctask-log-bytes')));
    if (this.phase !== 'reading') {
      this.phase = 'reading';
      this.error = undefined;
      this.changed();
    }
    let busySince = performance.now();
    for await (const text of linesOf(response, IDLE_MS)) {
      signal.throwIfAborted(); // nobody takes a part for the whole
      const item = JSON.parse(text) as LogItem;
      if ('end' in item) this.ended = true;
      else if (!('ping' in item) && take(item) === false) return;
      if (performance.now() - busySince < BUSY_MS) continue;
      await new Promise((resolve) => setTimeout(resolve));
      busySince = performance.now();
    }
  }

  private changed(): void {
    this.notice ??= setTimeout(() => {
      this.notice = undefined;
      this.current = this.look();
      for (const listener of this.listeners) listener();
    }, NOTICE_MS);
  }

  private look(): LogSnapshot {
    const { phase, error, shift, jumps, first, from, size, atEnd } = this;
    const lines = atEnd || this.to >= size ? [...this.lines, ...this.parser.rest()] : [...this.lines];
    return { phase, error, lines, shift, jumps, first, from, size, atEnd };
  }
}
