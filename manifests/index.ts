export { CAPACITY_MAX, massLossDefaults } from './cluster-limits.js';
export {
  agentCapacity,
  agentState,
  type Column,
  type ColumnContext,
  type ColumnObject,
  clusterState,
  columnsOf,
  labelsText,
  runDuration,
  scheduleText,
  taskHealth,
  taskState,
} from './columns.js';
export { type FieldLookup, type FieldNode, findField, hasField } from './field-tree.js';
export { formatJsonManifest, formatManifests } from './format/format-manifests.js';
export { JSON_SCHEMA_ID, jsonSchema } from './json-schema.js';
export { Agent, Cluster, Event, EventSpec, Namespace } from './kinds/infra.js';
export { APPLYSET, CHANGE_CAUSE, PRUNE } from './kinds/known-keys.js';
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
export { type AnyObject, findKind, type KindName, type KindRow, kindRow, kinds, type Verb } from './kinds/registry.js';
export { Attempt, RUN_TRIGGERS, Run, RunSpec, type RunState, RunStatus, type RunTrigger } from './kinds/run.js';
export { RUN_STATES, RunTemplate, Schedule, Task, TaskSpec, TaskStatus } from './kinds/task.js';
export { type Applied, applyManifest, type FieldConflict, type ManagedObject } from './ownership/apply-manifest.js';
export { leafText } from './ownership/field-steps.js';
export { leavesOf, OWNED_METADATA, type OwnedPart } from './ownership/leaves.js';
export { type FieldWriter, firstOwner, ownedAfterUpdate } from './ownership/managed-fields.js';
export { duplicateObjects } from './parse/duplicates.js';
export { formatProblem, formatProblems } from './parse/format-problems.js';
export { parseDocument } from './parse/parse-document.js';
export { type ParseOptions, parseManifests } from './parse/parse-manifests.js';
export type { ParsedDocument, ParseResult, Place, Problem } from './parse/problem.js';
export { danglingReferences } from './parse/references.js';
export { jsonPatch } from './patch/json-patch.js';
export { mergePatch } from './patch/merge-patch.js';
export {
  type AgentHeartbeat,
  type AgentHeartbeatReply,
  type AgentRequest,
  type AgentTasksReply,
  type AgentTasksRequest,
  type ContinuedRun,
  type ManualRun,
  REFUSED_TASKS_MAX,
  type RefusedTask,
  type RunReport,
  type RunReportBatch,
  type RunReportReply,
} from './protocol/agent.js';
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
export { parseTaskMove, TASK_MOVED, type TaskMove, taskMoveText } from './protocol/task-moves.js';
export { type RunKey, runId, runName, runUid } from './run-identity.js';
export { isFinal, runRank, runTransitions } from './run-state.js';
export { type NextTimesQuery, nextTimes } from './schedule/next-times.js';
export { scheduleSentence, schedulesSentence } from './schedule/sentence.js';
export {
  compileSchedules,
  type ScheduleSpec,
  scheduleSpecOf,
  type TaskSchedules,
  type TimePoint,
} from './schedule/task-schedules.js';
export { tzdataVersion } from './schedule/zone-clock.js';
export { type FieldRequirement, matchesFields, parseFieldSelector } from './selectors/field-selector.js';
export {
  type LabelRequirement,
  matchesLabels,
  matchesSelector,
  parseLabelSelector,
  selectorRequirements,
} from './selectors/label-selector.js';
export { type TaskPolicy, taskPolicy } from './task-policy.js';
export { filledIn } from './validate/defaults.js';
export { type Validation, type ValidationOptions, validateObject } from './validate/validate-object.js';
