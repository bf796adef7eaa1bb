import type { AuditSource } from '../audit/audit-trail.js';
import type { SqlDatabase } from '../database.js';
import type { StateSchema } from '../schema.js';
import type { WriteQueue } from '../write-queue.js';
import { readStaleValues, resealValues } from './reseal-values.js';
import type { KeyUse, NumberedKey, ResealedValue, SealedValue, StaleValue, WrappedKey } from './secret-book.js';
import {
  dropSecretKey,
  firstSecretKey,
  forgetKeyHolder,
  forgetSecretKeys,
  nextSecretKey,
  noteKeyHolder,
  readKeyUse,
  readSecretKeys,
} from './secret-keys.js';
import { readSecretValues } from './secret-values.js';

/** What the repository of definitions offers of secrets: see SecretBook. */
export class SecretRepository {
  protected readonly database: SqlDatabase<StateSchema>;
  protected readonly queue: WriteQueue<StateSchema>;
  /** Wall time, ms. */
  protected readonly now: () => number;

  constructor(database: SqlDatabase<StateSchema>, queue: WriteQueue<StateSchema>, now: () => number) {
    this.database = database;
    this.queue = queue;
    this.now = now;
  }

  async secretKeys(): Promise<NumberedKey[]> {
    return readSecretKeys(this.database.read);
  }

  firstSecretKey(key: WrappedKey): Promise<NumberedKey[]> {
    return this.queue.run((tx) => firstSecretKey(tx, key));
  }

  nextSecretKey(key: WrappedKey, after: number, audit: AuditSource | null): Promise<void> {
    return this.queue.run((tx) => nextSecretKey(tx, key, after, audit ?? undefined));
  }

  async secretValues(secrets: readonly { namespace: string; name: string }[]): Promise<SealedValue[]> {
    return readSecretValues(this.database, secrets);
  }

  async staleSecretValues(limit: number): Promise<StaleValue[]> {
    return readStaleValues(this.database.read, limit);
  }

  resealSecretValues(values: readonly ResealedValue[]): Promise<void> {
    return this.queue.run((tx) => resealValues(tx, values));
  }

  forgetSecretKeys(): Promise<void> {
    return this.queue.run((tx) => forgetSecretKeys(tx));
  }

  async secretKeyUse(): Promise<KeyUse> {
    return readKeyUse(this.database.read, this.now());
  }

  holdsSecretKeys(center: string, keyIds: readonly string[]): Promise<string[]> {
    return this.queue.run((tx) => noteKeyHolder(tx, center, keyIds));
  }

  holdsSecretKeysNoMore(center: string): Promise<void> {
    return this.queue.run((tx) => forgetKeyHolder(tx, center));
  }

  dropSecretKey(keyId: string, audit: AuditSource | null): Promise<void> {
    return this.queue.run((tx) => dropSecretKey(tx, keyId, audit ?? undefined));
  }
}
