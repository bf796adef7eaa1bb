-- store.db: schema 19

CREATE TABLE agent_identities (
  agent        TEXT NOT NULL PRIMARY KEY,
  identity     TEXT NOT NULL,
  cluster      TEXT NOT NULL,
  -- Of the key that it joined with, so that it can ask again when the answer was lost.
  key_sha256   TEXT NOT NULL,
  token_uid    TEXT NOT NULL,
  joined_time  INTEGER NOT NULL,
  -- When the last certificate it was given ends.
  expires_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE agent_tasks (
  agent    TEXT NOT NULL,
  task_uid TEXT NOT NULL,
  PRIMARY KEY (agent, task_uid)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_anchor (
  id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  seq  INTEGER NOT NULL,
  hash TEXT    NOT NULL
) STRICT;

CREATE TRIGGER audit_anchor_forward BEFORE UPDATE ON audit_anchor
WHEN NEW.seq <= OLD.seq OR NOT EXISTS (SELECT 1 FROM audit_entries WHERE seq = NEW.seq AND hash = NEW.hash) BEGIN
  SELECT RAISE(ABORT, 'the anchor of the audit moves forward only, to an entry');
END;

CREATE TRIGGER audit_anchor_kept BEFORE DELETE ON audit_anchor BEGIN
  SELECT RAISE(ABORT, 'the anchor of the audit is never removed');
END;

CREATE TRIGGER audit_anchor_single BEFORE INSERT ON audit_anchor BEGIN
  SELECT RAISE(ABORT, 'the audit has one anchor');
END;

CREATE TABLE audit_entries (
  seq           INTEGER NOT NULL PRIMARY KEY,
  time          INTEGER NOT NULL, -- ms
  request_id    TEXT    NOT NULL,
  username      TEXT    NOT NULL,
  token         TEXT,
  as_user       TEXT,
  as_groups     TEXT,             -- JSON
  source_ip     TEXT    NOT NULL,
  verb          TEXT    NOT NULL,
  kind          TEXT    NOT NULL,
  namespace     TEXT    NOT NULL,
  name          TEXT    NOT NULL,
  status        INTEGER NOT NULL,
  version       INTEGER,          -- resourceVersion after the write
  change        TEXT,
  omitted       INTEGER,
  previous_hash TEXT    NOT NULL,
  hash          TEXT    NOT NULL
) STRICT;

CREATE TRIGGER audit_entries_kept BEFORE DELETE ON audit_entries
WHEN OLD.seq > (SELECT seq FROM audit_anchor) BEGIN
  SELECT RAISE(ABORT, 'audit entries are pruned from the beginning only, behind the anchor');
END;

CREATE TRIGGER audit_entries_unchanged BEFORE UPDATE ON audit_entries BEGIN
  SELECT RAISE(ABORT, 'audit entries are never changed');
END;

CREATE TABLE audit_marks (
  task_uid TEXT    NOT NULL,
  slot     TEXT    NOT NULL,
  up_to    INTEGER NOT NULL,
  PRIMARY KEY (task_uid, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE authorities (
  id  INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  pin TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
  id        INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  number    INTEGER NOT NULL,
  mark      TEXT    NOT NULL,
  next_mark TEXT    NOT NULL,
  time      INTEGER NOT NULL
) STRICT;

CREATE TABLE counters (
  name  TEXT    NOT NULL PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE deleted_tasks (
  uid       TEXT    NOT NULL PRIMARY KEY,
  namespace TEXT    NOT NULL,
  name      TEXT    NOT NULL,
  time      INTEGER NOT NULL, -- of the deletion, ms
  author    TEXT    NOT NULL, -- of the deletion
  metadata  TEXT    NOT NULL, -- labels and annotations, JSON
  spec      TEXT    NOT NULL
) STRICT;

CREATE TABLE dependency_results (
  id       INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  task_uid TEXT    NOT NULL,
  group_id TEXT    NOT NULL, -- of the runs of all slots of one time point, or of one request
  result   TEXT    NOT NULL  -- JSON
) STRICT;

CREATE TABLE dependency_uses (
  task_uid  TEXT    NOT NULL,
  cause_uid TEXT    NOT NULL,
  time      INTEGER NOT NULL, -- ms
  PRIMARY KEY (task_uid, cause_uid)
) STRICT, WITHOUT ROWID;

CREATE TABLE dropped_secret_keys (
  key_id TEXT    NOT NULL PRIMARY KEY,
  time   INTEGER NOT NULL
) STRICT;

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

CREATE TABLE issuer_identities (
  issuer     TEXT    NOT NULL,
  subject    TEXT    NOT NULL,
  user_uid   TEXT    NOT NULL,
  -- The groups it named at the last log-in, as JSON, and when that was.
  groups     TEXT    NOT NULL,
  login_time INTEGER NOT NULL,
  PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE join_tokens (
  sha256       TEXT NOT NULL PRIMARY KEY,
  token_uid    TEXT NOT NULL,
  token        TEXT NOT NULL,
  cluster      TEXT NOT NULL,
  uses_left    INTEGER NOT NULL,
  expires_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE login_failures (
  what      TEXT    NOT NULL PRIMARY KEY,
  failures  INTEGER NOT NULL,
  last_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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

CREATE TABLE notify_alarms (
  alarm TEXT    NOT NULL PRIMARY KEY,
  since INTEGER NOT NULL, -- ms
  facts TEXT    NOT NULL  -- JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE notify_changes (
  task_uid TEXT NOT NULL,
  slot     TEXT NOT NULL,
  times    TEXT NOT NULL, -- JSON: the latest changes, ms
  told     TEXT NOT NULL, -- JSON: entries that were told that it changes too often
  PRIMARY KEY (task_uid, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE notify_failing (
  task_uid TEXT    NOT NULL,
  slot     TEXT    NOT NULL,
  since    INTEGER NOT NULL, -- end of the first of these runs, ms
  runs     INTEGER NOT NULL, told TEXT, -- how many there were
  PRIMARY KEY (task_uid, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE notify_rules (
  owner_uid TEXT NOT NULL PRIMARY KEY,
  kind      TEXT NOT NULL,
  namespace TEXT NOT NULL, -- '' for what lives in none
  name      TEXT NOT NULL,
  rules     TEXT NOT NULL  -- JSON
, shortest INTEGER NOT NULL DEFAULT 0, late_after INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;

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
  reported_labels  TEXT, managed TEXT, deletion_time INTEGER, deletion_author TEXT, state     TEXT AS (status ->> '$.state') VIRTUAL, cluster   TEXT AS (spec ->> '$.cluster') VIRTUAL, last_time TEXT AS (status ->> '$.lastRun.time') VIRTUAL, next_time TEXT AS (status ->> '$.nextTime') VIRTUAL,             -- of an Agent: the labels it reported itself, to tell them from those of users
  UNIQUE (kind, namespace, name)
) STRICT;

CREATE TABLE owed_points (
  task_uid TEXT    NOT NULL,
  slot     TEXT    NOT NULL,
  point    INTEGER NOT NULL,
  schedule TEXT    NOT NULL,
  PRIMARY KEY (task_uid, slot, point)
) STRICT, WITHOUT ROWID;

CREATE TABLE passwords (
  user_uid     TEXT    NOT NULL PRIMARY KEY,
  hash         TEXT    NOT NULL,
  changed_time INTEGER NOT NULL,
  must_change  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE restores (
  id      INTEGER NOT NULL PRIMARY KEY,
  what    TEXT    NOT NULL, -- coordination or store
  back_to INTEGER NOT NULL,
  until   INTEGER NOT NULL
) STRICT;

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
  status           TEXT    NOT NULL, orphaned INTEGER NOT NULL DEFAULT 0,
  UNIQUE (namespace, name)
) STRICT;

CREATE TABLE secret_key_holders (
  center  TEXT    NOT NULL PRIMARY KEY,
  key_ids TEXT    NOT NULL,
  time    INTEGER NOT NULL
) STRICT;

CREATE TABLE "secret_keys" (
  id      INTEGER NOT NULL PRIMARY KEY,
  key_id  TEXT    NOT NULL,
  wrapped TEXT    NOT NULL,
  -- The key of the marks, sealed as well; without it, it follows from the key of the values.
  marks   TEXT
) STRICT;

CREATE TABLE secret_values (
  secret_uid TEXT NOT NULL,
  key        TEXT NOT NULL,
  mark       TEXT NOT NULL,
  sealed     TEXT NOT NULL, key_number INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (secret_uid, key)
) STRICT;

CREATE TABLE sessions (
  sha256       TEXT    NOT NULL PRIMARY KEY,
  user_uid     TEXT,
  token_sha256 TEXT,
  created_time INTEGER NOT NULL,
  seen_time    INTEGER NOT NULL,
  expires_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sqlite_sequence(name,seq);

CREATE TABLE task_dependencies (
  task_uid  TEXT NOT NULL,
  namespace TEXT NOT NULL,
  task      TEXT NOT NULL, -- its name
  upstream  TEXT NOT NULL, -- name of the task that it waits for
  arrived   TEXT,          -- JSON: the latest result that has not caused a run yet
  PRIMARY KEY (task_uid, upstream)
) STRICT, WITHOUT ROWID;

CREATE TABLE task_edits (
  task_uid   TEXT    NOT NULL,
  generation INTEGER NOT NULL, -- before the edit
  schedules  TEXT    NOT NULL, -- JSON
  PRIMARY KEY (task_uid, generation)
) STRICT, WITHOUT ROWID;

CREATE TABLE task_revisions (
  task_uid TEXT    NOT NULL,
  revision INTEGER NOT NULL, -- generation of the task
  time     INTEGER,          -- ms; null when it is not known
  author   TEXT    NOT NULL,
  cause    TEXT    NOT NULL,
  spec     TEXT,             -- JSON; null for the current one, which is in objects
  PRIMARY KEY (task_uid, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE token_hashes (
  sha256    TEXT NOT NULL PRIMARY KEY,
  token_uid TEXT NOT NULL,
  owner_uid TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
  sha256  TEXT NOT NULL PRIMARY KEY,
  subject TEXT NOT NULL,
  role    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tombstones (
  task_uid TEXT    NOT NULL PRIMARY KEY,
  time     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX agent_tasks_by_task ON agent_tasks (task_uid);

CREATE INDEX deleted_tasks_by_name ON deleted_tasks (namespace, name, time);

CREATE INDEX deleted_tasks_by_time ON deleted_tasks (time);

CREATE INDEX dependency_results_by_group ON dependency_results (group_id);

CREATE INDEX dependency_uses_by_time ON dependency_uses (time);

CREATE INDEX events_by_aggregate ON events (aggregate, first_time);

CREATE INDEX events_by_last_time ON events (last_time);

CREATE INDEX issuer_identities_by_user ON issuer_identities (user_uid);

CREATE INDEX login_failures_by_time ON login_failures (last_time);

CREATE INDEX notifications_by_finish ON notifications (finish_time) WHERE finish_time IS NOT NULL;

CREATE INDEX notifications_by_notifier ON notifications (namespace, notifier, state);

CREATE INDEX notifications_pending ON notifications (namespace, notifier, id) WHERE state = 'Pending';

CREATE INDEX notify_rules_by_name ON notify_rules (kind, name);

CREATE INDEX notify_rules_timed ON notify_rules (shortest) WHERE shortest > 0;

CREATE INDEX objects_for_lists ON objects (kind, name, namespace, state, cluster, last_time, next_time);

CREATE INDEX runs_by_task ON runs (task_uid, id);

CREATE INDEX runs_open ON runs (task_uid) WHERE final = 0;

CREATE INDEX secret_values_by_key_number ON secret_values (key_number);

CREATE INDEX sessions_by_user ON sessions (user_uid);

CREATE INDEX task_dependencies_by_task ON task_dependencies (namespace, task);

CREATE INDEX task_dependencies_by_upstream ON task_dependencies (namespace, upstream);

CREATE INDEX token_hashes_by_owner ON token_hashes (owner_uid);

CREATE INDEX tombstones_by_time ON tombstones (time);

-- store-logs.db: schema 2

CREATE TABLE log_chunks (
  log_id     INTEGER NOT NULL REFERENCES logs (id) ON DELETE CASCADE,
  log_offset INTEGER NOT NULL,
  stream     INTEGER NOT NULL, -- 1 stdout, 2 stderr
  time       INTEGER NOT NULL,
  bytes      BLOB    NOT NULL
) STRICT;

CREATE TABLE logs (
  id      INTEGER NOT NULL PRIMARY KEY,
  run_uid TEXT    NOT NULL,
  attempt INTEGER NOT NULL,
  stdout  INTEGER NOT NULL,
  stderr  INTEGER NOT NULL,
  bytes   INTEGER NOT NULL,
  ended   INTEGER NOT NULL, task_uid TEXT,
  UNIQUE (run_uid, attempt)
) STRICT;

CREATE TABLE task_logs (
  task_uid TEXT    NOT NULL PRIMARY KEY,
  bytes    INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX log_chunks_by_offset ON log_chunks (log_id, log_offset);

CREATE INDEX logs_by_task ON logs (task_uid, id) WHERE task_uid IS NOT NULL;

-- store-packages.db: schema 1

CREATE TABLE package_blobs (
  id       INTEGER NOT NULL PRIMARY KEY,
  digest   TEXT    NOT NULL UNIQUE,
  format   TEXT    NOT NULL,
  bytes    INTEGER NOT NULL,
  complete INTEGER NOT NULL,
  touched  INTEGER NOT NULL
) STRICT;

CREATE TABLE package_chunks (
  blob_id     INTEGER NOT NULL REFERENCES package_blobs (id) ON DELETE CASCADE,
  blob_offset INTEGER NOT NULL,
  bytes       BLOB    NOT NULL
) STRICT;

CREATE INDEX package_blobs_by_touched ON package_blobs (touched);

CREATE UNIQUE INDEX package_chunks_by_offset ON package_chunks (blob_id, blob_offset);
