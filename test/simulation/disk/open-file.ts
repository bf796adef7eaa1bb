import { constants } from './constants.js';
import type { Disk } from './disk.js';
import { systemError } from './errors.js';
import { type Inode, Stats } from './inode.js';

/** What a file descriptor stands for. The checks and their order are those of Linux. */
export class OpenFile {
  readonly disk: Disk;
  readonly inode: Inode;
  private readonly flags: number;
  /** Count of power cuts at which it was opened: none outlives one. */
  private readonly powerCuts: number;
  private position = 0;

  constructor(disk: Disk, inode: Inode, flags: number) {
    this.disk = disk;
    this.inode = inode;
    this.flags = flags;
    this.powerCuts = disk.powerCuts;
  }

  get isLost(): boolean {
    return this.powerCuts !== this.disk.powerCuts;
  }

  /** At `position`, or where the last read or write ended. */
  read(target: Uint8Array, offset: number, length: number, position: number | undefined): number {
    if ((this.flags & 3) === constants.O_WRONLY) throw systemError('EBADF', { syscall: 'read' });
    if (this.inode.kind === 'directory') throw systemError('EISDIR', { syscall: 'read' });
    const count = this.inode.content.read(position ?? this.position, target, offset, length);
    if (position === undefined) this.position += count;
    return count;
  }

  /** From where the last read or write ended. */
  readToEnd(): Buffer {
    const target = Buffer.alloc(this.inode.kind === 'file' ? Math.max(0, this.inode.content.size - this.position) : 0);
    this.read(target, 0, target.length, undefined);
    return target;
  }

  /** May write less than all on a full disk, as write(2) does. */
  write(data: Uint8Array, position: number | undefined): number {
    if ((this.flags & 3) === constants.O_RDONLY || this.inode.kind === 'directory') {
      throw systemError('EBADF', { syscall: 'write' });
    }
    const { content } = this.inode;
    // With O_APPEND Linux ignores the position even of pwrite(2).
    const at = (this.flags & constants.O_APPEND) === 0 ? (position ?? this.position) : content.size;
    const count = content.write(data, at, this.disk.full);
    if (count === 0 && data.length > 0) throw systemError('ENOSPC', { syscall: 'write' });
    if (count > 0) this.inode.changedAt = this.disk.now();
    if (position === undefined && data.length > 0) this.position = at + count;
    return count;
  }

  /** Throws ENOSPC after the part that fits. */
  writeAll(data: Uint8Array): void {
    let written = 0;
    while (written < data.length) written += this.write(data.subarray(written), undefined);
  }

  truncate(size: number): void {
    if ((this.flags & 3) === constants.O_RDONLY || this.inode.kind === 'directory') {
      throw systemError('EINVAL', { syscall: 'ftruncate' });
    }
    this.inode.content.truncate(Math.max(0, size));
    this.inode.changedAt = this.disk.now();
  }

  sync(): void {
    if (this.inode.kind === 'file') this.inode.content.sync();
  }

  stat(): Stats {
    return new Stats(this.inode);
  }
}
