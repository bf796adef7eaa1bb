import type { Migration } from './migration.js';

export const bytesOfTasks: Migration = {
  version: 2,
  name: 'bytes-of-tasks',
  sql: `
-- The task whose bytes a log is counted among; null for one that is not known, and for one that was removed.
ALTER TABLE logs ADD COLUMN task_uid TEXT;
CREATE INDEX logs_by_task ON logs (task_uid, id) WHERE task_uid IS NOT NULL;

-- How long the logs of a task are together.
CREATE TABLE task_logs (
  task_uid TEXT    NOT NULL PRIMARY KEY,
  bytes    INTEGER NOT NULL
) STRICT;
`,
};
