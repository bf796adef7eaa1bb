import type { Migration } from '../sqlite/migrations/migration.js';

export const issuerIdentities: Migration = {
  version: 16,
  name: 'issuer-identities',
  sql: `
CREATE TABLE issuer_identities (
  issuer     text   NOT NULL,
  subject    text   NOT NULL,
  user_uid   text   NOT NULL,
  groups     text   NOT NULL,
  login_time bigint NOT NULL,
  PRIMARY KEY (issuer, subject)
);
CREATE INDEX issuer_identities_by_user ON issuer_identities (user_uid);
`,
};

export const loginFailures: Migration = {
  version: 18,
  name: 'login-failures',
  sql: `
CREATE TABLE login_failures (
  what      text    NOT NULL PRIMARY KEY,
  failures  integer NOT NULL,
  last_time bigint  NOT NULL
);
CREATE INDEX login_failures_by_time ON login_failures (last_time);
`,
};
