export type { OidcSettings } from './auth/index.js';
export { type Center, type CenterOptions, createCenter } from './center.js';
export { addKey } from './secrets/index.js';
