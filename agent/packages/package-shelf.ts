// The packages on disk, unpacked: packages/<hex of the digest>/files/, and beside that what is known of them. A directory of
// that name is complete: it gets its name last. `incoming` holds what is not complete yet, or not wanted any more; whatever a
// start finds there is removed.
import { chmod, mkdir, readdir, readFile, rename, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Clock,
  type Instant,
  type Logger,
  messageOf,
  newUid,
  syncDirectory,
  writeFileDurably,
} from '../../base/index.js';
import { removeTree } from './remove-tree.js';
import { type Unpacked, unpack } from './unpack.js';

/** What an entry costs besides its bytes, on usual file systems. */
const ENTRY_BYTES = 4096;
/** The last use is written down this often, for the order after a restart. */
const TOUCH_MS = 60_000;
/** A task may run as another user than the agent: it may pass, but lists nothing. */
const PASSABLE_MODE = 0o711;
const HEX = /^[0-9a-f]{64}$/;

interface Kept {
  /** On disk, roughly. */
  readonly bytes: number;
  lastUse: Instant;
  touched: Instant;
}

export interface PackageShelfOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Bound on what is kept, bytes on disk. */
  readonly maxBytes: number;
}

export class PackageShelf {
  private readonly options: PackageShelfOptions;
  private readonly root: string;
  private readonly incoming: string;
  private readonly kept = new Map<string, Kept>();

  constructor(options: PackageShelfOptions) {
    this.options = options;
    this.root = join(options.dataDir, 'packages');
    this.incoming = join(this.root, 'incoming');
  }

  /** Finds what earlier processes left. */
  async open(): Promise<void> {
    await removeTree(this.incoming);
    await mkdir(this.incoming, { recursive: true, mode: 0o700 });
    await chmod(this.root, PASSABLE_MODE);
    for (const hex of await readdir(this.root)) {
      if (!HEX.test(hex)) continue;
      try {
        const info = JSON.parse(await readFile(join(this.root, hex, 'info.json'), 'utf8')) as Unpacked;
        const { mtimeMs } = await stat(join(this.root, hex));
        this.kept.set(hex, { bytes: diskBytes(info), lastUse: mtimeMs, touched: mtimeMs });
      } catch (error) {
        this.options.log.warn({ package: hex, err: messageOf(error) }, 'a cached package is damaged and is removed');
        await removeTree(join(this.root, hex));
      }
    }
  }

  /** Bytes on disk of all that is kept. */
  get bytes(): number {
    let sum = 0;
    for (const { bytes } of this.kept.values()) sum += bytes;
    return sum;
  }

  has(hex: string): boolean {
    return this.kept.has(hex);
  }

  /** Where the files of a package are, if it is kept. */
  directory(hex: string): string {
    return join(this.root, hex, 'files');
  }

  /** A place for the archive of a package that is on its way; the name is new. */
  incomingPath(hex: string): string {
    return join(this.incoming, `${hex}.${newUid()}`);
  }

  /** It is used now: others are removed before it. */
  use(hex: string): void {
    const kept = this.kept.get(hex);
    if (kept === undefined) return;
    const now = this.options.clock.now();
    kept.lastUse = now;
    if (now - kept.touched < TOUCH_MS) return;
    kept.touched = now;
    utimes(join(this.root, hex), now / 1000, now / 1000).catch((error: unknown) => {
      this.options.log.debug({ package: hex, err: messageOf(error) }, 'the use of a package could not be noted');
    });
  }

  /** Unpacks an archive whose digest is verified. Throws CT_PACKAGE_INVALID or an error of the disk; then nothing is left. */
  async put(hex: string, archive: string, signal?: AbortSignal): Promise<void> {
    const place = this.incomingPath(hex);
    try {
      await mkdir(place, { mode: 0o700 });
      const info = await unpack(archive, join(place, 'files'), signal === undefined ? {} : { signal });
      await writeFileDurably(join(place, 'info.json'), JSON.stringify(info));
      // A crash before this leaves nothing but `incoming`; after it, all is durable.
      await chmod(place, PASSABLE_MODE);
      await rename(place, join(this.root, hex));
      await syncDirectory(this.root);
      const now = this.options.clock.now();
      this.kept.set(hex, { bytes: diskBytes(info), lastUse: now, touched: now });
    } catch (error) {
      await removeTree(place);
      throw error;
    }
  }

  /** Removes what was used longest ago until the rest is within the bound, but nothing of `inUse`. */
  async shrink(inUse: ReadonlySet<string>): Promise<void> {
    const candidates = [...this.kept].filter(([hex]) => !inUse.has(hex)).sort(([, a], [, b]) => a.lastUse - b.lastUse);
    for (const [hex, { bytes }] of candidates) {
      if (this.bytes <= this.options.maxBytes) return;
      this.kept.delete(hex);
      this.options.log.info({ package: hex, bytes }, 'removed a package from the cache');
      const place = this.incomingPath(hex);
      try {
        await rename(join(this.root, hex), place);
        await removeTree(place);
      } catch (error) {
        this.options.log.warn({ package: hex, err: messageOf(error) }, 'a package could not be removed from the cache');
      }
    }
    if (this.bytes <= this.options.maxBytes) return;
    const fields = { bytes: this.bytes, maxBytes: this.options.maxBytes };
    this.options.log.warn(fields, 'packages in use take more than the cache of packages may');
  }
}

function diskBytes({ bytes, entries }: Unpacked): number {
  if (!Number.isFinite(bytes) || !Number.isFinite(entries)) throw new TypeError('info.json has no sizes');
  return bytes + ENTRY_BYTES * entries;
}
