import type { Migration } from '../sqlite/migrations/migration.js';

export const notifications: Migration = {
  version: 17,
  name: 'notifications',
  sql: `
CREATE TABLE notify_rules (
  owner_uid text NOT NULL PRIMARY KEY,
  kind      text NOT NULL,
  namespace text COLLATE "C" NOT NULL,
  name      text COLLATE "C" NOT NULL,
  rules     text NOT NULL
);
CREATE INDEX notify_rules_by_name ON notify_rules (kind, name);

CREATE TABLE notify_failing (
  task_uid text   NOT NULL,
  slot     text   NOT NULL,
  since    bigint NOT NULL,
  runs     bigint NOT NULL,
  PRIMARY KEY (task_uid, slot)
);

CREATE TABLE notifications (
  id           bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_key    text    NOT NULL,
  namespace    text    COLLATE "C" NOT NULL,
  notifier     text    COLLATE "C" NOT NULL,
  event        text    NOT NULL,
  recipients   text    NOT NULL,
  facts        text    NOT NULL,
  created_time bigint  NOT NULL,
  due_time     bigint  NOT NULL,
  attempts     integer NOT NULL,
  state        text    NOT NULL,
  batch        text,
  leased_until bigint  NOT NULL,
  error        text,
  finish_time  bigint,
  UNIQUE (event_key, namespace, notifier)
);
CREATE INDEX notifications_pending ON notifications (namespace, notifier, id) WHERE state = 'Pending';
CREATE INDEX notifications_by_finish ON notifications (finish_time) WHERE finish_time IS NOT NULL;
CREATE INDEX notifications_by_notifier ON notifications (namespace, notifier, state);
`,
};

export const notifyRules: Migration = {
  version: 19,
  name: 'notify-rules',
  sql: `
ALTER TABLE notify_rules ADD COLUMN shortest bigint NOT NULL DEFAULT 0;
ALTER TABLE notify_rules ADD COLUMN late_after bigint NOT NULL DEFAULT 0;
CREATE INDEX notify_rules_timed ON notify_rules (shortest) WHERE shortest > 0;
ALTER TABLE notify_failing ADD COLUMN told text;
CREATE TABLE notify_changes (
  task_uid text NOT NULL,
  slot     text NOT NULL,
  times    text NOT NULL,
  told     text NOT NULL,
  PRIMARY KEY (task_uid, slot)
);
CREATE TABLE notify_alarms (
  alarm text   NOT NULL PRIMARY KEY,
  since bigint NOT NULL,
  facts text   NOT NULL
);
`,
};
