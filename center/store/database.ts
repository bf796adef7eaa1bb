// What the repositories need of a SQL database, whichever it is. They are Kysely code; the few things that SQL says in two
// ways are in the dialect.
import type { Compilable, Kysely, RawBuilder } from 'kysely';
import type { CloudTaskError } from '../../base/index.js';

/** A value that can be bound or returned. Booleans are 0 and 1; 64-bit integers beyond 2^53 do not occur. */
export type SqlValue = string | number | null | Uint8Array;
export type SqlRow = Record<string, unknown>;

export interface SqlDialect {
  readonly name: 'sqlite' | 'postgres';
  /** `column in (values)` as one statement text however many values there are, so that it stays compiled. */
  inList(column: string, values: readonly (string | number)[]): RawBuilder<boolean>;
  /** The value at a path of a JSON column, as text. */
  jsonText(column: string, path: readonly string[]): RawBuilder<string | null>;
  /** A table with one column `value`: a field of each object in the list that a JSON column has at a path. Empty without a list. */
  jsonListTexts(column: string, path: readonly string[], field: string): RawBuilder<unknown>;
  /** Whether a column contains the text, to the letter. */
  contains(column: RawBuilder<unknown>, text: string): RawBuilder<boolean>;
  /** Per task uid the last to end of its `recent` newest finished runs that were not Skipped, as JSON: {id, name, state, time, group}; null
   * for none; and how many were Skipped since, at most `skippedMax`. */
  lastFinished(
    taskUids: readonly string[],
    recent: number,
    skippedMax: number,
  ): RawBuilder<{ uid: string; last: string | null; skipped: number }>;
}

/** Rows to insert, or to update when there is one with the same key. */
export interface Upsert {
  readonly table: string;
  readonly columns: readonly string[];
  /** Columns of the unique key. Of two rows with the same key the later one counts. */
  readonly key: readonly string[];
  /** Columns that a row with the same key takes over; none: it stays as it is. */
  readonly update: readonly string[];
  /** Only when the new value of this column is greater. */
  readonly onlyGreater?: string;
}

/** A transaction that is open. Its statements run one after another. */
export interface OpenTransaction<S> {
  readonly dialect: SqlDialect;
  readonly write: Kysely<S>;
  upsert(upsert: Upsert, rows: readonly (readonly SqlValue[])[]): Promise<void>;
  savepoint(): Promise<void>;
  release(): Promise<void>;
  /** Back to the savepoint, which is released. */
  undo(): Promise<void>;
  commit(): Promise<void>;
  /** Never rejects: a transaction that cannot be rolled back is gone with its connection. */
  rollback(): Promise<void>;
}

export interface SqlDatabase<S> {
  readonly dialect: SqlDialect;
  /** Sees the last commit, and never what a transaction is about to write. */
  readonly read: Kysely<S>;
  /** Runs queries that all see the same commit. */
  snapshot(...queries: readonly Compilable[]): Promise<SqlRow[][]>;
  /** The write queue is the only caller: one transaction at a time. */
  begin(): Promise<OpenTransaction<S>>;
  /** What a failure of the database means to a caller; undefined when it is not one of the database. */
  errorOf(error: unknown): CloudTaskError | undefined;
  close(): Promise<void>;
}

/** `column in (values)`; see SqlDialect. */
export function inList(
  db: { readonly dialect: SqlDialect },
  column: string,
  values: readonly (string | number)[],
): RawBuilder<boolean> {
  return db.dialect.inList(column, values);
}
