import type { Migration } from '../sqlite/migrations/migration.js';

export const dependencies: Migration = {
  version: 12,
  name: 'dependencies between tasks',
  sql: `
CREATE TABLE task_dependencies (
  task_uid  text NOT NULL,
  namespace text COLLATE "C" NOT NULL,
  task      text COLLATE "C" NOT NULL,
  upstream  text COLLATE "C" NOT NULL,
  arrived   text,
  PRIMARY KEY (task_uid, upstream)
);
CREATE INDEX task_dependencies_by_task ON task_dependencies (namespace, task);
CREATE INDEX task_dependencies_by_upstream ON task_dependencies (namespace, upstream);

CREATE TABLE dependency_results (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  task_uid text   NOT NULL,
  group_id text   NOT NULL,
  result   text   NOT NULL
);
CREATE INDEX dependency_results_by_group ON dependency_results (group_id);

CREATE TABLE dependency_uses (
  task_uid  text   NOT NULL,
  cause_uid text   NOT NULL,
  time      bigint NOT NULL,
  PRIMARY KEY (task_uid, cause_uid)
);
CREATE INDEX dependency_uses_by_time ON dependency_uses (time);
`,
};
