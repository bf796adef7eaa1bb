export type {
  AccessBook,
  Credential,
  IssuerIdentity,
  LoginTry,
  NewPassword,
  NewToken,
  Owner,
  SessionCredential,
} from './access/access-book.js';
export type {
  AuditFilter,
  AuditPage,
  AuditRefusal,
  AuditSource,
  AuditTrail,
} from './audit/audit-trail.js';
export type { LeaderFence } from './leader-fence.js';
export { inNamespaces } from './list-reply.js';
export { conflict, notFound, subjectOfKey } from './object-errors.js';
export { objectPages } from './object-pages.js';
export { SWITCH_MANAGER } from './packages/package-pins.js';
export {
  PACKAGE_SLICE_BYTES,
  type PackageBlob,
  type PackageFormat,
  type PackageStore,
} from './packages/package-store.js';
export { storedText } from './parsed-change.js';
export { openPostgresStore, type PostgresStoreOptions } from './postgres-store.js';
export type { DeletedTask, StoredRevision } from './revision-book.js';
export type {
  KeyUse,
  NumberedKey,
  ResealedValue,
  SealedObjects,
  SealedValue,
  Sealer,
  SecretBook,
  WrappedKey,
} from './secrets/secret-book.js';
export { matchesSearch } from './selectors.js';
export type { StoreDatabase } from './sql-store-options.js';
export { openSqliteStore, type SqliteStoreOptions } from './sqlite-store.js';
export type { StoreStatistics } from './statistics.js';
export type { Store } from './store.js';
export type {
  ApplyOptions,
  ApplyOutcome,
  Change,
  DeleteOptions,
  DeletionPolicy,
  ExpectedPrune,
  LabelRequirement,
  LeaderRunVerdict,
  ListOptions,
  ListReply,
  ListText,
  LogSlice,
  NewEvent,
  NewRun,
  ObjectKey,
  OwedPoint,
  RunSummary,
  SortBy,
  Stored,
  StoredEdit,
  TokenRow,
  WriteAs,
} from './store-types.js';
