// The bytes of packages, as the thread of their database is asked for them.
import { CloudTaskError } from '../../../base/index.js';
import type { LeaderFence } from '../leader-fence.js';
import type { StateRepository } from '../state-repository.js';
import type { WorkerChannel } from '../worker/channel.js';
import { collectPackages } from './collect-packages.js';
import type { PackageRepository } from './package-repository.js';
import type { PackageBlob, PackageFormat, PackageStore } from './package-store.js';

type Channel = WorkerChannel<PackageRepository>;

/** The thread starts with the first call: an installation without packages never pays for it. */
export class PackageCalls implements PackageStore {
  private readonly open: () => Promise<Channel>;
  private readonly state: () => WorkerChannel<StateRepository>;
  private opening: Promise<Channel> | undefined;
  private closed = false;

  constructor(open: () => Promise<Channel>, state: () => WorkerChannel<StateRepository>) {
    this.open = open;
    this.state = state;
  }

  async find(digest: string): Promise<PackageBlob | undefined> {
    return (await this.channel()).call('find', digest);
  }

  async append(
    digest: string,
    offset: number,
    format: PackageFormat | undefined,
    bytes: Uint8Array,
  ): Promise<PackageBlob> {
    return (await this.channel()).hand('append', [digest, offset, format, bytes], [bytes.buffer as ArrayBuffer]);
  }

  async complete(digest: string): Promise<PackageBlob> {
    const blob = await (await this.channel()).call('complete', digest);
    if (blob.digest === digest) return blob;
    throw new CloudTaskError('CT_BAD_REQUEST', {
      subject: digest,
      detail: `the ${blob.bytes} bytes that were sent have the digest ${blob.digest}; they were thrown away`,
      hint: 'upload the file again from its beginning; it may have changed meanwhile',
    });
  }

  async read(digest: string, offset: number): Promise<Uint8Array> {
    return (await (await this.channel()).call('read', digest, offset)).bytes;
  }

  async hold(digests: readonly string[]): Promise<PackageBlob[]> {
    return (await this.channel()).call('hold', digests);
  }

  async idleSince(before: number, limit: number): Promise<string[]> {
    return (await this.channel()).call('idleSince', before, limit);
  }

  async drop(digest: string, before: number): Promise<boolean> {
    return (await this.channel()).call('drop', digest, before);
  }

  async sweep(): Promise<boolean> {
    return (await this.channel()).call('sweep');
  }

  async collect(now: number, fence: LeaderFence): Promise<number> {
    const state = this.state();
    await state.call('checkFence', fence);
    return collectPackages(this, (after) => state.call('packageReferences', after), now);
  }

  /** Later calls are refused; those before are done when this resolves. */
  async close(): Promise<void> {
    this.closed = true;
    const channel = await this.opening?.catch(() => undefined); // who asked for it has been told
    await channel?.close();
  }

  private channel(): Promise<Channel> {
    if (this.closed) return Promise.reject(new CloudTaskError('CT_STORE', 'the store is closed'));
    this.opening ??= this.open().catch((error: unknown) => {
      this.opening = undefined; // a database that cannot be reached now may be reached by the next call
      throw error;
    });
    return this.opening;
  }
}
