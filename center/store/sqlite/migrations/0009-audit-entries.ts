import type { Migration } from './migration.js';

export const auditEntries: Migration = {
  version: 9,
  name: 'audit of writes',
  sql: `
-- Who had a task deleted that is going in the foreground.
ALTER TABLE objects ADD COLUMN deletion_author TEXT;

-- One row per write: decision 0015. Each hash covers the row and the hash before it, so that a changed row shows.
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

-- The latest entry that was pruned: the chain begins behind it.
CREATE TABLE audit_anchor (
  id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  seq  INTEGER NOT NULL,
  hash TEXT    NOT NULL
) STRICT;
INSERT INTO audit_anchor VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

-- Append-only: rows go from the beginning, after the anchor has taken the hash of the last of them. Nothing looks at inserts: a
-- trigger there makes SQLite open a statement journal for each row, whose price grows with the database. INSERT OR REPLACE
-- of a row is seen by the chain.
CREATE TRIGGER audit_entries_unchanged BEFORE UPDATE ON audit_entries BEGIN
  SELECT RAISE(ABORT, 'audit entries are never changed');
END;
CREATE TRIGGER audit_entries_kept BEFORE DELETE ON audit_entries
WHEN OLD.seq > (SELECT seq FROM audit_anchor) BEGIN
  SELECT RAISE(ABORT, 'audit entries are pruned from the beginning only, behind the anchor');
END;
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
`,
};
