// The book of secrets, as the thread of the database is asked for it; and the way that objects take to their sealed form.
import type { AnyObject } from '../../../manifests/index.js';
import type { OutcomeText } from '../repository-types.js';
import type { StateRepository } from '../state-repository.js';
import type { ApplyOptions } from '../store-types.js';
import type { WorkerChannel } from '../worker/channel.js';
import type { SealedValue, Sealer, SecretBook, WrappedKey } from './secret-book.js';

export class SecretCalls implements SecretBook {
  private readonly channel: () => WorkerChannel<StateRepository>;
  private readonly sealer: Sealer | undefined;

  constructor(channel: () => WorkerChannel<StateRepository>, sealer: Sealer | undefined) {
    this.channel = channel;
    this.sealer = sealer;
  }

  /** Every write of an object comes through here: what leaves this thread is sealed. Without a sealer, the transaction
   * refuses values. */
  async apply(objects: readonly AnyObject[], options: ApplyOptions): Promise<OutcomeText[]> {
    const channel = this.channel();
    if (this.sealer === undefined || objects.every(({ kind }) => kind !== 'Secret')) {
      return channel.call('apply', objects, options);
    }
    const sealed = await this.sealer.seal(objects);
    return channel.call('apply', sealed.objects, { ...options, sealed: sealed.values });
  }

  async wrappedKey(): Promise<WrappedKey | undefined> {
    return this.channel().call('secretKey');
  }

  async firstKey(key: WrappedKey): Promise<WrappedKey> {
    return this.channel().call('firstSecretKey', key);
  }

  async values(secrets: readonly { readonly namespace: string; readonly name: string }[]): Promise<SealedValue[]> {
    return this.channel().call('secretValues', secrets);
  }
}
