import type { Migration } from './migration.js';

export const deletedTasks: Migration = {
  version: 8,
  name: 'deleted tasks',
  sql: `
-- Tasks that were deleted, for a while: what it takes to make them anew.
CREATE TABLE deleted_tasks (
  uid       TEXT    NOT NULL PRIMARY KEY,
  namespace TEXT    NOT NULL,
  name      TEXT    NOT NULL,
  time      INTEGER NOT NULL, -- of the deletion, ms
  author    TEXT    NOT NULL, -- of the deletion
  metadata  TEXT    NOT NULL, -- labels and annotations, JSON
  spec      TEXT    NOT NULL
) STRICT;
CREATE INDEX deleted_tasks_by_name ON deleted_tasks (namespace, name, time);
CREATE INDEX deleted_tasks_by_time ON deleted_tasks (time);
`,
};
