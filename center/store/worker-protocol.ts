// What the main thread and the SQLite worker say to one another: arrays of requests, answered by arrays of replies in the
// same order. Requests that are made in one turn of the event loop travel in one message.

/** A value SQLite can bind or return here. Booleans are 0 and 1; 64-bit integers beyond 2^53 do not occur. */
export type SqlValue = string | number | null | Uint8Array;

export interface Migration {
  /** From 1, without gaps: it becomes PRAGMA user_version. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

export interface WorkerOptions {
  readonly path: string;
  /** Run on every connection, in order. */
  readonly pragmas: readonly string[];
  readonly migrations: readonly Migration[];
  /** A file whose lock says that this process owns the database; none for a database that its owner guards already. */
  readonly lockPath?: string;
}

/**
 * - all: one statement; answers rows, or the number of changed rows for a statement that returns none.
 * - many: one statement, run once per row of parameters; answers the sum of changed rows.
 * - exec: SQL text without parameters (BEGIN, COMMIT, SAVEPOINT …).
 * `read` goes to a connection of its own, which sees the last commit and never what a transaction is about to write.
 */
export type WorkerRequest = {
  readonly connection: 'read' | 'write';
} & (
  | { readonly kind: 'all'; readonly sql: string; readonly parameters: readonly SqlValue[] }
  | { readonly kind: 'many'; readonly sql: string; readonly rows: readonly (readonly SqlValue[])[] }
  | { readonly kind: 'exec'; readonly sql: string }
);

export type WorkerReply =
  | { readonly rows: readonly Record<string, unknown>[]; readonly changes: number; readonly insertId: number }
  | WorkerFailure;

export interface WorkerFailure {
  readonly error: string;
  /** SQLite's name of the error, e.g. SQLITE_FULL, or a code of ours for failures to open. */
  readonly code: string;
}

/** First message of the worker. */
export type WorkerReady = { readonly ready: true } | WorkerFailure;
