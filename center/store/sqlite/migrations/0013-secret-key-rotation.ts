import type { Migration } from './migration.js';

export const secretKeyRotation: Migration = {
  version: 13,
  name: 'secret-key-rotation',
  sql: `
-- Several keys of the values: the newest seals, the others open what is not sealed anew yet.
CREATE TABLE secret_value_keys (
  id      INTEGER NOT NULL PRIMARY KEY,
  key_id  TEXT    NOT NULL,
  wrapped TEXT    NOT NULL,
  -- The key of the marks, sealed as well; without it, it follows from the key of the values.
  marks   TEXT
) STRICT;
INSERT INTO secret_value_keys (id, key_id, wrapped) SELECT id, key_id, wrapped FROM secret_keys;
DROP TABLE secret_keys;
ALTER TABLE secret_value_keys RENAME TO secret_keys;

-- Which of these keys a value is sealed with.
ALTER TABLE secret_values ADD COLUMN key_number INTEGER NOT NULL DEFAULT 1;
CREATE INDEX secret_values_by_key_number ON secret_values (key_number);

-- What each center has in its key file, and when it said so last.
CREATE TABLE secret_key_holders (
  center  TEXT    NOT NULL PRIMARY KEY,
  key_ids TEXT    NOT NULL,
  time    INTEGER NOT NULL
) STRICT;

-- Keys that all centers take out of their files.
CREATE TABLE dropped_secret_keys (
  key_id TEXT    NOT NULL PRIMARY KEY,
  time   INTEGER NOT NULL
) STRICT;
`,
};
