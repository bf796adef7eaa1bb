import type { Migration } from './migration.js';

export const notifications: Migration = {
  version: 17,
  name: 'notifications',
  sql: `
-- spec.notify of tasks, namespaces and clusters that have one, written with them.
CREATE TABLE notify_rules (
  owner_uid TEXT NOT NULL PRIMARY KEY,
  kind      TEXT NOT NULL,
  namespace TEXT NOT NULL, -- '' for what lives in none
  name      TEXT NOT NULL,
  rules     TEXT NOT NULL  -- JSON
) STRICT, WITHOUT ROWID;
CREATE INDEX notify_rules_by_name ON notify_rules (kind, name);

-- Tasks, by slot, whose last run has not succeeded, as far as somebody wants to know.
CREATE TABLE notify_failing (
  task_uid TEXT    NOT NULL,
  slot     TEXT    NOT NULL,
  since    INTEGER NOT NULL, -- end of the first of these runs, ms
  runs     INTEGER NOT NULL, -- how many there were
  PRIMARY KEY (task_uid, slot)
) STRICT, WITHOUT ROWID;

-- What is to be told, written with what has happened; the leader sends it. A row stays for a week, so that nothing is told twice.
CREATE TABLE notifications (
  id           INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  event_key    TEXT    NOT NULL, -- names the event for all time
  namespace    TEXT    NOT NULL,
  notifier     TEXT    NOT NULL,
  event        TEXT    NOT NULL,
  recipients   TEXT    NOT NULL, -- JSON: addresses; '' among them stands for those of the notifier
  facts        TEXT    NOT NULL, -- JSON
  created_time INTEGER NOT NULL, -- ms
  due_time     INTEGER NOT NULL, -- ms; no try before
  attempts     INTEGER NOT NULL,
  state        TEXT    NOT NULL, -- Pending, Sent, Failed
  batch        TEXT,             -- message it is sent with; it stays when nobody knows whether that one arrived
  leased_until INTEGER NOT NULL, -- ms; until then somebody is sending it
  error        TEXT,
  finish_time  INTEGER,          -- ms
  UNIQUE (event_key, namespace, notifier)
) STRICT;
CREATE INDEX notifications_pending ON notifications (namespace, notifier, id) WHERE state = 'Pending';
CREATE INDEX notifications_by_finish ON notifications (finish_time) WHERE finish_time IS NOT NULL;
CREATE INDEX notifications_by_notifier ON notifications (namespace, notifier, state);
`,
};
