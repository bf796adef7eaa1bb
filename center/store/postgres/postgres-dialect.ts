import { type Dialect, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely';
import type { SqlDialect } from '../database.js';
import { PlainDriver } from '../plain-driver.js';

/** A column as JSON. PostgreSQL reads all of an object to find one field of it, and fails at \u0000 and at halves of
 * surrogate pairs (whole pairs are never written with backslashes). */
const jsonOf = (column: string) =>
  sql`regexp_replace(${sql.ref(column)}, '\\\\u(0000|d[89a-f][0-9a-f]{2})', '\\\\ufffd', 'g')::json`;

export const postgresDialect: SqlDialect = {
  name: 'postgres',
  inList: (column, values) => sql<boolean>`${sql.ref(column)} = any(${sql.val(values)})`,
  jsonText: (column, path) => sql`${jsonOf(column)} #>> ${sql.val(path)}::text[]`,
  jsonListTexts: (column, path, field) => sql`(
    select item ->> ${sql.val(field)}::text as value
    from json_array_elements(coalesce(${jsonOf(column)} #> ${sql.val(path)}::text[], '[]')) item
  )`,
  contains: (column, text) => sql<boolean>`strpos(${column}, ${text}) > 0`,
  lastFinished: (taskUids, recent, skippedMax) => sql`
    with ended as materialized (
      select wanted.uid as uid, (
        select json_build_object('id', id, 'name', name, 'state', state, 'time', finish_time, 'group', ${jsonOf('spec')} ->> 'group')
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
