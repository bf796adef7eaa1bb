import { SqlStore } from './sql-store.js';
import type { SqlStoreOptions } from './sql-store-options.js';
import { storeFiles } from './sqlite/store-files.js';
import type { Store } from './store.js';

export interface SqliteStoreOptions extends SqlStoreOptions {
  /** File of the database of definitions and runs; logs, packages and lock lie beside it. */
  readonly path: string;
  /** Of definitions and runs; FULL unless given. Logs are always NORMAL. */
  readonly synchronous?: 'FULL' | 'NORMAL';
}

/** The store on three SQLite files, each behind a worker thread of its own. Closed until `start`; closed for good after `stop`. */
export function openSqliteStore(options: SqliteStoreOptions): Store {
  return new SqlStore(options, () => {
    const files = storeFiles(options.path);
    return {
      subject: files.state,
      state: { kind: 'sqlite', path: files.state, lockPath: files.lock, synchronous: options.synchronous ?? 'FULL' },
      logs: { kind: 'sqlite', path: files.logs, synchronous: 'NORMAL' },
      packages: { kind: 'sqlite', path: files.packages, synchronous: 'FULL' },
    };
  });
}
