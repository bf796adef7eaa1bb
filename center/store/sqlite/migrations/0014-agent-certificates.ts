import type { Migration } from './migration.js';

export const agentCertificates: Migration = {
  version: 14,
  name: 'agent-certificates',
  sql: `
-- The one authority whose certificates the centers and agents of this store know each other by: SHA-256 of its certificate.
CREATE TABLE authorities (
  id  INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  pin TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What agents may join by: the SHA-256 of the secret of a Token, and how often it can be used yet.
CREATE TABLE join_tokens (
  sha256       TEXT NOT NULL PRIMARY KEY,
  token_uid    TEXT NOT NULL,
  token        TEXT NOT NULL,
  cluster      TEXT NOT NULL,
  uses_left    INTEGER NOT NULL,
  expires_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Which joining of an agent counts: certificates name it, and those of another one are refused.
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

-- Tasks that an agent has been given at any time: of these it may report runs, however late.
CREATE TABLE agent_tasks (
  agent    TEXT NOT NULL,
  task_uid TEXT NOT NULL,
  PRIMARY KEY (agent, task_uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX agent_tasks_by_task ON agent_tasks (task_uid);
`,
};
