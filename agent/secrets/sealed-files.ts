// Files of this agent that hold values of secrets: sealed with a key of the agent's own, so that neither a search of the disk
// nor a copy of a single file finds a value. Key and files are for the agent's user alone.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SEALING_KEY_BYTES, seal, unseal, writeFileDurably } from '../../base/index.js';

const MODE = 0o600;

export class SealedFiles {
  private readonly directory: string;
  private key: Buffer | undefined;

  constructor(dataDir: string) {
    this.directory = join(dataDir, 'secrets');
  }

  async open(): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const path = join(this.directory, 'key');
    const known = this.readKey(path);
    if (known === undefined) {
      this.key = randomBytes(SEALING_KEY_BYTES);
      await writeFileDurably(path, this.key.toString('hex'), MODE);
    } else this.key = known;
  }

  /** Where a file of this name lies. */
  path(name: string): string {
    return join(this.directory, name);
  }

  /** What `write` wrote for `place`; undefined when there is no file. Throws for one that does not open. */
  read(path: string, place: string): string | undefined {
    const sealed = readIfThere(path);
    return sealed === undefined ? undefined : unseal(this.opened, place, sealed).toString();
  }

  /** Durable before a process gets the values: a restart finds them. */
  write(path: string, place: string, text: string): void {
    writeFileSync(path, seal(this.opened, place, Buffer.from(text)), { mode: MODE });
  }

  async replace(path: string, place: string, text: string): Promise<void> {
    await writeFileDurably(path, seal(this.opened, place, Buffer.from(text)), MODE);
  }

  private get opened(): Buffer {
    if (this.key === undefined) throw new TypeError('sealed files are not open');
    return this.key;
  }

  /** A key that is cut short opens nothing: what was sealed is fetched again, under a new one. */
  private readKey(path: string): Buffer | undefined {
    const key = Buffer.from(readIfThere(path) ?? '', 'hex');
    return key.length === SEALING_KEY_BYTES ? key : undefined;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
