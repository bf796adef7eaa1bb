import type { Migration } from '../sqlite/migrations/migration.js';

export const fieldsOfLists: Migration = {
  version: 15,
  name: 'fields of lists',
  sql: `
-- Stored: PostgreSQL finds only columns in an index without looking into the table, no expressions.
ALTER TABLE objects
  ADD COLUMN state     text COLLATE "C" GENERATED ALWAYS AS (status::json #>> '{state}') STORED,
  ADD COLUMN cluster   text COLLATE "C" GENERATED ALWAYS AS (spec::json #>> '{cluster}') STORED,
  ADD COLUMN last_time text COLLATE "C" GENERATED ALWAYS AS (status::json #>> '{lastRun,time}') STORED,
  ADD COLUMN next_time text COLLATE "C" GENERATED ALWAYS AS (status::json #>> '{nextTime}') STORED;
CREATE INDEX objects_for_lists ON objects (kind, name, namespace)
  INCLUDE (id, state, cluster, last_time, next_time);
`,
};
