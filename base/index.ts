export { formatAge } from './age.js';
export { Backoff, type BackoffOptions } from './backoff.js';
export { BYTES_PATTERN, formatBytes, parseBytes } from './bytes.js';
export { type Clock, type Instant, systemClock, type Timer } from './clock.js';
export { acquireDirectoryLock, type DirectoryLock } from './directory-lock.js';
export { syncDirectory, writeAll, writeFileDurably } from './durable-file.js';
export { DURATION_PATTERN, formatDuration, parseDuration } from './duration.js';
export { Emitter } from './emitter.js';
export { type ErrorCode, type ErrorCodeName, errorCodes } from './error-codes.js';
export {
  CloudTaskError,
  type ConflictFacts,
  type ErrorCause,
  type ErrorDetails,
  invariant,
  isCloudTaskError,
  messageOf,
} from './errors.js';
export { FakeClock } from './fake-clock.js';
export { derivedSuffix, GENERATED_CHARS, generatedSuffix, newUid, randomSuffix } from './ids.js';
export { type LogFields, type Logger, silentLogger } from './logger.js';
export {
  flagOf,
  type OptionRow,
  type OptionTable,
  type OptionValue,
  type ResolvedOptions,
  resolveOptions,
  variableOf,
} from './options.js';
export { constantFields, RecentLines } from './recent-lines.js';
export { SEALING_KEY_BYTES, seal, unseal } from './seal.js';
export type { Service } from './service.js';
export { within } from './within.js';
