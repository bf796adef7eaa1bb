// Directories of attempts: attempts/<2 hex>/<runUid>.<attempt>/, the attempt's own working directory `work` inside. Two
// and no more, because making an inode is what a short run costs most on a busy ext4 (up to 1 ms each). Synchronous calls:
// a fifth of the processor time of their asynchronous twins; a herd is worked off in slices.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, mkdirSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Clock, type Logger, messageOf, newUid, type Timer } from '../../base/index.js';

/** Removals take this long at a time, with pauses in between: starts and pings come first. */
const SLICE_MS = 3;
const PAUSE_MS = 20;
/** With more than this to remove the disk must not fill up: no pauses. */
const BACKLOG_MAX = 5000;
/** An ending agent removes for this long; the rest is found by the next start. */
const STOP_MS = 500;

/** Begins the name of a directory that is being removed. */
const REMOVED = 'removed.';

export class AttemptDirectories {
  private readonly root: string;
  private readonly clock: Clock;
  private readonly log: Logger;
  private readonly buckets = new Set<string>();
  private readonly doomed: string[] = [];
  private removing: Timer | undefined;

  constructor(dataDir: string, clock: Clock, log: Logger) {
    this.root = dataDir;
    this.clock = clock;
    this.log = log;
  }

  /** Path of an attempt relative to the data directory. `turn` tells apart the places of one attempt: a recovering agent
   * that aborted the first one (rule R5) starts in another. */
  static relative(runUid: string, attempt: number, turn = 0): string {
    return join('attempts', runUid.slice(0, 2), `${runUid}.${attempt}${turn === 0 ? '' : `.${turn}`}`);
  }

  absolute(relative: string): string {
    return join(this.root, relative);
  }

  /** Makes the directory and its `work`; existing ones are success. Returns the absolute path. */
  make(relative: string): string {
    const directory = this.absolute(relative);
    const bucket = dirname(directory);
    if (!this.buckets.has(bucket)) {
      mkdirSync(bucket, { recursive: true, mode: 0o700 });
      this.buckets.add(bucket);
    }
    makeOne(directory);
    makeOne(join(directory, 'work'));
    return directory;
  }

  /** Removes it in the background. */
  remove(directory: string): void {
    this.doomed.push(directory);
    this.removing ??= this.clock.timerAfter(PAUSE_MS, () => this.removeSome());
  }

  /** What earlier processes left, by the attempt it belongs to. What they were removing is removed. */
  async leftBehind(): Promise<{ runUid: string; attempt: number; directory: string }[]> {
    const found: { runUid: string; attempt: number; directory: string }[] = [];
    const root = join(this.root, 'attempts');
    for (const bucket of await names(root)) {
      for (const name of await names(join(root, bucket))) {
        if (name.startsWith(REMOVED)) {
          this.remove(join(root, bucket, name));
          continue;
        }
        const [runUid, attempt] = name.split('.');
        if (runUid === undefined || !(Number(attempt) > 0)) continue;
        found.push({ runUid, attempt: Number(attempt), directory: join(root, bucket, name) });
      }
    }
    return found;
  }

  stop(): void {
    this.removing?.cancel();
    const end = this.clock.monotonic() + STOP_MS;
    while (this.doomed.length > 0 && this.clock.monotonic() < end) this.removeOne(this.doomed.pop()!);
  }

  private removeSome(): void {
    this.removing = undefined;
    const end = this.clock.monotonic() + SLICE_MS;
    while (this.doomed.length > 0 && this.clock.monotonic() < end) this.removeOne(this.doomed.pop()!);
    if (this.doomed.length === 0) return;
    const pauseMs = this.doomed.length > BACKLOG_MAX ? 0 : PAUSE_MS;
    this.removing = this.clock.timerAfter(pauseMs, () => this.removeSome());
  }

  private removeOne(path: string): void {
    // Under another name first: a runner that still holds a launch of this directory must not find it without the marker
    // that says aborted (rule R5).
    const directory = basename(path).startsWith(REMOVED) ? path : join(dirname(path), `${REMOVED}${newUid()}`);
    try {
      if (directory !== path) renameSync(path, directory);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.notRemoved(path, error);
      return;
    }
    try {
      for (const name of readdirSync(directory)) {
        if (name === 'work') rmdirSync(join(directory, name));
        else unlinkSync(join(directory, name));
      }
      rmdirSync(directory);
    } catch {
      // Most likely the task left files in its working directory.
      removeAll(directory).catch((error: unknown) => this.notRemoved(directory, error));
    }
  }

  private notRemoved(directory: string, error: unknown): void {
    this.log.warn({ directory, err: messageOf(error) }, 'directory of an attempt could not be removed');
  }
}

async function removeAll(directory: string): Promise<void> {
  const work = join(directory, 'work');
  const { uid, gid } = lstatSync(work, { throwIfNoEntry: false }) ?? {};
  // What another user owns that user removes: it may still have processes, which put links to elsewhere in our way.
  if (uid !== undefined && gid !== undefined && uid !== process.getuid?.()) {
    const removal = spawn('rm', ['-rf', '--', work], { uid, gid, cwd: '/', stdio: 'ignore' });
    await once(removal, 'exit'); // not 0 in any case: the directory itself is not theirs to remove
    rmdirSync(work);
  }
  await rm(directory, { recursive: true, force: true });
}

function makeOne(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

async function names(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
