import {
  appendFileSync,
  closeSync,
  fdatasync,
  fsync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { promisify } from 'node:util';
import type { Logger } from '../../base/index.js';
import { readExit, startedPath, writeExit, writeExitTo } from './attempt-files.js';
import type { ExitRecord } from './runner.js';

/** About 60,000 exits; a starting runner reads through that in well under a second. */
const LOG_MAX_BYTES = 8 * 1024 * 1024;

interface Waiting {
  readonly directory: string;
  readonly exit: ExitRecord;
  readonly marker: number | undefined;
  readonly durable: () => void;
}

/**
 * Writes the ends of attempts into their directories, made durable in groups. An fsync per file would cost more than
 * starting the process did, so the records of one turn go into one log with one fdatasync, and the files themselves are
 * left to the page cache. A runner that starts writes those again that a power cut took. A log that is full is put aside
 * until its files are on disk. While the log cannot be written (a full disk), each file is made durable by itself: slower,
 * but no end is lost by it.
 */
export class ExitLog {
  private readonly path: string;
  private readonly log: Logger;
  /** undefined while the log cannot be opened. */
  private fd: number | undefined;
  private size = 0;
  private waiting: Waiting[] = [];
  private flushing = false;
  private settling: Promise<void> | undefined;
  private readonly maxBytes: number;

  constructor(options: { path: string; log: Logger; maxBytes?: number }) {
    this.path = options.path;
    this.log = options.log;
    this.maxBytes = options.maxBytes ?? LOG_MAX_BYTES;
  }

  /** Restores what is missing. To be called before anybody looks at exit files. Never throws: without a log the runner
   * still serves, see `flush`. */
  open(): void {
    for (const path of [this.asidePath, this.path]) {
      try {
        for (const record of readLog(path)) this.restore(record);
      } catch (error) {
        this.log.error({ err: error, path }, 'the exit log could not be read');
      }
    }
    try {
      this.openLog();
    } catch (error) {
      this.log.error({ err: error }, 'the exit log could not be opened');
      this.closeLog();
    }
    // A crash interrupted it. Until it is done the log grows past its bound; nothing is lost by that.
    if (exists(this.asidePath)) this.startSettling();
  }

  /** Writes the end and calls `durable` when a machine crash cannot take the record back any more. Through `marker`, if the
   * file is still open; it is closed then. */
  add(directory: string, exit: ExitRecord, durable: () => void, marker?: number): void {
    this.waiting.push({ directory, exit, marker, durable });
    if (this.flushing) return;
    this.flushing = true;
    setImmediate(() => this.flush());
  }

  /** Resolves when no log that was put aside is waiting for its files. */
  async settled(): Promise<void> {
    await this.settling;
  }

  close(): void {
    this.closeLog();
  }

  private get asidePath(): string {
    return `${this.path}.old`;
  }

  private flush(): void {
    const taken = this.waiting;
    this.waiting = [];
    const logged = this.append(taken);
    const told = () => {
      for (const { durable } of taken) durable();
      if (this.size > this.maxBytes) this.rotate();
      if (this.waiting.length > 0) setImmediate(() => this.flush());
      else this.flushing = false;
    };
    if (logged) {
      fdatasync(this.openLog(), (error) => {
        if (error !== null) this.log.error({ err: error }, 'exits could not be made durable');
        told();
      });
      // While the disk works: the files, so that they are there when anybody is told.
      for (const each of taken) this.write(each);
      return;
    }
    for (const each of taken) this.write(each);
    void this.settleEach(taken.map(({ directory }) => directory)).then(told);
  }

  /** False when the log cannot take them. Usually the disk is full: the marker's file has its block already. */
  private append(taken: readonly Waiting[]): boolean {
    const text = taken.map(({ directory, exit }) => `${JSON.stringify({ directory, exit })}\n`).join('');
    try {
      appendFileSync(this.openLog(), text);
      this.size += text.length;
      return true;
    } catch (error) {
      this.log.error({ err: error }, 'the exit log could not be written');
      this.closeLog(); // opened anew, which ends a torn line, by the next flush
      return false;
    }
  }

  private openLog(): number {
    if (this.fd !== undefined) return this.fd;
    const fd = openSync(this.path, 'a', 0o600);
    this.fd = fd;
    // Ends a line that a power cut or a full disk tore.
    appendFileSync(fd, '\n');
    this.size = statSync(this.path).size;
    return fd;
  }

  private closeLog(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }

  private restore({ directory, exit }: { directory: string; exit: ExitRecord }): void {
    try {
      if (exists(directory) && readExit(directory) === undefined) writeExit(directory, exit);
    } catch (error) {
      this.log.error({ err: error, directory }, 'the end of an attempt could not be restored');
    }
  }

  private write({ directory, exit, marker }: Waiting): void {
    try {
      if (marker === undefined) writeExit(directory, exit);
      else {
        try {
          writeExitTo(marker, exit);
        } finally {
          closeSync(marker);
        }
      }
    } catch (error) {
      // Most likely the directory was removed, or the disk is full. The record is in the log and is told to the agent.
      this.log.warn({ err: error, directory }, 'the end of an attempt could not be written to its directory');
    }
  }

  private rotate(): void {
    if (this.settling !== undefined) return;
    try {
      renameSync(this.path, this.asidePath);
      this.closeLog(); // the next flush begins a new one
      this.size = 0;
      this.startSettling();
    } catch (error) {
      // It grows on, and the next flush tries again.
      this.log.warn({ err: error }, 'the exit log could not be put aside');
    }
  }

  private startSettling(): void {
    this.settling = this.settle().finally(() => {
      this.settling = undefined;
    });
  }

  /** One file after the other, in the thread pool: nobody waits for it. Most directories are gone by then. */
  private async settle(): Promise<void> {
    try {
      for (const { directory } of readLog(this.asidePath)) await settleFile(directory);
      unlinkSync(this.asidePath);
    } catch (error) {
      this.log.warn({ err: error }, 'an old exit log could not be settled');
    }
  }

  private async settleEach(directories: readonly string[]): Promise<void> {
    try {
      for (const directory of directories) await settleFile(directory);
    } catch (error) {
      this.log.error({ err: error }, 'exits could not be made durable');
    }
  }
}

function* readLog(path: string): Generator<{ directory: string; exit: ExitRecord }> {
  if (!exists(path)) return;
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line === '') continue;
    try {
      yield JSON.parse(line);
    } catch {
      // A group that a power cut tore: nobody was told of it.
    }
  }
}

async function settleFile(directory: string): Promise<void> {
  for (const path of [startedPath(directory), directory]) {
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch {
      return; // acknowledged and removed meanwhile
    }
    try {
      await promisify(fsync)(fd);
    } finally {
      closeSync(fd);
    }
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
