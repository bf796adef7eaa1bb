import type { Migration } from './migration.js';

export const notifyRules: Migration = {
  version: 19,
  name: 'notify-rules',
  sql: `
-- What the leader looks for. Both in ms; 0: nothing.
ALTER TABLE notify_rules ADD COLUMN shortest INTEGER NOT NULL DEFAULT 0; -- least of lateAfter and longerThan
ALTER TABLE notify_rules ADD COLUMN late_after INTEGER NOT NULL DEFAULT 0;
CREATE INDEX notify_rules_timed ON notify_rules (shortest) WHERE shortest > 0;

-- Entries that were told of these failures once, where they are told once only; JSON.
ALTER TABLE notify_failing ADD COLUMN told TEXT;

-- Tasks, by slot, that have changed between failing and succeeding lately.
CREATE TABLE notify_changes (
  task_uid TEXT NOT NULL,
  slot     TEXT NOT NULL,
  times    TEXT NOT NULL, -- JSON: the latest changes, ms
  told     TEXT NOT NULL, -- JSON: entries that were told that it changes too often
  PRIMARY KEY (task_uid, slot)
) STRICT, WITHOUT ROWID;

-- What is wrong now with the installation, so that the next leader does not tell it again.
CREATE TABLE notify_alarms (
  alarm TEXT    NOT NULL PRIMARY KEY,
  since INTEGER NOT NULL, -- ms
  facts TEXT    NOT NULL  -- JSON
) STRICT, WITHOUT ROWID;
`,
};
