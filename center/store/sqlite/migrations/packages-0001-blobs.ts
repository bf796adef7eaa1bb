import type { Migration } from './migration.js';

export const packageBlobs: Migration = {
  version: 1,
  name: 'packages',
  sql: `
-- One row per uploaded file. digest is 'sha256:…', or 'dropped:<id>' while its chunks are being deleted; bytes is what is
-- stored; complete is 1 when all is there and has the digest; touched (ms) is when somebody last added to it or held it.
CREATE TABLE package_blobs (
  id       INTEGER NOT NULL PRIMARY KEY,
  digest   TEXT    NOT NULL UNIQUE,
  format   TEXT    NOT NULL,
  bytes    INTEGER NOT NULL,
  complete INTEGER NOT NULL,
  touched  INTEGER NOT NULL
) STRICT;
CREATE INDEX package_blobs_by_touched ON package_blobs (touched);

CREATE TABLE package_chunks (
  blob_id     INTEGER NOT NULL REFERENCES package_blobs (id) ON DELETE CASCADE,
  blob_offset INTEGER NOT NULL,
  bytes       BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX package_chunks_by_offset ON package_chunks (blob_id, blob_offset);
`,
};
