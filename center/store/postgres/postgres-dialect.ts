import { type Dialect, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely';
import type { SqlDialect } from '../database.js';
import { PlainDriver } from '../plain-driver.js';

export const postgresDialect: SqlDialect = {
  name: 'postgres',
  inList: (column, values) => sql<boolean>`${sql.ref(column)} = any(${sql.val(values)})`,
  // json, not jsonb: its text may hold \u0000, which jsonb refuses.
  jsonText: (column, path) => sql`${sql.ref(column)}::json #>> ${sql.val(path)}::text[]`,
  contains: (column, text) => sql<boolean>`strpos(${column}, ${text}) > 0`,
  lastFinished: (taskUids, recent, skippedMax) => sql`
    with ended as materialized (
      select wanted.uid as uid, (
        select json_build_object('id', id, 'name', name, 'state', state, 'time', finish_time, 'group', spec::json ->> 'group')
        from (
          select id, name, state, finish_time, spec from runs
          where task_uid = wanted.uid and final = 1 and state <> 'Skipped' order by id desc limit ${recent}
        ) recent order by finish_time desc limit 1
      ) as last from unnest(${sql.val(taskUids)}::text[]) as wanted(uid)
    )
    select uid, last::text as last, (
      select count(*)::integer from (
        select 1 from runs where task_uid = ended.uid and id > coalesce((ended.last ->> 'id')::bigint, 0)
          and final = 1 and state = 'Skipped' and finish_time > coalesce((ended.last ->> 'time')::bigint, 0)
        limit ${skippedMax}
      ) since
    ) as skipped from ended`,
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
    createDriver: () =>
      new PlainDriver(async (text, parameters) => {
        const { rows, rowCount } = await queryable.query(text, [...parameters]);
        return { rows, changes: rowCount ?? 0 };
      }),
  };
}
