// The tables as Kysely sees them; migrations/ is where they are made and explained.
import type { Generated } from 'kysely';

export interface ObjectsTable {
  id: Generated<number>;
  uid: string;
  kind: string;
  namespace: string;
  name: string;
  resource_version: number;
  created_version: number;
  generation: number;
  created_time: number;
  labels: string;
  metadata: string;
  spec: string;
  status: string | null;
  reported_labels: string | null;
  deletion_time: number | null;
  managed: string | null;
  deletion_author: string | null;
  /** What large lists are filtered and ordered by; the database works them out of `spec` and `status`. */
  state: Generated<string | null>;
  cluster: Generated<string | null>;
  last_time: Generated<string | null>;
  next_time: Generated<string | null>;
}

export interface RunsTable {
  id: Generated<number>;
  uid: string;
  namespace: string;
  name: string;
  task_uid: string;
  slot: string;
  scheduled_time: number | null;
  state: string;
  rank: number;
  final: number;
  agent: string | null;
  finish_time: number | null;
  resource_version: number;
  created_time: number;
  labels: string | null;
  spec: string;
  status: string;
  /** Written only when the task of the run is deleted. */
  orphaned?: number;
}

export interface EventsTable {
  id: Generated<number>;
  uid: string;
  namespace: string;
  name: string;
  aggregate: string;
  first_time: number;
  last_time: number;
  resource_version: number;
  regarding_uid: string | null;
  spec: string;
}

export interface AuditEntriesTable {
  seq: number;
  time: number;
  request_id: string;
  username: string;
  token: string | null;
  as_user: string | null;
  as_groups: string | null;
  source_ip: string;
  verb: string;
  kind: string;
  namespace: string;
  name: string;
  status: number;
  version: number | null;
  change: string | null;
  omitted: number | null;
  previous_hash: string;
  hash: string;
}

/** PostgreSQL only: what one center has committed, for the others. */
export interface ChangeRow {
  version: number;
  time: number;
  type: string;
  kind: string;
  object: string;
  previous: string | null;
}

export interface NotificationsTable {
  id: Generated<number>;
  event_key: string;
  namespace: string;
  notifier: string;
  event: string;
  recipients: string;
  facts: string;
  created_time: number;
  due_time: number;
  attempts: number;
  state: string;
  batch: string | null;
  leased_until: number;
  error: string | null;
  finish_time: number | null;
}

export interface StateSchema {
  change_log: ChangeRow;
  counters: { name: string; value: number };
  objects: ObjectsTable;
  runs: RunsTable;
  events: EventsTable;
  tokens: { sha256: string; subject: string; role: string };
  audit_entries: AuditEntriesTable;
  audit_anchor: { id: number; seq: number; hash: string };
  audit_marks: { task_uid: string; slot: string; up_to: number };
  owed_points: { task_uid: string; slot: string; point: number; schedule: string };
  task_edits: { task_uid: string; generation: number; schedules: string };
  task_revisions: {
    task_uid: string;
    revision: number;
    time: number | null;
    author: string;
    cause: string;
    spec: string | null;
  };
  deleted_tasks: {
    uid: string;
    namespace: string;
    name: string;
    time: number;
    author: string;
    metadata: string;
    spec: string;
  };
  task_dependencies: { task_uid: string; namespace: string; task: string; upstream: string; arrived: string | null };
  dependency_results: { id: Generated<number>; task_uid: string; group_id: string; result: string };
  dependency_uses: { task_uid: string; cause_uid: string; time: number };
  notify_rules: {
    owner_uid: string;
    kind: string;
    namespace: string;
    name: string;
    rules: string;
    shortest: number;
    late_after: number;
  };
  notify_failing: { task_uid: string; slot: string; since: number; runs: number; told: string | null };
  notify_changes: { task_uid: string; slot: string; times: string; told: string };
  notify_alarms: { alarm: string; since: number; facts: string };
  notifications: NotificationsTable;
  passwords: { user_uid: string; hash: string; changed_time: number; must_change: number };
  token_hashes: { sha256: string; token_uid: string; owner_uid: string };
  sessions: {
    sha256: string;
    user_uid: string | null;
    token_sha256: string | null;
    created_time: number;
    seen_time: number;
    expires_time: number;
  };
  authorities: { id: number; pin: string };
  join_tokens: {
    sha256: string;
    token_uid: string;
    token: string;
    cluster: string;
    uses_left: number;
    expires_time: number;
  };
  agent_identities: {
    agent: string;
    identity: string;
    cluster: string;
    key_sha256: string;
    token_uid: string;
    joined_time: number;
    expires_time: number;
  };
  agent_tasks: { agent: string; task_uid: string };
  issuer_identities: { issuer: string; subject: string; user_uid: string; groups: string; login_time: number };
  login_failures: { what: string; failures: number; last_time: number };
  secret_values: { secret_uid: string; key: string; mark: string; sealed: string; key_number: number };
  secret_keys: { id: number; key_id: string; wrapped: string; marks: string | null };
  secret_key_holders: { center: string; key_ids: string; time: number };
  dropped_secret_keys: { key_id: string; time: number };
  checkpoints: { id: number; number: number; mark: string; next_mark: string; time: number };
  tombstones: { task_uid: string; time: number };
  restores: { id: Generated<number>; what: string; back_to: number; until: number };
}

export interface LogSchema {
  logs: {
    id: Generated<number>;
    run_uid: string;
    attempt: number;
    stdout: number;
    stderr: number;
    bytes: number;
    ended: number;
    task_uid: string | null;
  };
  task_logs: { task_uid: string; bytes: number };
  log_chunks: { log_id: number; log_offset: number; stream: number; time: number; bytes: Uint8Array };
}

export interface PackageSchema {
  package_blobs: {
    id: Generated<number>;
    digest: string;
    format: string;
    bytes: number;
    complete: number;
    touched: number;
  };
  package_chunks: { blob_id: number; blob_offset: number; bytes: Uint8Array };
}
