import { objectsRunsEvents } from './0001-objects-runs-events.js';
import { restores } from './0002-restores.js';
import { owedPoints } from './0003-owed-points.js';
import { taskEdits } from './0004-task-edits.js';
import { fieldManagers } from './0005-field-managers.js';
import { taskRevisions } from './0006-task-revisions.js';
import { deletions } from './0007-deletions.js';
import { deletedTasks } from './0008-deleted-tasks.js';
import { auditEntries } from './0009-audit-entries.js';
import { secrets } from './0010-secrets.js';
import { access } from './0011-access.js';
import { dependencies } from './0012-dependencies.js';
import { secretKeyRotation } from './0013-secret-key-rotation.js';
import { agentCertificates } from './0014-agent-certificates.js';
import { fieldsOfLists } from './0015-fields-of-lists.js';
import { issuerIdentities } from './0016-issuer-identities.js';
import { notifications } from './0017-notifications.js';
import { loginFailures } from './0018-login-failures.js';
import { notifyRules } from './0019-notify-rules.js';
import { logChunks } from './logs-0001-chunks.js';
import { bytesOfTasks } from './logs-0002-bytes-of-tasks.js';
import { packageBlobs } from './packages-0001-blobs.js';

/** Of the database of definitions and runs, oldest first. */
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
/** Of the database of logs, oldest first. */
export const logMigrations = [logChunks, bytesOfTasks] as const;
/** Of the database of packages, oldest first. */
export const packageMigrations = [packageBlobs] as const;
