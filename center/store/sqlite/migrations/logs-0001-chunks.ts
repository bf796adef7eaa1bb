import type { Migration } from './migration.js';

export const logChunks: Migration = {
  version: 1,
  name: 'logs',
  sql: `
-- One row per attempt. stdout and stderr are lengths of the streams as the agent counts them (gaps included); bytes is
-- the length of the merged log.
CREATE TABLE logs (
  id      INTEGER NOT NULL PRIMARY KEY,
  run_uid TEXT    NOT NULL,
  attempt INTEGER NOT NULL,
  stdout  INTEGER NOT NULL,
  stderr  INTEGER NOT NULL,
  bytes   INTEGER NOT NULL,
  ended   INTEGER NOT NULL,
  UNIQUE (run_uid, attempt)
) STRICT;

-- log_offset is the merged offset of the first byte. A table with rowid: blobs go in a third faster than WITHOUT ROWID.
CREATE TABLE log_chunks (
  log_id     INTEGER NOT NULL REFERENCES logs (id) ON DELETE CASCADE,
  log_offset INTEGER NOT NULL,
  stream     INTEGER NOT NULL, -- 1 stdout, 2 stderr
  time       INTEGER NOT NULL,
  bytes      BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX log_chunks_by_offset ON log_chunks (log_id, log_offset);
`,
};
