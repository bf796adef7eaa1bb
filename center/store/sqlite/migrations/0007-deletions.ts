import type { Migration } from './migration.js';

export const deletions: Migration = {
  version: 7,
  name: 'deletions in the foreground, orphaned runs',
  sql: `
-- ms; set while a task waits for its runs to end before it goes.
ALTER TABLE objects ADD COLUMN deletion_time INTEGER;
-- 1: the run stays though its task was deleted.
ALTER TABLE runs ADD COLUMN orphaned INTEGER NOT NULL DEFAULT 0;
`,
};
