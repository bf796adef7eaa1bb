import type { Migration } from './migration.js';

export const access: Migration = {
  version: 11,
  name: 'access',
  sql: `
-- What users prove who they are with. Objects hold none of it. Rows belong to an object by uid: one that is made anew under the
-- same name has none.
CREATE TABLE passwords (
  user_uid     TEXT    NOT NULL PRIMARY KEY,
  hash         TEXT    NOT NULL,
  changed_time INTEGER NOT NULL,
  must_change  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Only the SHA-256 of a token is here, as in tokens.
CREATE TABLE token_hashes (
  sha256    TEXT NOT NULL PRIMARY KEY,
  token_uid TEXT NOT NULL,
  owner_uid TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX token_hashes_by_owner ON token_hashes (owner_uid);

-- A session is of a user, or of the token that it was opened with and ends with.
CREATE TABLE sessions (
  sha256       TEXT    NOT NULL PRIMARY KEY,
  user_uid     TEXT,
  token_sha256 TEXT,
  created_time INTEGER NOT NULL,
  seen_time    INTEGER NOT NULL,
  expires_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user_uid);
`,
};
