import type { Migration } from './migration.js';

export const loginFailures: Migration = {
  version: 18,
  name: 'login-failures',
  sql: `
-- Log-ins that failed lately, for all centers. What was tried is a SHA-256: people type passwords where names belong.
CREATE TABLE login_failures (
  what      TEXT    NOT NULL PRIMARY KEY,
  failures  INTEGER NOT NULL,
  last_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX login_failures_by_time ON login_failures (last_time);
`,
};
