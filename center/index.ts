export type { OidcSettings } from './auth/index.js';
export { createCenter } from './center.js';
export type { Center, CenterOptions } from './center-options.js';
export { addKey } from './secrets/index.js';
