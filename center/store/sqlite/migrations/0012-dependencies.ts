import type { Migration } from './migration.js';

export const dependencies: Migration = {
  version: 12,
  name: 'dependencies between tasks',
  sql: `
-- What tasks wait for (spec.after): a row per task and name, written with the task.
CREATE TABLE task_dependencies (
  task_uid  TEXT NOT NULL,
  namespace TEXT NOT NULL,
  task      TEXT NOT NULL, -- its name
  upstream  TEXT NOT NULL, -- name of the task that it waits for
  arrived   TEXT,          -- JSON: the latest result that has not caused a run yet
  PRIMARY KEY (task_uid, upstream)
) STRICT, WITHOUT ROWID;
CREATE INDEX task_dependencies_by_task ON task_dependencies (namespace, task);
CREATE INDEX task_dependencies_by_upstream ON task_dependencies (namespace, upstream);

-- Ends of runs of tasks that others wait for, written with the end; the leader takes them out.
CREATE TABLE dependency_results (
  id       INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  task_uid TEXT    NOT NULL,
  group_id TEXT    NOT NULL, -- of the runs of all slots of one time point, or of one request
  result   TEXT    NOT NULL  -- JSON
) STRICT;
CREATE INDEX dependency_results_by_group ON dependency_results (group_id);

-- Which runs have caused one of a task: none does so twice, also when neither of the two is stored any more.
CREATE TABLE dependency_uses (
  task_uid  TEXT    NOT NULL,
  cause_uid TEXT    NOT NULL,
  time      INTEGER NOT NULL, -- ms
  PRIMARY KEY (task_uid, cause_uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX dependency_uses_by_time ON dependency_uses (time);
`,
};
