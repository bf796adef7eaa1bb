export { SecretKeeper, type SecretKeeperOptions } from './secret-keeper.js';
