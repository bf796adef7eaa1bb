import { type Dialect, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely';
import type { SqlDialect } from '../database.js';
import { PlainDriver } from '../plain-driver.js';
import type { SqliteConnection } from './sqlite-connection.js';

const jsonPath = (path: readonly string[]) => `$.${path.map((step) => JSON.stringify(step)).join('.')}`;

export const sqliteDialect: SqlDialect = {
  name: 'sqlite',
  inList: (column, values) =>
    sql<boolean>`${sql.ref(column)} in (select value from json_each(${JSON.stringify(values)}))`,
  jsonText: (column, path) => sql`${sql.ref(column)} ->> ${jsonPath(path)}`,
  jsonListTexts: (column, path, field) =>
    sql`(select item.value ->> ${jsonPath([field])} as value from json_each(${sql.ref(column)}, ${jsonPath(path)}) item)`,
  contains: (column, text) => sql<boolean>`instr(${column}, ${text}) > 0`,
  lastFinished: (taskUids, recent, skippedMax) => sql`
    with ended as materialized (
      select wanted.value as uid, (
        select json_object('id', id, 'name', name, 'state', state, 'time', finish_time, 'group', spec ->> '$.group') from (
          select id, name, state, finish_time, spec from runs
          where task_uid = wanted.value and final = 1 and state <> 'Skipped' order by id desc limit ${recent}
        ) order by finish_time desc limit 1
      ) as last from json_each(${JSON.stringify(taskUids)}) wanted
    )
    select uid, last, (
      select count(*) from (
        select 1 from runs where task_uid = ended.uid and id > coalesce(last ->> '$.id', 0)
          and final = 1 and state = 'Skipped' and finish_time > coalesce(last ->> '$.time', 0) limit ${skippedMax}
      )
    ) as skipped from ended`,
};

/** Kysely over a connection of this thread. Transactions are not begun here: the write queue brackets the statements of
 * many callers with one BEGIN and COMMIT. */
export function kyselyDialect(connection: SqliteConnection): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createDriver: () => new PlainDriver(async (text, parameters) => connection.execute(text, parameters)),
  };
}
