// What kysely needs of a driver when the write queue makes the transactions: one connection, handed out to everybody.
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely';
import { CloudTaskError } from '../../base/index.js';

/** Runs one statement; `changes` is the number of rows it changed. */
export type Execute = (
  text: string,
  parameters: readonly unknown[],
) => Promise<{ rows: unknown[]; changes: number | bigint }>;

export class PlainDriver implements Driver {
  private readonly connection: DatabaseConnection;

  constructor(execute: Execute) {
    this.connection = new PlainConnection(execute);
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

class PlainConnection implements DatabaseConnection {
  private readonly execute: Execute;

  constructor(execute: Execute) {
    this.execute = execute;
  }

  async executeQuery<R>({ sql: text, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, changes } = await this.execute(text, parameters);
    return { rows: rows as R[], numAffectedRows: BigInt(changes) };
  }

  // biome-ignore lint/correctness/useYield: pages are read by keyset instead, a cursor would hold the connection
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new CloudTaskError('CT_NOT_IMPLEMENTED', 'streaming queries');
  }
}
