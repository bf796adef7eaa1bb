import type { Migration } from '../sqlite/migrations/migration.js';
import { agentCertificates } from './agent-certificates-migration.js';
import { dependencies } from './dependencies-migration.js';
import { fieldsOfLists } from './fields-of-lists-migration.js';
import { issuerIdentities, loginFailures } from './identities-migration.js';
import { notifications, notifyRules } from './notifications-migration.js';

// The tables of SQLite in PostgreSQL's words, and change_log, which tells other centers what one has committed. Names are
// compared byte by byte (COLLATE "C"), as SQLite and JavaScript do. Never edited after a release.
export const objectsRunsEvents: Migration = {
  version: 1,
  name: 'objects, runs, events',
  sql: `
-- resource_version: assigned in commit order across all kinds and centers: its row is locked until the commit.
-- epoch: greatest center epoch seen (fence of the leader).
CREATE TABLE counters (
  name  text   NOT NULL PRIMARY KEY,
  value bigint NOT NULL
);
INSERT INTO counters (name, value) VALUES ('resource_version', 0), ('epoch', 0);

CREATE TABLE objects (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  uid              text   NOT NULL UNIQUE,
  kind             text   COLLATE "C" NOT NULL,
  namespace        text   COLLATE "C" NOT NULL,
  name             text   COLLATE "C" NOT NULL,
  resource_version bigint NOT NULL,
  created_version  bigint NOT NULL,
  generation       bigint NOT NULL,
  created_time     bigint NOT NULL,
  labels           text   NOT NULL,
  metadata         text   NOT NULL,
  spec             text   NOT NULL,
  status           text,
  reported_labels  text,
  UNIQUE (kind, namespace, name)
);

CREATE TABLE runs (
  id               bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  uid              text    NOT NULL UNIQUE,
  namespace        text    COLLATE "C" NOT NULL,
  name             text    COLLATE "C" NOT NULL,
  task_uid         text    NOT NULL,
  slot             text    NOT NULL,
  scheduled_time   bigint,
  state            text    NOT NULL,
  rank             bigint  NOT NULL,
  final            integer NOT NULL,
  agent            text,
  finish_time      bigint,
  resource_version bigint  NOT NULL,
  created_time     bigint  NOT NULL,
  labels           text,
  spec             text    NOT NULL,
  status           text    NOT NULL,
  UNIQUE (namespace, name)
);
CREATE INDEX runs_by_task ON runs (task_uid, id);
CREATE INDEX runs_open ON runs (task_uid) WHERE final = 0;

CREATE TABLE events (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  uid              text   NOT NULL UNIQUE,
  namespace        text   COLLATE "C" NOT NULL,
  name             text   COLLATE "C" NOT NULL,
  aggregate        text   NOT NULL,
  first_time       bigint NOT NULL,
  last_time        bigint NOT NULL,
  resource_version bigint NOT NULL,
  regarding_uid    text,
  spec             text   NOT NULL,
  UNIQUE (namespace, name)
);
CREATE INDEX events_by_aggregate ON events USING hash (aggregate);
CREATE INDEX events_by_last_time ON events (last_time);

CREATE TABLE tokens (
  sha256  text NOT NULL PRIMARY KEY,
  subject text NOT NULL,
  role    text NOT NULL
);

CREATE TABLE audit_marks (
  task_uid text   NOT NULL,
  slot     text   NOT NULL,
  up_to    bigint NOT NULL,
  PRIMARY KEY (task_uid, slot)
);

-- One row per version, written with the change. Objects are JSON text, as they are told to watchers.
CREATE TABLE change_log (
  version  bigint NOT NULL PRIMARY KEY,
  time     bigint NOT NULL,
  type     text   NOT NULL,
  kind     text   NOT NULL,
  object   text   NOT NULL,
  previous text
);
`,
};

export const restores: Migration = {
  version: 2,
  name: 'checkpoint, tombstones, restores',
  sql: `
CREATE TABLE checkpoints (
  id        integer NOT NULL PRIMARY KEY CHECK (id = 1),
  number    bigint  NOT NULL,
  mark      text    NOT NULL,
  next_mark text    NOT NULL,
  time      bigint  NOT NULL
);

CREATE TABLE tombstones (
  task_uid text   NOT NULL PRIMARY KEY,
  time     bigint NOT NULL
);
CREATE INDEX tombstones_by_time ON tombstones (time);

CREATE TABLE restores (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  what    text   NOT NULL,
  back_to bigint NOT NULL,
  until   bigint NOT NULL
);
`,
};

export const owedPoints: Migration = {
  version: 3,
  name: 'owed time points',
  sql: `
CREATE TABLE owed_points (
  task_uid text   NOT NULL,
  slot     text   NOT NULL,
  point    bigint NOT NULL,
  schedule text   NOT NULL,
  PRIMARY KEY (task_uid, slot, point)
);
`,
};

export const taskEdits: Migration = {
  version: 4,
  name: 'schedules before edits',
  sql: `
CREATE TABLE task_edits (
  task_uid   text   NOT NULL,
  generation bigint NOT NULL,
  schedules  text   NOT NULL,
  PRIMARY KEY (task_uid, generation)
);
`,
};

export const fieldManagers: Migration = {
  version: 5,
  name: 'field managers',
  sql: `
ALTER TABLE objects ADD COLUMN managed text;
`,
};

export const taskRevisions: Migration = {
  version: 6,
  name: 'revisions of tasks',
  sql: `
CREATE TABLE task_revisions (
  task_uid text   NOT NULL,
  revision bigint NOT NULL,
  time     bigint,
  author   text   NOT NULL,
  cause    text   NOT NULL,
  spec     text,
  PRIMARY KEY (task_uid, revision)
);
INSERT INTO task_revisions (task_uid, revision, time, author, cause, spec)
SELECT uid, generation, CASE WHEN generation = 1 THEN created_time END, '', '', NULL FROM objects WHERE kind = 'Task';
`,
};

export const deletions: Migration = {
  version: 7,
  name: 'deletions in the foreground, orphaned runs',
  sql: `
ALTER TABLE objects ADD COLUMN deletion_time bigint;
ALTER TABLE runs ADD COLUMN orphaned integer NOT NULL DEFAULT 0;
`,
};

export const deletedTasks: Migration = {
  version: 8,
  name: 'deleted tasks',
  sql: `
CREATE TABLE deleted_tasks (
  uid       text   NOT NULL PRIMARY KEY,
  namespace text   COLLATE "C" NOT NULL,
  name      text   COLLATE "C" NOT NULL,
  time      bigint NOT NULL,
  author    text   NOT NULL,
  metadata  text   NOT NULL,
  spec      text   NOT NULL
);
CREATE INDEX deleted_tasks_by_name ON deleted_tasks (namespace, name, time);
CREATE INDEX deleted_tasks_by_time ON deleted_tasks (time);
`,
};

export const auditEntries: Migration = {
  version: 9,
  name: 'audit of writes',
  sql: `
ALTER TABLE objects ADD COLUMN deletion_author text;

CREATE TABLE audit_entries (
  seq           bigint  NOT NULL PRIMARY KEY,
  time          bigint  NOT NULL,
  request_id    text    NOT NULL,
  username      text    NOT NULL,
  token         text,
  as_user       text,
  as_groups     text,
  source_ip     text    NOT NULL,
  verb          text    NOT NULL,
  kind          text    NOT NULL,
  namespace     text    NOT NULL,
  name          text    NOT NULL,
  status        integer NOT NULL,
  version       bigint,
  change        text,
  omitted       bigint,
  previous_hash text    NOT NULL,
  hash          text    NOT NULL
);

CREATE TABLE audit_anchor (
  id   integer NOT NULL PRIMARY KEY CHECK (id = 1),
  seq  bigint  NOT NULL,
  hash text    NOT NULL
);
INSERT INTO audit_anchor VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit is append-only';
END $$;
CREATE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.seq > (SELECT seq FROM audit_anchor) THEN
    RAISE EXCEPTION 'audit entries are pruned from the beginning only, behind the anchor';
  END IF;
  RETURN OLD;
END $$;
CREATE FUNCTION audit_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.seq <= OLD.seq OR NOT EXISTS (SELECT 1 FROM audit_entries WHERE seq = NEW.seq AND hash = NEW.hash) THEN
    RAISE EXCEPTION 'the anchor of the audit moves forward only, to an entry';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER audit_entries_unchanged BEFORE UPDATE ON audit_entries FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_entries_kept BEFORE DELETE ON audit_entries FOR EACH ROW EXECUTE FUNCTION audit_keep();
CREATE TRIGGER audit_entries_whole BEFORE TRUNCATE ON audit_entries EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_anchor_forward BEFORE UPDATE ON audit_anchor FOR EACH ROW EXECUTE FUNCTION audit_forward();
CREATE TRIGGER audit_anchor_kept BEFORE DELETE OR TRUNCATE ON audit_anchor EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_anchor_single BEFORE INSERT ON audit_anchor EXECUTE FUNCTION audit_refuse();
`,
};

export const secrets: Migration = {
  version: 10,
  name: 'secrets',
  sql: `
CREATE TABLE secret_values (
  secret_uid text NOT NULL,
  key        text NOT NULL,
  mark       text NOT NULL,
  sealed     text NOT NULL,
  PRIMARY KEY (secret_uid, key)
);
CREATE TABLE secret_keys (
  id      integer NOT NULL PRIMARY KEY CHECK (id = 1),
  key_id  text    NOT NULL,
  wrapped text    NOT NULL
);
`,
};

export const access: Migration = {
  version: 11,
  name: 'access',
  sql: `
CREATE TABLE passwords (
  user_uid     text    NOT NULL PRIMARY KEY,
  hash         text    NOT NULL,
  changed_time bigint  NOT NULL,
  must_change  integer NOT NULL
);
CREATE TABLE token_hashes (
  sha256    text NOT NULL PRIMARY KEY,
  token_uid text NOT NULL,
  owner_uid text NOT NULL
);
CREATE INDEX token_hashes_by_owner ON token_hashes (owner_uid);
CREATE TABLE sessions (
  sha256       text   NOT NULL PRIMARY KEY,
  user_uid     text,
  token_sha256 text,
  created_time bigint NOT NULL,
  seen_time    bigint NOT NULL,
  expires_time bigint NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_uid);
`,
};

export const secretKeyRotation: Migration = {
  version: 13,
  name: 'secret-key-rotation',
  sql: `
ALTER TABLE secret_keys DROP CONSTRAINT secret_keys_id_check;
ALTER TABLE secret_keys ADD COLUMN marks text;
ALTER TABLE secret_values ADD COLUMN key_number integer NOT NULL DEFAULT 1;
CREATE INDEX secret_values_by_key_number ON secret_values (key_number);
CREATE TABLE secret_key_holders (
  center  text   NOT NULL PRIMARY KEY,
  key_ids text   NOT NULL,
  time    bigint NOT NULL
);
CREATE TABLE dropped_secret_keys (
  key_id text   NOT NULL PRIMARY KEY,
  time   bigint NOT NULL
);
`,
};

/** Of definitions and runs, oldest first. */
export const stateMigrations = [
  objectsRunsEvents,
  restores,
  owedPoints,
  taskEdits,
  fieldManagers,
  taskRevisions,
  deletions,
  deletedTasks,
  auditEntries,
  secrets,
  access,
  dependencies,
  secretKeyRotation,
  agentCertificates,
  fieldsOfLists,
  issuerIdentities,
  notifications,
  loginFailures,
  notifyRules,
] as const;

export const logChunks: Migration = {
  version: 1,
  name: 'logs',
  sql: `
CREATE TABLE logs (
  id      bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_uid text    NOT NULL,
  attempt integer NOT NULL,
  stdout  bigint  NOT NULL,
  stderr  bigint  NOT NULL,
  bytes   bigint  NOT NULL,
  ended   integer NOT NULL,
  UNIQUE (run_uid, attempt)
);

CREATE TABLE log_chunks (
  log_id     bigint  NOT NULL REFERENCES logs (id) ON DELETE CASCADE,
  log_offset bigint  NOT NULL,
  stream     integer NOT NULL,
  time       bigint  NOT NULL,
  bytes      bytea   NOT NULL,
  PRIMARY KEY (log_id, log_offset)
);
-- Written once and read seldom: no time is spent on compressing it.
ALTER TABLE log_chunks ALTER COLUMN bytes SET STORAGE EXTERNAL;
`,
};

export const bytesOfTasks: Migration = {
  version: 2,
  name: 'bytes-of-tasks',
  sql: `
ALTER TABLE logs ADD COLUMN task_uid text;
CREATE INDEX logs_by_task ON logs (task_uid, id) WHERE task_uid IS NOT NULL;
CREATE TABLE task_logs (
  task_uid text   NOT NULL PRIMARY KEY,
  bytes    bigint NOT NULL
);
`,
};

export const packageBlobs: Migration = {
  version: 1,
  name: 'packages',
  sql: `
CREATE TABLE package_blobs (
  id       bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  digest   text    NOT NULL UNIQUE,
  format   text    NOT NULL,
  bytes    bigint  NOT NULL,
  complete integer NOT NULL,
  touched  bigint  NOT NULL
);
CREATE INDEX package_blobs_by_touched ON package_blobs (touched);

CREATE TABLE package_chunks (
  blob_id     bigint NOT NULL REFERENCES package_blobs (id) ON DELETE CASCADE,
  blob_offset bigint NOT NULL,
  bytes       bytea  NOT NULL,
  PRIMARY KEY (blob_id, blob_offset)
);
-- Archives are compressed already.
ALTER TABLE package_chunks ALTER COLUMN bytes SET STORAGE EXTERNAL;
`,
};
