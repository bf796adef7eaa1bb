// What a copy of a store is, whichever database it came from: its tables with their rows, as values that both databases
// know. Reading sees one commit of each part; writing makes a new store or none.
import type { SqlValue } from '../database.js';

/** state: definitions and runs. logs: output of attempts. packages: their bytes. */
export type StorePart = 'state' | 'packages' | 'logs';

export interface CopiedTable {
  readonly part: StorePart;
  readonly name: string;
  readonly columns: readonly string[];
}

export interface StoreFacts {
  readonly engine: 'sqlite' | 'postgres';
  /** Of each part; 0 for one that was never opened, or is left out. */
  readonly schema: Readonly<Record<StorePart, number>>;
  /** In an order in which rows can be inserted. */
  readonly tables: readonly CopiedTable[];
  /** Tables that count their rows by themselves: the greatest number that was given out. */
  readonly sequences: Readonly<Record<string, number>>;
  /** Names this store among all stores; '' for one that no center has led yet. */
  readonly identity: string;
  /** Latest committed one. */
  readonly resourceVersion: number;
  /** Number of the last checkpoint, 0 for none. */
  readonly checkpoint: number;
}

export type Rows = readonly (readonly SqlValue[])[];

export interface StoreSource {
  readonly facts: StoreFacts;
  /** Slices of a table, in the order of its key. One table at a time. */
  rows(table: CopiedTable): AsyncIterable<Rows>;
  close(): Promise<void>;
}

/** A store that is not there yet: everything is staged until `commit`. */
export interface StoreTarget {
  put(table: CopiedTable, rows: Rows): Promise<void>;
  /** After the last row: counters are set, and references and the number of rows checked. */
  finish(entry: RestoreEntry): Promise<void>;
  commit(): Promise<void>;
  /** Leaves nothing behind. Does nothing after `commit`. */
  abandon(): Promise<void>;
}

/** What the audit of writes is told of a restore (decision 0038). */
export interface RestoreEntry {
  /** Wall time, ms. */
  readonly time: number;
  /** Who restores: not a user of the API. */
  readonly user: string;
  /** SHA-256 of the list of checksums of the archive, hex. */
  readonly archive: string;
}

export type StorePlace =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly password?: string };

const PARTS: Readonly<Record<string, StorePart>> = {
  logs: 'logs',
  task_logs: 'logs',
  log_chunks: 'logs',
  package_blobs: 'packages',
  package_chunks: 'packages',
};
/** What others refer to comes before them. */
const FIRST = ['logs', 'package_blobs'];
/** change_log is how centers tell each other of commits, schema_versions belongs to the migrations; people log in again after a restore: a
 * session that was ended since must not come back. */
const LEFT_OUT: ReadonlySet<string> = new Set(['change_log', 'schema_versions', 'sessions']);

/** As `Store.identity` says it. */
export const identityText = (counter: number | undefined): string =>
  counter === undefined ? '' : counter.toString(16).padStart(12, '0');

export const STORE_PARTS: readonly StorePart[] = ['state', 'packages', 'logs'];

export const partOf = (table: string): StorePart => PARTS[table] ?? 'state';

/** Tables by name, as the database lists them, with what is left out taken away. */
export function copiedTables(
  columns: ReadonlyMap<string, readonly string[]>,
  parts: readonly StorePart[],
): CopiedTable[] {
  const tables = [...columns]
    .map(([name, columns]) => ({ part: partOf(name), name, columns }))
    .filter(({ part, name }) => !LEFT_OUT.has(name) && parts.includes(part));
  const rank = ({ part, name }: CopiedTable) => STORE_PARTS.indexOf(part) * 2 + (FIRST.includes(name) ? 0 : 1);
  return tables.sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}
