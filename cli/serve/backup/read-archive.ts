// Reads an archive strictly: what `ctask backup` would not have written is refused, every byte of it counts.
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { Header } from 'tar';
import { CloudTaskError } from '../../../base/index.js';
import { ENTRY_BYTES_MAX, entryHeader, invalid, isEntryName, SUMS } from './archive.js';

const BLOCK = 512;

export interface Entry {
  readonly name: string;
  readonly body: Buffer;
}

/**
 * The entries, one after the other, without the checksums: when the last one was given and the loop goes on, all of
 * them have been checked. `seal` is then the SHA-256 that names the archive. Throws CT_BACKUP_INVALID, CT_NOT_FOUND.
 */
export class ArchiveReader {
  seal = '';
  private readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  async *entries(): AsyncGenerator<Entry> {
    const file = await this.open();
    try {
      const computed: string[] = [];
      for (let position = 0; ; ) {
        const header = await this.header(file, position);
        const { path: name = '', size = 0 } = header;
        const body = await this.read(file, position + BLOCK, size, name);
        const padding = await this.read(file, position + BLOCK + size, (BLOCK - (size % BLOCK)) % BLOCK, name);
        if (padding.some((byte) => byte !== 0)) throw invalid(`the archive is damaged behind ${name}`);
        position += BLOCK + size + padding.length;
        if (name === SUMS) {
          if (body.toString() !== computed.join(''))
            throw invalid(`the archive is damaged: ${firstWrong(body.toString(), computed)}`);
          await this.requireEnd(file, position);
          this.seal = createHash('sha256').update(body).digest('hex');
          return;
        }
        computed.push(`${createHash('sha256').update(body).digest('hex')}  ${name}\n`);
        yield { name, body };
      }
    } finally {
      await file.close();
    }
  }

  private async open(): Promise<FileHandle> {
    try {
      return await open(this.path, 'r');
    } catch (cause) {
      const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
      throw new CloudTaskError(missing ? 'CT_NOT_FOUND' : 'CT_CONFIG_INVALID', {
        ...{ subject: this.path, cause },
        detail: missing ? 'there is no such file' : `the file cannot be read: ${(cause as Error).message}`,
      });
    }
  }

  private async header(file: FileHandle, position: number): Promise<Header> {
    const block = await this.read(file, position, BLOCK, 'a header');
    let header: Header;
    try {
      header = new Header(block);
    } catch (cause) {
      throw invalid(`at byte ${position} there is no entry of an archive`, cause);
    }
    if (header.nullBlock) throw invalid('the archive ends without its checksums: it was cut off');
    if (!header.cksumValid || header.path === undefined)
      throw invalid(`at byte ${position} there is no entry of an archive`);
    if (header.type !== 'File' || !isEntryName(header.path))
      throw invalid(
        `the archive has an entry that is not of a backup: ${JSON.stringify(header.path)} (${header.type})`,
      );
    if (header.size === undefined || header.size < 0 || header.size > ENTRY_BYTES_MAX)
      throw invalid(`the size of ${header.path} cannot be`);
    // Nothing may stand in it that has no meaning.
    const { path, size, mtime } = header;
    if (!entryHeader(path, size, mtime).equals(block))
      throw invalid(`at byte ${position} there is no entry of a backup`);
    return header;
  }

  private async requireEnd(file: FileHandle, position: number): Promise<void> {
    const end = await this.read(file, position, 2 * BLOCK, 'its end');
    const { bytesRead } = await file.read(Buffer.alloc(1), 0, 1, position + end.length);
    if (bytesRead !== 0 || end.some((byte) => byte !== 0))
      throw invalid('the archive does not end behind its checksums');
  }

  private async read(file: FileHandle, position: number, size: number, what: string): Promise<Buffer> {
    const buffer = Buffer.alloc(size);
    for (let got = 0; got < size; ) {
      const { bytesRead } = await file.read(buffer, got, size - got, position + got);
      if (bytesRead === 0) throw invalid(`the archive is cut off in ${what}, at byte ${position + got}`);
      got += bytesRead;
    }
    return buffer;
  }
}

function firstWrong(written: string, computed: readonly string[]): string {
  const lines = written.split(/(?<=\n)/);
  const wrong = computed.findIndex((line, i) => line !== lines[i]);
  const name = (computed[wrong] ?? lines[computed.length] ?? '').slice(66).trim();
  return name === '' ? 'its checksums are not those of its files' : `${name} is not what was written`;
}
