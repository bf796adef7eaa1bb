import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { CloudTaskError, syncDirectory } from '../../../base/index.js';
import { entryHeader, SUMS } from './archive.js';

const BLOCK = 512;

/** Where bytes go; `end` makes them durable and gives them their name. */
export interface Sink {
  write(bytes: Uint8Array): Promise<void>;
  end(): Promise<void>;
  /** Leaves nothing behind. */
  abandon(): Promise<void>;
}

/** A file that has its name only when it is whole. Throws CT_CONFIG_INVALID when it cannot be made. */
export async function fileSink(path: string): Promise<Sink> {
  // Not the process id: in a container it is the same each time, and what a killed backup left would refuse all later ones.
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.partial`);
  let file: FileHandle;
  try {
    file = await open(temporary, 'wx', 0o600); // it holds hashes of passwords, and may hold keys
  } catch (cause) {
    throw new CloudTaskError('CT_CONFIG_INVALID', {
      subject: path,
      detail: `it cannot be written: ${(cause as Error).message}`,
      cause,
    });
  }
  return {
    async write(bytes) {
      await file.writeFile(bytes);
    },
    async end() {
      await file.sync();
      await file.close();
      await rename(temporary, path);
      await syncDirectory(dirname(path));
    },
    async abandon() {
      await file.close().catch(() => undefined);
      await unlink(temporary).catch(() => undefined);
    },
  };
}

/** Somebody else makes it durable, and looks at the exit code. */
export function streamSink(stream: Writable): Sink {
  let failure: Error | undefined;
  stream.on('error', (error) => {
    failure = error;
  });
  // By its callback, not by listeners: these would be left behind, one for each entry that has to wait.
  const written = (bytes: Uint8Array | string) =>
    new Promise<void>((resolve, reject) => stream.write(bytes, (error) => (error ? reject(error) : resolve())));
  return {
    async write(bytes) {
      if (failure !== undefined) throw failure;
      await written(bytes);
    },
    async end() {
      await written('');
    },
    async abandon() {},
  };
}

export class ArchiveWriter {
  bytes = 0;
  private readonly sink: Sink;
  private readonly time: Date;
  private sums = '';

  constructor(sink: Sink, time: Date) {
    this.sink = sink;
    this.time = time;
  }

  async add(name: string, content: string | Uint8Array): Promise<void> {
    const body = typeof content === 'string' ? Buffer.from(content) : content;
    this.sums += `${createHash('sha256').update(body).digest('hex')}  ${name}\n`;
    await this.put(name, body);
  }

  /** The checksums, and the end of the archive. Returns the SHA-256 of the checksums, which names it. */
  async end(): Promise<string> {
    await this.put(SUMS, Buffer.from(this.sums));
    await this.write(Buffer.alloc(2 * BLOCK));
    await this.sink.end();
    return createHash('sha256').update(this.sums).digest('hex');
  }

  private async put(path: string, body: Uint8Array): Promise<void> {
    await this.write(entryHeader(path, body.length, this.time));
    await this.write(body);
    await this.write(Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK));
  }

  private async write(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    this.bytes += bytes.length;
    await this.sink.write(bytes);
  }
}
