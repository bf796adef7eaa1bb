// Copies of a whole store, for `ctask backup` and `ctask restore`. The databases are loaded when they are asked for: a center has
// them in threads of their own.
import { schemaFor } from './newest-schema.js';
import type { StoreFacts, StorePart, StorePlace, StoreSource, StoreTarget } from './store-copy.js';

/** Reads a store while it is written. Throws CT_NOT_FOUND, CT_STORE, CT_STORE_UNREACHABLE. */
export async function openStoreSource(place: StorePlace, parts: readonly StorePart[]): Promise<StoreSource> {
  if (place.kind === 'sqlite') return (await import('./read-sqlite.js')).openSqliteSource(place.path, parts);
  return (await import('./read-postgres.js')).openPostgresSource(place, parts);
}

/** Throws what `stageStore` would throw, and changes nothing. */
export async function requireNoStore(place: StorePlace, facts: StoreFacts): Promise<void> {
  schemaFor(place.kind, facts);
  if (place.kind === 'sqlite') (await import('./write-sqlite.js')).requireNoSqliteStore(place.path);
  else await (await import('./write-postgres.js')).requireNoPostgresStore(place);
}

/** Throws CT_ALREADY_EXISTS, CT_STORE_NEWER, CT_BACKUP_INVALID, CT_STORE, CT_STORE_UNREACHABLE. */
export async function stageStore(place: StorePlace, facts: StoreFacts): Promise<StoreTarget> {
  const schema = schemaFor(place.kind, facts);
  if (place.kind === 'sqlite') return (await import('./write-sqlite.js')).stageSqliteStore(place.path, facts, schema);
  return (await import('./write-postgres.js')).stagePostgresStore(place, facts, schema);
}

export {
  type CopiedTable,
  type RestoreEntry,
  type Rows,
  STORE_PARTS,
  type StoreFacts,
  type StorePart,
  type StorePlace,
  type StoreSource,
  type StoreTarget,
} from './store-copy.js';
