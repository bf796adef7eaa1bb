import type { Migration } from '../sqlite/migrations/migration.js';

export const agentCertificates: Migration = {
  version: 14,
  name: 'agent-certificates',
  sql: `
-- The one authority whose certificates the centers and agents of this store know each other by: SHA-256 of its certificate.
CREATE TABLE authorities (
  id  integer NOT NULL PRIMARY KEY CHECK (id = 1),
  pin text NOT NULL
);

-- What agents may join by: the SHA-256 of the secret of a Token, and how often it can be used yet.
CREATE TABLE join_tokens (
  sha256       text NOT NULL PRIMARY KEY,
  token_uid    text NOT NULL,
  token        text NOT NULL,
  cluster      text NOT NULL,
  uses_left    integer NOT NULL,
  expires_time bigint NOT NULL
);

-- Which joining of an agent counts: certificates name it, and those of another one are refused.
CREATE TABLE agent_identities (
  agent        text NOT NULL PRIMARY KEY,
  identity     text NOT NULL,
  cluster      text NOT NULL,
  -- Of the key that it joined with, so that it can ask again when the answer was lost.
  key_sha256   text NOT NULL,
  token_uid    text NOT NULL,
  joined_time  bigint NOT NULL,
  -- When the last certificate it was given ends.
  expires_time bigint NOT NULL
);

-- Tasks that an agent has been given at any time: of these it may report runs, however late.
CREATE TABLE agent_tasks (
  agent    text NOT NULL,
  task_uid text NOT NULL,
  PRIMARY KEY (agent, task_uid)
);
CREATE INDEX agent_tasks_by_task ON agent_tasks (task_uid);
`,
};
