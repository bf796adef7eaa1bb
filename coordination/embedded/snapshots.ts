import { unlink } from 'node:fs/promises';
import { type Logger, messageOf } from '../../base/index.js';
import type { StateMachine } from './state-machine.js';
import { listFiles, pathOf } from './store/files.js';
import type { Journal } from './store/journal.js';
import { writeSnapshot } from './store/snapshot.js';

/** A snapshot is due when replaying the journal would read more than this: about a second of a recovery. */
const SNAPSHOT_AFTER_BYTES = 64 << 20;
/** Snapshots kept, with the journal after the older one, so that a damaged file is not the end. */
const KEPT_SNAPSHOTS = 2;

/** Keeps the journal short: writes a snapshot when it has grown, and deletes what the kept snapshots do not need. */
export class Snapshots {
  private readonly directory: string;
  private readonly machine: StateMachine;
  private readonly journal: Journal;
  private readonly log: Logger;
  private readonly afterBytes: number;
  private writing: Promise<bigint | undefined> | undefined;
  /** Journal bytes at the last snapshot. Negative at first by what was already there before this process. */
  private bytesBefore: number;

  constructor(
    options: { directory: string; machine: StateMachine; journal: Journal; log: Logger; afterBytes?: number },
    replayedBytes: number,
  ) {
    this.directory = options.directory;
    this.machine = options.machine;
    this.journal = options.journal;
    this.log = options.log;
    this.afterBytes = options.afterBytes ?? SNAPSHOT_AFTER_BYTES;
    this.bytesBefore = -replayedBytes;
  }

  /** To be called now and then; `durable` resolves once the given zxid is durable. */
  writeWhenDue(durable: (zxid: bigint) => Promise<void>, written: (zxid: bigint) => void): void {
    if (this.writing !== undefined || this.journal.writtenBytes - this.bytesBefore < this.afterBytes) return;
    this.writing = this.write(durable).finally(() => {
      this.writing = undefined;
    });
    void this.writing.then((zxid) => zxid !== undefined && written(zxid));
  }

  /** Waits for a snapshot that is being written. */
  async settle(): Promise<void> {
    await this.writing;
  }

  /** A failure costs nothing but disk space, so it is logged and tried again at the next occasion. */
  private async write(durable: (zxid: bigint) => Promise<void>): Promise<bigint | undefined> {
    try {
      this.bytesBefore = this.journal.writtenBytes;
      const zxid = await this.journal.rotate();
      await writeSnapshot(pathOf(this.directory, 'snapshot', zxid), zxid, this.machine, durable);
      await this.prune();
      this.log.info({ zxid: zxid.toString(), nodes: this.machine.tree.size }, 'snapshot written');
      return zxid;
    } catch (error) {
      this.log.error({ reason: messageOf(error) }, 'snapshot failed');
      return undefined;
    }
  }

  private async prune(): Promise<void> {
    const snapshots = await listFiles(this.directory, 'snapshot');
    const kept = snapshots.slice(-KEPT_SNAPSHOTS);
    if (kept.length < KEPT_SNAPSHOTS) return;
    const segments = await listFiles(this.directory, 'journal');
    const needless = segments.filter((segment) => segment.zxid <= kept[0]!.zxid);
    for (const file of [...snapshots.slice(0, -KEPT_SNAPSHOTS), ...needless]) await unlink(file.path);
  }
}
