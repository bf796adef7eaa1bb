import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { CloudTaskError, isCloudTaskError, writeAll } from '../../base/index.js';
import type { CenterClient, Download } from '../center-client/center-client.js';

/** What a center takes unless it was told otherwise; more is no package of ours. */
export const PACKAGE_MAX_BYTES = 2 * 1024 * 1024 * 1024;

/**
 * The bytes of one package on their way to a file, however many tries that takes. What has come is kept, and its SHA-256 with
 * it, as long as this object lives; a process that dies begins anew.
 */
export class PackageDownload {
  private readonly client: CenterClient;
  private readonly hex: string;
  private readonly path: string;
  private hash: Hash = createHash('sha256');
  private bytes = 0;
  private total: number | undefined;
  private whole = false;

  /** `hex`: of the digest. `path` is this download's alone. */
  constructor(client: CenterClient, hex: string, path: string) {
    this.client = client;
    this.hex = hex;
    this.path = path;
  }

  /** Bytes that have come. */
  get received(): number {
    return this.bytes;
  }

  /** Bytes that there are, as far as the center has said. */
  get size(): number | undefined {
    return this.total;
  }

  /** Goes on where the last try ended. Resolves when the file is whole and is what its digest says. Rejects with
   * CT_PACKAGE_INVALID for other bytes, which are forgotten, and like CenterClient for what may be tried again. */
  async fetch(signal: AbortSignal): Promise<void> {
    if (this.whole) return;
    const reply = await this.open(signal);
    const from = reply.status === 206 ? rangeStart(reply.headers['content-range']) : 0;
    if (from !== this.bytes) await this.forget();
    const length = Number(reply.headers['content-length']);
    if (Number.isFinite(length)) this.total = this.bytes + length;
    if (from !== this.bytes || (this.total !== undefined && this.total > PACKAGE_MAX_BYTES)) {
      reply.discard();
      if (from === this.bytes) throw tooLarge();
      throw new CloudTaskError('CT_UNAVAILABLE', 'the center sent another part of the package');
    }
    await this.append(reply.body);
    if (this.total !== undefined && this.bytes < this.total) {
      throw new CloudTaskError(
        'CT_SERVER_UNREACHABLE',
        `the package broke off at ${this.bytes} of ${this.total} bytes`,
      );
    }
    const found = this.hash.copy().digest('hex');
    this.whole = found === this.hex;
    if (this.whole) return;
    await this.forget();
    throw new CloudTaskError('CT_PACKAGE_INVALID', `what the center sent has another digest: sha256:${found}`);
  }

  /** Removes the file. */
  async forget(): Promise<void> {
    this.hash = createHash('sha256');
    this.bytes = 0;
    this.total = undefined;
    this.whole = false;
    await rm(this.path, { force: true });
  }

  private async open(signal: AbortSignal): Promise<Download> {
    try {
      return await this.client.download(`packages/${this.hex}`, this.bytes, signal);
    } catch (error) {
      // What is here is not the beginning of what the center has.
      if (isCloudTaskError(error, 'CT_BAD_REQUEST')) await this.forget();
      throw error;
    }
  }

  private async append(body: AsyncIterable<Uint8Array>): Promise<void> {
    const file: FileHandle = await open(this.path, this.bytes === 0 ? 'w' : 'r+', 0o600);
    try {
      for await (const data of body) {
        if (this.bytes + data.length > PACKAGE_MAX_BYTES) {
          throw tooLarge();
        }
        await writeAll(file, data, this.bytes);
        this.hash.update(data);
        this.bytes += data.length;
      }
    } catch (cause) {
      if (cause instanceof CloudTaskError || typeof (cause as NodeJS.ErrnoException).syscall === 'string') throw cause;
      const { message } = cause as Error;
      throw new CloudTaskError('CT_SERVER_UNREACHABLE', { detail: `the package broke off: ${message}`, cause });
    } finally {
      await file.close();
    }
  }
}

function tooLarge(): CloudTaskError {
  return new CloudTaskError('CT_PACKAGE_INVALID', `a package may not have more than ${PACKAGE_MAX_BYTES} bytes`);
}

/** Of `bytes 100-199/200`; undefined for anything else. */
function rangeStart(header: string | string[] | undefined): number | undefined {
  const [, start] = /^bytes (\d+)-/.exec(String(header)) ?? [];
  return start === undefined ? undefined : Number(start);
}
