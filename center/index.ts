export { openSqliteStore, type SqliteStoreOptions, type Store } from './store/index.js';
