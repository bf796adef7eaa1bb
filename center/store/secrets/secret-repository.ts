import type { SqlDatabase } from '../database.js';
import type { StateSchema } from '../schema.js';
import type { WriteQueue } from '../write-queue.js';
import type { SealedValue, WrappedKey } from './secret-book.js';
import { firstSecretKey, readSecretKey, readSecretValues } from './secret-values.js';

/** What the repository of definitions offers of secrets: see SecretBook. */
export class SecretRepository {
  protected readonly database: SqlDatabase<StateSchema>;
  protected readonly queue: WriteQueue<StateSchema>;

  constructor(database: SqlDatabase<StateSchema>, queue: WriteQueue<StateSchema>) {
    this.database = database;
    this.queue = queue;
  }

  async secretKey(): Promise<WrappedKey | undefined> {
    return readSecretKey(this.database);
  }

  firstSecretKey(key: WrappedKey): Promise<WrappedKey> {
    return this.queue.run((tx) => firstSecretKey(tx, key));
  }

  async secretValues(secrets: readonly { namespace: string; name: string }[]): Promise<SealedValue[]> {
    return readSecretValues(this.database, secrets);
  }
}
