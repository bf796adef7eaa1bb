import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { CloudTaskError } from '../../base/index.js';
import type { WorkerChannel } from './worker-channel.js';
import type { SqlValue } from './worker-protocol.js';

/**
 * Kysely over one connection of the worker. Transactions are not begun here: the write queue brackets the statements of
 * many callers with one BEGIN and COMMIT.
 */
export function workerDialect(channel: WorkerChannel, connection: 'read' | 'write'): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createDriver: () => new WorkerDriver(new WorkerConnection(channel, connection)),
  };
}

class WorkerConnection implements DatabaseConnection {
  private readonly channel: WorkerChannel;
  private readonly connection: 'read' | 'write';

  constructor(channel: WorkerChannel, connection: 'read' | 'write') {
    this.channel = channel;
    this.connection = connection;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, changes, insertId } = await this.channel.all(
      this.connection,
      query.sql,
      query.parameters as readonly SqlValue[],
    );
    return { rows: rows as R[], numAffectedRows: BigInt(changes), insertId: BigInt(insertId) };
  }

  // biome-ignore lint/correctness/useYield: pages are read by keyset instead, a cursor would hold the worker
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new CloudTaskError('CT_NOT_IMPLEMENTED', 'streaming queries');
  }
}

class WorkerDriver implements Driver {
  private readonly connection: DatabaseConnection;

  constructor(connection: DatabaseConnection) {
    this.connection = connection;
  }

  async init(): Promise<void> {}
  async acquireConnection(): Promise<DatabaseConnection> {
    return this.connection;
  }
  async beginTransaction(): Promise<void> {
    throw new CloudTaskError('CT_INTERNAL', 'transactions are made by the write queue');
  }
  async commitTransaction(): Promise<void> {}
  async rollbackTransaction(): Promise<void> {}
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}
