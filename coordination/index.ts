export { type AllocationEntry, CHUNK_MAX_BYTES, decodeAllocation, encodeAllocation } from './allocation-list.js';
export {
  type AclEntry,
  ANY_VERSION,
  CoordinationError,
  type CoordinationErrorKind,
  type Coordinator,
  type CreateMode,
  type DataVersion,
  isCoordinationError,
  type Operation,
  type OperationResult,
  type SessionIdentity,
  type SessionState,
  type Stat,
  type WatchEvent,
  type Watcher,
} from './coordinator.js';
export { BUCKETS, bucketOf, DEFAULT_ROOT, Layout, parseTriggerName, triggerName } from './layout.js';
export type { CoordinationSession, CoordinationSessionOptions } from './session.js';
export {
  decodeTriggerRecord,
  encodeTriggerRecord,
  type TriggerRecord,
  type VersionedRecord,
} from './trigger-record.js';
