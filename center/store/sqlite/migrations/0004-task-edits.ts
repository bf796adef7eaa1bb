import type { Migration } from './migration.js';

export const taskEdits: Migration = {
  version: 4,
  name: 'schedules before edits',
  sql: `
-- The schedules of a task before its latest edits: whoever leads when they come into force settles what these owe.
CREATE TABLE task_edits (
  task_uid   TEXT    NOT NULL,
  generation INTEGER NOT NULL, -- before the edit
  schedules  TEXT    NOT NULL, -- JSON
  PRIMARY KEY (task_uid, generation)
) STRICT, WITHOUT ROWID;
`,
};
