import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely';
import { CloudTaskError } from '../../../base/index.js';
import type { SqlDialect } from '../database.js';
import type { SqliteConnection } from './sqlite-connection.js';

export const sqliteDialect: SqlDialect = {
  name: 'sqlite',
  inList: (column, values) =>
    sql<boolean>`${sql.ref(column)} in (select value from json_each(${JSON.stringify(values)}))`,
  jsonText: (column, path) => sql`${sql.ref(column)} ->> ${`$.${path.map((step) => JSON.stringify(step)).join('.')}`}`,
  lastFinished: (taskUids, recent) => sql`
    select wanted.value as uid, (
      select json_object('name', name, 'state', state, 'time', finish_time) from (
        select name, state, finish_time from runs where task_uid = wanted.value and final = 1
        order by id desc limit ${recent}
      ) order by finish_time desc limit 1
    ) as last from json_each(${JSON.stringify(taskUids)}) wanted`,
};

/** Kysely over a connection of this thread. Transactions are not begun here: the write queue brackets the statements of
 * many callers with one BEGIN and COMMIT. */
export function kyselyDialect(connection: SqliteConnection): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createDriver: () => new InThreadDriver(new InThreadConnection(connection)),
  };
}

class InThreadConnection implements DatabaseConnection {
  private readonly connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.connection = connection;
  }

  async executeQuery<R>({ sql: text, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, changes } = this.connection.execute(text, parameters);
    return { rows: rows as R[], numAffectedRows: BigInt(changes) };
  }

  // biome-ignore lint/correctness/useYield: pages are read by keyset instead, a cursor would hold the connection
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new CloudTaskError('CT_NOT_IMPLEMENTED', 'streaming queries');
  }
}

class InThreadDriver implements Driver {
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
