// The book of secrets, as the thread of the database is asked for it; and the way that objects take to their sealed form.
import { isCloudTaskError } from '../../../base/index.js';
import type { AnyObject } from '../../../manifests/index.js';
import type { AuditSource } from '../audit/audit-trail.js';
import type { OutcomeText } from '../repository-types.js';
import type { StateRepository } from '../state-repository.js';
import type { ApplyOptions } from '../store-types.js';
import type { WorkerChannel } from '../worker/channel.js';
import type {
  KeyUse,
  NumberedKey,
  ResealedValue,
  SealedValue,
  Sealer,
  SecretBook,
  StaleValue,
  WrappedKey,
} from './secret-book.js';

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
    const { sealer } = this;
    if (sealer === undefined || objects.every(({ kind }) => kind !== 'Secret')) {
      return channel.call('apply', objects, options);
    }
    const attempt = async () => {
      const sealed = await sealer.seal(objects);
      return channel.call('apply', sealed.objects, { ...options, sealed: sealed.values });
    };
    try {
      return await attempt();
    } catch (error) {
      if (!isCloudTaskError(error, 'CT_UNAVAILABLE')) throw error;
      return attempt(); // the key may have been changed between the two steps
    }
  }

  async keys(): Promise<NumberedKey[]> {
    return this.channel().call('secretKeys');
  }

  async firstKey(key: WrappedKey): Promise<NumberedKey[]> {
    return this.channel().call('firstSecretKey', key);
  }

  async nextKey(key: WrappedKey, after: number, audit?: AuditSource): Promise<void> {
    await this.channel().call('nextSecretKey', key, after, audit ?? null);
  }

  async values(secrets: readonly { readonly namespace: string; readonly name: string }[]): Promise<SealedValue[]> {
    return this.channel().call('secretValues', secrets);
  }

  async staleValues(limit: number): Promise<StaleValue[]> {
    return this.channel().call('staleSecretValues', limit);
  }

  async reseal(values: readonly ResealedValue[]): Promise<void> {
    await this.channel().call('resealSecretValues', values);
  }

  async forgetKeys(): Promise<void> {
    await this.channel().call('forgetSecretKeys');
  }

  async use(): Promise<KeyUse> {
    return this.channel().call('secretKeyUse');
  }

  async holds(center: string, keyIds: readonly string[]): Promise<string[]> {
    return this.channel().call('holdsSecretKeys', center, keyIds);
  }

  async holdsNoMore(center: string): Promise<void> {
    await this.channel().call('holdsSecretKeysNoMore', center);
  }

  async drop(keyId: string, audit?: AuditSource): Promise<void> {
    await this.channel().call('dropSecretKey', keyId, audit ?? null);
  }
}
