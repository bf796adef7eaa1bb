export { type Center, type CenterOptions, createCenter } from './center.js';
export { addKey } from './secrets/index.js';
