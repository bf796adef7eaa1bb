import type { Migration } from './migration.js';

export const fieldsOfLists: Migration = {
  version: 15,
  name: 'fields-of-lists',
  sql: `
-- By what large lists are filtered and ordered. They are worked out when read, and kept in the index alone.
ALTER TABLE objects ADD COLUMN state     TEXT AS (status ->> '$.state') VIRTUAL;
ALTER TABLE objects ADD COLUMN cluster   TEXT AS (spec ->> '$.cluster') VIRTUAL;
ALTER TABLE objects ADD COLUMN last_time TEXT AS (status ->> '$.lastRun.time') VIRTUAL;
ALTER TABLE objects ADD COLUMN next_time TEXT AS (status ->> '$.nextTime') VIRTUAL;
-- Holds all that such a list looks at: only the rows of the page itself are read. A status that changes keeps its place in it.
CREATE INDEX objects_for_lists ON objects (kind, name, namespace, state, cluster, last_time, next_time);
`,
};
