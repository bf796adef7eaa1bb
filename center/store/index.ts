export { storedText } from './parsed-change.js';
export { openPostgresStore, type PostgresStoreOptions } from './postgres-store.js';
export type { DeletedTask, StoredRevision } from './revision-book.js';
export { openSqliteStore, type SqliteStoreOptions } from './sqlite-store.js';
export type {
  ApplyOptions,
  ApplyOutcome,
  Change,
  DeleteOptions,
  DeletionPolicy,
  ExpectedPrune,
  FieldRequirement,
  LabelRequirement,
  LeaderFence,
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
  Store,
  Stored,
  StoredEdit,
  TokenRow,
  WriteAs,
} from './store.js';
