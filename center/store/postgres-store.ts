import { postgresAddress } from './postgres/connection-url.js';
import { SqlStore } from './sql-store.js';
import type { SqlStoreOptions } from './sql-store-options.js';
import type { Store } from './store.js';

export interface PostgresStoreOptions extends SqlStoreOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  /** Instead of the one in the URL. */
  readonly password?: string;
}

/**
 * The store in a PostgreSQL database, which several centers may share. Throws CT_CONFIG_INVALID for a malformed URL. Closed
 * until `start`; closed for good after `stop`.
 */
export function openPostgresStore(options: PostgresStoreOptions): Store {
  const address = postgresAddress(options.url, options.password);
  const engine = { kind: 'postgres', address } as const;
  return new SqlStore(options, () => ({ subject: address.shown, state: engine, logs: engine, packages: engine }));
}
