// The SQLite worker thread: executes statements in the order they arrive, so that no query ever blocks the event loop
// that holds a ZooKeeper session. It knows SQL text and nothing of tables. Two connections to one file: `write`, and
// `read`, which sees the last commit while a transaction is open on the other.
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { migrate } from './migrate.js';
import type { WorkerFailure, WorkerOptions, WorkerReply, WorkerRequest } from './worker-protocol.js';

/** Statements kept compiled per connection. Ours are some hundred; lists with selectors make new texts, and the oldest go. */
const STATEMENTS_MAX = 500;

interface Connection {
  readonly database: Database.Database;
  readonly statements: Map<string, Database.Statement>;
}

const options = workerData as WorkerOptions;
const port = parentPort!;

function failureOf(error: unknown): WorkerFailure {
  const code = (error as { code?: unknown }).code;
  return {
    error: error instanceof Error ? error.message : String(error),
    code: typeof code === 'string' ? code : 'SQLITE_ERROR',
  };
}

/** Takes the lock that another center on the same data directory would need, for as long as this process lives: the
 * kernel drops it however the process ends. */
function lock(path: string): Database.Database {
  const database = new Database(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw Object.assign(new Error('another process uses the store'), { code: 'CT_LOCKED', cause });
  }
  return database;
}

function open(): { read: Connection; write: Connection; guard: Database.Database | undefined } {
  const guard = options.lockPath === undefined ? undefined : lock(options.lockPath);
  const connect = (): Connection => {
    const database = new Database(options.path);
    for (const pragma of options.pragmas) database.pragma(pragma);
    return { database, statements: new Map() };
  };
  const write = connect();
  migrate(write.database, options.migrations);
  const read = connect();
  read.database.pragma('query_only = 1');
  return { read, write, guard };
}

function statementOf(connection: Connection, sql: string): Database.Statement {
  let statement = connection.statements.get(sql);
  if (statement === undefined) {
    statement = connection.database.prepare(sql);
    const oldest = connection.statements.keys().next();
    if (connection.statements.size >= STATEMENTS_MAX && !oldest.done) connection.statements.delete(oldest.value);
    connection.statements.set(sql, statement);
  }
  return statement;
}

function execute(connection: Connection, request: WorkerRequest): WorkerReply {
  if (request.kind === 'exec') {
    connection.database.exec(request.sql);
    return { rows: [], changes: 0, insertId: 0 };
  }
  // SQLite ends a transaction by itself after some failures (disk full, I/O error). What was meant for it must not then
  // be committed statement by statement.
  if (request.connection === 'write' && !connection.database.inTransaction) {
    return { error: 'the transaction was rolled back by an earlier failure', code: 'SQLITE_ABORT' };
  }
  const statement = statementOf(connection, request.sql);
  if (request.kind === 'many') {
    let changes = 0;
    for (const row of request.rows) changes += statement.run(...row).changes;
    return { rows: [], changes, insertId: 0 };
  }
  if (statement.reader) {
    const rows = statement.all(...request.parameters) as Record<string, unknown>[];
    return { rows, changes: rows.length, insertId: 0 };
  }
  const { changes, lastInsertRowid } = statement.run(...request.parameters);
  return { rows: [], changes, insertId: Number(lastInsertRowid) };
}

function serve(): void {
  const { read, write, guard } = open();
  port.on('message', (message: readonly WorkerRequest[] | 'close') => {
    if (message === 'close') {
      read.database.close();
      write.database.close();
      guard?.close();
      port.close();
      return;
    }
    const replies: WorkerReply[] = [];
    for (const request of message) {
      try {
        replies.push(execute(request.connection === 'read' ? read : write, request));
      } catch (error) {
        replies.push(failureOf(error));
      }
    }
    port.postMessage(replies);
  });
  port.postMessage({ ready: true });
}

try {
  serve();
} catch (error) {
  port.postMessage(failureOf(error));
  port.close();
}
