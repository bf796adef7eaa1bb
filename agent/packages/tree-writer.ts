import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAll } from '../../base/index.js';
import type { Meter } from './archive-limits.js';
import type { EntryTree } from './entry-tree.js';

/** Files that are made durable at a time: file systems do several at the price of one. */
const SYNCS_MAX = 16;

/** Read and execute bits stay as they are; no write bit, no setuid, setgid or sticky bit does. The owner may always read. */
export function fileMode(mode: number): number {
  return (mode & 0o555) | 0o400;
}

/** A directory of a package, when all is in it. */
const DIRECTORY_MODE = 0o555;

/** Writes what an archive holds into a directory that nobody else uses, one entry after the other. */
export class TreeWriter {
  private readonly root: string;
  private readonly tree: EntryTree;
  private readonly meter: Meter;
  private readonly signal: AbortSignal | undefined;
  private readonly directories: string[] = [];
  private readonly closing = new Set<Promise<void>>();
  private failure: unknown;
  private current: { readonly name: string; readonly file: FileHandle; bytes: number } | undefined;

  /** `root` exists and is empty. Writing ends with the reason of `signal`. */
  constructor(root: string, tree: EntryTree, meter: Meter, signal?: AbortSignal) {
    this.root = root;
    this.tree = tree;
    this.meter = meter;
    this.signal = signal;
  }

  async directory(name: string): Promise<void> {
    await this.make(this.tree.add(name, 'directory').directories);
  }

  async beginFile(name: string, mode: number): Promise<void> {
    this.signal?.throwIfAborted();
    const { path, directories } = this.tree.add(name, 'file');
    await this.make(directories);
    // 'wx' follows no link and opens nothing that is there, whatever has happened to the rules above.
    const file = await open(join(this.root, path), 'wx', 0o600);
    this.current = { name, file, bytes: 0 };
    // After the umask has had its say.
    await file.chmod(fileMode(mode));
  }

  async write(data: Uint8Array): Promise<void> {
    const { current } = this;
    if (current === undefined) return;
    this.signal?.throwIfAborted();
    this.meter.add(current.name, data.length, current.bytes + data.length);
    await writeAll(current.file, data, current.bytes);
    current.bytes += data.length;
  }

  async endFile(): Promise<void> {
    const { current } = this;
    if (current === undefined) return;
    this.current = undefined;
    const closed = syncAndClose(current.file).catch((error: unknown) => {
      this.failure ??= error;
    });
    this.closing.add(closed);
    void closed.then(() => this.closing.delete(closed));
    while (this.closing.size >= SYNCS_MAX) await Promise.race(this.closing);
  }

  /** Makes everything durable and read-only. */
  async finish(): Promise<void> {
    await Promise.all(this.closing);
    if (this.failure !== undefined) throw this.failure;
    // Innermost first; the names in a directory are durable before it is.
    for (const path of [...this.directories].reverse()) await seal(join(this.root, path));
    await seal(this.root);
  }

  /** After a failure: nothing stays open. */
  async abandon(): Promise<void> {
    await this.current?.file.close();
    this.current = undefined;
    await Promise.all(this.closing);
  }

  private async make(directories: readonly string[]): Promise<void> {
    for (const path of directories) {
      await mkdir(join(this.root, path), { mode: 0o700 });
      this.directories.push(path);
    }
  }
}

async function syncAndClose(file: FileHandle): Promise<void> {
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function seal(directory: string): Promise<void> {
  if (process.platform === 'win32') return; // has neither such modes nor a way to sync a directory
  const handle = await open(directory, 'r');
  try {
    await handle.chmod(DIRECTORY_MODE);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
