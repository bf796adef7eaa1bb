import type { Migration } from './migration.js';

export const issuerIdentities: Migration = {
  version: 16,
  name: 'issuer-identities',
  sql: `
-- Users who log in at an issuer (OIDC). Who they are is said by its name for them, which it never gives to another one.
CREATE TABLE issuer_identities (
  issuer     TEXT    NOT NULL,
  subject    TEXT    NOT NULL,
  user_uid   TEXT    NOT NULL,
  -- The groups it named at the last log-in, as JSON, and when that was.
  groups     TEXT    NOT NULL,
  login_time INTEGER NOT NULL,
  PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX issuer_identities_by_user ON issuer_identities (user_uid);
`,
};
