export { type Center, type CenterOptions, createCenter } from './center.js';
