import type { Migration } from './migration.js';

export const taskRevisions: Migration = {
  version: 6,
  name: 'revisions of tasks',
  sql: `
-- Each change of a task's specification, the latest ones. Who made the current one of a task that is older than this table
-- is not known.
CREATE TABLE task_revisions (
  task_uid TEXT    NOT NULL,
  revision INTEGER NOT NULL, -- generation of the task
  time     INTEGER,          -- ms; null when it is not known
  author   TEXT    NOT NULL,
  cause    TEXT    NOT NULL,
  spec     TEXT,             -- JSON; null for the current one, which is in objects
  PRIMARY KEY (task_uid, revision)
) STRICT, WITHOUT ROWID;
INSERT INTO task_revisions (task_uid, revision, time, author, cause, spec)
SELECT uid, generation, CASE WHEN generation = 1 THEN created_time END, '', '', NULL FROM objects WHERE kind = 'Task';
`,
};
