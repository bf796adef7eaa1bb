// Directories of attempts: attempts/<2 hex>/<runUid>/<attempt>/, the attempt's own working directory `work` inside.
// Synchronous calls: each takes some 10 µs, a fifth of its asynchronous twin, and a herd is worked off in slices.
import { mkdirSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Logger, messageOf } from '../../base/index.js';

/** Removals per turn of the event loop, about a millisecond. */
const REMOVALS_PER_TURN = 16;

export class AttemptDirectories {
  private readonly root: string;
  private readonly log: Logger;
  private readonly buckets = new Set<string>();
  private readonly doomed: string[] = [];
  private removing: NodeJS.Immediate | undefined;

  constructor(dataDir: string, log: Logger) {
    this.root = dataDir;
    this.log = log;
  }

  /** Path of an attempt relative to the data directory. `turn` tells apart the places of one attempt: a recovering agent
   * that aborted the first one (rule R5) starts in another. */
  static relative(runUid: string, attempt: number, turn = 0): string {
    return join('attempts', runUid.slice(0, 2), runUid, turn === 0 ? String(attempt) : `${attempt}.${turn}`);
  }

  absolute(relative: string): string {
    return join(this.root, relative);
  }

  /** Makes the directory and its `work`; existing ones are success. Returns the absolute path. */
  make(relative: string): string {
    const directory = this.absolute(relative);
    const run = dirname(directory);
    const bucket = dirname(run);
    if (!this.buckets.has(bucket)) {
      mkdirSync(bucket, { recursive: true, mode: 0o700 });
      this.buckets.add(bucket);
    }
    for (const path of [run, directory, join(directory, 'work')]) makeOne(path);
    return directory;
  }

  /** Removes it in the background. */
  remove(directory: string): void {
    this.doomed.push(directory);
    this.removing ??= setImmediate(() => this.removeSome());
  }

  /** What earlier processes left, by the attempt it belongs to. */
  async leftBehind(): Promise<{ runUid: string; attempt: number; directory: string }[]> {
    const found: { runUid: string; attempt: number; directory: string }[] = [];
    const root = join(this.root, 'attempts');
    for (const bucket of await names(root)) {
      for (const runUid of await names(join(root, bucket))) {
        for (const name of await names(join(root, bucket, runUid))) {
          const attempt = Number.parseInt(name, 10);
          if (attempt > 0) found.push({ runUid, attempt, directory: join(root, bucket, runUid, name) });
        }
      }
    }
    return found;
  }

  /** Removes at once what still waits to be removed. */
  stop(): void {
    clearImmediate(this.removing);
    this.removing = undefined; // the rest is found by the next start
  }

  private removeSome(): void {
    this.removing = undefined;
    for (const directory of this.doomed.splice(0, REMOVALS_PER_TURN)) this.removeOne(directory);
    if (this.doomed.length > 0) this.removing = setImmediate(() => this.removeSome());
  }

  private removeOne(directory: string): void {
    try {
      for (const name of readdirSync(directory)) {
        if (name === 'work') rmdirSync(join(directory, name));
        else unlinkSync(join(directory, name));
      }
      rmdirSync(directory);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      // Most likely the task left files in its working directory.
      rm(directory, { recursive: true, force: true }).catch((cause: unknown) => {
        this.log.warn({ directory, err: messageOf(cause) }, 'directory of an attempt could not be removed');
      });
      return;
    }
    try {
      rmdirSync(dirname(directory));
    } catch (error) {
      // The run has another attempt, whose turn comes. Anything else is only an empty directory too many.
      this.log.debug({ directory, err: messageOf(error) }, 'directory of a run was kept');
    }
  }
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
