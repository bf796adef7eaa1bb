import type { Migration } from '../sqlite/migrations/migration.js';

export const fieldsOfLists: Migration = {
  version: 15,
  name: 'fields of lists',
  sql: `
-- Stored: PostgreSQL finds only columns in an index without looking into the table, no expressions.
-- PostgreSQL reads all of an object to find one field, and fails at \\u0000 and at halves of surrogate pairs.
ALTER TABLE objects
  ADD COLUMN state text COLLATE "C" GENERATED ALWAYS AS
    (regexp_replace(status, '\\\\u(0000|d[89a-f][0-9a-f]{2})', '\\\\ufffd', 'g')::json #>> '{state}') STORED,
  ADD COLUMN cluster text COLLATE "C" GENERATED ALWAYS AS
    (regexp_replace(spec, '\\\\u(0000|d[89a-f][0-9a-f]{2})', '\\\\ufffd', 'g')::json #>> '{cluster}') STORED,
  ADD COLUMN last_time text COLLATE "C" GENERATED ALWAYS AS
    (regexp_replace(status, '\\\\u(0000|d[89a-f][0-9a-f]{2})', '\\\\ufffd', 'g')::json #>> '{lastRun,time}') STORED,
  ADD COLUMN next_time text COLLATE "C" GENERATED ALWAYS AS
    (regexp_replace(status, '\\\\u(0000|d[89a-f][0-9a-f]{2})', '\\\\ufffd', 'g')::json #>> '{nextTime}') STORED;
CREATE INDEX objects_for_lists ON objects (kind, name, namespace)
  INCLUDE (id, state, cluster, last_time, next_time);
`,
};
