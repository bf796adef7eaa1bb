import { kernel } from '../kernel.js';
import { bytesOf, type Data, encodingOf, placeOf, type ReadOptions, toWrite, type WriteOptions } from './arguments.js';
import { later, operationDelayMs, syncDelayMs } from './delays.js';
import type { Disk } from './disk.js';
import type { Stats } from './inode.js';
import type { OpenFile } from './open-file.js';
import { fileOf, register, release } from './registry.js';

/** What node:fs/promises calls FileHandle. Each operation begins when the one before has ended. */
export class FileHandle {
  private readonly descriptor: number;
  private readonly disk: Disk;
  /** Time of the kernel at which the last operation ends, ms. */
  private busyUntil = 0;
  private closing: Promise<void> | undefined;

  constructor(file: OpenFile) {
    this.descriptor = register(file);
    this.disk = file.disk;
  }

  /** -1 once it is closed. */
  get fd(): number {
    return this.closing === undefined ? this.descriptor : -1;
  }

  /** (bytes, offset, length, position) or (string, position, encoding). May write less than all on a full disk. */
  async write<T extends Data>(
    data: T,
    from?: number | null,
    lengthOrEncoding?: number | string | null,
    position?: number | null,
  ): Promise<{ bytesWritten: number; buffer: T }> {
    const [bytes, at] = toWrite(data, from, lengthOrEncoding, position);
    const bytesWritten = await this.operate('write', (file) => file.write(bytes, at));
    return { bytesWritten, buffer: data };
  }

  async read<T extends Uint8Array>(
    buffer: T,
    offset = 0,
    length = buffer.byteLength - offset,
    position: number | null = null,
  ): Promise<{ bytesRead: number; buffer: T }> {
    const at = placeOf(position);
    const bytesRead = await this.operate('read', (file) => file.read(buffer, offset, length, at));
    return { bytesRead, buffer };
  }

  readFile(options?: null): Promise<Buffer>;
  readFile(options: BufferEncoding | { readonly encoding: BufferEncoding }): Promise<string>;
  async readFile(options?: ReadOptions): Promise<Buffer | string> {
    const bytes = await this.operate('read', (file) => file.readToEnd());
    const encoding = encodingOf(options);
    return encoding !== undefined ? bytes.toString(encoding) : bytes;
  }

  async writeFile(data: Data, options?: WriteOptions): Promise<void> {
    const bytes = bytesOf(data, options);
    await this.operate('write', (file) => file.writeAll(bytes));
  }

  async appendFile(data: Data, options?: WriteOptions): Promise<void> {
    await this.writeFile(data, options);
  }

  async truncate(size = 0): Promise<void> {
    await this.operate('ftruncate', (file) => file.truncate(size));
  }

  async stat(): Promise<Stats> {
    return await this.operate('fstat', (file) => file.stat());
  }

  async sync(): Promise<void> {
    await this.operate('fsync', (file) => file.sync(), syncDelayMs(this.disk));
  }

  async datasync(): Promise<void> {
    await this.operate('fdatasync', (file) => file.sync(), syncDelayMs(this.disk));
  }

  /** After all that was begun. A second call waits for the first. */
  close(): Promise<void> {
    this.closing ??= later(this.inTurn(operationDelayMs(this.disk)), () => release(this.descriptor));
    return this.closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private operate<T>(
    syscall: string,
    operation: (file: OpenFile) => T,
    delayMs = operationDelayMs(this.disk),
  ): Promise<T> {
    if (this.closing !== undefined) {
      return Promise.reject(Object.assign(new Error('file closed'), { code: 'EBADF', syscall }));
    }
    return later(this.inTurn(delayMs), () => operation(fileOf(this.descriptor, syscall)));
  }

  /** Delay from now until an operation of `delayMs` has ended. */
  private inTurn(delayMs: number): number {
    const { elapsed } = kernel();
    this.busyUntil = Math.max(this.busyUntil, elapsed) + delayMs;
    return this.busyUntil - elapsed;
  }
}
