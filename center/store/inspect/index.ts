// How a store is, for whoever asks beside a center or without one. Nothing is changed, and no migration is run. The databases are
// loaded when they are asked for.
import type { StorePart, StorePlace } from '../copy/index.js';

export interface PartFacts {
  readonly part: StorePart;
  /** Absent for a database server. */
  readonly file?: string;
  readonly schema: number;
  /** What a center of this version would bring it to. */
  readonly newest: number;
  /** Of the files; absent for a database server, which knows the sum alone. */
  readonly bytes?: number;
  /** What is wrong inside, as the database says it; empty when it finds nothing, absent when it was not asked. */
  readonly problems?: readonly string[];
  /** Why it could not be looked at. */
  readonly unread?: string;
}

export interface StoreInspection {
  readonly engine: 'sqlite' | 'postgres';
  /** Of SQLite, or of the server. */
  readonly version: string;
  /** Path, or URL without password. */
  readonly shown: string;
  readonly bytes: number;
  readonly parts: readonly PartFacts[];
  /** Names this store among all stores; '' for one that no center has led yet, or that cannot be read. */
  readonly identity: string;
  /** Absent when they cannot be counted. */
  readonly amounts?: { readonly tasks: number; readonly runs: number; readonly openRuns: number };
  /** Where the files are. */
  readonly disk?: { readonly freeBytes: number; readonly totalBytes: number };
}

/** Reads every page of a SQLite store. Throws CT_NOT_FOUND, CT_STORE, CT_STORE_UNREACHABLE, CT_CONFIG_INVALID. */
export async function inspectStore(place: StorePlace): Promise<StoreInspection> {
  if (place.kind === 'sqlite') return (await import('./inspect-sqlite.js')).inspectSqlite(place.path);
  return (await import('./inspect-postgres.js')).inspectPostgres(place);
}

export const AMOUNTS = `select
  (select count(*) from objects where kind = 'Task') as tasks,
  (select count(*) from runs) as runs,
  (select count(*) from runs where final = 0) as "openRuns"`;
