export { type AclFindings, type AclLook, closeToOthers, lookAtAcls } from './acl-check.js';
export { type AllocationEntry, CHUNK_MAX_BYTES, decodeAllocation, encodeAllocation } from './allocation-list.js';
export { readAllocation } from './allocation-reader.js';
export { AllocationWatcher } from './allocation-watcher.js';
export { AllocationWriter, isStaleEpoch } from './allocation-writer.js';
export {
  type Checkpoint,
  catchUpEpoch,
  checkpointWrite,
  type Found,
  type Guard,
  guardWrite,
  readCheckpoint,
  readGuard,
} from './checkpoint.js';
export {
  type CoordinationCopy,
  type CopiedRecord,
  readCoordinationCopy,
  requireEmptyRoot,
  requireNoCenter,
  storeIdOf,
  writeCoordinationCopy,
} from './coordination-copy.js';
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
export { type Elected, Election, type ElectionOptions } from './election.js';
export { type EmbeddedServer, type EmbeddedServerOptions, startEmbeddedServer } from './embedded/server.js';
export { BUCKETS, bucketOf, DEFAULT_ROOT, Layout, parseTriggerName, triggerName } from './layout.js';
export { type Member, type MembersChange, MembersInformer } from './members-informer.js';
export { Membership, type MembershipOptions, type ServerTimeSample } from './membership.js';
export { type CoordinationObserver, CoordinationTally } from './observer.js';
export { inParallel } from './parallel.js';
export { ReadLoop } from './read-loop.js';
export { decodeRegistration, encodeRegistration, type Registration } from './registration.js';
export { latestClaimedAttempt, type RetriedAttempts, withClaimedAttempt } from './retried-attempts.js';
export { claimRoot } from './root-owner.js';
export type { CoordinationSession, CoordinationSessionOptions } from './session.js';
export { readCandidates, readServerTime, type SurveyedNode, surveyNodes } from './survey.js';
export {
  decodeTriggerRecord,
  encodeTriggerRecord,
  recordSuspensionEnd,
  type TriggerRecord,
  type VersionedRecord,
} from './trigger-record.js';
export {
  CLAIM_BATCH_MAX,
  type Claim,
  claimBatch,
  readTriggerRecord,
  readTriggerRecords,
  type ScannedRecord,
  scanTriggerRecords,
  writeClaim,
} from './trigger-records.js';
export { askServers, type ServerAnswer } from './zookeeper/ask-servers.js';
export { createCoordinationSession } from './zookeeper/coordination-session.js';
