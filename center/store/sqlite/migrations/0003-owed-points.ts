import type { Migration } from './migration.js';

export const owedPoints: Migration = {
  version: 3,
  name: 'owed time points',
  sql: `
-- Rule R12: time points that were consumed under schedules that an edit has replaced, and that had no row at that time.
CREATE TABLE owed_points (
  task_uid TEXT    NOT NULL,
  slot     TEXT    NOT NULL,
  point    INTEGER NOT NULL,
  schedule TEXT    NOT NULL,
  PRIMARY KEY (task_uid, slot, point)
) STRICT, WITHOUT ROWID;
`,
};
