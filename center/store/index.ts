export { openSqliteStore, type SqliteStoreOptions } from './sqlite-store.js';
export type {
  ApplyOutcome,
  Change,
  FieldRequirement,
  LabelRequirement,
  LeaderFence,
  LeaderRunVerdict,
  ListOptions,
  ListReply,
  LogSlice,
  NewEvent,
  NewRun,
  ObjectKey,
  RunSummary,
  Store,
  Stored,
  TokenRow,
} from './store.js';
