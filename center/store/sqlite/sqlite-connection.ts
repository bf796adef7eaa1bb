import type Database from 'better-sqlite3';
import type { SqlRow, SqlValue } from '../database.js';

/** Statements kept compiled per connection. Ours are some hundred; lists with selectors make new texts, and the oldest go. */
const STATEMENTS_MAX = 500;

/** One connection of this thread, with its compiled statements. */
export class SqliteConnection {
  readonly database: Database.Database;
  /** Set on the connection that writes: it runs statements in a transaction only. */
  private readonly writes: boolean;
  private readonly statements = new Map<string, Database.Statement>();

  constructor(database: Database.Database, writes: boolean) {
    this.database = database;
    this.writes = writes;
  }

  execute(sql: string, parameters: readonly unknown[]): { rows: SqlRow[]; changes: number } {
    this.requireTransaction();
    const statement = this.statementOf(sql);
    if (!statement.reader) return { rows: [], changes: statement.run(...parameters).changes };
    const rows = statement.all(...parameters) as SqlRow[];
    return { rows, changes: rows.length };
  }

  /** Runs one statement once per row of parameters. */
  many(sql: string, rows: readonly (readonly SqlValue[])[]): void {
    this.requireTransaction();
    const statement = this.statementOf(sql);
    for (const row of rows) statement.run(...row);
  }

  /** SQLite ends a transaction by itself after some failures (disk full, I/O error). What was meant for it must not then
   * be committed statement by statement. */
  private requireTransaction(): void {
    if (!this.writes || this.database.inTransaction) return;
    throw Object.assign(new Error('the transaction was rolled back by an earlier failure'), { code: 'SQLITE_ABORT' });
  }

  private statementOf(sql: string): Database.Statement {
    let statement = this.statements.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare(sql);
      const oldest = this.statements.keys().next();
      if (this.statements.size >= STATEMENTS_MAX && !oldest.done) this.statements.delete(oldest.value);
      this.statements.set(sql, statement);
    }
    return statement;
  }
}
