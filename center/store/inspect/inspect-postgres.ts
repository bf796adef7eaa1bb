import { CloudTaskError } from '../../../base/index.js';
import { newest } from '../copy/newest-schema.js';
import { connectForCopy } from '../copy/read-postgres.js';
import { identityText, type StorePart, type StorePlace } from '../copy/store-copy.js';
import { postgresError } from '../postgres/postgres-errors.js';
import { AMOUNTS, type StoreInspection } from './index.js';

/** Throws CT_NOT_FOUND, CT_STORE, CT_STORE_UNREACHABLE. */
export async function inspectPostgres(place: StorePlace & { kind: 'postgres' }): Promise<StoreInspection> {
  const { client, shown } = await connectForCopy(place);
  const rowsOf = async <T>(text: string) => (await client.query(text)).rows as T[];
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const [server] = await rowsOf<{ version: string; bytes: number; there: string | null }>(
      "select current_setting('server_version') as version, pg_database_size(current_database()) as bytes, to_regclass('schema_versions') as there",
    );
    if (server === undefined || server.there === null) {
      throw new CloudTaskError('CT_NOT_FOUND', `there is no store in ${shown}`);
    }
    const versions = await rowsOf<{ part: StorePart; version: number }>(
      'select part, version from schema_versions order by part',
    );
    const [counter] = await rowsOf<{ value: number }>("select value from counters where name = 'identity'");
    const [amounts] = await rowsOf<NonNullable<StoreInspection['amounts']>>(AMOUNTS);
    return {
      ...{ engine: 'postgres', version: server.version, shown, bytes: server.bytes },
      parts: versions.map(({ part, version }) => ({ part, schema: version, newest: newest('postgres', part) })),
      identity: identityText(counter?.value),
      ...(amounts === undefined ? {} : { amounts }),
    };
  } catch (error) {
    throw postgresError(error, shown) ?? error;
  } finally {
    await client.end();
  }
}
