import type { Migration } from './migration.js';

export const restores: Migration = {
  version: 2,
  name: 'checkpoint, tombstones, restores',
  sql: `
-- Rule R13: one row; the mark that ZooKeeper has too, and the one that is about to be written there. Which of the two
-- places was restored from a backup is told by comparing them.
CREATE TABLE checkpoints (
  id        INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  number    INTEGER NOT NULL,
  mark      TEXT    NOT NULL,
  next_mark TEXT    NOT NULL,
  time      INTEGER NOT NULL
) STRICT;

-- Rule R14: tasks that were deleted. Only their trigger records may be deleted.
CREATE TABLE tombstones (
  task_uid TEXT    NOT NULL PRIMARY KEY,
  time     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tombstones_by_time ON tombstones (time);

-- Restores that were found. Of the time points in (back_to, until] records may have been lost.
CREATE TABLE restores (
  id      INTEGER NOT NULL PRIMARY KEY,
  what    TEXT    NOT NULL, -- coordination or store
  back_to INTEGER NOT NULL,
  until   INTEGER NOT NULL
) STRICT;
`,
};
