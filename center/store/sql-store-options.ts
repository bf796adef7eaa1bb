import type { Clock, Logger } from '../../base/index.js';
import type { Sealer } from './secrets/secret-book.js';
import type { EngineOptions } from './worker/protocol.js';

export type StoreDatabase = 'state' | 'logs' | 'packages';

export interface SqlStoreOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Called once when a thread of the store has ended by itself: from then on every call fails. */
  died?(cause: unknown): void;
  /** Seals values of secrets; without one the store refuses them. */
  readonly sealer?: Sealer;
  /** For metrics: how long a call of one of the databases took, ms, and whether the database failed. */
  observe?(database: StoreDatabase, ms: number, failed: boolean): void;
  /** The worker's program, when it is not beside this file. */
  readonly workerUrl?: URL;
}

/** Where the parts of a store live. */
export interface StoreEngines {
  readonly state: EngineOptions;
  readonly logs: EngineOptions;
  readonly packages: EngineOptions;
  /** What the store is called in errors and in the log; without secrets. */
  readonly subject: string;
}
