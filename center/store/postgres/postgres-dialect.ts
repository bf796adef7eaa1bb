import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  sql,
} from 'kysely';
import { CloudTaskError } from '../../../base/index.js';
import type { SqlDialect } from '../database.js';

export const postgresDialect: SqlDialect = {
  name: 'postgres',
  inList: (column, values) => sql<boolean>`${sql.ref(column)} = any(${sql.val(values)})`,
  // json, not jsonb: its text may hold \u0000, which jsonb refuses.
  jsonText: (column, path) => sql`${sql.ref(column)}::json #>> ${sql.val(path)}::text[]`,
  lastFinished: (taskUids, recent) => sql`
    select wanted.uid as uid, (
      select json_build_object('name', name, 'state', state, 'time', finish_time)::text from (
        select name, state, finish_time from runs where task_uid = wanted.uid and final = 1
        order by id desc limit ${recent}
      ) recent order by finish_time desc limit 1
    ) as last from unnest(${sql.val(taskUids)}::text[]) as wanted(uid)`,
};

/** What runs a statement: a pool, or one connection of it. */
export interface Queryable {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[]; rowCount: number | null }>;
}

/** Kysely over a pool or a connection. Transactions are not begun here, see the write queue. */
export function kyselyDialect(queryable: Queryable): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createDriver: () => new QueryableDriver(new QueryableConnection(queryable)),
  };
}

class QueryableConnection implements DatabaseConnection {
  private readonly queryable: Queryable;

  constructor(queryable: Queryable) {
    this.queryable = queryable;
  }

  async executeQuery<R>({ sql: text, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, rowCount } = await this.queryable.query(text, [...parameters]);
    return { rows: rows as R[], numAffectedRows: BigInt(rowCount ?? 0) };
  }

  // biome-ignore lint/correctness/useYield: pages are read by keyset instead, a cursor would hold the connection
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new CloudTaskError('CT_NOT_IMPLEMENTED', 'streaming queries');
  }
}

class QueryableDriver implements Driver {
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
