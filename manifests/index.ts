export {
  accessOnlyKinds,
  accessVerbGroups,
  accessVerbs,
  type BuiltInRole,
  builtInRoles,
  builtInRules,
  isBuiltInRole,
} from './access/built-in-roles.js';
export {
  type Access,
  type Act,
  allowedNamespaces,
  allows,
  allowsRunAs,
  type Grant,
  lacking,
  NO_ACCESS,
  type RoleRules,
  withinScope,
} from './access/grants.js';
export { AuditChain, type BrokenEntry } from './audit/audit-chain.js';
export {
  AUDIT_GENESIS,
  type AuditAnchor,
  type AuditEntry,
  type AuditFacts,
  changeHash,
  entryHash,
} from './audit/audit-entry.js';
export {
  type CalendarReference,
  calendarReferences,
  resolvedCalendar,
  sharingCalendars,
  withCalendars,
} from './calendar-references.js';
export { CAPACITY_MAX, massLossDefaults } from './cluster-limits.js';
export {
  agentCapacity,
  agentCordoned,
  agentReady,
  agentState,
  type Column,
  type ColumnContext,
  type ColumnObject,
  clusterState,
  columnsOf,
  isComplete,
  labelsText,
  runDuration,
  scheduleText,
  shortDigest,
  taskHealth,
  taskState,
  webhookTarget,
} from './columns.js';
export { circleMessage, circleText, findCircle, isAsked, isResult } from './dependencies.js';
export { type FieldLookup, type FieldNode, findField, hasField } from './field-tree.js';
export { formatJsonManifest, formatManifests } from './format/format-manifests.js';
export { named, nameFrom, prefixOfNameless } from './generated-name.js';
export { JSON_SCHEMA_ID, jsonSchema } from './json-schema.js';
export {
  AccessRule,
  ClusterRoleBinding,
  Group,
  ISSUER_GROUP_PREFIX,
  Role,
  RoleBinding,
  ServiceAccount,
  Token,
  TokenScope,
  User,
} from './kinds/access.js';
export { CALENDAR_DATES_MAX, Calendar, CalendarRef, ResolvedCalendar } from './kinds/calendar.js';
export { Agent, Cluster, Event, EventSpec, Namespace } from './kinds/infra.js';
export { APPLYSET, CHANGE_CAUSE, METRICS, PRUNE } from './kinds/known-keys.js';
export {
  API_VERSION,
  Condition,
  GROUP,
  LABEL_NAME_PATTERN,
  LabelSelector,
  ManagedFieldsEntry,
  Metadata,
  type StoredMetadata,
  VERSION,
} from './kinds/metadata.js';
export { Notifier, type QuietHours } from './kinds/notifier.js';
export {
  AGENT_EVENTS,
  type AgentEvent,
  CLUSTER_EVENTS,
  type ClusterEvent,
  type ClusterNotify,
  NOTIFY_EVENTS,
  type NotifyEvent,
  RUN_EVENTS,
  type RunEvent,
  type RunNotify,
} from './kinds/notify.js';
export {
  currentVersion,
  PACKAGE_VERSIONS_MAX,
  Package,
  PackageVersion,
  previousVersion,
} from './kinds/package.js';
export { PACKAGE_DIGEST_PATTERN, PackageRef } from './kinds/package-ref.js';
export { type AnyObject, findKind, type KindName, type KindRow, kindRow, kinds, type Verb } from './kinds/registry.js';
export { Attempt, RUN_TRIGGERS, Run, RunSpec, RunStatus, type RunTrigger } from './kinds/run.js';
export { RUN_STATES, type RunState } from './kinds/run-states.js';
export { SEALED, Secret } from './kinds/secret.js';
export { SUSPEND_REASON_MAX_CHARS, Task, TaskSpec } from './kinds/task.js';
export { AFTER_TASKS_MAX, type AfterResult, TaskAfter } from './kinds/task-after.js';
export { LOG_MAX_BYTES_MIN } from './kinds/task-logs.js';
export { ParameterValue, TaskParameter } from './kinds/task-parameters.js';
export { RunTemplate } from './kinds/task-run.js';
export { Schedule } from './kinds/task-schedule.js';
export { TaskStatus } from './kinds/task-status.js';
export { type NotifyEntry, notifyEntries, SYSTEM_NAMESPACE } from './notify-entries.js';
export { type Applied, applyManifest, type FieldConflict, type ManagedObject } from './ownership/apply-manifest.js';
export { leafText } from './ownership/field-steps.js';
export { leavesOf, OWNED_METADATA, type OwnedPart } from './ownership/leaves.js';
export { type FieldWriter, firstOwner, ownedAfterUpdate } from './ownership/managed-fields.js';
export { valueProblem } from './parameters/parameter-value.js';
export { PARAMETERS_MAX_BYTES, type ResolvedParameters, resolveParameters } from './parameters/resolve-parameters.js';
export {
  expandParameters,
  parameterEnvironment,
  parameterValues,
  parameterVariable,
} from './parameters/run-parameters.js';
export { idleTasks, tasksWithCalendars } from './parse/calendar-manifests.js';
export { dependencyCircles } from './parse/circles.js';
export { duplicateObjects } from './parse/duplicates.js';
export { SourceText } from './parse/excerpt.js';
export { formatProblem, formatProblems } from './parse/format-problems.js';
export { parseDocument } from './parse/parse-document.js';
export { type ParseOptions, parseManifests } from './parse/parse-manifests.js';
export type { ParsedDocument, ParseResult, Place, Problem } from './parse/problem.js';
export { danglingReferences } from './parse/references.js';
export { repeatedKeys } from './parse/repeated-keys.js';
export { jsonPatch } from './patch/json-patch.js';
export { mergePatch } from './patch/merge-patch.js';
export { declaredSlots, SHARD_VARIABLES, shardEnvironment, shardsOf } from './placement.js';
export {
  type AgentCounts,
  type AgentHeartbeat,
  type AgentHeartbeatReply,
  type AgentRequest,
  type AgentSecret,
  type AgentSecretsReply,
  type AgentSecretsRequest,
  type AgentTasksReply,
  type AgentTasksRequest,
  agentCountNames,
  type CancelReason,
  type CancelRequest,
  type ContinuedRun,
  type ManualRun,
  REFUSED_TASKS_MAX,
  type RefusedTask,
  type RunReport,
  type RunReportBatch,
  type RunReportReply,
  SECRET_TASKS_MAX,
} from './protocol/agent.js';
export type {
  CenterFacts,
  CoordinationFacts,
  Diagnosis,
  DriftFacts,
  Listed,
  NodeFacts,
  StoreFacts,
} from './protocol/diagnosis.js';
export {
  type AgentCertificate,
  type AgentJoin,
  type AgentRenewal,
  CENTER_TLS_NAME,
  formatJoinToken,
  type JoinToken,
  parseJoinToken,
} from './protocol/join.js';
export {
  decodeLogChunks,
  encodeLogChunks,
  LOG_CHUNK_MAX_BYTES,
  LOG_CHUNKS_TYPE,
  type LogAppendReply,
  type LogChunk,
  type LogChunkHeader,
  type LogPosition,
  type LogStream,
} from './protocol/log-chunks.js';
export type { AlarmEntry, NotificationEntry, NotifierUse } from './protocol/notifications.js';
export type { NotifierTest } from './protocol/notifier-test.js';
export { PASSWORD_MAX_CHARS, passwordProblem } from './protocol/password.js';
export type {
  AgentLog,
  AgentLogReply,
  ProcessAnswer,
  ProcessLine,
  ProcessLines,
  ProcessLog,
} from './protocol/process-log.js';
export type { SecretsKey, SecretsKeys } from './protocol/secrets-keys.js';
export { parseTaskMove, TASK_MOVED, type TaskMove, taskMoveText } from './protocol/task-moves.js';
export {
  type ConditionKind,
  type ConditionReason,
  type ConditionRow,
  type ConditionType,
  conditionTypes,
  type WantedCondition,
} from './reasons/condition-types.js';
export { type EventReason, type EventReasonRow, eventReasons } from './reasons/event-reasons.js';
export { type RunReason, type RunReasonRow, runReasons } from './reasons/run-reasons.js';
export { type RunKey, runGroup, runId, runName, runUid } from './run-identity.js';
export { isFinal, runRank, runTransitions } from './run-state.js';
export { spanIdOf, traceIdOf, traceparentOf } from './run-trace.js';
export { calendarDays, parseCalendarDates } from './schedule/calendar-days.js';
export { type ExplainedTime, type ExplainedTimes, explainedTimes } from './schedule/explained-times.js';
export { idleByCalendars } from './schedule/idle-by-calendars.js';
export { type NextTimesQuery, nextTimes } from './schedule/next-times.js';
export { loudSince, type QuietNow, quietAt } from './schedule/quiet-hours.js';
export { scheduleSentence, schedulesSentence } from './schedule/sentence.js';
export {
  compileSchedules,
  type ScheduleSpec,
  scheduleSpecOf,
  type TaskSchedules,
  type TimePoint,
} from './schedule/task-schedules.js';
export { scheduleInWords } from './schedule/words/schedule-words.js';
export { tzdataVersion } from './schedule/zone-clock.js';
export { type SecretReference, secretNames, secretReferences } from './secret-references.js';
export { type FieldRequirement, matchesFields, parseFieldSelector } from './selectors/field-selector.js';
export {
  type LabelRequirement,
  matchesLabels,
  matchesSelector,
  parseLabelSelector,
  selectorRequirements,
} from './selectors/label-selector.js';
export { firesAfter, isSuspended, type Suspension, suspensionEnd, suspensionWords } from './suspension.js';
export { runsAtOnce, type TaskPolicy, taskPolicy } from './task-policy.js';
export { filledIn } from './validate/defaults.js';
export { type FieldPath, formatPath, parsePath } from './validate/field-path.js';
export { isDateTime, isEmailAddress } from './validate/formats.js';
export { secretText } from './validate/secret-rules.js';
export { didYouMean } from './validate/suggest.js';
export { type Validation, type ValidationOptions, validateObject } from './validate/validate-object.js';
export { zoneSuggestion } from './validate/zone-names.js';
