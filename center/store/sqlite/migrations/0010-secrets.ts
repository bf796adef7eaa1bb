import type { Migration } from './migration.js';

export const secrets: Migration = {
  version: 10,
  name: 'secrets',
  sql: `
-- Values of secrets, sealed; the objects hold marks that stand for them.
CREATE TABLE secret_values (
  secret_uid TEXT NOT NULL,
  key        TEXT NOT NULL,
  mark       TEXT NOT NULL,
  sealed     TEXT NOT NULL,
  PRIMARY KEY (secret_uid, key)
) STRICT;

-- The key that they are sealed with, itself sealed with the key of the key file.
CREATE TABLE secret_keys (
  id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  key_id  TEXT    NOT NULL,
  wrapped TEXT    NOT NULL
) STRICT;
`,
};
