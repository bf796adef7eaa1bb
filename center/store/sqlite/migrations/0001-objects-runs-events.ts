import type { Migration } from './migration.js';

// Never edited after a release: a later change is a later migration.
export const objectsRunsEvents: Migration = {
  version: 1,
  name: 'objects, runs, events',
  sql: `
-- resource_version: assigned in commit order across all kinds. epoch: greatest center epoch seen (fence of the leader).
CREATE TABLE counters (
  name  TEXT    NOT NULL PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counters (name, value) VALUES ('resource_version', 0), ('epoch', 0);

-- Every kind but Run and Event. namespace is '' for cluster-wide kinds. Times are ms since the epoch.
CREATE TABLE objects (
  id               INTEGER NOT NULL PRIMARY KEY,
  uid              TEXT    NOT NULL UNIQUE,
  kind             TEXT    NOT NULL,
  namespace        TEXT    NOT NULL,
  name             TEXT    NOT NULL,
  resource_version INTEGER NOT NULL,
  created_version  INTEGER NOT NULL,
  generation       INTEGER NOT NULL,
  created_time     INTEGER NOT NULL,
  labels           TEXT    NOT NULL,
  metadata         TEXT    NOT NULL, -- JSON: annotations, ownerReferences
  spec             TEXT    NOT NULL,
  status           TEXT,
  reported_labels  TEXT,             -- of an Agent: the labels it reported itself, to tell them from those of users
  UNIQUE (kind, namespace, name)
) STRICT;

-- id grows with insertion: lists are newest first, and pages are keyed by it.
CREATE TABLE runs (
  id               INTEGER NOT NULL PRIMARY KEY,
  uid              TEXT    NOT NULL UNIQUE,
  namespace        TEXT    NOT NULL,
  name             TEXT    NOT NULL,
  task_uid         TEXT    NOT NULL,
  slot             TEXT    NOT NULL,
  scheduled_time   INTEGER,
  state            TEXT    NOT NULL,
  rank             INTEGER NOT NULL, -- runRank of the latest report
  final            INTEGER NOT NULL,
  agent            TEXT,
  finish_time      INTEGER,          -- end, or time point of a run that never started; null while not final
  resource_version INTEGER NOT NULL,
  created_time     INTEGER NOT NULL,
  labels           TEXT,             -- JSON, besides those derived from spec; null for none
  spec             TEXT    NOT NULL,
  status           TEXT    NOT NULL,
  UNIQUE (namespace, name)
) STRICT;
CREATE INDEX runs_by_task ON runs (task_uid, id);
CREATE INDEX runs_open ON runs (task_uid) WHERE final = 0;

-- aggregate: same key within an hour is counted up, not added.
CREATE TABLE events (
  id               INTEGER NOT NULL PRIMARY KEY,
  uid              TEXT    NOT NULL UNIQUE,
  namespace        TEXT    NOT NULL,
  name             TEXT    NOT NULL,
  aggregate        TEXT    NOT NULL,
  first_time       INTEGER NOT NULL,
  last_time        INTEGER NOT NULL,
  resource_version INTEGER NOT NULL,
  regarding_uid    TEXT,
  spec             TEXT    NOT NULL,
  UNIQUE (namespace, name)
) STRICT;
CREATE INDEX events_by_aggregate ON events (aggregate, first_time);
CREATE INDEX events_by_last_time ON events (last_time);

-- Only the SHA-256 of a token is here: the store is not worth stealing for its tokens.
CREATE TABLE tokens (
  sha256  TEXT NOT NULL PRIMARY KEY,
  subject TEXT NOT NULL,
  role    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Rule R12: up to here every time point of the slot is known to have a run.
CREATE TABLE audit_marks (
  task_uid TEXT    NOT NULL,
  slot     TEXT    NOT NULL,
  up_to    INTEGER NOT NULL,
  PRIMARY KEY (task_uid, slot)
) STRICT, WITHOUT ROWID;
`,
};
