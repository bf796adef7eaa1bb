import { type FileHandle, open, readFile } from 'node:fs/promises';
import { Backoff, type Clock, CloudTaskError, type Logger, messageOf, type Timer, writeAll } from '../../base/index.js';
import { generationPath, newestGeneration, publishGeneration, removeGeneration, temporaryPath } from './generations.js';
import type { Journal, JournalEntry, JournalState } from './journal.js';
import { encodeLine } from './journal-line.js';
import { LiveState } from './live-state.js';
import { recover } from './recover.js';

export interface JournalOptions {
  /** Directory of the journal; created when missing. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Size at which the file is compacted, if that would at least halve it. */
  readonly compactAtBytes?: number;
}

/** Some thousands of runs: compaction then costs a few milliseconds, once in that many runs. */
const COMPACT_AT_BYTES = 8 * 1024 * 1024;
/** Appends that may wait for their fsync: half a minute of a busy agent. Past it `append` refuses: the disk does not keep
 * up, and memory is no journal. */
const WAITING_MAX = 50_000;
/** A journal that failed is written anew after this, and then at growing intervals: a full disk passes. */
const REOPEN_INITIAL_MS = 1000;
const REOPEN_MAX_MS = 30_000;
/** Compaction yields to the event loop after this many entries, so that a long state never stalls the schedule loop. */
const ENTRIES_PER_SLICE = 200;

/** First line of every generation, so that the batch number is known from the beginning. */
const HEADER = { type: 'header', version: 1 } as const;
/** Type of a line that holds several entries. */
const TOGETHER = 'together';
/** Last line of a journal that was closed in good order. */
const CLOSED = { type: 'closed' } as const;

interface Pending {
  readonly entries: readonly JournalEntry[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export function openJournal(options: JournalOptions): Journal {
  return new FileJournal(options);
}

/**
 * Modes: closed → open (after `open`) → closed, or → failed → open (after `reopen`). One flush loop owns the file and the state: it takes all that
 * is waiting, writes it, fsyncs once, applies it to the state, and only then resolves the callers. So `state` never shows
 * what a crash could take back.
 */
class FileJournal implements Journal {
  private readonly options: JournalOptions;
  private readonly live = new LiveState();
  private file: FileHandle | undefined;
  private generation = 0;
  private size = 0;
  private sizeAfterCompaction = 0;
  private batch = 0;
  private waiting: Pending[] = [];
  private flushing: Promise<void> | undefined;
  private failure: CloudTaskError | undefined;
  private readonly backoff = new Backoff({ initialMs: REOPEN_INITIAL_MS, maxMs: REOPEN_MAX_MS });
  private reopenTimer: Timer | undefined;
  private reopening: Promise<void> | undefined;
  private closing = false;

  constructor(options: JournalOptions) {
    this.options = options;
  }

  get state(): JournalState {
    return this.live;
  }

  async open(): Promise<JournalState> {
    const { directory, log } = this.options;
    try {
      this.generation = await newestGeneration(directory);
      if (this.generation === 0) await this.startGeneration(1);
      else await this.load(generationPath(directory, this.generation));
    } catch (error) {
      throw failed('cannot be opened', directory, error);
    }
    const { claims, reports } = this.live;
    log.info({ claims: claims.size, reports: reports.size, bytes: this.size }, 'journal opened');
    return this.live;
  }

  append(...entries: JournalEntry[]): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    if (this.file === undefined) return Promise.reject(failed('is not open', this.options.directory));
    if (this.waiting.length >= WAITING_MAX) {
      return Promise.reject(failed('cannot keep up: too much waits for the disk', this.options.directory));
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ entries, resolve, reject });
      this.flushing ??= this.flush();
    });
  }

  /** Waits for what was appended, then says at the end of the file that it was closed in good order: with that line behind
   * them, damage to the last entries cannot be taken for a torn tail. */
  async close(): Promise<void> {
    this.closing = true;
    this.reopenTimer?.cancel();
    await this.reopening;
    const file = this.file;
    if (file === undefined) return;
    if (this.failure === undefined) await this.append().catch(() => undefined); // logged where it failed
    this.file = undefined;
    await this.flushing;
    await file.close();
  }

  private async load(path: string): Promise<void> {
    const content = await readFile(path);
    const found = recover(content);
    if (found.damagedAt !== undefined) {
      throw new CloudTaskError('CT_JOURNAL', {
        subject: path,
        detail: `damaged at byte ${found.damagedAt}, with undamaged entries behind it`,
        hint: 'check the disk; move the file away to start without it: runs in progress will be recorded as Lost',
      });
    }
    this.file = await open(path, 'r+', 0o600);
    if (found.goodBytes < content.length) {
      // The cut must be durable before anything is appended: otherwise the next batch could end up behind torn bytes.
      this.options.log.warn({ path, bytes: content.length - found.goodBytes }, 'journal had a torn tail, cut off');
      await this.file.truncate(found.goodBytes);
      await this.file.sync();
    }
    for (const { value } of found.lines) for (const entry of entriesOf(value)) this.live.apply(entry);
    this.size = found.goodBytes;
    this.batch = found.lastBatch;
  }

  private async flush(): Promise<void> {
    // One turn of the event loop, so that everything appended in this turn shares the fsync.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) {
      const taken = this.waiting;
      this.waiting = [];
      if (this.failure !== undefined) {
        for (const { reject } of taken) reject(this.failure);
        continue;
      }
      try {
        await this.commit(taken);
      } catch (error) {
        const failure = this.fail(error);
        for (const { reject } of taken) reject(failure);
        continue;
      }
      for (const { resolve } of taken) resolve();
      // These are durable, whatever becomes of the compaction: to refuse them would leave claims behind that nobody knows.
      await this.compactIfLong().catch((error: unknown) => this.fail(error));
    }
    this.flushing = undefined;
  }

  private async commit(taken: readonly Pending[]): Promise<void> {
    const file = this.file!;
    this.batch += 1;
    let text = '';
    for (const { entries } of taken) text += encodeLine(this.batch, lineOf(entries));
    const data = Buffer.from(text);
    await writeAll(file, data, this.size);
    await file.datasync();
    this.size += data.length;
    for (const { entries } of taken) for (const entry of entries) this.live.apply(entry);
  }

  private async compactIfLong(): Promise<void> {
    const { compactAtBytes = COMPACT_AT_BYTES } = this.options;
    if (this.size > compactAtBytes && this.size > 2 * this.sizeAfterCompaction) await this.compact();
  }

  private async compact(): Promise<void> {
    const { directory, log } = this.options;
    const old = this.file!;
    const bytes = this.size;
    try {
      await this.startGeneration(this.generation + 1);
    } catch (error) {
      if (this.generation !== (await newestGeneration(directory))) throw error;
      // A full disk, most likely. The old generation still stands and may grow: try again at twice its size.
      this.sizeAfterCompaction = this.size;
      log.warn({ err: error, directory }, 'journal could not be compacted');
      return;
    }
    await old.close();
    await removeGeneration(directory, this.generation - 1);
    log.debug({ before: bytes, after: this.size }, 'journal compacted');
  }

  /** Writes the present state as the next generation. Crash before the rename: the old generation stands; after it: the
   * new one does. Both say the same. The flush loop waits meanwhile, so the state does not change under the loop below. */
  private async startGeneration(generation: number): Promise<void> {
    const { directory } = this.options;
    const file = await open(temporaryPath(directory, generation), 'w', 0o600);
    let size: number;
    try {
      size = await this.writeState(file);
      await file.sync();
      await publishGeneration(directory, generation);
    } catch (error) {
      await file.close();
      throw error;
    }
    this.file = file;
    this.generation = generation;
    this.size = size;
    this.sizeAfterCompaction = size;
  }

  /** Returns the number of bytes written. */
  private async writeState(file: FileHandle): Promise<number> {
    let size = 0;
    let slice = [encodeLine(this.batch, HEADER)];
    const writeSlice = async () => {
      const data = Buffer.from(slice.join(''));
      slice = [];
      await writeAll(file, data, size);
      size += data.length;
    };
    for (const entry of this.live.entries()) {
      if (slice.push(encodeLine(this.batch, entry)) >= ENTRIES_PER_SLICE) await writeSlice();
    }
    await writeSlice();
    return size;
  }

  /** After a failed write or fsync nobody knows what is on disk (the kernel may have dropped the pages and report success
   * the next time), so nothing is appended to this file any more. The state in memory is complete, without what was refused:
   * it becomes the next generation, which outranks whatever the failed write left. */
  private fail(error: unknown): CloudTaskError {
    this.reopenLater();
    this.failure ??= failed('cannot be written', this.options.directory, error);
    this.options.log.error({ err: error, directory: this.options.directory }, 'journal failed');
    return this.failure;
  }

  private reopenLater(): void {
    if (this.closing) return;
    this.reopenTimer?.cancel();
    this.reopenTimer = this.options.clock.timerAfter(this.backoff.next(), () => {
      this.reopening = this.reopen();
    });
  }

  private async reopen(): Promise<void> {
    const { directory, log } = this.options;
    const old = this.file;
    const before = this.generation;
    try {
      await this.startGeneration(before + 1);
    } catch (error) {
      log.error({ err: error, directory }, 'journal still cannot be written');
      this.reopenLater();
      return;
    }
    this.failure = undefined;
    this.backoff.reset();
    log.warn({ directory }, 'journal is written again');
    await old?.close().catch(() => undefined); // nothing in it counts any more
    await removeGeneration(directory, before).catch(() => undefined); // the next start removes it
  }
}

/** What one call appends is one line, so that a write which breaks off keeps all of it or nothing: the end of a run without
 * the end of its claim would be started again. */
function lineOf(entries: readonly JournalEntry[]): unknown {
  if (entries.length === 0) return CLOSED;
  return entries.length === 1 ? entries[0] : { type: TOGETHER, entries };
}

function entriesOf(value: unknown): readonly JournalEntry[] {
  const line = value as JournalEntry | { readonly type: typeof TOGETHER; readonly entries: readonly JournalEntry[] };
  return line.type === TOGETHER ? line.entries : [line];
}

function failed(what: string, directory: string, cause?: unknown): CloudTaskError {
  if (cause instanceof CloudTaskError) return cause;
  const why = cause === undefined ? '' : `: ${messageOf(cause)}`;
  return new CloudTaskError('CT_JOURNAL', { subject: `journal "${directory}"`, detail: `${what}${why}`, cause });
}
